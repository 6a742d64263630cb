// A mark of what the rules derived from the first leaves of a ledger: the first 8 bytes, big-endian, of the running digest of
// the facts (facts.hpp: digest_after). Enough to find the leaf where two derivations part. As nodes serve it, at
// /derived/<size>: 16 lower-case hexadecimal digits and a newline.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace socai::ledger {

inline constexpr std::size_t mark_text_bytes = 17;

std::string mark_text(std::uint64_t mark);
// The inverse; nothing for any other text.
std::optional<std::uint64_t> parse_mark(std::string_view text);

}  // namespace socai::ledger
