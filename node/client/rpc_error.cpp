#include "node/client/rpc_error.hpp"

namespace socai::node::client {
namespace {

// Codes of design/interfaces.md that decide the exit status.
constexpr int outcome_unknown = -32004;
constexpr int overloaded = -32005;
constexpr int unavailable = -32006;

std::string text_member(const boost::json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

RpcError parse_rpc_error(const boost::json::object& error) {
    RpcError parsed;
    if (const auto* code = error.if_contains("code"); code != nullptr && code->is_int64())
        parsed.code = static_cast<int>(code->get_int64());
    if (const auto* data = error.if_contains("data"); data != nullptr && data->is_object()) {
        const auto& members = data->get_object();
        parsed.reason = text_member(members, "reason");
        parsed.detail = text_member(members, "detail");
        if (const auto* retryable = members.if_contains("retryable"))
            parsed.retryable = retryable->is_bool() && retryable->get_bool();
    }
    if (parsed.detail.empty()) parsed.detail = text_member(error, "message");
    if (parsed.code == 0 || parsed.detail.empty()) {
        parsed.reason = "bad_answer";
        parsed.detail = "the node answered with an error that has no code or no message";
    }
    if (parsed.reason.empty()) parsed.reason = "unnamed_error";
    return parsed;
}

Error to_error(const RpcError& error) {
    Exit exit = Exit::no;
    if (error.no_answer() || error.code == outcome_unknown || error.code == overloaded ||
        error.code == unavailable)
        exit = Exit::unreachable;
    else if (error.code <= -32600)
        exit = Exit::usage;
    return {exit, error.reason, error.detail};
}

}  // namespace socai::node::client
