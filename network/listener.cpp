#include "network/listener.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <utility>

#include "network/spawn.hpp"

namespace socai::network {

namespace asio = boost::asio;

namespace {

constexpr std::uint32_t log_lines_a_second = 10;
// Accepting fails when the process is out of files; trying again at once would only burn a core.
constexpr std::chrono::milliseconds pause_after_failure{100};

}  // namespace

Listener::Listener(asio::io_context& io, const TransportOptions& options, std::shared_ptr<Delivery> delivery,
                   std::shared_ptr<spdlog::logger> logger)
    : identity_{options.origin, options.genesis_hash, options.self},
      host_(options.listen_host),
      wanted_port_(options.listen_port),
      max_connections_(options.max_connections),
      hello_timeout_(options.hello_timeout),
      write_timeout_(options.write_timeout),
      signed_size_(options.signed_size),
      signed_by_(options.signed_by),
      delivery_(std::move(delivery)),
      logger_(std::move(logger)),
      verify_(options.verify),
      tls_(options.tls),
      log_limit_(log_lines_a_second),
      io_(io),
      strand_(asio::make_strand(io)),
      acceptor_(strand_),
      pause_(strand_) {
    set_peers(options.peers);
}

void Listener::set_peers(const std::vector<PeerAddress>& peers) {
    const std::lock_guard lock(mutex_);
    std::map<consensus::NodeId, std::shared_ptr<Peer>> wanted;
    for (const PeerAddress& peer : peers) {
        const auto known = peers_.find(peer.id);
        wanted.emplace(peer.id, known != peers_.end() ? known->second : std::make_shared<Peer>(peer.name));
    }
    peers_ = std::move(wanted);
    for (const auto& [number, accepted] : accepted_)
        if (accepted.peer != consensus::NodeId{} && !peers_.contains(accepted.peer))
            accepted.connection->stop("it is no peer any more");
}

std::shared_ptr<Listener::Peer> Listener::peer(consensus::NodeId id) const {
    const std::lock_guard lock(mutex_);
    const auto found = peers_.find(id);
    return found == peers_.end() ? nullptr : found->second;
}

std::optional<std::string> Listener::start() {
    if (auto failure = listen(acceptor_, host_, wanted_port_, "the peer port")) return failure;
    port_ = acceptor_.local_endpoint().port();
    spawn(strand_, [self = shared_from_this()] { return self->accept_all(); });
    return std::nullopt;
}

void Listener::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (const auto& [number, accepted] : accepted_) accepted.connection->stop("this node stops");
    }
    asio::post(strand_, [self = shared_from_this()] {
        boost::system::error_code ignored;
        self->acceptor_.close(ignored);
        self->pause_.cancel();
    });
}

Listener::Figures Listener::received(consensus::NodeId peer) const {
    const auto known = this->peer(peer);
    if (known == nullptr) return {};
    return {known->bytes, known->messages};
}

asio::awaitable<void> Listener::accept_all() {
    bool failing = false;
    while (acceptor_.is_open()) {
        auto [error, socket] =
            co_await acceptor_.async_accept(asio::any_io_executor(asio::make_strand(io_)), as_result);
        if (!acceptor_.is_open()) break;
        if (error) {
            if (!std::exchange(failing, true))
                logger_->error("the peer port accepts nobody: {}; trying again until it does",
                               error.message());
            pause_.expires_after(pause_after_failure);
            co_await pause_.async_wait(as_result);
            continue;
        }
        if (std::exchange(failing, false)) logger_->info("the peer port accepts connections again");
        prepare_accepted(socket);
        auto connection = std::make_shared<Connection>(std::move(socket));
        const auto number = admit(connection);
        if (!number) {
            report(remote_address(connection->stream().socket()),
                   "every one of the " + std::to_string(max_connections_) + " connections is in use");
            continue;
        }
        const auto executor = connection->stream().get_executor();
        spawn(executor, [self = shared_from_this(), number = *number, connection] {
            return self->serve(number, connection);
        });
    }
}

asio::awaitable<void> Listener::serve(std::uint64_t number, std::shared_ptr<Connection> connection) {
    const std::string address = remote_address(connection->stream().socket());
    connection->start();
    const consensus::NodeId from = co_await greet(number, connection);
    // Null also for one that was removed as it came in; adopt() has closed it.
    const auto known = from == consensus::NodeId{} ? nullptr : peer(from);
    if (known == nullptr) {
        report(address, connection->why_closed());
    } else {
        logger_->debug("peer {}: connected to this node", known->name);
        co_await receive(connection, from, known);
        logger_->debug("peer {}: its connection to this node ended: {}", known->name,
                       connection->why_closed());
    }
    forget(number);
}

