#include "api/error.hpp"

#include <array>
#include <cassert>
#include <utility>

namespace socai::api {

Error from_ledger(const ledger::Error& error) {
    const Code code = [&] {
        switch (error.fault) {
            case ledger::Fault::invalid_statement:
                return Code::invalid_statement;
            case ledger::Fault::forbidden:
                return Code::forbidden;
            case ledger::Fault::conflict:
                return Code::conflict;
            case ledger::Fault::too_large:
                return Code::too_large;
            case ledger::Fault::refused:
                return Code::refused;
        }
        assert(false && "a fault that the API does not know");
        return Code::internal_error;
    }();
    // A record signed ahead of the ledger's clock becomes admissible by waiting; every other fault stays.
    return Error{code, error.reason, error.detail, error.reason == "future_time"};
}

std::string_view message_of(Code code) {
    switch (code) {
        case Code::parse_error:
            return "Parse error";
        case Code::invalid_request:
            return "Invalid Request";
        case Code::method_not_found:
            return "Method not found";
        case Code::invalid_params:
            return "Invalid params";
        case Code::internal_error:
            return "Internal error";
        default:
            return label_of(code);
    }
}

std::string_view label_of(Code code) {
    switch (code) {
        case Code::parse_error:
            return "parse_error";
        case Code::invalid_request:
            return "invalid_request";
        case Code::method_not_found:
            return "method_not_found";
        case Code::invalid_params:
            return "invalid_params";
        case Code::internal_error:
            return "internal_error";
        case Code::invalid_statement:
            return "invalid_statement";
        case Code::forbidden:
            return "forbidden";
        case Code::conflict:
            return "conflict";
        case Code::outcome_unknown:
            return "outcome_unknown";
        case Code::overloaded:
            return "overloaded";
        case Code::unavailable:
            return "unavailable";
        case Code::not_found:
            return "not_found";
        case Code::too_large:
            return "too_large";
        case Code::refused:
            return "refused";
    }
    assert(false && "a code that the API does not know");
    return "internal_error";
}

boost::json::object error_object(const Error& error, boost::json::storage_ptr storage) {
    boost::json::object data(storage);
    data["reason"] = error.reason;
    data["detail"] = error.detail;
    data["retryable"] = error.retryable;
    if (error.retry_after_ms > 0) data["retry_after_ms"] = error.retry_after_ms;
    boost::json::object object(std::move(storage));
    object["code"] = static_cast<int>(error.code);
    object["message"] = message_of(error.code);
    object["data"] = std::move(data);
    return object;
}

std::span<const Reason> api_reasons() {
    static constexpr std::array<Reason, 34> reasons{{
        {"not_json", Code::parse_error, "send one JSON text a frame, UTF-8, nested at most 32 deep"},
        {"invalid_request", Code::invalid_request,
         "send {\"jsonrpc\": \"2.0\", \"method\", \"params\", \"id\"} as JSON-RPC 2.0 defines them"},
        {"empty_batch", Code::invalid_request, "put at least one request into a batch"},
        {"batch_too_large", Code::invalid_request, "send the batch in parts"},
        {"unknown_method", Code::method_not_found, "use a name that /openrpc.json lists"},
        {"by_position", Code::invalid_params, "give parameters by name, in an object"},
        {"unknown_parameter", Code::invalid_params, "leave it out, or use a name that /openrpc.json lists"},
        {"missing_parameter", Code::invalid_params, "give the parameter that is named"},
        {"exclusive_parameters", Code::invalid_params, "give only one of those that are named"},
        {"wrong_type", Code::invalid_params, "give the JSON type that is named"},
        {"out_of_range", Code::invalid_params, "stay within the bounds that are named"},
        {"malformed_value", Code::invalid_params, "spell the value as the sentence says"},
        {"stray_disclosure", Code::invalid_params, "leave out what no statement of the call commits to"},
        {"audience_too_wide", Code::forbidden, "leave audience out, or sign in as who may see more"},
        {"malformed_token", Code::forbidden, "make the access token as docs/clients.md says"},
        {"token_lifetime", Code::forbidden, "make it for at most 15 minutes"},
        {"wrong_audience", Code::forbidden, "make it for node.status.origin"},
        {"token_expired", Code::forbidden, "make a new one"},
        {"token_from_the_future", Code::forbidden, "set the clock of the machine that makes it"},
        {"bad_token_signature", Code::forbidden, "sign it with the key that kid names"},
        {"token_replayed", Code::forbidden, "make a new one for each connection"},
        {"unknown_kid", Code::forbidden, "sign in with a registered key"},
        {"key_not_valid", Code::forbidden, "sign in with a key that is valid now"},
        {"key_not_for_sign_in", Code::forbidden, "sign in with a key for records"},
        {"not_delegated", Code::forbidden,
         "leave for out, or name a source that delegated to the key's agency"},
        {"sign_in_expired", Code::forbidden, "sign in again, or sign out to go on without account"},
        {"too_many_tokens", Code::overloaded, "use one connection for many calls"},
        {"rate_limited", Code::overloaded, "wait for retry_after_ms"},
        {"reads_full", Code::overloaded, "wait for retry_after_ms, or ask another node"},
        {"not_found", Code::not_found, "check the index or the identity; wait with min_size for what is new"},
        {"unknown_subscription", Code::not_found,
         "use an id that ledger.subscribe answered on this connection"},
        {"too_many_subscriptions", Code::overloaded, "end a subscription, or open another connection"},
        {"answer_too_large", Code::too_large, "ask for less: a smaller limit, fewer calls in a batch"},
        {"internal", Code::internal_error, "report it with the request; the node's log says why"},
    }};
    return reasons;
}

}  // namespace socai::api
