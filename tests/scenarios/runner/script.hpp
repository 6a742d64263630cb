// The words of a scenario line and what they mean as numbers, nodes and comparisons.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/types.hpp"

namespace socai::scenario {

// The line is not of the language: exit status 2.
struct SyntaxError : std::runtime_error {
    using std::runtime_error::runtime_error;
};
// The cluster did not behave as the scenario says: exit status 1.
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Words of one line, without the comment that a '#' at the start of a word begins. An operator that stands alone
// belongs to the word after it: ">= 3" is ">=3".
std::vector<std::string> split_words(std::string_view line);
std::vector<std::string> split(std::string_view text, char separator);

std::uint64_t parse_number(std::string_view text);
// "on" or "off".
bool parse_switch(std::string_view text);

// key=value; nothing when `word` has another key.
std::optional<std::string_view> value_of(std::string_view word, std::string_view key);

// "=3", "==3", ">=3", "!=3", "<3" …, "3" for "=3", "none" for "=0".
struct Comparison {
    std::string operation = "=";
    std::uint64_t value = 0;
    bool holds(std::uint64_t actual) const;
};
Comparison parse_comparison(std::string_view text);

// "12(2)": an index and a term.
struct IndexTerm {
    consensus::Index index;
    consensus::Term term;
    bool operator==(const IndexTerm&) const = default;
};
std::optional<IndexTerm> try_index_term(std::string_view text);
IndexTerm parse_index_term(std::string_view text);
// "12" or "12(2)": the index.
consensus::Index parse_index(std::string_view text);

// As a scenario would say it.
std::string text(const consensus::EntryId& id);
std::string text(const std::vector<consensus::NodeId>& ids);

}  // namespace socai::scenario