asio::awaitable<consensus::NodeId> Listener::greet(std::uint64_t number,
                                                   std::shared_ptr<Connection> connection) {
    connection->set_deadline(hello_timeout_,
                             "no greeting came within " + std::to_string(hello_timeout_.count()) + " ms");
    if (tls_)
        if (const auto refused = co_await secure(connection)) connection->close(*refused);
    const auto frame = co_await connection->read_frame();
    if (!frame) co_return consensus::NodeId{};

    const auto decoded = decode(*frame);
    const auto* failure = std::get_if<DecodeError>(&decoded);
    const auto* payload = std::get_if<Payload>(&decoded);
    const auto* hello = payload != nullptr ? std::get_if<Hello>(payload) : nullptr;
    std::string refusal;
    if (failure != nullptr)
        refusal = "its greeting cannot be read: " + failure->detail;
    else if (hello == nullptr)
        refusal = "its first frame is no greeting";
    else if (auto refused = refuse_hello(*hello, identity_))
        refusal = *refused;
    else if (peer(hello->from) == nullptr)
        refusal = "node " + std::to_string(hello->from.value) + " is no peer of this node";
    else if (auto other = refuse_key(*connection, hello->from))
        refusal = *other;
    else if (auto old = refuse_old_copy(*hello, signed_by_ ? signed_by_(hello->from) : 0))
        refusal = *old;
    if (!refusal.empty()) {
        co_await refuse(connection, refusal);
        co_return consensus::NodeId{};
    }
    // Before the answer: whoever has it may rely on being the one that is listened to.
    adopt(number, hello->from);
    const std::string answer = encode(make_hello(identity_, hello->from, signed_size_ ? signed_size_() : 0));
    const bool answered = co_await connection->write(answer, hello_timeout_);
    const auto& certificate = connection->stream().certificate();
    if (answered && certificate && tls_->seen) tls_->seen(hello->from, *certificate);
    co_return answered ? hello->from : consensus::NodeId{};
}

asio::awaitable<std::optional<std::string>> Listener::secure(std::shared_ptr<Connection> connection) {
    std::vector<consensus::NodeId> known;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, peer] : peers_) known.push_back(id);
    }
    // Who it is the greeting says; until then it is enough to be one of them. The function has a name of its own: g++ 12
    // destroys a closure that is made in the awaited expression twice.
    std::function<bool(const AnchorKey&)> trusts = [this, known](const AnchorKey& shown) {
        return std::ranges::any_of(known, [&](consensus::NodeId id) { return tls_->pin(id) == shown; }) ||
               (tls_->former && tls_->former(shown));
    };
    auto refused = co_await connection->stream().secure(tls_->context(Side::listener), Side::listener,
                                                        std::move(trusts));
    if (refused && connection->stream().shows_wrong_key())
        *refused = "its TLS key is no member's [wrong_tls_key]";
    co_return refused;
}

std::optional<std::string> Listener::refuse_key(const Connection& connection, consensus::NodeId from) const {
    if (!tls_) return std::nullopt;
    const auto& certificate = connection.stream().certificate();
    const auto pinned = tls_->pin(from);
    if (!pinned)
        return "nobody says which TLS key node " + std::to_string(from.value) + " has [unknown_tls_key]";
    if (certificate && certificate->anchor == *pinned) return std::nullopt;
    return "it says that it is node " + std::to_string(from.value) +
           ", and its certificate rests on another node's TLS key [wrong_tls_key]";
}

asio::awaitable<void> Listener::receive(std::shared_ptr<Connection> connection, consensus::NodeId from,
                                        std::shared_ptr<Peer> peer) {
    connection->frames().set_limit(max_frame_bytes);
    connection->take_received_bytes();
    while (const auto frame = co_await connection->read_frame()) {
        peer->bytes += connection->take_received_bytes();
        WireSignature signature{};
        auto decoded = decode(*frame, &signature);
        std::string refusal;
        if (const auto* failure = std::get_if<DecodeError>(&decoded)) {
            refusal = failure->detail;
        } else if (auto* message = std::get_if<consensus::Message>(&std::get<Payload>(decoded))) {
            ++peer->messages;
            if (verify_ && needs_signature(*message) && !verify_(from, *message, signature))
                refusal = "its node key did not sign this vote or append";
            else
                delivery_->message(from, std::move(*message));
        } else if (auto* parcel = std::get_if<Parcel>(&std::get<Payload>(decoded))) {
            ++peer->messages;
            delivery_->parcel(from, std::move(*parcel));
        } else {
            refusal = "a second greeting";
        }
        if (!refusal.empty()) co_await refuse(connection, refusal);
    }
    if (connection->faulty()) report("peer " + peer->name, connection->why_closed());
}

asio::awaitable<void> Listener::refuse(std::shared_ptr<Connection> connection, std::string why) {
    connection->blame(why);
    const std::string refusal = encode(Refusal{why.substr(0, max_refusal_bytes)});
    co_await connection->write(refusal, write_timeout_);
    connection->close(why);
}

std::optional<std::uint64_t> Listener::admit(const std::shared_ptr<Connection>& connection) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return std::nullopt;
    if (accepted_.size() >= max_connections_) {
        const auto silent = std::find_if(accepted_.begin(), accepted_.end(), [](const auto& element) {
            return element.second.peer == consensus::NodeId{};
        });
        if (silent == accepted_.end()) return std::nullopt;
        silent->second.connection->stop("it was silent while others waited for its place");
        accepted_.erase(silent);
    }
    accepted_[next_number_].connection = connection;
    return next_number_++;
}

void Listener::adopt(std::uint64_t number, consensus::NodeId peer) {
    const std::lock_guard lock(mutex_);
    const auto found = accepted_.find(number);
    if (found == accepted_.end()) return;
    found->second.peer = peer;
    if (!peers_.contains(peer)) found->second.connection->stop("it is no peer any more");
    // Connections greet on strands of their own, so an older one may come to this after a newer.
    const Accepted* newest = nullptr;
    for (const auto& [other, accepted] : accepted_) {
        if (accepted.peer != peer) continue;
        if (newest != nullptr) newest->connection->stop("a newer connection took its place");
        newest = &accepted;
    }
}

void Listener::forget(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    accepted_.erase(number);
}

void Listener::report(const std::string& who, const std::string& why) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
    }
    const auto kept_back = log_limit_.admit(LogLimit::Clock::now());
    if (!kept_back) return;
    if (*kept_back > 0) logger_->warn("{} more connections to the peer port were closed", *kept_back);
    logger_->warn("closed the connection from {}: {}", who, why);
}

}  // namespace socai::network
