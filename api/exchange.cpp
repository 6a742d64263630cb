#include "api/exchange.hpp"

#include <cassert>
#include <utility>

namespace json = boost::json;

namespace socai::api {
namespace {

Error answer_too_large(std::size_t max_bytes) {
    return Error{Code::too_large, "answer_too_large",
                 "the answer would be over " + std::to_string(max_bytes) +
                     " bytes; ask for less with a smaller limit or fewer calls in a batch"};
}

}  // namespace

void Exchange::start(RpcMessage&& message, Dispatcher& dispatcher, const std::optional<Error>& refused) {
    assert(answers_.empty() && !message.calls.empty());
    batch_ = message.batch;
    answers_.resize(message.calls.size());
    open_ = message.calls.size();
    // One message may be answered before the loop ends only if it has one call: open_ counts all of them.
    for (std::size_t slot = 0; slot < message.calls.size(); ++slot) {
        RpcCall& next = message.calls[slot];
        if (auto* rejected = std::get_if<RpcRejected>(&next)) {
            settle(slot, std::move(rejected->id), std::move(rejected->error));
        } else if (refused) {
            RpcRequest& request = std::get<RpcRequest>(next);
            std::optional<json::value> id;
            if (!request.notification) id = std::move(request.id);
            settle(slot, id, Error(*refused));
        } else {
            call(slot, std::move(std::get<RpcRequest>(next)), dispatcher);
        }
    }
}

void Exchange::call(std::size_t slot, RpcRequest&& request, Dispatcher& dispatcher) {
    std::optional<json::value> id;
    if (!request.notification) id = std::move(request.id);
    if (bytes_ > max_bytes_) {
        settle(slot, id, answer_too_large(max_bytes_));
        return;
    }
    const bool read = dispatcher.only_reads(request.method);
    dispatcher.call(std::move(request), shared_from_this(), storage_,
                    [self = shared_from_this(), slot, read, id = std::move(id)](Answer&& answer) {
                        // Long reads of one batch are under way together: those that come after it is full are not kept.
                        if (read && self->bytes_ > self->max_bytes_)
                            answer = answer_too_large(self->max_bytes_);
                        self->settle(slot, id, std::move(answer));
                    });
}

void Exchange::settle(std::size_t slot, const std::optional<json::value>& id, Answer&& answer) {
    assert(open_ > 0);
    if (id) {
        std::string text = response_text(*id, std::move(answer));
        if (text.size() > max_bytes_) text = response_text(*id, answer_too_large(max_bytes_));
        bytes_ += text.size();
        answers_[slot] = std::move(text);
    }
    --open_;
    if (const auto host = host_.lock()) host->call_finished();
    if (open_ == 0) finish();
}

void Exchange::finish() {
    const auto host = host_.lock();
    if (!host) return;
    std::string message;
    if (!batch_) {
        message = std::move(answers_.front());
    } else {
        message.reserve(bytes_ + answers_.size() + 2);
        for (const std::string& answer : answers_) {
            if (answer.empty()) continue;
            message += message.empty() ? '[' : ',';
            message += answer;
        }
        if (!message.empty()) message += ']';
    }
    if (!message.empty()) host->send(std::move(message));
    for (const std::uint64_t id : subscriptions_) host->activate_subscription(id);
}

void Exchange::post(std::function<void()> work) {
    if (const auto host = host_.lock()) host->post(std::move(work));
}

Budgets& Exchange::budgets() {
    const auto host = host_.lock();
    assert(host && "methods run on the strand of a living connection");
    return host->budgets();
}

Session& Exchange::session() {
    const auto host = host_.lock();
    assert(host && "methods run on the strand of a living connection");
    return host->session();
}

Result<Caller::Subscribed> Exchange::subscribe(std::optional<std::uint64_t> from_index,
                                               inspection::Filter filter,
                                               std::optional<inspection::Viewer> audience) {
    const auto host = host_.lock();
    assert(host && "methods run on the strand of a living connection");
    auto subscribed = host->open_subscription(from_index, std::move(filter), std::move(audience));
    if (subscribed) subscriptions_.push_back(subscribed->id);
    return subscribed;
}

Result<void> Exchange::unsubscribe(std::uint64_t id) {
    const auto host = host_.lock();
    assert(host && "methods run on the strand of a living connection");
    return host->close_subscription(id);
}

}  // namespace socai::api
