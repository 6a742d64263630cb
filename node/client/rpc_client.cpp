#include "node/client/rpc_client.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cassert>
#include <optional>

namespace socai::node::client {
namespace {

namespace json = boost::json;

// How long a goodbye may take.
constexpr std::chrono::milliseconds goodbye{250};

bool worth_another_node(const RpcResult<json::value>& answer) {
    return answer.has_error() && (answer.error().no_answer() || answer.error().retryable);
}

}  // namespace

RpcClient::RpcClient(std::vector<Endpoint> endpoints, Timeouts timeouts,
                     std::shared_ptr<const SignIn> sign_in)
    : endpoints_(std::move(endpoints)), sign_in_(std::move(sign_in)), timeouts_(timeouts) {
    assert(!endpoints_.empty());
}

RpcClient::~RpcClient() {
    drop();
}

void RpcClient::drop() {
    if (connection_ == nullptr) return;
    connection_->close();
    connection_.reset();
    io_.restart();
    io_.run_for(goodbye);
}

void RpcClient::next_endpoint() {
    drop();
    current_ = (current_ + 1) % endpoints_.size();
}

RpcResult<void> RpcClient::connect() {
    if (connection_ != nullptr && connection_->is_open()) return {};
    std::optional<RpcResult<void>> outcome;
    connection_ = Connection::create(io_, endpoint(), timeouts_);
    connection_->connect([&outcome](RpcResult<void> result) { outcome = std::move(result); });
    io_.restart();
    while (!outcome) io_.run_one();
    if (outcome->has_error()) {
        connection_.reset();
        return *outcome;
    }
    if (auto signed_in = sign_in(); !signed_in) {
        drop();
        return signed_in.error();
    }
    return {};
}

RpcResult<json::value> RpcClient::ask_one(std::string_view method, const std::string& params) {
    std::optional<RpcResult<json::value>> answer;
    connection_->call(method, params, [&answer](RpcResult<json::value> given) { answer = std::move(given); });
    io_.restart();
    while (!answer) io_.run_one();  // every call has a deadline
    return std::move(*answer);
}

RpcResult<void> RpcClient::sign_in() {
    if (sign_in_ == nullptr) return {};
    std::string origin = sign_in_->origin;
    if (origin.empty()) {
        const auto status = ask_one("node.status", "{}");
        if (!status) return status.error();
        const json::value* said = status->is_object() ? status->get_object().if_contains("origin") : nullptr;
        if (said != nullptr && said->is_string()) origin = said->get_string();
    }
    const auto answer =
        ask_one("session.sign_in", json::serialize(json::object{{"token", make_token(*sign_in_, origin)}}));
    if (!answer) return answer.error();
    return {};
}

std::vector<RpcResult<json::value>> RpcClient::ask(std::span<const Request> requests) {
    if (const auto connected = connect(); !connected)
        return {requests.size(), RpcResult<json::value>(connected.error())};
    std::vector<std::optional<RpcResult<json::value>>> answers(requests.size());
    std::size_t missing = requests.size();
    for (std::size_t i = 0; i < requests.size(); ++i)
        connection_->call(requests[i].method, json::serialize(requests[i].params),
                          [&answers, &missing, i](RpcResult<json::value> answer) {
                              answers[i] = std::move(answer);
                              --missing;
                          });
    io_.restart();
    while (missing > 0) io_.run_one();  // every call has a deadline
    std::vector<RpcResult<json::value>> results;
    results.reserve(answers.size());
    for (auto& answer : answers) results.push_back(std::move(*answer));
    return results;
}

std::vector<RpcResult<json::value>> RpcClient::call_all(std::span<const Request> requests) {
    auto answers = ask(requests);
    for (std::size_t attempt = 1; attempt < endpoints_.size(); ++attempt) {
        if (std::none_of(answers.begin(), answers.end(), worth_another_node)) break;
        next_endpoint();
        answers = ask(requests);
    }
    return answers;
}

RpcResult<json::value> RpcClient::call(std::string_view method, const json::object& params) {
    const Request request{std::string(method), params};
    return std::move(call_all({&request, 1}).front());
}

}  // namespace socai::node::client
