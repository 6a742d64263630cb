// The text of the file F that an audit remembers by (state_file.hpp): JSON, written whole and read strictly. Pure.
//
//   {"format": "socai-audit-state/4", "engine": "<version of the rule engine>", "origin", "leaves", "last_time_ms", "head": "<signed note, or empty>",
//    "vouched": {"leaves", "last_time_ms"}, "side": 0 or 1, "key": "<hex of RecordTable's key>", "records": {"count", "sha256"}, "tree": {"count", "sha256"},
//    "facts": {"count", "sha256"}, "policies": [{"leaf", "entry"}, …], "genesis": "<leaf 0's entry>"}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/hash.hpp"
#include "node/audit/record_table.hpp"

namespace socai::node::audit {

struct StateFacts {
    std::string engine;  // version of the rules that derived F.facts
    std::string origin;
    std::string genesis;            // leaf 0's entry
    std::uint64_t leaves = 0;       // found good; beyond `vouched` in whole bundles only
    std::int64_t last_time_ms = 0;  // accepted time of the last of them
    std::string head;           // the newest that an audit ended well with, a signed note; empty: none yet
    std::uint64_t vouched = 0;  // leaves under `head`; those after them are only what a source once showed
    std::int64_t vouched_time_ms = 0;  // accepted time of the last of them
    std::vector<std::pair<std::uint64_t, std::string>>
        policies;  // leaf and entry of each policy leaf, ascending
    bool operator==(const StateFacts&) const = default;
};

// What F says of a side file.
struct SideFacts {
    std::uint64_t count = 0;  // items; of facts, bytes
    ledger::Hash digest{};    // SHA-256 of them all
    bool operator==(const SideFacts&) const = default;
};

struct StateText {
    StateFacts facts;
    RecordTable::Key key{};
    std::uint64_t side = 0;  // 0 or 1: under which of their two names the side files stand
    SideFacts records;
    SideFacts tree;
    SideFacts facts_file;
    std::string to_string() const;  // one line, ends in a newline
    bool operator==(const StateText&) const = default;
};

inline constexpr std::size_t max_state_bytes = std::size_t{128} << 20;

// Nothing when `text` is not what to_string writes.
std::optional<StateText> parse_state(std::string_view text);

}  // namespace socai::node::audit
