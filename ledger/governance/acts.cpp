#include "ledger/governance/acts.hpp"

#include <algorithm>
#include <array>

#include "ledger/governance/proposals.hpp"
#include "ledger/governance/registry_acts.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

constexpr std::array<std::string_view, 7> kinds{"agency_key",         "agency_registration", "ballot",
                                                "delegation",         "key_revocation",      "proposal",
                                                "proposal_withdrawal"};

// The first leaf of an epoch (recovery_leaf.hpp): what holds of it, its approvals say, not who hands it in.
constexpr std::string_view recovery_kind = "recovery";

}  // namespace

bool is_governance_kind(std::string_view kind) {
    return std::ranges::binary_search(kinds, kind);
}

Result<void> check_purpose(const RegisteredKey& key, std::string_view kind) {
    const bool act = is_governance_kind(kind) || kind == recovery_kind;
    if (key.purpose == KeyPurpose::record ? !act : act && key.purpose != KeyPurpose::auditor) return {};
    return Error{Fault::forbidden, "wrong_purpose",
                 "key " + quote(key.kid) + " is a " + std::string(word_of(key.purpose)) + " key; " +
                     (act ? "acts of governance are signed by a registrar or root key"
                          : "records are signed by a record key")};
}

Result<void> take_act(const Act& act, FactDraft& facts) {
    RegistryDraft draft(act.coming.registry, facts);
    const std::string_view kind = act.coming.record.kind();
    if (kind == "agency_registration") return take_agency_registration(act, draft);
    if (kind == "agency_key") return take_agency_key(act, draft);
    if (kind == "key_revocation") return take_key_revocation(act, draft);
    if (kind == "delegation") return take_delegation(act, draft);
    if (kind == "proposal") return take_proposal(act, draft);
    if (kind == "ballot") return take_ballot(act, draft);
    return take_withdrawal(act, draft);
}

}  // namespace socai::ledger
