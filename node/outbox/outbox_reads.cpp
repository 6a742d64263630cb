// What others may see of the outbox, from any thread: figures, fates, and whether a head may be co-signed.
#include <spdlog/spdlog.h>

#include <utility>

#include "node/outbox/outbox.hpp"

namespace socai::node {

void Outbox::publish() {
    counts_.waiting = queue_.size();
    counts_.bytes = queue_.bytes();
    counts_.overdue = queue_.overdue(hooks_.wall_clock_ms());
    counts_.oldest_ms =
        queue_.oldest() == nullptr ? std::nullopt : std::optional(queue_.oldest()->promise.received_ms);
    counts_.include_by_ms = queue_.include_by_ms();
    const std::lock_guard lock(mutex_);
    published_ = counts_;
    published_late_size_ = late_size_;
}

Outbox::Figures Outbox::figures() const {
    const std::lock_guard lock(mutex_);
    return published_;
}

bool Outbox::may_cosign(std::uint64_t size, std::int64_t time_ms) const {
    const std::lock_guard lock(mutex_);
    const bool waits = published_.include_by_ms && *published_.include_by_ms < time_ms;
    return !waits && size >= published_late_size_;
}

api::Result<api::PromiseFate> Outbox::fate_of(
    const storage::Result<std::optional<storage::OutboxFound>>& found) const {
    if (!found) return api::Error{api::Code::internal_error, "storage_fault", found.error().detail, false};
    if (!*found)
        return api::Error{
            api::Code::not_found, "no_such_promise",
            "This node knows of no such promise. Ask the node that gave it; what became of one is kept for "
            "a bounded time ([outbox] keep_fates_ms), and what stands ledger.get finds.",
            false};
    api::PromiseFate fate;
    fate.statement = (*found)->promise.statement;
    fate.promise = (*found)->note;
    if (!(*found)->fate) {
        fate.status = "accepted";
        return fate;
    }
    const storage::OutboxFate& decided = *(*found)->fate;
    fate.status = decided.address ? "committed" : "refused";
    fate.address = decided.address;
    fate.time_ms = decided.time_ms;
    fate.refusal = decided.refusal;
    fate.detail = decided.detail;
    return fate;
}

void Outbox::rewrite_settled() const {
    if (const auto done = store_->rewrite_settled(); !done)
        spdlog::error("outbox: statements that are decided still lie in the files: {}", done.error().detail);
}

api::Result<api::PromiseFate> Outbox::fate(const ledger::Hash& statement) const {
    return fate_of(store_->find(statement));
}

api::Result<api::PromiseFate> Outbox::fate(std::string_view source, std::string_view id) const {
    return fate_of(store_->find(source, id));
}

}  // namespace socai::node
