// Acts of governance: records by which agencies change the registry and vote. Each stands alone in its statement, is signed
// by a registrar or root key, and takes effect with its own leaf. The kinds:
//   agency_registration  an office, body or trader below the source, or another name for one
//   agency_key           a key of the source or of an agency below it
//   key_revocation       ends one
//   delegation           another agency may sign for a source below this one, or may no longer
//   proposal, ballot, proposal_withdrawal   votes (proposals.hpp)
// `data` of each is described by its schema (inspection/schemas) and read strictly here. Pure; one thread at a time.
#pragma once

#include <string_view>

#include "ledger/admission.hpp"

namespace socai::ledger {

bool is_governance_kind(std::string_view kind);

// What an act is judged by: the key that signed it, and the ledger as it stands.
struct Act {
    const Context& context;
    const Coming& coming;
    const RegisteredKey& key;
};

// May a key of this purpose sign records of this kind? Errors: Fault::forbidden, wrong_purpose.
Result<void> check_purpose(const RegisteredKey& key, std::string_view kind);

// Takes an act into the facts. Precondition: is_governance_kind(kind), version 1, a statement of its own. Errors:
// Fault::invalid_statement: malformed_act; Fault::forbidden: not_below (the agency does not stand under the source),
// root_key_needed, role_needs_vote, right_needs_vote; Fault::refused: locks_out, key_in_use, too_many_keys; the registry's own;
// of votes, proposals.hpp.
Result<void> take_act(const Act& act, FactDraft& facts);

}  // namespace socai::ledger
