// What an audit finds wrong, and what it covered. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace socai::node::audit {

// An audit with that many findings has said enough.
inline constexpr std::size_t max_findings = 100;

struct Finding {
    std::string reason;                  // stable word of docs/errors.md
    std::string detail;                  // a sentence for a person
    std::optional<std::uint64_t> index;  // the first leaf that is wrong, where one can be named
    std::string tile;                    // C2SP path of the tile that is wrong; empty: none
};

// How much of each leaf is looked at.
enum class Depth : std::uint8_t {
    hashes,      // entries, tiles and head belong together
    signatures,  // and every statement is signed by the key that it names
    everything,  // and would be admitted again where it stands
};

// What was looked at, counted as it was done.
struct Coverage {
    std::uint64_t from = 0;        // first leaf that this run read
    std::uint64_t size = 0;        // leaves that the findings are about: [0, size)
    std::uint64_t entries = 0;     // hashed
    std::uint64_t records = 0;     // in statements that were admitted again
    std::uint64_t signatures = 0;  // of authors, verified
    std::uint64_t withdrawn = 0;   // leaves of which only remains are there (ledger/remains.hpp)
    std::uint64_t tiles = 0;       // hash tiles compared, full and partial
    std::uint64_t heads = 0;       // signed heads held against the tree
    std::uint64_t receipts = 0;
    std::uint64_t promises = 0;
    std::uint64_t bytes = 0;               // of entries
    std::vector<std::string> not_checked;  // sentences
};

}  // namespace socai::node::audit
