#include "tests/simulation/checks.hpp"

#include <cassert>

#include "consensus/chain.hpp"
#include "consensus/quorum.hpp"
#include "tests/simulation/history.hpp"
#include "tests/simulation/node.hpp"

namespace socai::simulation {

using namespace consensus;

namespace {

constexpr std::uint64_t steps_between_whole_checks = 4'096;

// A disk that was lost, or lost its end, held it when it said so.
bool held(const Node& node, const EntryId& id) {
    const Disk& disk = node.disk();
    return node.gone() || disk.promised().index.value > 0 || disk.base().index >= id.index || disk.holds(id);
}

std::uint64_t place(const EntryId& id) {
    return id.term.value << 32 | id.index.value;
}

}  // namespace

void Checks::fail(const Node& node, const std::string& what) {
    world_.fail(text(node.id()) + " " + what);
}

void Checks::after_step(const Node& node, const Output& output) {
    past_.resize(std::max(past_.size(), world_.nodes.size()));
    if (node.lies()) return;
    if (output.role_changed) check_role(node);
    world_.counts.accusations += output.accusations.size();
    if (world_.liar != nullptr) return;
    for (const Accusation& accusation : output.accusations) {
        fail(node, "accuses the honest " + text(accusation.from) + " (" +
                       std::to_string(static_cast<int>(accusation.why)) + ")");
    }
    Past& past = past_[node.id().value - 1];
    if (past.life != node.life())
        past = {.life = node.life(), .term = past.term, .commit = {}, .disk = past.disk};
    if (output.truncated_from && *output.truncated_from <= past.commit)
        fail(node, "truncates what is committed");
    for (const StorageJob& job : output.storage) check_appended(node, job);
    if (output.installed && !world_.history->contains(*output.installed))
        fail(node, "begins after what was never committed");
    if (output.committed) check_committed(node, *output.committed);
    if (++steps_ % steps_between_whole_checks == 0) everything();
}

void Checks::check_role(const Node& node) {
    const Status now = node.status();
    Past& past = past_[node.id().value - 1];
    ++world_.counts.checks;
    if (past.life == node.life() && now.term < past.term) fail(node, "falls back to an earlier term");
    past.term = now.term;
    if (now.role != Role::leader) return;
    ++world_.counts.elections;
    if (world_.liar != nullptr) return;
    const auto [leader, is_new] = leaders_.emplace(now.term, node.id());
    if (!is_new && leader->second != node.id()) {
        fail(node, "leads term " + std::to_string(now.term.value) + " after " + text(leader->second));
    }
    const History& history = *world_.history;
    for (Index index = history.last(); index.value > 0; index = index - 1) {
        if (history.committed_in(index) > now.term) continue;
        const bool below_base = index < node.log_base().index;
        if (!below_base && node.id_at(index) != history.id_at(index)) {
            fail(node, "leads term " + std::to_string(now.term.value) + " without the committed " +
                           text(history.id_at(index)));
        }
        break;
    }
    everything();
}

void Checks::check_appended(const Node& node, const StorageJob& job) {
    for (const EntryPtr& entry : job.append) {
        ++world_.counts.checks;
        const auto [seen, is_new] = seen_.emplace(place(entry->id), entry->id);
        if (!is_new) {
            if (seen->second != entry->id)
                fail(node, "holds another " + text(entry->id) + " than was seen (log matching)");
            continue;
        }
        const auto previous = node.id_at(entry->id.index - 1);
        if (!previous || !follows(*previous, *entry))
            fail(node, "appends " + text(entry->id) + ", which does not chain");
    }
}

void Checks::check_committed(const Node& node, Index commit) {
    Past& past = past_[node.id().value - 1];
    if (commit < past.commit) fail(node, "takes a commit back");
    History& history = *world_.history;
    std::optional<Status> status;
    for (Index index = std::max(past.commit, node.log_base().index) + 1; index <= commit; index = index + 1) {
        const auto id = node.id_at(index);
        if (!id) return fail(node, "commits " + std::to_string(index.value) + ", which it does not hold");
        ++world_.counts.commit_checks;
        const bool is_new = index > history.last();
        if (is_new && !status) status = node.status();
        const EntryPtr& entry = node.log()[index.value - node.log_base().index.value - 1];
        if (auto breach = history.commit(*entry, is_new ? status->term : Term{})) return fail(node, *breach);
        if (!is_new) continue;
        ++world_.counts.commits;
        if (entry->kind == EntryKind::payload) ++world_.counts.leaves;
        if (status->role == Role::leader && index == commit) check_durable(node, *id, *status);
    }
    past.commit = commit;
}

void Checks::check_durable(const Node& leader, const EntryId& id, const Status& status) {
    ++world_.counts.checks;
    const auto holds = [&](NodeId member) -> std::uint64_t { return held(world_.node(member), id); };
    if (quorum_reached(status.configuration, holds) == 0) {
        fail(leader, "commits " + text(id) + ", which is not on the disks of a majority");
    }
    for (const PeerStatus& peer : status.peers) {
        const Node& node = world_.node(peer.id);
        const Disk& disk = node.disk();
        if (node.gone() || disk.promised().index.value > 0 || disk.hard().term > status.term) continue;
        if (peer.match <= leader.log_base().index || peer.match < disk.base().index) continue;
        if (disk.id_at(peer.match) != leader.id_at(peer.match)) {
            fail(leader, "counts " + text(peer.id) + " up to " + std::to_string(peer.match.value) +
                             ", which is not on its disk");
        }
    }
}

void Checks::departs(const Node& sender, const Send& message) {
    const bool promises = std::holds_alternative<AppendReply>(message.message) ||
                          std::holds_alternative<VoteReply>(message.message) ||
                          std::holds_alternative<VoteRequest>(message.message);
    if (!promises) return;
    ++world_.counts.checks;
    const Disk& disk = sender.disk();
    // One write may make durable both what is acknowledged and its replacement by a leader of a later term, which is
    // then durable too. The acknowledgement only came late: whoever counts it lost to that later leader's voters.
    const auto* reply = std::get_if<AppendReply>(&message.message);
    if (reply != nullptr && disk.hard().term > reply->term) return;
    const NodeSnapshot look{
        .id = sender.id(), .disk_hard = disk.hard(), .disk_base = disk.base(), .disk_log = &disk.log()};
    if (auto breach = Invariants::check_departure(look, message)) world_.fail(*breach);
}

void Checks::disk_changed(const Node& node) {
    past_.resize(std::max(past_.size(), world_.nodes.size()));
    HardState& before = past_[node.id().value - 1].disk;
    const HardState& now = node.disk().hard();
    ++world_.counts.checks;
    if (now.term < before.term) fail(node, "has an earlier term on its disk than before");
    if (now.term == before.term && before.vote != NodeId{} && now.vote != before.vote) {
        fail(node, "changed its vote on disk within term " + std::to_string(now.term.value));
    }
    before = now;
}

void Checks::applied(const Node& node, const Entry& entry) {
    ++world_.counts.commit_checks;
    if (node.lies()) return;
    if (world_.liar != nullptr) return claim_applied(node, entry);
    if (entry.id.index > world_.history->last()) return fail(node, "applies what was never committed");
    if (auto breach = world_.history->compare(entry.id.index, node.state(), entry.mark.has_value())) {
        fail(node, *breach);
    }
}

void Checks::found_wrong(const Node& node, const ValidateJob& job) {
    ++world_.counts.refusals;
    if (world_.liar == nullptr) fail(node, "judges what the honest " + text(job.from) + " sends to be wrong");
}

void Checks::everything() {
    if (world_.liar != nullptr) return;
    ++world_.counts.checks;
    std::vector<NodeSnapshot> looks;
    looks.reserve(world_.nodes.size());
    for (const auto& node : world_.nodes) looks.push_back(node->snapshot());
    // Which configuration committed an entry cannot be told from a look now and then, so that this one rule of the
    // invariants would raise false alarms here. It is kept by check_durable at the commit, and by check_electable.
    const auto breach = invariants_.check(looks);
    if (breach && !breach->ends_with("is not on the disks of a majority"))
        world_.fail("invariant: " + *breach);
    check_electable();
}

// Those who lack what was committed last must not be enough to elect anybody, in the newest leader's configuration.
void Checks::check_electable() {
    const EntryId& top = world_.history->id_at(world_.history->last());
    const Node* newest = nullptr;
    Term term;
    for (const auto& node : world_.nodes) {
        if (!node->running() || !node->leads() || node->status().term < term) continue;
        newest = node.get();
        term = node->status().term;
    }
    if (newest == nullptr) return;
    const auto lacks = [&](NodeId id) -> std::uint64_t { return !held(world_.node(id), top); };
    if (quorum_reached(newest->status().configuration, lacks) != 0) {
        fail(*newest, "is in a configuration that could elect without the committed " + text(top));
    }
}

}  // namespace socai::simulation
