// SHA-256 values as the ledger uses them. Pure; safe from any thread; nothing here touches the heap except
// to_hex.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace socai::ledger {

// A SHA-256 digest (FIPS 180-4), in byte order as printed.
using Hash = std::array<std::uint8_t, 32>;

// SHA-256 of `bytes`.
Hash sha256(std::string_view bytes);
// SHA-256 of the concatenation of `first` and `second`, without building it.
Hash sha256(std::string_view first, std::string_view second);

// Lower-case hexadecimal, 64 characters.
std::string to_hex(const Hash& hash);
// The inverse of to_hex; nothing when `text` is not exactly 64 lower-case hexadecimal digits.
std::optional<Hash> hash_from_hex(std::string_view text);

}  // namespace socai::ledger
