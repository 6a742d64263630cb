// The filter of ledger.query and ledger.subscribe as parameters (design/interfaces.md, "Query fields read").
#pragma once

#include <vector>

#include "api/parameter.hpp"
#include "inspection/fields.hpp"

namespace socai::api {

std::vector<Parameter> filter_parameters();
// Precondition: the arguments were checked against a list that contains filter_parameters().
// Errors (invalid_params): out_of_range when to_time is not after from_time.
Result<inspection::Filter> parse_filter(const Arguments& arguments);

}  // namespace socai::api
