#include "storage/log_batch.hpp"

#include <cassert>

#include "storage/codec.hpp"

namespace socai::storage {

using consensus::Index;

LogBatch::LogBatch(const LogDatabase& log, const LogMark& mark, std::vector<consensus::TermRun> runs)
    : log_(log), mark_(mark), runs_(std::move(runs)) {}

Result<void> LogBatch::add(const consensus::StorageJob& job) {
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

Result<void> LogBatch::truncate(Index from) {
    assert(from > log_.base().index);
    if (from > mark_.last.index) return {};
    change();
    for (Index index = from; index <= mark_.last.index; index = index + 1) {
        const std::string key = number_key(index.value);
        batch_.Delete(log_.family(LogFamily::entries), key);
        batch_.Delete(log_.family(LogFamily::ids), key);
        batch_.Delete(log_.family(LogFamily::meta), configuration_key(index));
    }
    while (!runs_.empty() && runs_.back().first >= from) {
        batch_.Delete(log_.family(LogFamily::terms), number_key(runs_.back().term.value));
        runs_.pop_back();
    }
    while (!appended_.empty() && appended_.back().index >= from) appended_.pop_back();
    if (mark_.truncated_from.value == 0 || from < mark_.truncated_from) mark_.truncated_from = from;
    if (!appended_.empty()) {
        mark_.last = appended_.back();
        return {};
    }
    auto last = log_.find_id(from - 1);
    if (!last) return last.error();
    if (!*last) {
        return Error{"corrupt_log", "the id of Raft index " + std::to_string(from.value - 1) +
                                        " is missing: return the node under a new node id, and its entries "
                                        "come back from the other nodes."};
    }
    mark_.last = **last;
    return {};
}

void LogBatch::append(const consensus::Entry& entry) {
    assert(entry.id.index == mark_.last.index + 1);
    assert(entry.id.term >= mark_.last.term);
    change();
    const std::string key = number_key(entry.id.index.value);
    batch_.Put(log_.family(LogFamily::entries), key, encode_entry(entry));
    batch_.Put(log_.family(LogFamily::ids), key, encode_id_value(entry.id));
    if (entry.kind == consensus::EntryKind::configuration) {
        batch_.Put(log_.family(LogFamily::meta), configuration_key(entry.id.index), encode_id(entry.id));
    }
    if (runs_.empty() || runs_.back().term < entry.id.term) {
        batch_.Put(log_.family(LogFamily::terms), number_key(entry.id.term.value), key);
        runs_.push_back({entry.id.term, entry.id.index});
    }
    appended_.push_back(entry.id);
    mark_.last = entry.id;
}

rocksdb::WriteBatch& LogBatch::finish() {
    assert(changed_);
    batch_.Put(log_.family(LogFamily::meta), "mark", encode_mark(mark_));
    return batch_;
}

}  // namespace socai::storage
