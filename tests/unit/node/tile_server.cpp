#include "tile_server.hpp"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <filesystem>
#include <memory>

#include "temporary_folder.hpp"

namespace socai::node::test {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

TileServer::TileServer(std::string folder, Lie lie) : folder_(std::move(folder)), lie_(std::move(lie)) {
    acceptor_.open(tcp::v4());
    acceptor_.bind({asio::ip::address_v4::loopback(), 0});
    acceptor_.listen();
    acceptor_thread_ = std::thread([this] { accept(); });
}

TileServer::~TileServer() {
    running_ = false;
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);  // wakes the thread that accepts
    acceptor_thread_.join();
    {
        const std::lock_guard lock(mutex_);
        for (const auto& socket : sockets_) ::shutdown(socket->native_handle(), SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
}

std::string TileServer::url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

void TileServer::accept() {
    while (running_) {
        boost::system::error_code error;
        auto socket = std::make_shared<Socket>(io_);
        acceptor_.accept(*socket, error);
        if (error) return;
        const std::lock_guard lock(mutex_);
        sockets_.push_back(socket);
        threads_.emplace_back([this, socket] { serve(*socket); });
    }
}

void TileServer::serve(Socket& socket) {
    boost::beast::flat_buffer buffer;
    while (running_) {
        http::request<http::empty_body> request;
        boost::system::error_code error;
        http::read(socket, buffer, request, error);
        if (error) break;
        ++requests_;
        const std::string target(request.target());
        if (lie_ && lie_(target, socket, running_)) break;
        const std::string file = folder_ + target;
        if (!std::filesystem::is_regular_file(file)) {
            send(socket, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            break;
        }
        send(socket, answer(get(file)));
    }
    ::shutdown(socket.native_handle(), SHUT_RDWR);
}

void TileServer::send(Socket& socket, const std::string& bytes) {
    boost::system::error_code ignored;
    asio::write(socket, asio::buffer(bytes), ignored);
}

std::string TileServer::answer(const std::string& body, const std::string& more_headers) {
    return "HTTP/1.1 200 OK\r\n" + more_headers + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

}  // namespace socai::node::test
