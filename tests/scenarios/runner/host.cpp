#include "tests/scenarios/runner/host.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace socai::scenario {

using namespace consensus;

namespace {

Digest digest_of(const std::string& payload) {
    Digest digest{};
    for (std::size_t i = 0; i < payload.size(); ++i) {
        digest[i % digest.size()] = static_cast<std::uint8_t>(digest[i % digest.size()] * 31 + payload[i]);
    }
    return digest;
}

LogSummary summary_of(const Disk& disk) {
    LogSummary summary{.base = disk.base, .last = disk.base, .runs = {}};
    for (const EntryPtr& entry : disk.log) {
        if (summary.runs.empty() || summary.runs.back().term != entry->id.term) {
            summary.runs.push_back({entry->id.term, entry->id.index});
        }
        summary.last = entry->id;
    }
    return summary;
}

}  // namespace

Host::Host(NodeId id, Options options, Configuration configuration, Disk disk, std::uint64_t seed)
    : id_(id),
      options_(options),
      configuration_(std::move(configuration)),
      disk_(std::move(disk)),
      seed_(seed) {
    start();
}

void Host::start() {
    assert(!core_);
    ++life_;
    core_.emplace(options_);
    log_ = disk_.log;
    const Index commit = std::min(disk_.commit, disk_.base.index + disk_.log.size());
    applied_ = commit.value - disk_.base.index.value;
    step(Start{.self = id_,
               .seed = seed_ + life_ * 0x1000003,
               .hard = disk_.hard,
               .log = summary_of(disk_),
               .commit = disk_.commit,
               .configuration = configuration_});
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
}

void Host::lose_disk() {
    assert(!core_);
    disk_ = {.hard = {.term = disk_.base.term, .vote = {}, .configuration = {}},
             .base = disk_.base,
             .log = {},
             .commit = disk_.base.index,
             .lost = true};
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

void Host::handle(Output output) {
    next_timeout_ = output.next_timeout;
    if (next_timeout_ <= 0) breach = "no next timeout was given";
    if (output.truncated_from && disk_.base.index + applied_ >= *output.truncated_from) {
        breach = "an applied entry was truncated";
    }
    for (const Send& message : output.messages) leave(message);
    for (StorageJob& job : output.storage) {
        take(job);
        jobs_.push_back(std::move(job));
    }
    if (output.committed) {
        applied_ = output.committed->value - disk_.base.index.value;
        if (applied_ > log_.size()) breach = "committed beyond the log";
        step(Applied{*output.committed});
    }
    for (const ReadEntries& wanted : output.reads_from_log) step(read(wanted));
    for (ValidateJob& job : output.validate) validations_.push_back(std::move(job));
    read_answers.insert(read_answers.end(), output.read_answers.begin(), output.read_answers.end());
    refused.insert(refused.end(), output.refused.begin(), output.refused.end());
    accusations.insert(accusations.end(), output.accusations.begin(), output.accusations.end());
    while (!hold_storage && finish_job()) {
    }
    while (!hold_validation && end_validation(Verdict::valid)) {
    }
}

// The core has decided this; the disk follows later.
void Host::take(const StorageJob& job) {
    if (job.truncate_from) log_.resize(job.truncate_from->value - disk_.base.index.value - 1);
    log_.insert(log_.end(), job.append.begin(), job.append.end());
}

void Host::write(const StorageJob& job) {
    if (job.hard) disk_.hard = *job.hard;
    if (job.truncate_from) disk_.log.resize(job.truncate_from->value - disk_.base.index.value - 1);
    disk_.log.insert(disk_.log.end(), job.append.begin(), job.append.end());
    disk_.commit = std::max(disk_.commit, disk_.base.index + std::min(applied_, disk_.log.size()));
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
    const NodeSnapshot sender{.id = id_,
                              .running = true,
                              .life = life_,
                              .status = {},
                              .base = disk_.base,
                              .log = &log_,
                              .disk_hard = disk_.hard,
                              .disk_log = &disk_.log,
                              .disk_lost = disk_.lost};
    if (auto early = Invariants::check_departure(sender, message)) breach = early;
    outbox_.push_back(message);
}

EntriesRead Host::read(const ReadEntries& wanted) const {
    EntriesRead found{.peer = wanted.peer, .first = wanted.first, .entries = {}};
    std::size_t bytes = 0;
    for (Index index = wanted.first; index <= wanted.last; index = index + 1) {
        const std::size_t at = index.value - disk_.base.index.value - 1;
        if (at >= disk_.log.size()) break;
        bytes += disk_.log[at]->payload.size();
        if (!found.entries.empty() && bytes > wanted.max_bytes) break;
        found.entries.push_back(disk_.log[at]);
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
            .base = disk_.base,
            .log = &log_,
            .disk_hard = disk_.hard,
            .disk_log = &disk_.log,
            .disk_lost = disk_.lost};
}

}  // namespace socai::scenario
