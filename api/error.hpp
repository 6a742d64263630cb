// Errors as the API answers them: JSON-RPC code, stable reason, sentence, and whether trying again can help
// (design/interfaces.md).
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>

#include "ledger/error.hpp"

namespace socai::api {

enum class Code : int {
    parse_error = -32700,
    invalid_request = -32600,
    method_not_found = -32601,
    invalid_params = -32602,
    internal_error = -32603,
    invalid_statement = -32001,
    forbidden = -32002,
    conflict = -32003,
    outcome_unknown = -32004,
    overloaded = -32005,
    unavailable = -32006,
    not_found = -32007,
    too_large = -32008,
    refused = -32009,
};

struct Error {
    Code code = Code::internal_error;
    std::string reason;
    std::string detail;
    bool retryable = false;
};
template <class T>
using Result = boost::system::result<T, Error>;

[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw std::logic_error(error.reason + ": " + error.detail);
}

// The ledger's faults in the API's codes.
Error from_ledger(const ledger::Error& error);

}  // namespace socai::api
