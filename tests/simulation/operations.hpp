// What clients asked and were told, checked as it comes in: each acknowledged append names its leaf, so that the
// ledger itself is the witness and no search is needed (raft.md §4). The rules:
//
//   1  an acknowledged statement stands at its leaf, byte for byte
//   2  nothing completed before another was invoked stands after it
//   3  a linearizable read sees at least all that was completed before it began, and the one root of its size
//   4  what ended unknown stands at most once
//   5  what definitely failed never stands
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/simulation/history.hpp"
#include "tests/simulation/statements.hpp"

namespace socai::simulation {

class Operations {
  public:
    using Id = std::size_t;
    enum class Outcome : std::uint8_t { pending, acknowledged, failed, unknown };

    Id invoke_append(StatementPtr statement);
    std::optional<std::string> acknowledge(Id append, std::uint64_t leaf);
    void give_up(Id append, Outcome outcome);

    // What a read that begins now must at least see: a number of leaves.
    std::uint64_t floor() const { return floor_; }
    std::optional<std::string> read(std::uint64_t floor, std::uint64_t size, const ledger::Hash& root,
                                    consensus::Index index, const History& history);

    // At the end: the rules that need the whole ledger.
    std::optional<std::string> check(const std::vector<Leaf>& ledger) const;
    std::size_t pending() const { return pending_; }

  private:
    struct Append {
        StatementPtr statement;
        std::uint64_t floor = 0;
        Outcome outcome = Outcome::pending;
        std::uint64_t leaf = 0;
    };
    std::vector<Append> appends_;
    std::uint64_t floor_ = 0;  // leaves up to the last acknowledged or seen one
    std::size_t pending_ = 0;
};

}  // namespace socai::simulation
