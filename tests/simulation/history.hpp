// The one history of what was committed: every node's commits and applied states are looked up in it by index, and
// what is new must chain to what stands. A check in linear time, by hashes, without any search (TigerBeetle's
// state_checker).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "consensus/types.hpp"
#include "tests/simulation/state.hpp"

namespace socai::simulation {

class History {
  public:
    explicit History(Statements& statements);

    consensus::Index last() const { return {points_.size()}; }
    // Precondition: 1 <= index <= last().
    const consensus::EntryId& id_at(consensus::Index index) const { return points_[index.value - 1].id; }
    consensus::Term committed_in(consensus::Index index) const { return points_[index.value - 1].in_term; }
    const ledger::Hash& root_at(consensus::Index index) const { return points_[index.value - 1].root; }
    std::uint64_t size_at(consensus::Index index) const { return points_[index.value - 1].size; }
    bool contains(const consensus::EntryId& id) const {
        return id.index.value >= 1 && id.index <= last() && id_at(id.index) == id;
    }

    // Some node knows `entry` to be committed, in a term of its own. Nothing, or what is wrong with it.
    std::optional<std::string> commit(const consensus::Entry& entry, consensus::Term in_term);
    // A node has applied what leads up to `index`. Nothing, or where it differs.
    std::optional<std::string> compare(consensus::Index index, const State& applied, bool with_root) const;

    // The leaves up to a committed entry; nothing when it is none.
    std::optional<std::vector<Leaf>> leaves_at(const consensus::EntryId& id) const;
    const State& state() const { return state_; }

  private:
    struct Point {
        consensus::EntryId id;
        consensus::Term in_term;
        std::uint64_t size = 0;
        std::uint64_t digest = 0;
        ledger::Hash root{};
    };
    void add_point(consensus::Term in_term);

    Statements& statements_;
    State state_;
    std::vector<Point> points_;  // of index 1 onward
};

}  // namespace socai::simulation
