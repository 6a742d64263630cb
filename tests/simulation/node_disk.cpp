// A node and its disk: group commit with the log and the side file synced in parallel, ranged reads, repairs, and
// apply.
#include <algorithm>
#include <cassert>
#include <utility>

#include "tests/simulation/checks.hpp"
#include "tests/simulation/history.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/node.hpp"

namespace socai::simulation {

using namespace consensus;

namespace {

constexpr std::uint64_t flush_between = 24;  // entries applied

bool writes_log(const StorageJob& job) {
    return job.install || job.truncate_from || !job.append.empty();
}

}  // namespace

// The core has decided this; the disk follows later.
void Node::take(const StorageJob& job) {
    for (const EntryPtr& entry : job.append) {
        log_.push_back(entry);
        ledger_->appended(entry, false);
    }
}

void Node::install(const EntryId& base) {
    log_.clear();
    log_base_ = base;
    const auto leaves = world_.history->leaves_at(base);
    if (!leaves) {
        // Nobody could give the state for it: a base that was never committed.
        world_.fail(text(id_) + " is told to begin after " + text(base) + ", which was never committed");
        stopping_ = true;
        return;
    }
    ++world_.counts.bases;
    state_.become(*leaves, base);
    ledger_->installed();
}

// --- writes
// --------------------------------------------------------------------------------------------------------

void Node::begin_write() {
    if (writing_ || jobs_.empty() || stopping_) return;
    writing_ = true;
    group_.assign(std::make_move_iterator(jobs_.begin()), std::make_move_iterator(jobs_.end()));
    jobs_.clear();
    log_synced_ = side_synced_ = false;
    const bool only_side = std::none_of(group_.begin(), group_.end(), writes_log);
    if (only_side) {
        log_synced_ = true;
    } else {
        later(work(world_.mix.sync), [](Node& node) { node.part_synced(true); });
    }
    later(work(world_.mix.sync), [](Node& node) { node.part_synced(false); });
}

void Node::part_synced(bool of_log) {
    (of_log ? log_synced_ : side_synced_) = true;
    if (sync_fails_) {
        // The part that reports the failure is the uncertain one; the node stops at once (never sync twice).
        (of_log ? log_synced_ : side_synced_) = false;
        sync_fails_ = false;
        world_.count(Fault::fsync_error);
        stopping_ = true;
        world_.events.after(0, [this] { crash(); });
        return;
    }
    if (!log_synced_ || !side_synced_) {
        stop_here(Boundary::half_written);
        return;
    }
    finish_write();
}

void Node::finish_write() {
    for (const StorageJob& job : group_) {
        disk_.write_log(job);
        disk_.write_side(job);
        if (job.install) state_.flush();
    }
    disk_.note_commit(apply_to_);
    std::vector<StorageJob> done = std::exchange(group_, {});
    writing_ = false;
    world_.checks->disk_changed(*this);
    if (stop_here(Boundary::before_promising)) return;
    for (const StorageJob& job : done) {
        for (const Send& message : job.after) send(message);
        if (stop_here(Boundary::before_reporting)) return;
        step(Stored{job.ticket});
        if (stopping_) return;
    }
    begin_write();
}

// The node stops with a write under way: what was synced stays; the rest is lost, whole, or torn. Jobs not yet
// begun are lost.
void Node::lose_unsynced() {
    if (!writing_) return;
    const auto survives = [&] { return !world_.dice.chance(world_.mix.lost_write); };
    if (side_synced_ || survives()) {
        for (const StorageJob& job : group_) disk_.write_side(job);
    } else {
        world_.count(Fault::lost_write);
    }
    const bool whole = log_synced_ || survives();
    if (!whole) world_.count(Fault::lost_write);
    for (const StorageJob& job : group_) {
        if (whole) {
            disk_.write_log(job);
            if (job.install) state_.flush();
            continue;
        }
        // A prefix of the group reached the disk: so many jobs, and of the next one a part of its entries.
        if (world_.dice.chance(300'000)) break;
        const bool torn = world_.dice.chance(300'000);
        if (torn && !job.install && !job.append.empty()) {
            disk_.write_torn(job, world_.dice.below(job.append.size() + 1));
            break;
        }
        disk_.write_log(job);
        if (job.install) state_.flush();
    }
    world_.checks->disk_changed(*this);
}

// --- reads and repairs
// --------------------------------------------------------------------------------------------------------

void Node::read_for(const ReadEntries& wanted) {
    EntriesRead found{.peer = wanted.peer, .first = wanted.first, .entries = {}};
    std::size_t bytes = 0;
    for (Index index = wanted.first; index <= wanted.last; index = index + 1) {
        if (disk_.damaged().contains(index)) {
            scrub();
            break;
        }
        EntryPtr entry = disk_.intact(index);
        if (entry == nullptr) break;
        bytes += entry->payload.size();
        if (!found.entries.empty() && bytes > wanted.max_bytes) break;
        found.entries.push_back(std::move(entry));
    }
    step(std::move(found));
}

void Node::scrub() {
    if (!core_ || stopping_) return;
    Damaged damaged;
    for (const Index index : disk_.damaged()) {
        if (noticed_.insert(index).second)
            damaged.entries.push_back({*disk_.id_at(index - 1), *disk_.id_at(index)});
    }
    if (!damaged.entries.empty()) step(std::move(damaged));
}

void Node::serve(const ServeFetch& wanted) {
    FetchReply reply;
    std::size_t bytes = 0;
    for (const EntryId& id : wanted.ids) {
        EntryPtr entry = disk_.intact(id.index);
        if (entry == nullptr || entry->id != id) continue;
        bytes += entry->payload.size();
        if (!reply.entries.empty() && bytes > wanted.max_bytes) break;
        reply.entries.push_back(std::move(entry));
    }
    if (!reply.entries.empty()) send({wanted.to, std::move(reply)});
}

void Node::repair(std::vector<EntryPtr> entries) {
    // The ids prove all but the payload, which must have the digest (core.hpp, Output::repair).
    std::erase_if(entries, [](const EntryPtr& entry) {
        return entry->kind == EntryKind::payload && ledger::leaf_hash(entry->payload) != entry->digest;
    });
    if (entries.empty()) return;
    later(work(world_.mix.sync), [entries = std::move(entries)](Node& node) {
        Repaired repaired;
        for (const EntryPtr& entry : entries) {
            if (!node.disk_.holds(entry->id)) continue;
            node.disk_.repair(*entry);
            node.noticed_.erase(entry->id.index);
            node.ledger_->mended(entry->id.index);
            repaired.indices.push_back(entry->id.index);
            ++node.world_.counts.repairs;
        }
        node.world_.checks->disk_changed(node);
        node.step(std::move(repaired));
        node.apply();
    });
}

void Node::prune(Index up_to) {
    if (!core_ || stopping_ || writing_) return;
    // The state must not need what goes.
    if (up_to <= disk_.base().index || up_to > state_.applied() || up_to > disk_.last().index) return;
    world_.checks->everything();  // what is committed must be known to it before it goes
    state_.flush();
    const EntryId base = *disk_.id_at(up_to);
    const auto known = disk_.configurations();
    const auto in_force = std::find_if(known.rbegin(), known.rend(), [&](const ConfigurationEntry& entry) {
        return entry.id.index <= up_to;
    });
    disk_.prune(base, *in_force);
    log_.erase(log_.begin(), log_.begin() + static_cast<std::ptrdiff_t>(up_to.value - log_base_.index.value));
    log_base_ = base;
    std::erase_if(noticed_, [&](Index index) { return index <= up_to; });
    world_.count(Fault::prune);
    if (world_.trace.on()) world_.trace.line(world_.now(), id_, "prunes up to " + text(base));
    step(Pruned{base});
}

// --- apply
// --------------------------------------------------------------------------------------------------------

void Node::apply() {
    applying_ = false;
    if (state_.applied() >= apply_to_) return answer_reads();
    ledger_->apply(apply_to_, [this](const Entry& entry) { applied(entry); });
    if (stop_here(Boundary::after_applying)) return;
    if (state_.applied().value >= state_.flushed().value + flush_between &&
        disk_.base().index == log_base_.index) {
        state_.flush();
    }
    step(Applied{state_.applied()});
    answer_reads();
}

void Node::applied(const Entry& entry) {
    if (world_.sabotage == Sabotage::other_leaf && id_ == NodeId{1} && entry.kind == EntryKind::payload) {
        state_.spoil();
    }
    world_.checks->applied(*this, entry);
}

}  // namespace socai::simulation
