// Receipts from a node: fetched, and waited for where a leaf is not final yet.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "ledger/receipt.hpp"
#include "node/client/rpc_client.hpp"
#include "node/error.hpp"

namespace socai::node::client {

// The receipts of `indices`, in their order, one after the other to `take`; `patience` is how long a leaf may stay
// without one before that is an error. What a node gives is read, not verified. `withheld` is told of leaves that the account
// does not see all of, which have none for it. Errors: the node's, bad_answer, not_final, parse_receipt's with exit 3;
// receipt_withheld or withdrawn where nobody is told of such a leaf.
Result<void> fetch_receipts(RpcClient& client, std::span<const std::uint64_t> indices,
                            std::chrono::milliseconds patience,
                            const std::function<void(ledger::Receipt)>& take,
                            const std::function<void(std::uint64_t index)>& withheld = {});

}  // namespace socai::node::client
