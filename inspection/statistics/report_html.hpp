// A report as one page that stands alone, for reading and printing: Vietnamese and English, tables and bar charts, no script
// and nothing fetched. Every number is an element `data` whose value is the figure and whose title is its stable name. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace socai::inspection {

// `report`: report_view.hpp.
std::string report_html(const boost::json::object& report);

}  // namespace socai::inspection
