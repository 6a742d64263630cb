// Errors as the API answers them: JSON-RPC code, stable reason, sentence, and whether trying again can help
// (design/interfaces.md).
#pragma once

#include <boost/json/object.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

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
    // Stable snake_case word, listed with its cure in docs/errors.md. Never contains a caller's input.
    std::string reason;
    // Tells a person what to change. May quote (bounded) input.
    std::string detail;
    // The same request may succeed later.
    bool retryable = false;
    // Of what is overloaded: try no earlier; 0: nothing is said.
    std::int64_t retry_after_ms = 0;
};
template <class T>
using Result = boost::system::result<T, Error>;

[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw std::logic_error(error.reason + ": " + error.detail);
}

// The ledger's faults in the API's codes. Retryable only where the passing of time alone can cure the fault.
Error from_ledger(const ledger::Error& error);

// The `message` of an error object: JSON-RPC's own words for its own codes, ours are the names of
// design/interfaces.md.
std::string_view message_of(Code code);
// The code as a label of a metric: "invalid_params".
std::string_view label_of(Code code);

// {code, message, data: {reason, detail, retryable}}: the error object of JSON-RPC 2.0 §5.1.
boost::json::object error_object(const Error& error, boost::json::storage_ptr storage = {});

// A reason that the API itself gives, with its cure; the ledger's and the node's come through unchanged.
struct Reason {
    std::string_view word;
    Code code;
    std::string_view cure;
};
// Every one of them, published in /openrpc.json.
std::span<const Reason> api_reasons();

}  // namespace socai::api
