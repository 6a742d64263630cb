#include "support.hpp"

#include <spdlog/sinks/base_sink.h>

#include <algorithm>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace socai::network::test {

namespace asio = boost::asio;
using asio::ip::tcp;

bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

IoThreads::IoThreads(std::size_t threads) : work_(asio::make_work_guard(io_)) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { io_.run(); });
}

IoThreads::~IoThreads() {
    work_.reset();
    for (std::thread& thread : threads_) thread.join();
}

struct LogCapture::Sink : spdlog::sinks::base_sink<std::mutex> {
    void sink_it_(const spdlog::details::log_msg& message) override {
        lines.emplace_back(message.payload.data(), message.payload.size());
    }
    void flush_() override {}
    template <class Function>
    auto with_lines(Function function) {
        const std::lock_guard lock(mutex_);
        return function(lines);
    }
    std::vector<std::string> lines;
};

LogCapture::LogCapture()
    : sink_(std::make_shared<Sink>()), logger_(std::make_shared<spdlog::logger>("test", sink_)) {
    logger_->set_level(spdlog::level::info);
}

std::size_t LogCapture::count(const std::string& text) const {
    return sink_->with_lines([&text](const std::vector<std::string>& lines) {
        return static_cast<std::size_t>(
            std::count_if(lines.begin(), lines.end(),
                          [&text](const std::string& line) { return line.find(text) != std::string::npos; }));
    });
}

std::string LogCapture::all() const {
    return sink_->with_lines([](const std::vector<std::string>& lines) {
        std::string text;
        for (const std::string& line : lines) text += line + "\n";
        return text;
    });
}

Transport::Handlers Recorder::handlers() {
    return {.on_message =
                [this](consensus::NodeId from, consensus::Message message) {
                    const std::lock_guard lock(mutex_);
                    messages_.emplace_back(from, std::move(message));
                },
            .on_parcel =
                [this](consensus::NodeId, Parcel parcel) {
                    const std::lock_guard lock(mutex_);
                    parcels_.push_back(std::move(parcel));
                },
            .on_unreachable =
                [this](consensus::NodeId peer) {
                    const std::lock_guard lock(mutex_);
                    ++unreachable_[peer];
                }};
}

std::vector<std::uint64_t> Recorder::numbers(consensus::NodeId from) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::uint64_t> numbers;
    for (const auto& [sender, message] : messages_)
        if (sender == from) numbers.push_back(std::get<consensus::Heartbeat>(message).commit.value);
    return numbers;
}

std::vector<Parcel> Recorder::parcels() const {
    const std::lock_guard lock(mutex_);
    return parcels_;
}

std::vector<consensus::Message> Recorder::messages() const {
    const std::lock_guard lock(mutex_);
    std::vector<consensus::Message> messages;
    for (const auto& [sender, message] : messages_) messages.push_back(message);
    return messages;
}

std::size_t Recorder::unreachable(consensus::NodeId peer) const {
    const std::lock_guard lock(mutex_);
    const auto found = unreachable_.find(peer);
    return found == unreachable_.end() ? 0 : found->second;
}

bool Recorder::received(std::size_t messages) const {
    const std::lock_guard lock(mutex_);
    return messages_.size() >= messages;
}

consensus::Message numbered(std::uint64_t number) {
    return consensus::Heartbeat{{1}, {number}, {}};
}

TransportOptions options_for(consensus::NodeId self, const LogCapture& log) {
    TransportOptions options;
    options.origin = test_origin;
    options.genesis_hash = test_genesis;
    options.self = self;
    options.retry_first = std::chrono::milliseconds(2);
    options.retry_most = std::chrono::milliseconds(20);
    options.logger = log.logger();
    return options;
}

PeerAddress address_of(consensus::NodeId id, std::uint16_t port) {
    return {id, "node-" + std::to_string(id.value), "127.0.0.1", port};
}

std::uint16_t unused_port() {
    asio::io_context io;
    return tcp::acceptor(io, {asio::ip::address_v4::loopback(), 0}).local_endpoint().port();
}

RawPeer::RawPeer(std::uint16_t port) : socket_(io_) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
}

RawPeer::RawPeer(tcp::acceptor& acceptor) : socket_(acceptor.accept()) {}

void RawPeer::send(const std::string& bytes) {
    boost::system::error_code ignored;  // the other side may close while it is being sent to
    asio::write(socket_, asio::buffer(bytes), ignored);
}

std::variant<Payload, DecodeError> RawPeer::receive() {
    std::string length(frame_length_bytes, '\0');
    boost::system::error_code error;
    asio::read(socket_, asio::buffer(length), error);
    if (error) return DecodeError{"closed: " + error.message()};
    std::size_t size = 0;
    for (const char byte : length) size = size << 8 | static_cast<std::uint8_t>(byte);
    std::string body(size, '\0');
    asio::read(socket_, asio::buffer(body), error);
    if (error) return DecodeError{"closed: " + error.message()};
    return decode(body);
}

bool RawPeer::closed_by_other() {
    for (;;) {
        const auto received = receive();
        const auto* error = std::get_if<DecodeError>(&received);
        if (error != nullptr) return error->detail.starts_with("closed");
    }
}

std::variant<Payload, DecodeError> RawPeer::greet(consensus::NodeId from, consensus::NodeId to) {
    send(encode(Hello{test_origin, test_genesis, from, to}));
    return receive();
}

void RawPeer::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace socai::network::test
