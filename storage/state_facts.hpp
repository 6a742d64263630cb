// The facts that the rules derived (ledger/facts.hpp), read from the `state` database. Damage cannot be told through
// ledger::Facts: `damaged` is called with it and must not return.
#pragma once

#include <rocksdb/snapshot.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/facts.hpp"
#include "storage/applied_position.hpp"
#include "storage/error.hpp"
#include "storage/state_database.hpp"

namespace socai::storage {

// As of a snapshot, or as they are.
class StoredFacts : public ledger::Facts {
  public:
    using Damaged = std::function<void(const Error&)>;
    // The database and the snapshot outlive it; a null snapshot: as they are at each call.
    StoredFacts(const StateDatabase& state, const rocksdb::Snapshot* snapshot, Damaged damaged);

    std::optional<std::string> get(std::string_view key) const override;
    void scan(std::string_view prefix, std::string_view from, const Visit& visit) const override;
    std::optional<ledger::Fact> last(std::string_view prefix, std::string_view end) const override;

  private:
    const StateDatabase& state_;
    const rocksdb::Snapshot* snapshot_;
    Damaged damaged_;
};

// For the applying thread: the small tables that nearly every record asks about, whose names begin with '!'
// (inspection/fact_codec.hpp), lie in memory.
class AppliedFacts : public ledger::Facts {
  public:
    AppliedFacts(const StateDatabase& state, StoredFacts::Damaged damaged);
    // Reads the small tables.
    Result<void> load();
    // These are in the database now.
    void applied(const std::vector<ledger::FactChange>& changes);

    std::optional<std::string> get(std::string_view key) const override;
    void scan(std::string_view prefix, std::string_view from, const Visit& visit) const override;
    std::optional<ledger::Fact> last(std::string_view prefix, std::string_view end) const override;

  private:
    const ledger::Facts& holder(std::string_view key) const;

    StoredFacts stored_;
    ledger::FactMap small_;
};

// All facts at one applied position. One thread at a time.
class FactsSnapshot {
  public:
    FactsSnapshot(const StateDatabase& state, StoredFacts::Damaged damaged);
    const ledger::Facts& facts() const { return facts_; }
    const AppliedPosition& position() const { return position_; }

  private:
    rocksdb::ManagedSnapshot snapshot_;
    StoredFacts facts_;
    AppliedPosition position_;
};

}  // namespace socai::storage
