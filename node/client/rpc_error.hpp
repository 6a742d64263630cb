// What can go wrong with a call to a node: the node's own JSON-RPC error, or no answer at all. Values; safe
// from any thread.
#pragma once

#include <boost/json/object.hpp>
#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>

#include "node/error.hpp"

namespace socai::node::client {

struct RpcError {
    // JSON-RPC code of the answer (design/interfaces.md, "Errors"); 0 when there was no answer: reason is
    // then cannot_connect, connection_lost, no_answer, bad_answer or interrupted.
    int code = 0;
    std::string reason;
    std::string detail;
    bool retryable = false;  // the same call may succeed later or at another node

    bool no_answer() const { return code == 0; }
    // The other side cannot be trusted, or speaks otherwise: the same at every try, but perhaps not at another node.
    bool is_tls() const { return code == 0 && reason.starts_with("tls_"); }
};
template <class T>
using RpcResult = boost::system::result<T, RpcError>;

[[noreturn]] inline void throw_exception_from_error(const RpcError& error, const boost::source_location&) {
    throw std::logic_error(error.reason + ": " + error.detail);
}

// The `error` member of an answer, or of one element of `results`. Tolerates a missing `data`.
RpcError parse_rpc_error(const boost::json::object& error);

// With the program's exit status: 3 where nobody could answer, 2 where the call was wrong, else 1.
Error to_error(const RpcError& error);

}  // namespace socai::node::client
