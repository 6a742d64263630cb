// A node's data folder, at rest, or a backup of one, as a source: leaves from its log, tiles from its state, the
// head from the file `final` where there is one.
#pragma once

#include "node/audit/source.hpp"

namespace socai::node::audit {

// Errors: data_locked, damaged_source.
Result<std::unique_ptr<Source>> open_data_source(const std::string& folder);

}  // namespace socai::node::audit
