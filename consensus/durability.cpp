#include "consensus/durability.hpp"

#include <algorithm>
#include <cassert>

namespace socai::consensus {

void Durability::issued(std::uint64_t ticket, Index last) {
    assert(ticket == issued_);
    assert(pending_.empty() || pending_.back().ticket < ticket);
    pending_.push_back({ticket, last});
}

void Durability::truncated(Index first) {
    assert(first.value > 0);
    durable_ = std::min(durable_, first - 1);
    for (Job& job : pending_) job.last = std::min(job.last, first - 1);
}

void Durability::replaced(Index agreed) {
    durable_ = std::min(durable_, agreed);
    for (Job& job : pending_) job.last = std::min(job.last, agreed);
}

void Durability::stored(std::uint64_t ticket) {
    assert(!pending_.empty() && "the host reported a job that was never issued");
    assert(pending_.front().ticket == ticket && "storage jobs become durable in order");
    durable_ = std::max(durable_, pending_.front().last);
    pending_.pop_front();
}

}  // namespace socai::consensus
