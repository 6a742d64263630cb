// An audit's report: as JSON for programs and files (docs/auditing.md describes it), as text for people.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "node/audit/audit.hpp"

namespace socai::node::audit {

boost::json::object report_json(const AuditReport& report);
// Lines without newlines, as they came: whoever prints them makes them printable.
std::vector<std::string> report_lines(const AuditReport& report);

}  // namespace socai::node::audit
