// A report as JSON over several lines: the report itself, for programs. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace socai::inspection {

// `report`: report_view.hpp.
std::string report_json(const boost::json::object& report);

}  // namespace socai::inspection
