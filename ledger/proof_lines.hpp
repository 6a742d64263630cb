// Lines of decimal numbers and of hashes, as the texts of C2SP spell them. Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/hash.hpp"

namespace socai::ledger {

// No RFC 6962 proof is longer: sizes have 64 bits.
inline constexpr std::size_t max_proof_hashes = 63;

// Takes the first line off `text`, without its newline; nothing when no newline is left.
std::optional<std::string_view> take_line(std::string_view& text);
// Decimal without sign and leading zeros.
std::optional<std::uint64_t> parse_decimal(std::string_view digits);
// 32 bytes in padded base64.
std::string hash_text(const Hash& hash);
std::optional<Hash> parse_hash_text(std::string_view text);

std::string hash_lines(const std::vector<Hash>& hashes);
// At most max_proof_hashes lines of a hash each, then an empty line: takes them all off `text`. Nothing when it is
// anything else.
std::optional<std::vector<Hash>> take_hash_lines(std::string_view& text);

}  // namespace socai::ledger
