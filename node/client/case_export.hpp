// A case file from a node: which records belong to it, and a receipt for each leaf.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

#include "inspection/case_file.hpp"
#include "node/client/rpc_client.hpp"
#include "node/error.hpp"

namespace socai::node::client {

struct CaseProgress {
    std::size_t records = 0;   // found
    std::size_t leaves = 0;    // that hold them
    std::size_t receipts = 0;  // fetched
    std::size_t withheld = 0;  // leaves that the account sees only in part, or that were withdrawn: they are not in the case
};

// The records that match `scope` and, of a dossier, those of its timeline; up to the size that the node had when it was
// first asked. `patience` as of fetch_receipts. Nothing is verified here. Errors: the node's, fetch_receipts's,
// empty_case, case_too_large.
Result<inspection::Case> fetch_case(RpcClient& client, const inspection::CaseScope& scope,
                                    std::chrono::milliseconds patience,
                                    const std::function<void(const CaseProgress&)>& on_progress = {});

}  // namespace socai::node::client
