// Whose folder a database is. Written into both databases when they are made, compared whenever they are
// opened. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/error.hpp"

namespace socai::storage {

// A folder of another cluster or node is refused.
struct Identity {
    std::string origin;
    std::string node;          // "customs-1"
    std::string genesis_hash;  // hex SHA-256 of the genesis entry
    bool operator==(const Identity&) const = default;
};

// Three lines: origin, node, genesis hash.
std::string encode_identity(const Identity& identity);
// Nothing unless `stored` is three lines.
std::optional<Identity> decode_identity(std::string_view stored);
// Error wrong_identity says whose `path` is and whose is expected.
Result<void> check_identity(const Identity& expected, std::string_view stored, const std::string& path);

}  // namespace socai::storage
