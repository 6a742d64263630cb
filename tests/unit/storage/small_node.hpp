// A log and the state that was made from it, of one small ledger, for the tests of scrub and backup.
#pragma once

#include "ledger/hash.hpp"
#include "state_support.hpp"
#include "storage/log_database.hpp"
#include "storage/state_database.hpp"
#include "storage/table_files.hpp"

namespace socai::storage::test {

class SmallNode {
  public:
    explicit SmallNode(std::string folder) : folder_(std::move(folder)) { ledger_.add_leaf(spec(0)); }

    const std::string& folder() const { return folder_; }
    Identity identity() const {
        return {"ledger.example.vn/test", "customs-1",
                ledger::to_hex(ledger::sha256(ledger_.leaves.front()->entry))};
    }
    void open() {
        auto log = LogStore::open(folder_, identity());
        ASSERT_TRUE(log) << log.error().detail;
        log_ = *std::move(log);
        bool rebuilt = false;
        auto state = StateStore::open(
            folder_, identity(),
            [this](consensus::Index index) {
                const auto id = log_->id_at(index);
                return id ? std::optional(*id) : std::nullopt;
            },
            &rebuilt);
        ASSERT_TRUE(state) << state.error().detail;
        state_ = *std::move(state);
        rebuilt_ = rebuilt;
    }
    void close() {
        if (state_) {
            ASSERT_TRUE(state_->flush());
        }
        state_.reset();
        log_.reset();
    }
    void reopen() {
        close();
        open();
    }
    // As a node whose state lags behind its log would.
    void grow(std::size_t leaves) {
        consensus::StorageJob job;
        std::vector<Apply> applies;
        for (std::size_t i = 0; i < leaves; ++i) {
            if (entries_.size() >= ledger_.leaves.size()) ledger_.add_leaf(spec(ledger_.leaves.size()));
            const ledger::Admitted& leaf = *ledger_.leaves[entries_.size()];
            tree_.append(leaf.leaf);
            entries_.push_back(next_entry(entries_.empty() ? consensus::EntryId{} : entries_.back()->id, 1,
                                          leaf.entry, consensus::EntryKind::payload, tree_.root()));
            job.append.push_back(entries_.back());
            applies.push_back({entries_.back()->id, &leaf});
        }
        job.hard = hard_state(1);
        ASSERT_TRUE(log_->write({&job, 1}));
        log_->note_commit(entries_.back()->id.index);
        ASSERT_TRUE(state_->apply(applies));
    }

    // The log ends with what is no leaf from `index` on; the state knows nothing of it.
    void cut_log(std::uint64_t index) {
        consensus::StorageJob job;
        job.truncate_from = consensus::Index{index};
        consensus::EntryId previous = entries_[index - 2]->id;
        for (std::size_t i = index - 1; i < entries_.size(); ++i) {
            job.append.push_back(next_entry(previous, 1, {}, consensus::EntryKind::noop));
            previous = job.append.back()->id;
        }
        ASSERT_TRUE(log_->write({&job, 1}));
    }

    LogStore& log() { return *log_; }
    StateStore& state() { return *state_; }
    rocksdb::DB& log_files() { return *log_->database().files().get(); }
    rocksdb::DB& state_files() { return *state_->database().files().get(); }
    bool rebuilt() const { return rebuilt_; }
    const std::vector<consensus::EntryPtr>& entries() const { return entries_; }
    const ledger::Frontier& tree() const { return tree_; }

  private:
    static std::vector<RecordSpec> spec(std::size_t number) {
        RecordSpec spec;
        spec.id = "r-" + std::to_string(number);
        return {spec};
    }

    const std::string folder_;
    Ledger ledger_;
    std::vector<consensus::EntryPtr> entries_;
    ledger::Frontier tree_;
    std::unique_ptr<LogStore> log_;
    std::unique_ptr<StateStore> state_;
    bool rebuilt_ = false;
};

inline void flip(const std::string& path, std::size_t at) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(static_cast<std::streamoff>(at));
    char byte = 0;
    file.get(byte);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(byte ^ 0x20));
}

inline bool free_pace(std::size_t) {
    return true;
}

}  // namespace socai::storage::test
