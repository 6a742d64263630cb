// What the tests of sockets share: threads that run an io_context, a recorder of what a transport delivers, a
// log that can be searched, and a peer that speaks bytes by hand. Waiting is always for a condition, with a
// deadline that only a failure reaches.
#pragma once

#include <spdlog/logger.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "network/transport.hpp"

namespace socai::network::test {

// Checks again and again until true; false after the deadline.
bool eventually(const std::function<bool()>& condition);

class IoThreads {
  public:
    explicit IoThreads(std::size_t threads);
    ~IoThreads();  // waits until the context has nothing left to do: stop what works on it first
    boost::asio::io_context& io() { return io_; }

  private:
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::vector<std::thread> threads_;
};

class LogCapture {
  public:
    LogCapture();
    std::shared_ptr<spdlog::logger> logger() const { return logger_; }
    // Lines that contain `text`.
    std::size_t count(const std::string& text) const;
    bool has(const std::string& text) const { return count(text) > 0; }
    std::string all() const;

  private:
    struct Sink;
    std::shared_ptr<Sink> sink_;
    std::shared_ptr<spdlog::logger> logger_;
};

// What one transport's handlers were told.
class Recorder {
  public:
    Transport::Handlers handlers();
    // The commit indices of the heartbeats from `from`, in the order received: the tests number them so.
    std::vector<std::uint64_t> numbers(consensus::NodeId from) const;
    std::vector<Parcel> parcels() const;
    std::vector<consensus::Message> messages() const;
    std::size_t unreachable(consensus::NodeId peer) const;
    bool received(std::size_t messages) const;

  private:
    mutable std::mutex mutex_;
    std::vector<std::pair<consensus::NodeId, consensus::Message>> messages_;
    std::vector<Parcel> parcels_;
    std::map<consensus::NodeId, std::size_t> unreachable_;
};

consensus::Message numbered(std::uint64_t number);
inline constexpr consensus::NodeId first{1}, second{2}, third{3};

// Options of node `self` with short delays; peers are added by the test.
TransportOptions options_for(consensus::NodeId self, const LogCapture& log);
PeerAddress address_of(consensus::NodeId id, std::uint16_t port);
// A port on which nobody listens now.
std::uint16_t unused_port();

// A blocking client or server end.
class RawPeer {
  public:
    explicit RawPeer(std::uint16_t port);  // connects
    explicit RawPeer(boost::asio::ip::tcp::acceptor& acceptor);
    void send(const std::string& bytes);
    // The next frame, or an error that starts with "closed" when the other side closed.
    std::variant<Payload, DecodeError> receive();
    bool closed_by_other();  // waits for it
    // Says hello as `from` to `to` and returns the answer.
    std::variant<Payload, DecodeError> greet(consensus::NodeId from, consensus::NodeId to);
    void close();

  private:
    boost::asio::io_context io_;
    boost::asio::ip::tcp::socket socket_;
};

inline constexpr const char* test_origin = "socai.example/ledger";
inline constexpr const char* test_genesis = "5eed";

}  // namespace socai::network::test
