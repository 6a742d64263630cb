// Strict I-JSON (RFC 7493): UTF-8, no duplicate names, no unpaired surrogates, integers within ±2^53, no
// fractions, nesting <= 32. Pure; safe from any thread.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>
#include <vector>

#include "ledger/error.hpp"

namespace socai::ledger {

inline constexpr std::size_t max_json_depth = 32;

// Errors: Fault::invalid_statement with reason not_json, duplicate_name, invalid_utf8, lone_surrogate,
// fraction, integer_range or too_deep, and the byte offset in `detail`.
Result<boost::json::value> parse_ijson(std::string_view text);

// The exact bytes of each element of a top-level array that parse_ijson accepted.
std::vector<std::string_view> array_elements(std::string_view text);

}  // namespace socai::ledger
