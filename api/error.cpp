#include "api/error.hpp"

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
    boost::json::object object(std::move(storage));
    object["code"] = static_cast<int>(error.code);
    object["message"] = message_of(error.code);
    object["data"] = std::move(data);
    return object;
}

}  // namespace socai::api
