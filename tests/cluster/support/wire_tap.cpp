#include "wire_tap.hpp"

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <mutex>
#include <thread>

namespace socai::cluster_tests {

namespace asio = boost::asio;
using asio::ip::tcp;

// One thread serves all connections; it ends with the object.
class WireTap::Relay {
  public:
    explicit Relay(std::uint16_t target)
        : target_(asio::ip::address_v4::loopback(), target), acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
        accept();
        thread_ = std::thread([this] { io_.run(); });
    }
    ~Relay() {
        io_.stop();
        thread_.join();
    }
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    std::string copy(const std::string& of) const {
        const std::scoped_lock lock(mutex_);
        return of;
    }
    const std::string& sent() const { return sent_; }
    const std::string& answered() const { return answered_; }

  private:
    struct Pair {
        explicit Pair(tcp::socket from, asio::io_context& io) : client(std::move(from)), server(io) {}
        tcp::socket client, server;
        std::array<char, 16'384> up{}, down{};
    };

    void accept() {
        acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
            if (error) return;
            const auto pair = std::make_shared<Pair>(std::move(socket), io_);
            boost::system::error_code refused;
            pair->server.connect(target_, refused);
            if (!refused) {
                pass(pair, pair->client, pair->server, pair->up, sent_);
                pass(pair, pair->server, pair->client, pair->down, answered_);
            }
            accept();
        });
    }
    void pass(const std::shared_ptr<Pair>& pair, tcp::socket& from, tcp::socket& to, std::array<char, 16'384>& bytes, std::string& kept) {
        from.async_read_some(asio::buffer(bytes), [this, pair, &from, &to, &bytes, &kept](boost::system::error_code error, std::size_t count) {
            boost::system::error_code ignored;
            if (error) {
                to.shutdown(tcp::socket::shutdown_send, ignored);
                return;
            }
            {
                const std::scoped_lock lock(mutex_);
                kept.append(bytes.data(), count);
            }
            asio::async_write(to, asio::buffer(bytes, count),
                              [this, pair, &from, &to, &bytes, &kept](boost::system::error_code failed, std::size_t) {
                                  boost::system::error_code closed;
                                  if (failed)
                                      from.close(closed);
                                  else
                                      pass(pair, from, to, bytes, kept);
                              });
        });
    }

    const tcp::endpoint target_;
    asio::io_context io_;
    tcp::acceptor acceptor_;
    mutable std::mutex mutex_;
    std::string sent_, answered_;
    std::thread thread_;
};

WireTap::WireTap(std::uint16_t target) : relay_(std::make_shared<Relay>(target)) {}
WireTap::~WireTap() = default;

std::uint16_t WireTap::port() const {
    return relay_->port();
}
std::string WireTap::sent() const {
    return relay_->copy(relay_->sent());
}
std::string WireTap::answered() const {
    return relay_->copy(relay_->answered());
}

}  // namespace socai::cluster_tests
