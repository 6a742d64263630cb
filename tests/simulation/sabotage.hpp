// Defects planted on purpose, to show that the checks find them: a check that cannot fail is worth nothing. Used by the
// tests and by `socai_sim --sabotage`; a run that must prove something has none.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace socai::simulation {

enum class Sabotage : std::uint8_t {
    none,
    early_promise,        // votes and acknowledgements leave before the write
    forgotten_vote,       // a stop loses the vote from the disk
    silent_loss,          // stops lose acknowledged entries, and the disk does not know
    early_answer,         // clients are told before the entry is committed
    stale_read,           // reads are answered from what is applied here, without asking the leader
    other_leaf,           // one node applies an accepted time that is not the entry's
    unchecked_signature,  // no node checks a signature
    deaf_node,            // healing forgets one node's ears
};
inline constexpr std::uint8_t sabotage_count = 9;

std::string_view name_of(Sabotage sabotage);
std::optional<Sabotage> sabotage_named(std::string_view name);

}  // namespace socai::simulation
