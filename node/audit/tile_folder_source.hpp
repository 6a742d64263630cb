// A plain folder of C2SP tlog-tiles files (checkpoint, tile/…), as any such log may be mirrored, as a source.
#pragma once

#include "node/audit/source.hpp"

namespace socai::node::audit {

Result<std::unique_ptr<Source>> open_tile_folder_source(const std::string& folder);

}  // namespace socai::node::audit
