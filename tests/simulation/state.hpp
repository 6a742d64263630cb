// What one node has applied: a model of storage's state database. It answers admission, holds the tree and what
// inspection reads, and comes back after a crash as it was at its last flush. Every leaf moves `digest`, so that
// two nodes with one digest at one size have applied the same and derived the same from it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "consensus/types.hpp"
#include "inspection/timeline.hpp"
#include "ledger/admission.hpp"
#include "tests/simulation/statements.hpp"

namespace socai::simulation {

// A leaf as the state keeps it.
struct Leaf {
    std::int64_t time_ms = 0;
    ledger::Hash hash{};
    StatementPtr statement;  // null: the genesis
};

class State : public ledger::View, public inspection::TimelineSource {
  public:
    // A founded ledger: the genesis is applied and flushed.
    explicit State(Statements& statements);
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    std::uint64_t size() const override { return leaves_.size(); }
    std::int64_t last_time_ms() const override { return leaves_.back().time_ms; }
    std::optional<ledger::KnownRecord> find(std::string_view source, std::string_view id) const override;
    // The simulation writes no policies.
    std::optional<ledger::Hash> find_node(std::string_view) const override { return std::nullopt; }
    // Its rules derive nothing.
    const ledger::Facts& facts() const override { return facts_; }
    ledger::Hash root() const override { return frontier_.root(); }
    ledger::Hash root_with(const ledger::Hash& leaf) const override {
        ledger::Frontier grown = frontier_;
        grown.append(leaf);
        return grown.root();
    }

    std::vector<ledger::Address> with_dossier(std::string_view dossier_no) const override;
    std::vector<ledger::Address> referring_to(const ledger::Address& target) const override;
    std::string kind_at(const ledger::Address& address) const override;

    consensus::Index applied() const { return applied_; }
    const consensus::EntryId& applied_id() const { return applied_id_; }
    const ledger::Frontier& frontier() const { return frontier_; }
    std::uint64_t digest() const { return digest_; }
    const std::vector<Leaf>& leaves() const { return leaves_; }

    // `leaf`: null unless the entry is a leaf; it goes to the end.
    void apply(const consensus::EntryId& id, const Leaf* leaf);
    // What is applied now survives a crash.
    void flush();
    consensus::Index flushed() const { return flushed_.applied_id.index; }
    // Back to the last flush.
    void crash();
    // Back to an earlier position, flushed: `size` leaves, up to entry `applied_id`.
    void rewind(std::uint64_t size, const consensus::EntryId& applied_id);
    // Takes over another's state (a model of state transfer). Not flushed: that comes with the log's new base.
    void become(const std::vector<Leaf>& leaves, const consensus::EntryId& applied_id);

    // A planted defect (sabotage.hpp).
    void spoil() { ++digest_; }

    // All timelines of the dossiers known here, as one text.
    std::string timelines() const;

  private:
    struct Flushed {
        consensus::EntryId applied_id;
        std::uint64_t size = 0;
        ledger::Frontier frontier;
        std::uint64_t digest = 0;
    };
    void add(const Leaf& leaf);
    void remove_last();

    Statements& statements_;
    std::vector<Leaf> leaves_;
    consensus::Index applied_;
    consensus::EntryId applied_id_;
    ledger::Frontier frontier_;
    std::uint64_t digest_ = 0;
    Flushed flushed_;
    std::unordered_map<std::string, ledger::KnownRecord> records_;  // looked up only, never iterated
    std::map<std::string, std::vector<ledger::Address>, std::less<>> dossiers_;
    std::map<ledger::Address, std::vector<ledger::Address>> referrers_;
    ledger::FactMap facts_;
};

}  // namespace socai::simulation
