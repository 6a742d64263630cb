#include "node/client/submitter.hpp"

#include <boost/json/serialize.hpp>
#include <cassert>
#include <csignal>

namespace socai::node::client {
namespace {

namespace json = boost::json;

template <class Integer>
std::optional<Integer> integer_member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    json::error_code error;
    const auto number = value->to_number<Integer>(error);
    return error ? std::nullopt : std::optional(number);
}

bool flag_member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

RpcError bad_answer(const char* what) {
    return {0, "bad_answer", std::string("the node's answer to ledger.submit ") + what, true};
}

// No definite answer: whether the statement is in the ledger can only be learned by submitting it again. A record of the
// future may come in later, but that it did not now is an answer, and its author must hear of it.
bool is_open_question(const RpcError& error) {
    return error.no_answer() || (error.retryable && error.reason != "future_time");
}

}  // namespace

SubmitOutcome parse_submit_result(const json::value& result) {
    if (!result.is_object()) return bad_answer("holds something that is not an object");
    const json::object& members = result.get_object();
    if (const auto* error = members.if_contains("error"); error != nullptr && error->is_object())
        return parse_rpc_error(error->get_object());
    const auto index = integer_member<std::uint64_t>(members, "index");
    const auto time = integer_member<std::int64_t>(members, "time");
    const auto* status = members.if_contains("status");
    if (status != nullptr && status->is_string() && status->get_string() == "accepted") {
        const auto* promise = members.if_contains("promise");
        if (promise == nullptr || !promise->is_string()) return bad_answer("accepts without a promise");
        return Acknowledgement{.status = "accepted",
                               .duplicate = flag_member(members, "duplicate"),
                               .promise = std::string(promise->get_string())};
    }
    if (!index || !time || status == nullptr || !status->is_string())
        return bad_answer("lacks index, time or status");
    return Acknowledgement{.index = *index,
                           .n = integer_member<std::uint32_t>(members, "n"),
                           .time_ms = *time,
                           .status = std::string(status->get_string()),
                           .duplicate = flag_member(members, "duplicate"),
                           .late = flag_member(members, "late")};
}

Submitter::Submitter(SubmitOptions options, std::span<const std::string_view> statements, Report report)
    : options_(std::move(options)),
      statements_(statements),
      report_(std::move(report)),
      batch_limit_(options_.batch) {
    assert(!options_.endpoints.empty() && options_.batch > 0 && options_.parallel > 0);
}

RpcResult<void> Submitter::run() {
    if (statements_.empty()) return {};
    last_progress_ = std::chrono::steady_clock::now();
    signals_.add(SIGINT);
    signals_.add(SIGTERM);
    signals_.async_wait([this](boost::system::error_code error, int) {
        if (!error)
            stop(RpcError{0, "interrupted", "interrupted; run the same command again to go on", true});
    });
    connect();
    io_.run();
    assert(outcome_.has_value());
    return *outcome_;
}

void Submitter::stop(RpcResult<void> outcome) {
    if (outcome_) return;
    outcome_ = std::move(outcome);
    signals_.cancel();
    pause_.cancel();
    if (connection_ != nullptr) std::exchange(connection_, nullptr)->close();
}

void Submitter::connect() {
    connection_ = Connection::create(io_, options_.endpoints[endpoint_], options_.timeouts);
    connection_->on_closed = [this](const RpcError& why) { retry_later(why); };
    connection_->connect([this](const RpcResult<void>& connected) {
        if (connected.has_error()) return retry_later(connected.error());
        distrusted_ = 0;
        pump();
    });
}

