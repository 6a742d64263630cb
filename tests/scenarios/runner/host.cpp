#include "tests/scenarios/runner/host.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "consensus/membership.hpp"

namespace socai::scenario {

using namespace consensus;

Digest digest_of(const std::string& payload) {
    Digest digest{};
    for (std::size_t i = 0; i < payload.size(); ++i) {
        digest[i % digest.size()] = static_cast<std::uint8_t>(digest[i % digest.size()] * 31 + payload[i]);
    }
    return digest;
}

namespace {

constexpr std::size_t remembered_writes = 8;

EntryId last_of(const Disk& disk) {
    return disk.log.empty() ? disk.base : disk.log.back()->id;
}

std::size_t position(const EntryId& base, Index index) {
    assert(index > base.index);
    return index.value - base.index.value - 1;
}

LogSummary summary_of(const Disk& disk) {
    LogSummary summary{.base = disk.base, .last = disk.base, .runs = {}, .promised = disk.promised};
    for (const EntryPtr& entry : disk.log) {
        if (summary.runs.empty() || summary.runs.back().term != entry->id.term) {
            summary.runs.push_back({entry->id.term, entry->id.index});
        }
        if (disk.damaged.contains(entry->id.index)) summary.damaged.push_back({summary.last, entry->id});
        if (entry->id.index > disk.commit) summary.recent.push_back(entry->id);
        summary.last = entry->id;
    }
    return summary;
}

std::vector<ConfigurationEntry> configurations_of(const Disk& disk) {
    std::vector<ConfigurationEntry> found{disk.base_configuration};
    for (const EntryPtr& entry : disk.log) {
        if (entry->kind != EntryKind::configuration) continue;
        found.push_back(*decode_configuration(entry->payload));
        found.back().id = entry->id;
    }
    return found;
}

void apply(Values& values, const Entry& entry) {
    if (entry.kind == EntryKind::payload) values.insert(entry.payload);
}

}  // namespace

Host::Host(NodeId id, Options options, Disk disk, std::uint64_t seed)
    : id_(id), options_(options), disk_(std::move(disk)), seed_(seed) {
    start();
}

void Host::start() {
    assert(!core_);
    ++life_;
    core_.emplace(options_);
    fitness_ = {};
    log_base_ = disk_.base;
    log_ = disk_.log;
    applied_ = disk_.base.index;
    applied_values_ = disk_.state;
    commit_to(std::min(disk_.commit, last_of(disk_).index));
    applicable_ = applied_;
    if (!disk_.damaged.empty()) applicable_ = std::min(applicable_, *disk_.damaged.begin() - 1);
    step(Start{.self = id_,
               .seed = seed_ + life_ * 0x1000003,
               .hard = disk_.hard,
               .log = summary_of(disk_),
               .commit = disk_.commit,
               .configurations = configurations_of(disk_)});
}

void Host::crash() {
    assert(core_);
    core_.reset();
    jobs_.clear();
    validations_.clear();
    due_.clear();
    log_.clear();
    read_answers.clear();
    refused.clear();
    membership_answers.clear();
    transfers_ended.clear();
}

void Host::lose_disk() {
    assert(!core_);
    disk_ = {.hard = {.term = disk_.base.term, .vote = {}, .configuration = {}},
             .base = disk_.base,
             .base_configuration = disk_.base_configuration,
             .log = {},
             .commit = disk_.base.index,
             .damaged = {},
             .promised = {},
             .state = disk_.state,
             .lost = true};
    undo_.clear();
}

const EntryPtr* Host::on_disk(Index index) const {
    if (index <= disk_.base.index || index > last_of(disk_).index) return nullptr;
    return &disk_.log[position(disk_.base, index)];
}

bool Host::damage(Index index) {
    const EntryPtr* entry = on_disk(index);
    if (entry == nullptr) return false;
    if ((*entry)->kind == EntryKind::configuration) return !core_ && tear(index);
    disk_.damaged.insert(index);
    if (!core_) return true;
    const EntryPtr* previous = on_disk(index - 1);
    step(Damaged{{DamagedEntry{previous != nullptr ? (*previous)->id : disk_.base, (*entry)->id}}});
    return true;
}

bool Host::tear(Index index) {
    assert(!core_);
    if (on_disk(index) == nullptr) return false;
    promise_all();
    disk_.log.resize(position(disk_.base, index));
    disk_.damaged.erase(disk_.damaged.lower_bound(index), disk_.damaged.end());
    disk_.hard.configuration = configurations_of(disk_).back().id;
    disk_.commit = std::min(disk_.commit, last_of(disk_).index);
    undo_.clear();
    return true;
}

bool Host::revert(std::size_t writes) {
    assert(!core_);
    if (writes == 0 || writes > undo_.size()) return false;
    promise_all();
    for (; writes > 0; --writes) {
        const Undo undo = std::move(undo_.back());
        undo_.pop_back();
        disk_.log.resize(undo.kept);
        disk_.log.insert(disk_.log.end(), undo.replaced.begin(), undo.replaced.end());
        disk_.commit = std::min(disk_.commit, disk_.base.index + undo.kept);
    }
    disk_.damaged.erase(disk_.damaged.upper_bound(disk_.commit), disk_.damaged.end());
    disk_.hard.configuration = configurations_of(disk_).back().id;
    return true;
}

void Host::promise_all() {
    if (is_behind(disk_.promised, last_of(disk_))) disk_.promised = last_of(disk_);
}

bool Host::prune(Index index) {
    const EntryPtr* entry = on_disk(index);
    if (!core_ || entry == nullptr || index > applicable_) return false;
    if (!disk_.damaged.empty() && *disk_.damaged.begin() <= index) return false;
    for (const ConfigurationEntry& known : configurations_of(disk_)) {
        if (known.id.index <= index) disk_.base_configuration = known;
    }
    const auto end = disk_.log.begin() + static_cast<std::ptrdiff_t>(position(disk_.base, index) + 1);
    for (auto old = disk_.log.begin(); old != end; ++old) apply(disk_.state, **old);
    const EntryId base = (*entry)->id;
    disk_.log.erase(disk_.log.begin(), end);
    undo_.clear();
    disk_.base = base;
    disk_.commit = std::max(disk_.commit, base.index);
    log_.erase(log_.begin(), log_.begin() + static_cast<std::ptrdiff_t>(position(log_base_, index) + 1));
    log_base_ = base;
    step(Pruned{base});
    return true;
}

void Host::step(Event event) {
    assert(core_);
    due_.push_back(std::move(event));
    if (stepping_) return;
    stepping_ = true;
    while (!due_.empty()) {
        Event next = std::move(due_.front());
        due_.pop_front();
        handle(core_->step(now_, std::move(next)));
    }
    stepping_ = false;
}

void Host::propose(const std::vector<std::string>& payloads) {
    Propose propose{.term = core_->status().term, .first_position = 0, .items = {}, .mark = {}};
    for (const std::string& payload : payloads) propose.items.push_back({payload, digest_of(payload)});
    propose.mark = digest_of("mark " + payloads.back());
    step(std::move(propose));
}

void Host::set_fitness(const Fitness& fitness) {
    fitness_ = fitness;
    step(fitness);
}

void Host::handle(Output output) {
    next_timeout_ = output.next_timeout;
    // Content that was lost is asked for at once.
    if (next_timeout_ <= 0 && core_->status().damaged == 0) breach = "no next timeout was given";
    if (output.truncated_from && applied_ >= *output.truncated_from)
        breach = "an applied entry was truncated";
    for (const Send& message : output.messages) leave(message);
    for (StorageJob& job : output.storage) {
        take(job);
        jobs_.push_back(std::move(job));
    }
    if (output.committed) {
        commit_to(*output.committed);
        step(Applied{*output.committed});
    }
    if (output.applicable) {
        check_applicable(*output.applicable);
    }
    for (const ReadEntries& wanted : output.reads_from_log) step(read(wanted));
    for (const ServeFetch& wanted : output.serve) serve(wanted);
    if (!output.repair.empty()) repair(output.repair);
    for (ValidateJob& job : output.validate) validations_.push_back(std::move(job));
    const auto gather = [](auto& all, const auto& some) { all.insert(all.end(), some.begin(), some.end()); };
    gather(read_answers, output.read_answers);
    gather(refused, output.refused);
    gather(accusations, output.accusations);
    gather(membership_answers, output.membership_answers);
    gather(transfers_ended, output.transfers_ended);
    while (!hold_storage && finish_job()) {
    }
    while (!hold_validation && end_validation(Verdict::valid)) {
    }
}

void Host::commit_to(Index index) {
    for (; applied_ < index; applied_ = applied_ + 1) {
        const std::size_t next = position(log_base_, applied_ + 1);
        if (next >= log_.size()) {
            breach = "committed beyond the log";
            return;
        }
        apply(applied_values_, *log_[next]);
    }
}

void Host::check_applicable(Index index) {
    const Index before = std::exchange(applicable_, index);
    if (index <= disk_.base.index) return;
    const EntryPtr* held = on_disk(index);
    if (held == nullptr || (*held)->id != log_[position(log_base_, index)]->id) {
        breach = "told to apply what the disk does not hold";
    } else if (const auto hole = disk_.damaged.upper_bound(before);
               hole != disk_.damaged.end() && *hole <= index) {
        breach = "told to apply beyond damaged entries";
    }
}

// The core has decided this; the disk follows later.
void Host::take(const StorageJob& job) {
    if (job.install) {
        log_base_ = job.install->id;
        log_.clear();
        applied_ = log_base_.index;
        applied_values_ = state_at ? state_at(log_base_) : Values();
    }
    if (job.truncate_from) log_.resize(position(log_base_, *job.truncate_from));
    log_.insert(log_.end(), job.append.begin(), job.append.end());
}

void Host::write(const StorageJob& job) {
    if (job.hard) disk_.hard = *job.hard;
    if (job.install) {
        disk_.base = job.install->id;
        disk_.base_configuration = job.install->configuration;
        disk_.state = state_at ? state_at(disk_.base) : Values();
        disk_.log.clear();
        disk_.damaged.clear();
        disk_.commit = disk_.base.index;
        undo_.clear();
    }
    if (job.truncate_from || !job.append.empty()) {
        const std::size_t kept =
            job.truncate_from ? position(disk_.base, *job.truncate_from) : disk_.log.size();
        undo_.push_back({kept, {disk_.log.begin() + static_cast<std::ptrdiff_t>(kept), disk_.log.end()}});
        if (undo_.size() > remembered_writes) undo_.pop_front();
    }
    if (job.truncate_from) {
        disk_.log.resize(position(disk_.base, *job.truncate_from));
        disk_.damaged.erase(disk_.damaged.lower_bound(*job.truncate_from), disk_.damaged.end());
    }
    disk_.log.insert(disk_.log.end(), job.append.begin(), job.append.end());
    if (!is_behind(last_of(disk_), disk_.promised)) disk_.promised = {};
    disk_.commit = std::max(disk_.commit, std::min(applicable_, last_of(disk_).index));
}

bool Host::finish_job() {
    if (jobs_.empty()) return false;
    const StorageJob job = std::move(jobs_.front());
    jobs_.pop_front();
    write(job);
    for (const Send& message : job.after) leave(message);
    step(Stored{job.ticket});
    return true;
}

bool Host::end_validation(Verdict verdict) {
    if (validations_.empty()) return false;
    const ValidateJob job = std::move(validations_.front());
    validations_.pop_front();
    step(Validated{.job = job.job, .term = job.term, .verdict = verdict});
    return true;
}

void Host::leave(const Send& message) {
    if (auto early = Invariants::check_departure(snapshot(), message)) breach = early;
    outbox_.push_back(message);
}

void Host::serve(const ServeFetch& wanted) {
    FetchReply reply;
    std::size_t bytes = 0;
    for (const EntryId& id : wanted.ids) {
        const EntryPtr* entry = on_disk(id.index);
        if (entry == nullptr || (*entry)->id != id || disk_.damaged.contains(id.index)) continue;
        bytes += (*entry)->payload.size();
        if (!reply.entries.empty() && bytes > wanted.max_bytes) break;
        reply.entries.push_back(*entry);
    }
    if (!reply.entries.empty()) leave({wanted.to, std::move(reply)});
}

void Host::repair(const std::vector<EntryPtr>& entries) {
    Repaired repaired;
    for (const EntryPtr& entry : entries) {
        const bool right = entry->kind != EntryKind::payload || digest_of(entry->payload) == entry->digest;
        if (right && disk_.damaged.erase(entry->id.index) > 0) repaired.indices.push_back(entry->id.index);
    }
    step(std::move(repaired));
}

EntriesRead Host::read(const ReadEntries& wanted) const {
    EntriesRead found{.peer = wanted.peer, .first = wanted.first, .entries = {}};
    std::size_t bytes = 0;
    for (Index index = wanted.first; index <= wanted.last; index = index + 1) {
        const EntryPtr* entry = on_disk(index);
        if (entry == nullptr || disk_.damaged.contains(index)) break;
        bytes += (*entry)->payload.size();
        if (!found.entries.empty() && bytes > wanted.max_bytes) break;
        found.entries.push_back(*entry);
    }
    return found;
}

std::vector<Send> Host::take_outbox() {
    return std::exchange(outbox_, {});
}

NodeSnapshot Host::snapshot() const {
    return {.id = id_,
            .running = running(),
            .life = life_,
            .status = running() ? core_->status() : Status{},
            .base = log_base_,
            .log = &log_,
            .disk_hard = disk_.hard,
            .disk_base = disk_.base,
            .disk_log = &disk_.log,
            .promised = disk_.promised,
            .disk_lost = disk_.lost};
}

}  // namespace socai::scenario
