// Receipts held against an audited ledger: what a receipt proves must stand where it says. One thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/receipt.hpp"
#include "node/audit/policy_history.hpp"
#include "node/audit/proven_ledger.hpp"

namespace socai::node::audit {

inline constexpr std::string_view receipt_suffix = ".receipt";

// A receipt as it was read.
struct HeldReceipt {
    std::string file;
    std::uint64_t index = 0;
    ledger::Hash leaf{};              // of its entry
    ledger::Checkpoint head;          // its leaf's
    std::vector<ledger::Head> heads;  // of its proofs, and of the policies on the way to them
    // Why it does not hold under the pinned policy alone. It may be older than that policy: only the ledger can tell.
    std::optional<Error> fault;
};

struct Receipts {
    std::vector<HeldReceipt> held;
    std::vector<Finding> findings;  // files that are no receipts
    std::uint64_t passed_over = 0;  // files of other names
};

// Every file *.receipt in `folder`. Errors: files_in's.
Result<Receipts> read_receipts(const std::string& folder, const ledger::Policy& pinned);
// Reads one. Errors: file_unreadable; Exit::no, its form's.
Result<HeldReceipt> read_receipt(const std::string& file, const ledger::Policy& pinned);

// Does `receipt` verify, and its leaf stand in `ledger`, whose policies are `history`? One that is older than the pinned
// policy verifies under the policy that governed its head then: the audited head, which the pinned one vouches for, vouches
// for the policies before. Nothing: it does. Errors other than findings: the source's, file_unreadable.
Result<std::optional<Finding>> hold_receipt(const HeldReceipt& receipt, const PolicyHistory& history,
                                            const ledger::Policy& pinned, ProvenLedger& ledger);

}  // namespace socai::node::audit
