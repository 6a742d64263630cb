// A server of a folder of tiles for the tests of audits, honest or lying as the test wants. Loopback, a free port; a
// thread a connection, all ended with the object.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace socai::node::test {

class TileServer {
  public:
    using Socket = boost::asio::ip::tcp::socket;
    // Answers one request on `socket`, in place of the honest server. False: it was honest after all, answer as usual.
    // `running` turns false when the server is to end.
    using Lie =
        std::function<bool(const std::string& target, Socket& socket, const std::atomic<bool>& running)>;

    explicit TileServer(std::string folder, Lie lie = {});
    ~TileServer();

    std::string url() const;
    std::uint64_t requests() const { return requests_; }

    // Writes what it can; the other side may have gone.
    static void send(Socket& socket, const std::string& bytes);
    static std::string answer(const std::string& body, const std::string& more_headers = "");

  private:
    void accept();
    void serve(Socket& socket);

    const std::string folder_;
    const Lie lie_;
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
