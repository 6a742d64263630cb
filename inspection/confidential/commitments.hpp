// What the ledger knows of confidential members (design/formats.md, "Who may read the bytes"): which commitments stand in which
// record, and which of them an `erasure` has ended. The members themselves stand beside the log, with those who may read
// them; the leaf's commitment is all that proofs need, so that they hold after an erasure as before.
//
// In force with rule engine 2 (activation.hpp): before, no record may commit and an erasure ends nothing.
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/admission.hpp"

namespace socai::inspection {

// A record with commitments.
struct Committing {
    std::string source, id;
    std::string type;  // vn.socai.<kind>.v<n>
    ledger::Address at;
    std::vector<ledger::Hash> commitments;  // in the record's order
};
std::optional<Committing> committing(const ledger::Facts& facts, std::string_view source,
                                     std::string_view id);
// The record that commits to this; each commitment stands in one record.
std::optional<Committing> committing(const ledger::Facts& facts, const ledger::Hash& commitment);

// By which record its members were erased, with the grounds.
struct Erasure {
    std::string source, id;
    ledger::Address at;
    std::vector<std::string> legal_basis;
};
std::optional<Erasure> erasure_of(const ledger::Facts& facts, std::string_view source, std::string_view id);

// Visits records in the order of the ledger from `from` on, until `visit` answers false: those that commit, and those whose
// members an erasure ended, the latter by where the erasure stands.
using VisitCommitting = std::function<bool(const ledger::Address& at, const Committing&)>;
void scan_commitments(const ledger::Facts& facts, const ledger::Address& from, const VisitCommitting& visit);
void scan_erased(const ledger::Facts& facts, const ledger::Address& from, const VisitCommitting& visit);

// Takes in records that commit, and `erasure` records. A member erases what it, or an agency below it, has written. Errors,
// Fault::refused: not_in_force, erasure_without_basis, not_yours_to_erase; Fault::conflict: commitment_known.
ledger::Result<void> take_commitments(const ledger::Coming& coming, ledger::FactDraft& facts);

}  // namespace socai::inspection
