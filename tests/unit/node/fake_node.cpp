#include "fake_node.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <deque>

namespace socai::node::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace json = boost::json;
using tcp = asio::ip::tcp;

struct FakeNode::Link : FakeNode::Session, std::enable_shared_from_this<FakeNode::Link> {
    Link(tcp::socket socket, FakeNode& owner) : stream(std::move(socket)), node(owner) {}

    void start() {
        stream.async_accept([self = shared_from_this()](beast::error_code error) {
            if (!error) self->read();
        });
    }

    void read() {
        stream.async_read(input, [self = shared_from_this()](beast::error_code error, std::size_t) {
            if (error || !self->alive) return self->drop();
            const json::value request = json::parse(beast::buffers_to_string(self->input.data()));
            self->input.consume(self->input.size());
            self->node.handler_(*self, request.as_object());
            if (self->alive) self->read();
        });
    }

    void send(const json::value& message) override { send_text(json::serialize(message)); }

    void send_text(std::string text) override {
        output.push_back(std::move(text));
        if (output.size() == 1) write();
    }

    void write() {
        stream.async_write(asio::buffer(output.front()),
                           [self = shared_from_this()](beast::error_code error, std::size_t) {
                               if (error || !self->alive) return;
                               self->output.pop_front();
                               if (!self->output.empty()) self->write();
                           });
    }

    void drop() override {
        if (!alive) return;
        alive = false;
        stream.next_layer().close();
        node.links_.erase(shared_from_this());
    }

    beast::websocket::stream<beast::tcp_stream> stream;
    FakeNode& node;
    beast::flat_buffer input;
    std::deque<std::string> output;
    bool alive = true;
};

FakeNode::FakeNode(Handler handler)
    : handler_(std::move(handler)), acceptor_(io_, {asio::ip::address_v4::loopback(), 0}) {
    port_ = acceptor_.local_endpoint().port();
    accept();
    thread_ = std::thread([this] { io_.run(); });
}

FakeNode::~FakeNode() {
    die();
}

void FakeNode::accept() {
    acceptor_.async_accept([this](beast::error_code error, tcp::socket socket) {
        if (error) return;
        const auto link = std::make_shared<Link>(std::move(socket), *this);
        links_.insert(link);
        link->start();
        accept();
    });
}

void FakeNode::die() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] {
        acceptor_.close();
        for (const auto& link : std::vector(links_.begin(), links_.end())) link->drop();
    });
    thread_.join();
}

client::Endpoint FakeNode::endpoint() const {
    return {.host = "127.0.0.1", .port = std::to_string(port_)};
}

json::object answer_to(const json::object& request, json::value result) {
    return {{"jsonrpc", "2.0"}, {"id", request.at("id")}, {"result", std::move(result)}};
}

json::object error_to(const json::object& request, int code, const std::string& reason, bool retryable) {
    return {
        {"jsonrpc", "2.0"},
        {"id", request.at("id")},
        {"error",
         {{"code", code},
          {"message", reason},
          {"data", {{"reason", reason}, {"detail", "because the test says so"}, {"retryable", retryable}}}}}};
}

json::object FakeLedger::submit(const std::string& statement) {
    const std::lock_guard lock(mutex_);
    const auto [entry, is_new] = index_.emplace(statement, statements_.size());
    if (is_new)
        statements_.push_back(statement);
    else
        ++resubmissions_;
    return {{"index", entry->second},
            {"time", 1'700'000'000'000},
            {"status", "committed"},
            {"duplicate", !is_new}};
}

std::vector<std::string> FakeLedger::statements() const {
    const std::lock_guard lock(mutex_);
    return statements_;
}

std::uint64_t FakeLedger::resubmissions() const {
    const std::lock_guard lock(mutex_);
    return resubmissions_;
}

std::vector<std::string> statements_in(const json::object& request) {
    const json::object& params = request.at("params").as_object();
    if (const auto* one = params.if_contains("statement")) return {std::string(one->as_string())};
    std::vector<std::string> list;
    for (const json::value& statement : params.at("statements").as_array())
        list.emplace_back(statement.as_string());
    return list;
}

json::object submitted(FakeLedger& ledger, const json::object& request) {
    json::array results;
    for (const std::string& statement : statements_in(request)) results.push_back(ledger.submit(statement));
    return answer_to(request, {{"results", std::move(results)}});
}

}  // namespace socai::node::test
