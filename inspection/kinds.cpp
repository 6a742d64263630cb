#include "inspection/kinds.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "inspection/activation.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/recovery_leaf.hpp"

namespace socai::inspection {
namespace {

constexpr std::array<std::string_view, 40> known_kinds{
    "acdd",
    "activation",
    "agency_key",
    "agency_registration",
    "alert",
    "appeal",
    "ballot",
    "catalog_item",
    "channel_decision",
    "clearance_decision",
    "co_form_d",
    "compliance_criteria",
    "conformity_body",
    "conformity_result",
    "customs_declaration",
    "delegation",
    "dossier_status",
    "ephyto",
    "erasure",
    "exemption_notice",
    "inspection_registration",
    "inspection_result",
    "key_registration",
    "key_revocation",
    "method_determination",
    "method_transition",
    "periodic_report",
    "policy",
    "post_check",
    "procedure",
    "proposal",
    "proposal_withdrawal",
    "remedy_completion",
    "remedy_order",
    "risk_signal",
    "risk_table",
    "ruleset",
    "storage_release",
    "violation",
    "working_calendar",
};
static_assert(std::ranges::is_sorted(known_kinds));

// What admission knows without the ledger's state.
class Registered : public Surroundings {
  public:
    explicit Registered(const ledger::Registry& registry) : registry_(registry) {}
    const ledger::Registry* registry() const override { return &registry_; }

  private:
    const ledger::Registry& registry_;
};

}  // namespace

std::span<const std::string_view> kinds() {
    return known_kinds;
}

bool is_known_kind(std::string_view kind) {
    return std::ranges::binary_search(known_kinds, kind);
}

KindRules::KindRules()
    : rules_(std::make_shared<const RecordRules>()), engine_(std::make_shared<const Engine>()) {}

ledger::Result<void> KindRules::check(const ledger::Record& record, const ledger::Registry& registry) const {
    if (record.type == ledger::policy_type || record.type == ledger::recovery_type) return {};
    const std::vector<Breach> breaches = rules_->judge(record, Registered(registry), 1);
    if (breaches.empty()) return {};
    return breaches.front().error();
}

ledger::Result<void> KindRules::check_opened(const ledger::Record& record,
                                             const std::vector<std::string>& names,
                                             const ledger::Registry& registry) const {
    const std::vector<Breach> breaches = rules_->judge_opened(record, names, Registered(registry), 1);
    if (breaches.empty()) return {};
    return breaches.front().error();
}

ledger::Result<void> KindRules::check_reference(const ledger::Record& record, std::size_t position,
                                                std::string_view kind) const {
    if (kind.empty()) return {};
    if (const auto breach = rules_->judge_reference(record, position, kind)) return breach->error();
    return {};
}

ledger::Error KindRules::unknown_reference(const ledger::Record& record, std::size_t position) const {
    return rules_->unknown_reference(record, position).error();
}

ledger::Result<void> KindRules::check_writer(const ledger::Record& record,
                                             const ledger::Registry& registry) const {
    if (record.type == ledger::policy_type || record.type == ledger::recovery_type) return {};
    if (const auto breach = rules_->judge_writer(record, registry)) return breach->error();
    return {};
}

// What governs the others' work is put in force by vote, unless the founders let one member do it.
std::string_view KindRules::matter_of(std::string_view kind) const {
    if (kind == "ruleset") return "rule_sets";
    if (kind == "risk_table") return "risk_tables";
    if (kind == "compliance_criteria" || kind == "working_calendar") return kind;
    if (kind == "activation") return "versions";
    return {};
}

ledger::Result<void> KindRules::take(const ledger::Coming& coming, ledger::FactDraft& facts) const {
    return engine_->take(coming, facts);
}

bool KindRules::withdraw_bytes(const ledger::Facts& facts) const {
    return required_versions(facts).rule_engine >= withdrawal_engine;
}

std::optional<std::string> KindRules::outgrown(const ledger::Facts& facts) const {
    const RuleVersions required = required_versions(facts);
    if (program_versions.cover(required)) return std::nullopt;
    const auto told = [](const RuleVersions& versions) {
        return "schema set " + std::to_string(versions.schema_set) + " and rule engine " +
               std::to_string(versions.rule_engine);
    };
    return "The ledger has put " + told(required) + " in force, and this program knows no more than " +
           told(program_versions) + ". Install a program that does, and start the node again.";
}

}  // namespace socai::inspection
