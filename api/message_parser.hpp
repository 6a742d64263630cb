// JSON as it comes in a frame. Any number is taken here: which ones a parameter may be is for its method to say.
// But a name that stands twice is refused, because Boost.JSON would keep the last one and others the first.
#pragma once

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <string_view>

#include "api/error.hpp"

namespace socai::api {

// One pass; the value lives in `storage`. Errors, parse_error: not_json (too deep included), duplicate_name.
Result<boost::json::value> parse_json(std::string_view text, const boost::json::storage_ptr& storage);

}  // namespace socai::api
