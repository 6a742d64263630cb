// How many members a matter needs. Each member agency has one vote; the default for each matter stands in the table of
// passage.cpp, founders may depart from it (genesis, parameters.passage), and a passed proposal over the matter "passage"
// changes it. Pure; safe from any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "ledger/facts.hpp"
#include "ledger/genesis.hpp"

namespace socai::ledger {

// In the order of their strictness.
enum class Passage {
    any,         // one member
    majority,    // more than half
    two_thirds,  // two thirds, rounded up
    all,
};
std::string_view word_of(Passage rule);
std::optional<Passage> passage(std::string_view word);

// How many of `members` must say yes. Precondition: members > 0.
std::size_t votes_needed(Passage rule, std::size_t members);

struct Matter {
    std::string_view word;
    Passage passage;  // unless the founders or a vote say otherwise
    std::string_view vi, en;
};
std::span<const Matter> matters();  // sorted by word
const Matter* matter(std::string_view word);

// The rule in force for a matter. Precondition: the matter is known.
Passage passage_of(const Genesis& genesis, const Facts& facts, std::string_view matter);
void set_passage(FactDraft& facts, std::string_view matter, Passage rule);

}  // namespace socai::ledger
