#include "inspection/kinds.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace socai::inspection {
namespace {

constexpr std::array<std::string_view, 29> known_kinds{
    "acdd",
    "alert",
    "appeal",
    "catalog_item",
    "channel_decision",
    "clearance_decision",
    "co_form_d",
    "conformity_body",
    "conformity_result",
    "customs_declaration",
    "dossier_status",
    "ephyto",
    "erasure",
    "exemption_notice",
    "inspection_registration",
    "inspection_result",
    "key_registration",
    "method_determination",
    "method_transition",
    "periodic_report",
    "policy",
    "post_check",
    "procedure",
    "remedy_completion",
    "remedy_order",
    "risk_signal",
    "ruleset",
    "storage_release",
    "violation",
};
static_assert(std::ranges::is_sorted(known_kinds));

}  // namespace

std::span<const std::string_view> kinds() {
    return known_kinds;
}

bool is_known_kind(std::string_view kind) {
    return std::ranges::binary_search(known_kinds, kind);
}

ledger::Result<void> KindRules::check(const ledger::Record& record) const {
    // The type is vn.socai.<word>.v<n>, at most some 80 bytes: it may be quoted whole.
    if (!is_known_kind(record.kind())) {
        return ledger::Error{ledger::Fault::invalid_statement, "unknown_kind",
                             "\"" + record.type + "\" is not a kind of record that this ledger takes"};
    }
    if (record.version() != 1) {
        return ledger::Error{ledger::Fault::invalid_statement, "unknown_version",
                             "\"" + record.type + "\" is a version that is not in force; use .v1"};
    }
    return {};
}

}  // namespace socai::inspection