// Leaves this node for the next one after a pause. The answers of all calls under way are given up.
void Submitter::retry_later(const RpcError& why) {
    if (outcome_ || connection_ == nullptr) return;
    if (why.is_tls() && ++distrusted_ >= options_.endpoints.size()) return stop(why);
    if (std::chrono::steady_clock::now() - last_progress_ >= options_.retry_for) return stop(why);
    ++retries_;
    for (const auto& [number, batch] : under_way_) again_.insert(batch.begin(), batch.end());
    under_way_.clear();
    std::exchange(connection_, nullptr)->close();
    endpoint_ = (endpoint_ + 1) % options_.endpoints.size();
    pause_.expires_after(backoff_.next());
    pause_.async_wait([this](boost::system::error_code error) {
        if (!error && !outcome_) connect();
    });
}

void Submitter::pump() {
    while (!outcome_ && connection_ != nullptr && under_way_.size() < options_.parallel) {
        Batch batch = take_batch();
        if (batch.empty()) return;
        send(std::move(batch));
    }
}

Submitter::Batch Submitter::take_batch() {
    Batch batch;
    std::size_t bytes = 0;
    const auto fits = [&](std::size_t position) {
        bytes += statements_[position].size();
        if (!options_.disclosures.empty())
            for (const std::string& told : options_.disclosures[position]) bytes += told.size();
        return batch.empty() || (batch.size() < batch_limit_ && bytes <= options_.batch_bytes);
    };
    while (!again_.empty() && fits(*again_.begin())) batch.push_back(again_.extract(again_.begin()).value());
    if (!again_.empty()) return batch;  // positions in again_ come before next_
    while (next_ < statements_.size() && fits(next_)) batch.push_back(next_++);
    return batch;
}

void Submitter::send(Batch batch) {
    json::array list;
    list.reserve(batch.size());
    json::array disclosures;
    for (const std::size_t position : batch) {
        list.emplace_back(json::string_view(statements_[position]));
        if (options_.disclosures.empty()) continue;
        for (const std::string& told : options_.disclosures[position]) disclosures.emplace_back(told);
    }
    json::object params{
        {"statements", std::move(list)}, {"wait", options_.wait}, {"timeout_ms", options_.timeout_ms}};
    if (!disclosures.empty()) params["disclosures"] = std::move(disclosures);
    const std::uint64_t number = ++last_call_;
    under_way_.emplace(number, std::move(batch));
    connection_->call("ledger.submit", json::serialize(params),
                      [this, number](const RpcResult<json::value>& answer) {
                          const auto call = under_way_.extract(number);
                          if (!outcome_ && call) answered(call.mapped(), answer);
                      });
}

void Submitter::answered(const Batch& batch, const RpcResult<json::value>& answer) {
    if (answer.has_error()) return refused_call(batch, answer.error());
    const auto* object = answer->if_object();
    const auto* results = object == nullptr ? nullptr : object->if_contains("results");
    if (results == nullptr || !results->is_array() || results->get_array().size() != batch.size())
        return refused_call(batch, bad_answer("does not match the call"));

    std::optional<RpcError> open_question;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto outcome = parse_submit_result(results->get_array()[i]);
        // After a statement whose fate is open, a refusal may only mean that what it refers to is not there
        // yet.
        if (outcome.has_error() && (open_question || is_open_question(outcome.error()))) {
            if (!open_question) open_question = outcome.error();
            again_.insert(batch[i]);
        } else {
            finish(batch[i], outcome);
        }
    }
    if (done_ == statements_.size()) return stop({});
    if (open_question) return retry_later(*open_question);
    backoff_.reset();
    pump();
}

void Submitter::finish(std::size_t position, const SubmitOutcome& outcome) {
    ++done_;
    last_progress_ = std::chrono::steady_clock::now();
    report_(position, outcome);
}

// The call as a whole failed.
void Submitter::refused_call(const Batch& batch, const RpcError& error) {
    if (batch.size() == 1 && !is_open_question(error)) {  // one statement's error is the call's
        finish(batch.front(), error);
        if (done_ == statements_.size()) return stop({});
        return pump();
    }
    again_.insert(batch.begin(), batch.end());
    if (is_open_question(error)) return retry_later(error);
    batch_limit_ = batch.size() / 2;  // a call too large for this node; ends at one statement a call
    pump();
}

}  // namespace socai::node::client
