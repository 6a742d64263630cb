// The OpenRPC 1.x document (https://spec.open-rpc.org) of the methods that the table dispatches.
#pragma once

#include <string>
#include <string_view>

#include "api/method.hpp"

namespace socai::api {

// JSON text.
std::string openrpc_document(const MethodTable& methods, std::string_view version);

}  // namespace socai::api
