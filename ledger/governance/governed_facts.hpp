// The tables of the facts that the ledger keeps for itself: agencies and keys, votes and what they put in force, epochs. Acts of
// governance, policies and recoveries write them, and no other record ever does. A test holds the list to the program. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace socai::ledger {

inline constexpr std::array<std::string_view, 14> governed_tables{
    "!agency/", "!delegation/", "!epoch/",    "!held/",   "!key/",      "!limit/",   "!node/",
    "!passage/", "!policy/",    "!recovery/", "ballot/",  "proposal/",  "waiting/",  "withdrawal/"};

inline bool is_governed_fact(std::string_view key) {
    return std::ranges::any_of(governed_tables, [key](std::string_view table) { return key.starts_with(table); });
}

}  // namespace socai::ledger
