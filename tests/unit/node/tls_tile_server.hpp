// A folder of tiles over TLS for the tests of audits, with a certificate that the test makes and throws away. Loopback, a free
// port; a thread a connection, all ended with the object.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace socai::node::test {

// PEM. Signed by its own key, for the subject alternative name `name` ("IP:127.0.0.1", "DNS:…"), an hour old, good until
// `seconds` from now.
struct Certificate {
    std::string certificate;
    std::string key;
};
Certificate make_certificate(const std::string& name, long seconds = 3'600);

class TlsTileServer {
  public:
    // `highest`: the newest version of TLS that it speaks; 0: any.
    TlsTileServer(std::string folder, const Certificate& certificate, int highest = 0);
    ~TlsTileServer();

    std::string url() const;
    std::uint64_t requests() const { return requests_; }  // that came through the handshake

  private:
    using Socket = boost::asio::ip::tcp::socket;
    void accept();
    void serve(const std::shared_ptr<Socket>& socket);

    const std::string folder_;
    boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_server};
    boost::asio::io_context io_;
    boost::asio::ip::tcp::acceptor acceptor_{io_};
    std::atomic<bool> running_{true};
    std::atomic<std::uint64_t> requests_{0};
    std::mutex mutex_;  // guards sockets_ and threads_
    std::vector<std::shared_ptr<Socket>> sockets_;
    std::vector<std::thread> threads_;
    std::thread acceptor_thread_;
};

}  // namespace socai::node::test
