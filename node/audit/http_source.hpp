// A server of C2SP tlog-tiles - a node of this ledger, or any other - as a source.
#pragma once

#include "node/audit/source.hpp"

namespace socai::node::audit {

// `url` is the log's prefix: http://HOST[:PORT][/PATH], to which /checkpoint and /tile/… are added. Connects to
// nothing yet. Errors: bad_url, not_supported.
Result<std::unique_ptr<Source>> open_http_source(const std::string& url, const SourceLimits& limits);

}  // namespace socai::node::audit
