#include "consensus/invariants.hpp"

#include <algorithm>
#include <cassert>

#include "consensus/chain.hpp"
#include "consensus/quorum.hpp"

namespace socai::consensus {
namespace {

std::string text(Index index, Term term) {
    return std::to_string(index.value) + "(" + std::to_string(term.value) + ")";
}
std::string text(const EntryId& id) {
    return text(id.index, id.term);
}
std::string text(NodeId id) {
    return "node " + std::to_string(id.value);
}

std::optional<EntryId> id_at(const EntryId& base, const std::vector<EntryPtr>& log, Index index) {
    if (index == base.index) return base;
    if (index < base.index || index.value > base.index.value + log.size()) return std::nullopt;
    return log[index.value - base.index.value - 1]->id;
}

Index last_of(const EntryId& base, const std::vector<EntryPtr>& log) {
    return base.index + log.size();
}

}  // namespace

std::optional<std::string> Invariants::check(std::span<const NodeSnapshot> nodes) {
    for (const NodeSnapshot& node : nodes) {
        if (!base_) base_ = node.disk_base;
        const Index settled = std::max(base_->index, past_[node.id].commit);
        if (auto breach = check_monotone(node)) return breach;
        if (auto breach = check_log(node, node.disk_base, *node.disk_log, settled)) return breach;
        if (!node.running) continue;
        if (auto breach = check_log(node, node.base, *node.log, settled)) return breach;
        if (auto breach = check_election(node)) return breach;
    }
    for (const NodeSnapshot& node : nodes) {
        if (auto breach = check_base(node.disk_base, node.id)) return breach;
        if (!node.running) continue;
        if (auto breach = check_base(node.base, node.id)) return breach;
    }
    // Leaders first: they are who commits, by the configuration in force at them.
    for (const bool leaders : {true, false}) {
        for (const NodeSnapshot& node : nodes) {
            if (!node.running || (node.status.role == Role::leader) != leaders) continue;
            if (auto breach = check_commit(node)) return breach;
        }
    }
    for (const NodeSnapshot& node : nodes) {
        if (!node.running || node.status.role != Role::leader) continue;
        if (auto breach = check_completeness(node)) return breach;
        if (auto breach = check_match(node, nodes)) return breach;
    }
    return check_durable_commit(nodes);
}

Invariants::Breach Invariants::check_monotone(const NodeSnapshot& node) {
    Past& past = past_[node.id];
    if (!node.disk_lost) {
        if (node.disk_hard.term < past.disk_hard.term) {
            return text(node.id) + ": the term on disk fell from " +
                   std::to_string(past.disk_hard.term.value) + " to " +
                   std::to_string(node.disk_hard.term.value);
        }
        if (node.disk_hard.term == past.disk_hard.term && past.disk_hard.vote != NodeId{} &&
            node.disk_hard.vote != past.disk_hard.vote) {
            return text(node.id) + ": the vote on disk changed within term " +
                   std::to_string(node.disk_hard.term.value);
        }
    }
    past.disk_hard = node.disk_hard;
    if (!node.running) return std::nullopt;
    const Status& status = node.status;
    if (status.term < node.disk_hard.term) return text(node.id) + ": its term is below the one on its disk";
    if (status.commit > status.last.index) return text(node.id) + ": committed beyond its log";
    if (status.durable > last_of(node.base, *node.log)) return text(node.id) + ": durable beyond its log";
    if (past.life == node.life) {
        if (status.term < past.term) return text(node.id) + ": its term fell";
        if (status.commit < past.commit) {
            return text(node.id) + ": its commit index fell from " + std::to_string(past.commit.value) +
                   " to " + std::to_string(status.commit.value);
        }
        if (status.term == past.term && past.vote != NodeId{} && status.vote != past.vote) {
            return text(node.id) + ": voted twice in term " + std::to_string(status.term.value);
        }
    } else {
        past.commit = std::min(past.commit, status.commit);
    }
    past.life = node.life;
    past.term = status.term;
    past.vote = status.vote;
    // past.commit is brought forward by check_commit.
    return std::nullopt;
}

Invariants::Breach Invariants::check_log(const NodeSnapshot& node, const EntryId& base,
                                         const std::vector<EntryPtr>& log, Index settled) {
    settled = std::max(settled, base.index);
    for (Index index = last_of(base, log); index > settled; index = index - 1) {
        const EntryPtr& entry = log[index.value - base.index.value - 1];
        const EntryId previous = *id_at(base, log, index - 1);
        if (entry->id.index != index) return text(node.id) + ": gap in the log before " + text(entry->id);
        if (std::find(lies_.begin(), lies_.end(), entry->id) != lies_.end()) {
            if (!follows(previous, *entry)) return text(node.id) + ": broken chain at " + text(entry->id);
            continue;
        }
        const auto [seen, is_new] = seen_.try_emplace({entry->id.term, index}, Seen{entry, previous});
        if (is_new) {
            if (!follows(previous, *entry)) return text(node.id) + ": broken chain at " + text(entry->id);
        } else if (seen->second.entry->id != entry->id || seen->second.previous != previous) {
            return text(node.id) + ": " + text(entry->id) + " is not the same on all nodes (log matching)";
        }
    }
    return std::nullopt;
}

Invariants::Breach Invariants::check_election(const NodeSnapshot& node) {
    if (node.status.role != Role::leader) return std::nullopt;
    const auto [leader, is_new] = leaders_.emplace(node.status.term, node.id);
    if (!is_new && leader->second != node.id) {
        return "two leaders in term " + std::to_string(node.status.term.value) + ": " + text(leader->second) +
               " and " + text(node.id);
    }
    if (node.disk_hard.term < node.status.term) {
        return text(node.id) + " leads a term that is not on its disk";
    }
    if (is_new && (node.status.damaged > 0 || node.status.promised.index != Index{})) {
        return text(node.id) + " was elected although its disk lost what it acknowledged";
    }
    return std::nullopt;
}

Invariants::Breach Invariants::check_base(const EntryId& base, NodeId node) const {
    if (base == *base_) return std::nullopt;
    const std::size_t at = base.index.value - base_->index.value - 1;
    if (base.index > base_->index && at < committed_.size() && committed_[at].id == base) return std::nullopt;
    return text(node) + ": its log begins after " + text(base) + ", which was never committed";
}

Invariants::Breach Invariants::check_commit(const NodeSnapshot& node) {
    Past& past = past_[node.id];
    for (Index index = std::max(past.commit, node.base.index) + 1; index <= node.status.commit;
         index = index + 1) {
        const auto id = id_at(node.base, *node.log, index);
        if (!id) return text(node.id) + ": committed " + std::to_string(index.value) + " but lacks it";
        const std::size_t at = index.value - base_->index.value - 1;
        assert(at <= committed_.size());
        if (at == committed_.size()) {
            committed_.push_back({*id, node.status.term, node.status.configuration});
        } else if (committed_[at].id != *id) {
            return text(node.id) + ": committed " + text(*id) + " where " + text(committed_[at].id) +
                   " was committed before";
        }
    }
    past.commit = std::max(past.commit, node.status.commit);
    // Nor may what was committed change afterwards.
    if (node.status.commit > node.base.index) {
        const Committed& top = committed_[node.status.commit.value - base_->index.value - 1];
        if (id_at(node.base, *node.log, node.status.commit) != top.id) {
            return text(node.id) + ": replaced the committed " + text(top.id);
        }
    }
    return std::nullopt;
}

Invariants::Breach Invariants::check_completeness(const NodeSnapshot& leader) const {
    for (auto top = committed_.rbegin(); top != committed_.rend(); ++top) {
        if (top->in_term > leader.status.term) continue;
        if (top->id.index < leader.base.index) return std::nullopt;  // the base itself was committed
        if (id_at(leader.base, *leader.log, top->id.index) == top->id) return std::nullopt;
        return text(leader.id) + " leads term " + std::to_string(leader.status.term.value) +
               " without the committed " + text(top->id);
    }
    return std::nullopt;
}

Invariants::Breach Invariants::check_match(const NodeSnapshot& leader,
                                           std::span<const NodeSnapshot> nodes) const {
    for (const PeerStatus& peer : leader.status.peers) {
        const auto node =
            std::find_if(nodes.begin(), nodes.end(), [&](const NodeSnapshot& n) { return n.id == peer.id; });
        if (node == nodes.end() || node->disk_hard.term > leader.status.term) continue;
        if (node->disk_lost || node->promised.index != Index{}) continue;
        if (peer.match <= leader.base.index || peer.match < node->disk_base.index) continue;
        if (id_at(node->disk_base, *node->disk_log, peer.match) !=
            id_at(leader.base, *leader.log, peer.match)) {
            return text(leader.id) + " counts " + text(peer.id) + " up to " +
                   std::to_string(peer.match.value) + ", which is not on its disk";
        }
    }
    return std::nullopt;
}

Invariants::Breach Invariants::check_durable_commit(std::span<const NodeSnapshot> nodes) const {
    if (committed_.empty()) return std::nullopt;
    const EntryId& top = committed_.back().id;
    const auto holds = [&](NodeId id) -> std::uint64_t {
        const auto node =
            std::find_if(nodes.begin(), nodes.end(), [&](const NodeSnapshot& n) { return n.id == id; });
        if (node == nodes.end()) return 0;
        return node->disk_lost || node->promised.index >= top.index || node->disk_base.index >= top.index ||
               id_at(node->disk_base, *node->disk_log, top.index) == top;
    };
    if (quorum_reached(committed_.back().by, holds) != 0) return std::nullopt;
    return "the committed " + text(top) + " is not on the disks of a majority";
}

std::optional<std::string> Invariants::check_departure(const NodeSnapshot& sender, const Send& message) {
    if (const auto* reply = std::get_if<AppendReply>(&message.message)) {
        if (reply->accepted && reply->index > last_of(sender.disk_base, *sender.disk_log)) {
            return text(sender.id) + " acknowledges " + std::to_string(reply->index.value) +
                   ", which is not on its disk";
        }
        if (reply->accepted && sender.disk_hard.term < reply->term) {
            return text(sender.id) + " acknowledges in a term that is not on its disk";
        }
    }
    if (const auto* reply = std::get_if<VoteReply>(&message.message)) {
        if (reply->granted &&
            (sender.disk_hard.term < reply->term ||
             (sender.disk_hard.term == reply->term && sender.disk_hard.vote != message.to))) {
            return text(sender.id) + " gives a vote that is not on its disk";
        }
    }
    if (const auto* request = std::get_if<VoteRequest>(&message.message)) {
        if (sender.disk_hard.term < request->term) {
            return text(sender.id) + " asks for votes in a term that is not on its disk";
        }
    }
    return std::nullopt;
}

Index Invariants::committed() const {
    if (!committed_.empty()) return committed_.back().id.index;
    return base_ ? base_->index : Index{};
}

EntryPtr Invariants::find(Term term, Index index) const {
    const auto seen = seen_.find({term, index});
    return seen == seen_.end() ? nullptr : seen->second.entry;
}

}  // namespace socai::consensus
