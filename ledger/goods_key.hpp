// The goods key: sha256 over the RFC 8785 form of the goods fields that a rule set lists (formats.md). Pure;
// safe from any thread.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <span>
#include <string>
#include <string_view>

#include "ledger/error.hpp"

namespace socai::ledger {

// "sha256:<hex>". Strings, nested ones too, are NFC-normalised and trimmed, and each run of white space
// inside becomes one space; only `fields` of `goods` count, in any order. Errors: goods_field_missing, and
// canonical_json's.
Result<std::string> goods_key(const boost::json::object& goods, std::span<const std::string_view> fields);

// RFC 8785 (JCS) text of `value`: names in order of their UTF-16 code units, no white space, shortest
// escapes. Errors: fraction, integer_range (RFC 7493), too_deep, invalid_utf8.
Result<std::string> canonical_json(const boost::json::value& value);

}  // namespace socai::ledger
