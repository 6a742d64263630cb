// The goods key: sha256 over the RFC 8785 form of the goods fields that a rule set lists (formats.md). Pure.
#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <string_view>

#include "ledger/error.hpp"

namespace socai::ledger {

// "sha256:<hex>". Strings are NFC-normalised, trimmed, inner white space single; only `fields` of `goods`
// count. Errors: a listed field is missing, or holds a number that is not an integer.
Result<std::string> goods_key(const boost::json::object& goods, std::span<const std::string_view> fields);

// RFC 8785 (JCS) text of `value`. Errors: fractions.
Result<std::string> canonical_json(const boost::json::value& value);

}  // namespace socai::ledger
