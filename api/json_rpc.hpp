// JSON-RPC 2.0 (https://www.jsonrpc.org/specification) as text: what came in, what goes out. Pure; safe from
// any thread.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/error.hpp"

namespace socai::api {

// A request or, without an id, a notification: it is carried out and gets no answer, not even an error
// (§4.1).
struct RpcRequest {
    std::string method;
    boost::json::object params;
    bool by_position = false;  // params was an array: well-formed, but our methods take names only
    bool notification = false;
    boost::json::value id;  // string, number or null
};
// A call that is no request object; answered under `id`, which is null where it could not be read (§5).
struct RpcRejected {
    boost::json::value id;
    Error error;
};
using RpcCall = std::variant<RpcRequest, RpcRejected>;

// One frame: one call, or a batch of 1..max_batch.
struct RpcMessage {
    bool batch = false;
    std::vector<RpcCall> calls;
};

// Never fails: what cannot be read at all (not JSON, an empty or too large batch) becomes one rejected call
// that is answered with a single object (§6). Values live in `storage`.
RpcMessage parse_message(std::string_view text, std::size_t max_batch,
                         const boost::json::storage_ptr& storage = {});

// The response object of a call, serialised.
std::string response_text(const boost::json::value& id, Result<boost::json::object>&& answer);
// A notification of ours, serialised.
std::string notification_text(std::string_view method, boost::json::object&& params);

}  // namespace socai::api
