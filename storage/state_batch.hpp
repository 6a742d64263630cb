// What a run of committed entries adds to the state, gathered as one RocksDB batch. Used by StateStore's
// applying thread only; nothing is visible before the batch is written.
#pragma once

#include <rocksdb/write_batch.h>

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "ledger/admission.hpp"
#include "storage/state_database.hpp"
#include "storage/tree_growth.hpp"

namespace socai::storage {

class StateBatch {
  public:
    // `position`, `last_run` and `types` describe the state before; `state`, `types` and `tree` are borrowed.
    StateBatch(const StateDatabase& state, const AppliedPosition& position,
               const std::optional<LeafRun>& last_run, const std::vector<std::string>& types,
               TreeGrowth& tree);

    // The entry `id`, position's successor; `leaf` is null when it is none.
    Result<void> add(const consensus::EntryId& id, const ledger::Admitted* leaf);
    // Completes the batch.
    rocksdb::WriteBatch& finish();

    const AppliedPosition& position() const { return position_; }
    const std::vector<LeafRun>& new_runs() const { return new_runs_; }
    const std::vector<std::string>& new_types() const { return new_types_; }

  private:
    void add_to_leaf_map(consensus::Index index);
    Result<std::uint16_t> number_of(const std::string& type);
    Result<void> add_nodes(const ledger::Statement& statement);
    void add_changes(const std::vector<ledger::FactChange>& changes);
    Result<void> add_record(const ledger::Record& record, const ledger::Address& address);
    Result<std::optional<ledger::Address>> find(const std::string& key,
                                                const ledger::Reference& reference) const;

    const StateDatabase& state_;
    AppliedPosition position_;
    std::optional<LeafRun> run_;
    const std::vector<std::string>& types_;
    TreeGrowth& tree_;
    std::vector<LeafRun> new_runs_;
    std::vector<std::string> new_types_;
    std::unordered_map<std::string, ledger::Address> records_;  // of this batch; looked up only
    std::set<std::string> nodes_;                               // named in this batch
    std::map<std::uint64_t, std::string> leaf_blocks_;          // bytes to append
    rocksdb::WriteBatch batch_;
};

}  // namespace socai::storage
