// The groups that the table of methods is put together from, one function a file.
#pragma once

#include <vector>

#include "api/method.hpp"

namespace socai::api {

std::vector<Method> ledger_read_methods(const Limits& limits);   // get, query, checkpoint
std::vector<Method> submit_methods(const Limits& limits);        // ledger.submit
std::vector<Method> promise_methods(const Limits& limits);       // ledger.promise
std::vector<Method> disclosure_methods(const Limits& limits);    // ledger.disclosures
std::vector<Method> proof_methods(const Limits& limits);         // ledger.prove_*
std::vector<Method> subscription_methods(const Limits& limits);  // ledger.subscribe, ledger.unsubscribe
std::vector<Method> session_methods(const Limits& limits);       // session.*
std::vector<Method> inspection_methods(const Limits& limits);    // inspection.*
std::vector<Method> node_methods(const Limits& limits);          // node.status, cluster.members
std::vector<Method> governance_methods(const Limits& limits);    // governance.*

// `own` and the parameters that every read takes: read, min_size, timeout_ms.
std::vector<Parameter> with_read_parameters(std::vector<Parameter> own, const Limits& limits);
// The timeout_ms of anything that waits.
Parameter timeout_parameter(const Limits& limits);

}  // namespace socai::api
