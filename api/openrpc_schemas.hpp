// JSON Schemas of what methods answer with; named by Method::result.
#pragma once

#include <boost/json/object.hpp>

namespace socai::api {

// components.schemas of the OpenRPC document.
boost::json::object result_schemas();
// Those of inspection.*, a part of the above.
boost::json::object inspection_schemas();

}  // namespace socai::api
