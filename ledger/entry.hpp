// An entry: one leaf of the tree. ASCII: accepted time in ms since the epoch, a space, the statement
// (design/formats.md, "Entry = one leaf"). Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/error.hpp"
#include "ledger/statement.hpp"

namespace socai::ledger {

struct EntryText {
    std::int64_t time_ms = 0;    // accepted time
    std::string_view statement;  // view into the entry's bytes
};

// "<time_ms> <statement>". Precondition: 0 <= time_ms <= max_time_ms (ledger/time.hpp).
std::string make_entry(std::int64_t time_ms, std::string_view statement);
// Splits without parsing the statement; refuses leading zeros, signs, and anything not canonical. Errors:
// malformed_entry; Fault::too_large with entry_too_large.
Result<EntryText> split_entry(std::string_view entry);

// Where a record stands: `index` of its leaf, `n` within a bundle (0 when alone). Prints as "12" or "12.3".
struct Address {
    std::uint64_t index = 0;
    std::uint32_t n = 0;
    auto operator<=>(const Address&) const = default;
};

// "12.3"; just "12" when n is 0.
std::string to_string(const Address& address);
// Takes "12" (n = 0) and "12.3". Nothing for leading zeros, signs, or an n that no bundle reaches.
std::optional<Address> parse_address(std::string_view text);

}  // namespace socai::ledger
