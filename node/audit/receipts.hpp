// Receipts held against an audited ledger: what a receipt proves must stand where it says. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ledger/receipt.hpp"
#include "node/audit/policy_history.hpp"
#include "node/audit/proven_ledger.hpp"

namespace socai::node::audit {

// A receipt that holds by itself, under the pinned policy alone.
struct HeldReceipt {
    std::string file;
    std::uint64_t index = 0;
    ledger::Hash leaf{};              // of its entry
    std::vector<ledger::Head> heads;  // of its proofs, and of the policies on the way to them
};

struct Receipts {
    std::vector<HeldReceipt> held;
    std::vector<Finding> findings;  // files that are no receipts, or do not verify
};

// Every file in `folder`. Errors: files_in's.
Result<Receipts> read_receipts(const std::string& folder, const ledger::Policy& pinned);
// Reads one. Errors, Exit::no: the receipt's own.
Result<HeldReceipt> read_receipt(const std::string& file, const ledger::Policy& pinned);

// Does `receipt`'s leaf stand in `ledger`? Nothing: it does. Errors other than findings: the source's.
Result<std::optional<Finding>> hold_receipt(const HeldReceipt& receipt, ProvenLedger& ledger);

}  // namespace socai::node::audit
