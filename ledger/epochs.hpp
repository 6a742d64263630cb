// Origin epochs: what the ledger is called, from which leaf on. The genesis opens the first epoch under the founding origin;
// every recovery from the loss of the majority (recovery_leaf.hpp) opens the next, with a leaf of its own, under
//   <founding origin>/epoch-<number>      number from 2, decimal without leading zeros
// ("+" may stand in no C2SP key name, so a number cannot be set off by it.) Heads, statements, promises, votes and tokens are
// of one epoch, so that what nodes sign who were given up, or never heard of the recovery, counts for nothing in the new one.
// Which epoch a leaf is of, its index says. Pure; safe from any thread (values).
//
// In the facts (facts.hpp), as JSON {"number", "leaf", "origin", "agencies": []}:
//   !epoch/current          the epoch in force; nothing: the first
//   !epoch/n<6 digits>      every later one than the first, by number
//   !epoch/head             the final head that the one in force was opened on (recovery_leaf.hpp), a signed note
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/facts.hpp"
#include "ledger/genesis.hpp"

namespace socai::ledger {

inline constexpr std::uint64_t max_epochs = 999'999;

struct Epoch {
    std::uint64_t number = 1;
    std::uint64_t leaf = 0;  // its first
    std::string origin;
    std::vector<std::string> agencies;  // whose root keys authorised it, by code; of the first: none
    bool operator==(const Epoch&) const = default;
};

// The name of an epoch, 1 to max_epochs, of the ledger that was founded as `founding`.
std::string epoch_origin(std::string_view founding, std::uint64_t number);
// The number of the epoch of that ledger which `origin` names; 0: it names none.
std::uint64_t epoch_number(std::string_view founding, std::string_view origin);
// What a ledger was founded as, of which `origin` is some epoch's name.
std::string_view founding_origin(std::string_view origin);
// May a ledger be founded under this name? Its later epochs need names too.
bool is_founding_origin(std::string_view origin);
// Are both names of one ledger, and is `origin`'s epoch not after `than`'s? What an earlier epoch signed stands in the tree
// that a later one signs.
bool is_same_or_earlier_epoch(std::string_view origin, std::string_view than);

// The epoch that the next leaf after those that made `facts` belongs to, unless that leaf opens another.
Epoch current_epoch(const Genesis& genesis, const Facts& facts);
// All of them, the first included, in their order.
std::vector<Epoch> epochs_of(const Genesis& genesis, const Facts& facts);
// The final head that the epoch in force was opened on, a C2SP signed note; nothing: it is the first.
std::optional<std::string> head_at_opening(const Facts& facts);
// Writes that `epoch` has begun, on that head. Precondition: it follows the current one.
void begin_epoch(const Epoch& epoch, std::string_view final_head, FactDraft& facts);

}  // namespace socai::ledger
