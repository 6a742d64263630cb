#include "tests/simulation/disk.hpp"

#include <algorithm>
#include <cassert>
#include <tuple>

#include "consensus/membership.hpp"

namespace socai::simulation {

using namespace consensus;

Disk::Disk(EntryPtr genesis, Configuration first) {
    hard_.term = genesis->id.term;
    base_configuration_.configuration = std::move(first);
    commit_ = genesis->id.index;
    log_.push_back(std::move(genesis));
}

std::optional<EntryId> Disk::id_at(Index index) const {
    if (index == base_.index) return base_;
    if (index < base_.index || at(index) >= log_.size()) return std::nullopt;
    return log_[at(index)]->id;
}

EntryPtr Disk::intact(Index index) const {
    if (index <= base_.index || at(index) >= log_.size() || damaged_.contains(index)) return nullptr;
    return log_[at(index)];
}

std::vector<ConfigurationEntry> Disk::configurations() const {
    std::vector<ConfigurationEntry> found{base_configuration_};
    for (const EntryPtr& entry : log_) {
        if (entry->kind != EntryKind::configuration) continue;
        auto decoded = decode_configuration(entry->payload);
        assert(decoded && "the core refuses what is malformed");
        decoded->id = entry->id;
        found.push_back(*std::move(decoded));
    }
    return found;
}

HardState Disk::start_hard() const {
    HardState hard = hard_;
    const auto known = configurations();
    const auto named = std::find_if(known.begin(), known.end(), [&](const ConfigurationEntry& entry) {
        return entry.id == hard.configuration;
    });
    if (named == known.end()) hard.configuration = known.back().id;
    return hard;
}

LogSummary Disk::summary() const {
    LogSummary summary{.base = base_, .last = last(), .runs = {}, .promised = promised_, .damaged = {}};
    for (const EntryPtr& entry : log_) {
        if (summary.runs.empty() || summary.runs.back().term != entry->id.term) {
            summary.runs.push_back({entry->id.term, entry->id.index});
        }
    }
    for (const EntryPtr& entry : log_) summary.recent.push_back(entry->id);
    for (const Index index : damaged_) summary.damaged.push_back({*id_at(index - 1), *id_at(index)});
    return summary;
}

void Disk::write_log(const StorageJob& job) {
    if (job.install) {
        log_.clear();
        damaged_.clear();
        base_ = job.install->id;
        base_configuration_ = job.install->configuration;
        commit_ = std::max(commit_, base_.index);
    }
    if (job.truncate_from) {
        assert(*job.truncate_from > base_.index);
        log_.resize(std::min(log_.size(), at(*job.truncate_from)));
        damaged_.erase(damaged_.lower_bound(*job.truncate_from), damaged_.end());
    }
    for (const EntryPtr& entry : job.append) {
        assert(entry->id.index == last().index + 1);
        log_.push_back(entry);
    }
    keep_promise();
}

void Disk::write_side(const StorageJob& job) {
    if (job.hard) hard_ = *job.hard;
}

void Disk::write_torn(StorageJob job, std::size_t entries) {
    assert(entries <= job.append.size());
    job.append.resize(entries);
    write_log(job);
}

// What was lost counts until the log reaches it again, or goes on in a later term.
void Disk::keep_promise() {
    const EntryId end = last();
    if (std::tuple(end.term, end.index) >= std::tuple(promised_.term, promised_.index)) promised_ = {};
}

void Disk::prune(const EntryId& base, const ConfigurationEntry& configuration) {
    assert(base.index > base_.index && holds(base));
    log_.erase(log_.begin(), log_.begin() + static_cast<std::ptrdiff_t>(at(base.index) + 1));
    damaged_.erase(damaged_.begin(), damaged_.upper_bound(base.index));
    base_ = base;
    base_configuration_ = configuration;
    commit_ = std::max(commit_, base.index);
}

void Disk::repair(const Entry& entry) {
    if (holds(entry.id)) damaged_.erase(entry.id.index);
}

void Disk::damage(Index index) {
    assert(intact(index) != nullptr);
    damaged_.insert(index);
}

void Disk::lose_tail(std::size_t count) {
    assert(count > 0 && count <= log_.size());
    const EntryId end = last();
    if (std::tuple(end.term, end.index) > std::tuple(promised_.term, promised_.index)) promised_ = end;
    log_.resize(log_.size() - count);
    damaged_.erase(damaged_.upper_bound(last().index), damaged_.end());
    commit_ = std::min(commit_, last().index);
}

}  // namespace socai::simulation
