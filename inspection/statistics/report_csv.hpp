// A report as CSV (RFC 4180), one figure a row, for spreadsheets: name, group_by, group, from, to, value, compare_value. The
// total's rows have no group. Rows of months and quarters of the compared period follow as their own. A figure that is null
// has no value. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace socai::inspection {

// `report`: report_view.hpp.
std::string report_csv(const boost::json::object& report);

}  // namespace socai::inspection
