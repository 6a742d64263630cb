#include "storage/log_batch.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "storage/codec.hpp"

namespace socai::storage {

using consensus::EntryId;
using consensus::Index;

namespace {

// After the key of every number.
std::string after_numbers() {
    return std::string(sizeof(std::uint64_t) + 1, '\xff');
}

}  // namespace

LogBatch::LogBatch(const LogDatabase& log, const LogMark& mark, std::vector<consensus::TermRun> runs)
    : log_(log), mark_(mark), base_(log.base()), runs_(std::move(runs)) {}

Result<void> LogBatch::add(const consensus::StorageJob& job) {
    if (job.install) restart(job.install->id, job.install->configuration);
    if (job.truncate_from) {
        if (auto done = truncate(*job.truncate_from); !done) return done;
    }
    for (const consensus::EntryPtr& entry : job.append) append(*entry);
    return {};
}

void LogBatch::change() {
    if (changed_) return;
    changed_ = true;
    ++mark_.write;
    mark_.truncated_from = {};
}

void LogBatch::restart(const EntryId& base,
                       const std::optional<consensus::ConfigurationEntry>& configuration) {
    change();
    delete_to(after_numbers());
    batch_.DeleteRange(log_.family(LogFamily::terms), std::string(), after_numbers());
    put_base(base, configuration);
    runs_.clear();
    appended_.clear();
    mark_.truncated_from = {1};
    mark_.last = base;
}

void LogBatch::prune(const EntryId& base, const std::optional<consensus::ConfigurationEntry>& configuration) {
    assert(base.index >= base_.index && base.index <= mark_.last.index);
    if (base.index == base_.index) return;
    change();
    delete_to(number_key(base.index.value + 1));
    put_base(base, configuration);
    const Index first = base.index + 1;
    while (!runs_.empty() && runs_.front().first < first) {
        const bool goes_on = runs_.size() > 1 ? runs_[1].first > first : mark_.last.index >= first;
        const std::string key = number_key(runs_.front().term.value);
        if (goes_on) {
            runs_.front().first = first;
            batch_.Put(log_.family(LogFamily::terms), key, number_key(first.value));
        } else {
            runs_.erase(runs_.begin());
            batch_.Delete(log_.family(LogFamily::terms), key);
        }
    }
}

// All that is kept under the number of an entry, for the numbers before the key `end`.
void LogBatch::delete_to(std::string_view end) {
    for (const LogFamily name : {LogFamily::entries, LogFamily::ids, LogFamily::repairs}) {
        batch_.DeleteRange(log_.family(name), std::string(), end);
    }
    for (const std::string& prefix : {configuration_key({}).substr(0, 1), damage_key({}).substr(0, 1)}) {
        batch_.DeleteRange(log_.family(LogFamily::meta), prefix, prefix + std::string(end));
    }
}

void LogBatch::put_base(const EntryId& base,
                        const std::optional<consensus::ConfigurationEntry>& configuration) {
    batch_.Put(log_.family(LogFamily::meta), "base", encode_id(base));
    if (configuration) {
        batch_.Put(log_.family(LogFamily::meta), "base_configuration",
                   encode_base_configuration(*configuration));
    }
    base_ = base;
}

Result<void> LogBatch::truncate(Index from) {
    assert(from > base_.index);
    if (from > mark_.last.index) return {};
    change();
    for (Index index = from; index <= mark_.last.index; index = index + 1) {
        const std::string key = number_key(index.value);
        for (const LogFamily name : {LogFamily::entries, LogFamily::ids, LogFamily::repairs}) {
            batch_.Delete(log_.family(name), key);
        }
        batch_.Delete(log_.family(LogFamily::meta), configuration_key(index));
        batch_.Delete(log_.family(LogFamily::meta), damage_key(index));
    }
    while (!runs_.empty() && runs_.back().first >= from) {
        batch_.Delete(log_.family(LogFamily::terms), number_key(runs_.back().term.value));
        runs_.pop_back();
    }
    while (!appended_.empty() && appended_.back().index >= from) appended_.pop_back();
    if (mark_.truncated_from.value == 0 || from < mark_.truncated_from) mark_.truncated_from = from;
    if (!appended_.empty() || from == base_.index + 1) {
        mark_.last = appended_.empty() ? base_ : appended_.back();
        return {};
    }
    auto last = log_.find_id(from - 1);
    if (!last) return last.error();
    if (!*last) {
        return Error{"corrupt_log", log_.path() + ": the id of Raft index " + std::to_string(from.value - 1) +
                                        " is missing. " + std::string(log_cure)};
    }
    mark_.last = **last;
    return {};
}

void LogBatch::append(const consensus::Entry& entry) {
    append_id(entry.id);
    batch_.Put(log_.family(LogFamily::entries), number_key(entry.id.index.value), encode_entry(entry));
    if (entry.kind == consensus::EntryKind::configuration) {
        batch_.Put(log_.family(LogFamily::meta), configuration_key(entry.id.index), encode_id(entry.id));
    }
}

void LogBatch::append_damaged(const EntryId& id) {
    append_id(id);
    batch_.Put(log_.family(LogFamily::meta), damage_key(id.index), rocksdb::Slice());
}

void LogBatch::append_id(const EntryId& id) {
    assert(id.index == mark_.last.index + 1);
    assert(id.term >= mark_.last.term);
    change();
    const std::string key = number_key(id.index.value);
    batch_.Put(log_.family(LogFamily::ids), key, encode_id_value(id));
    if (runs_.empty() || runs_.back().term < id.term) {
        batch_.Put(log_.family(LogFamily::terms), number_key(id.term.value), key);
        runs_.push_back({id.term, id.index});
    }
    appended_.push_back(id);
    mark_.last = id;
}

rocksdb::WriteBatch& LogBatch::finish(Index commit) {
    assert(changed_);
    mark_.commit = std::clamp(commit, base_.index, mark_.last.index);
    batch_.Put(log_.family(LogFamily::meta), "mark", encode_mark(mark_));
    return batch_;
}

}  // namespace socai::storage
