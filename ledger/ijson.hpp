// Strict I-JSON (RFC 7493): UTF-8, no duplicate names, no unpaired surrogates, no noncharacters, safe
// integers only, no fractions, bounded nesting. Pure; safe from any thread. Time is n log n in the size of
// the text; memory is a small multiple of it: callers bound the text.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "ledger/error.hpp"

namespace socai::ledger {

// Levels of arrays and objects, the outermost counted.
inline constexpr std::size_t max_json_depth = 32;
// RFC 7493 §2.2: beyond this a receiver that reads numbers as binary64 may read another integer.
inline constexpr std::int64_t max_json_integer = (std::int64_t{1} << 53) - 1;

// Integers come out as int64. Errors: Fault::invalid_statement with reason not_json, duplicate_name,
// invalid_utf8, lone_surrogate, noncharacter, fraction, integer_range or too_deep, and the byte offset in
// `detail`.
Result<boost::json::value> parse_ijson(std::string_view text, std::size_t max_depth = max_json_depth);

// `text` without the white space that JSON allows around a value (RFC 8259 §2).
std::string_view trim_json(std::string_view text);

// The exact bytes of each element of a top-level array that parse_ijson accepted, without white space around.
std::vector<std::string_view> array_elements(std::string_view text);

}  // namespace socai::ledger
