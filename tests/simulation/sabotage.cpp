#include "tests/simulation/sabotage.hpp"

#include <array>

namespace socai::simulation {
namespace {

constexpr std::array<std::string_view, sabotage_count> names{
    "none",       "early_promise", "forgotten_vote",      "silent_loss", "early_answer",
    "stale_read", "other_leaf",    "unchecked_signature", "deaf_node"};

}  // namespace

std::string_view name_of(Sabotage sabotage) {
    return names.at(static_cast<std::size_t>(sabotage));
}

std::optional<Sabotage> sabotage_named(std::string_view name) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name) return static_cast<Sabotage>(i);
    }
    return std::nullopt;
}

}  // namespace socai::simulation
