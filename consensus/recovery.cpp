// What this node's disk lost (protocol-aware recovery, Alagappan et al., FAST 2018; raft.md §2). Two kinds of loss:
//
//   promised  the end of the log is gone, though it was acknowledged. The log is behind what this node promised to
//             hold: shorter, or an older one, whose tail the lost write had replaced. Until it has grown past the
//             promise again, by the leader's appends, the node does not campaign, grants votes by what it promised,
//             not by what is left, and takes nothing of what is left for the leader's unless an append proves it.
//   damaged   entries in the middle are known by their ids, their content is gone. The log stays as long as it
//             is; the content is fetched from any node that has it and proves itself by the id. Until then the
//             node does not campaign, and what was not applied before waits with all beyond it.
//
// Nothing is invented: where no copy is left, nobody campaigns, and the cluster stands still.
#include <algorithm>
#include <cassert>

#include "consensus/chain.hpp"
#include "consensus/core_impl.hpp"

namespace socai::consensus {
namespace {

constexpr std::size_t max_ids = 16;  // in one request: an entry is at most some 64 KiB

}  // namespace

// The highest entry that this node ever promised to hold, lost ones included: what its vote speaks for.
EntryId Core::Impl::last_acknowledged() const {
    return recovering() ? promised_ : log_.last();
}

void Core::Impl::on(const Damaged& damaged) {
    for (const DamagedEntry& entry : damaged.entries) {
        if (entry.id.index <= log_.base().index || !log_.holds(entry.id.index, entry.id.term)) continue;
        damaged_.emplace(entry.id.index, entry);
    }
    content_due_ = now_;
    withdraw();
    // For what is committed a leader stays: others hold it. What is not may be nowhere else, and then nothing could
    // be committed any more: the others elect one whose log is whole.
    const bool leads = std::holds_alternative<Leader>(role_);
    if (leads && !damaged_.empty() && damaged_.rbegin()->first > commit_) become_follower(hard_.term, {});
}

void Core::Impl::on(const Repaired& repaired) {
    for (const Index index : repaired.indices) damaged_.erase(index);
    if (!damaged_.empty() && !repaired.indices.empty()) ask_for_content();
}

// One member after the other; and the leader, for a log that lags may name members that are gone.
void Core::Impl::ask_for_content() {
    assert(!damaged_.empty());
    content_due_ = now_ + options_.heartbeat_interval;
    std::vector<NodeId> others = members(configuration());
    if (leader() != NodeId{}) others.push_back(leader());
    std::erase(others, self_);
    if (others.empty()) return;
    FetchRequest request;
    for (const auto& [index, entry] : damaged_) {
        if (request.ids.size() == max_ids) break;
        request.ids.push_back(entry.id);
    }
    asked_last_ = (asked_last_ + 1) % others.size();
    send(others[asked_last_], std::move(request));
}

void Core::Impl::handle(NodeId from, const FetchRequest& request) {
    ServeFetch serve{.to = from, .ids = request.ids, .max_bytes = options_.max_append_bytes};
    if (serve.ids.size() > max_ids) serve.ids.resize(max_ids);
    // What is damaged here, or not in this log, this disk cannot give.
    std::erase_if(serve.ids, [&](const EntryId& id) {
        return id.index <= log_.base().index || !log_.holds(id.index, id.term) || damaged_.contains(id.index);
    });
    if (!serve.ids.empty()) out_.serve.push_back(std::move(serve));
}

void Core::Impl::handle(NodeId, const FetchReply& reply) {
    for (const EntryPtr& entry : reply.entries) {
        if (!entry || entry->kind == EntryKind::configuration) continue;
        const auto wanted = damaged_.find(entry->id.index);
        if (wanted == damaged_.end() || wanted->second.id != entry->id) continue;
        if (follows(wanted->second.previous, *entry)) out_.repair.push_back(entry);
    }
}

void Core::Impl::forget_damaged(Index first, Index last) {
    std::erase_if(damaged_, [&](const auto& item) { return item.first >= first && item.first <= last; });
}

}  // namespace socai::consensus
