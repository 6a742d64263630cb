// Tree nodes out of the stored rows (tree_growth.hpp). Any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "ledger/merkle_tree.hpp"
#include "storage/state_database.hpp"

namespace socai::storage {

// The root of the perfect subtree (level, index) in a tree of `size` leaves; nothing when it does not lie
// within. Error corrupt_state when the rows lack it.
Result<std::optional<ledger::Hash>> read_node(const StateDatabase& state, std::uint64_t size,
                                              std::uint32_t level, std::uint64_t index);

// The frontier of the first `size` leaves.
Result<ledger::Frontier> read_frontier(const StateDatabase& state, std::uint64_t size);

}  // namespace socai::storage
