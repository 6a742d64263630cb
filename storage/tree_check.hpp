// The stored tree, recomputed from the leaves: what the rows (tree_growth.hpp) must hold, against what they hold.
// One owner; the reader of rows decides about threads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "consensus/types.hpp"
#include "ledger/merkle_tree.hpp"
#include "storage/error.hpp"
#include "storage/tree_growth.hpp"

namespace socai::storage {

class TreeCheck {
  public:
    // The bytes of a row, as many as there are; nothing when it is not there.
    using ReadRow = std::function<Result<std::optional<std::string>>(std::uint32_t level, std::uint64_t row)>;

    // Goes on from the tree that `from` is the right edge of: the empty one, or one that was checked before.
    TreeCheck(ledger::Frontier from, ReadRow read_row);

    void append(const ledger::Hash& leaf);
    // Compares what has been appended since the last call. Error: read_row's.
    Result<void> compare();

    const ledger::Frontier& frontier() const { return frontier_; }
    std::uint64_t size() const { return frontier_.size(); }

    // Rows that held something else, with what they must hold as far as leaves were appended. At most `max_wrong`
    // of them; there may be more (`too_many`).
    static constexpr std::size_t max_wrong = 256;
    const std::map<std::pair<std::uint32_t, std::uint64_t>, std::string>& wrong() const { return wrong_; }
    bool too_many() const { return too_many_; }

  private:
    ledger::Frontier frontier_;
    TreeGrowth growth_;
    std::uint64_t compared_;  // leaves
    ReadRow read_row_;
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::string> wrong_;
    bool too_many_ = false;
};

}  // namespace socai::storage
