// The record kinds that the ledger knows (design/domain.md 1) and the rules that admission asks of them.
// Pure; safe from any thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/engine.hpp"
#include "inspection/records/record_rules.hpp"
#include "ledger/admission.hpp"

namespace socai::inspection {

// Every kind, e.g. "catalog_item"; sorted. The genesis is none of them: it can only be leaf 0.
std::span<const std::string_view> kinds();
bool is_known_kind(std::string_view kind);

// ledger::Rules: the first that RecordRules finds wrong. A "policy" is left to admission, which knows its form
// (ledger/policy_leaf.hpp).
class KindRules : public ledger::Rules {
  public:
    // Compiles the schemas: keep it.
    KindRules();

    // Errors: those of rules.hpp.
    ledger::Result<void> check(const ledger::Record& record, const ledger::Registry& registry) const override;
    // As check, for a record whose confidential members, with these names, stand in their place (ledger::opened). Errors:
    // those of rules.hpp, commitment.member among them.
    ledger::Result<void> check_opened(const ledger::Record& record, const std::vector<std::string>& names,
                                      const ledger::Registry& registry) const;
    // Errors: writer.registered and writer.role of rules.hpp.
    ledger::Result<void> check_writer(const ledger::Record& record,
                                      const ledger::Registry& registry) const override;
    std::string_view matter_of(std::string_view kind) const override;
    // Errors: reference.kind of rules.hpp. A target of no kind that the view knows passes.
    ledger::Result<void> check_reference(const ledger::Record& record, std::size_t position,
                                         std::string_view kind) const override;
    // reference.unknown of rules.hpp.
    ledger::Error unknown_reference(const ledger::Record& record, std::size_t position) const override;
    // What follows from the record, and whether it may: engine.hpp.
    ledger::Result<void> take(const ledger::Coming& coming, ledger::FactDraft& facts) const override;
    // Versions that an `activation` put in force and this program does not know: activation.hpp.
    std::optional<std::string> outgrown(const ledger::Facts& facts) const override;
    bool withdraw_bytes(const ledger::Facts& facts) const override;

    const Engine& engine() const { return *engine_; }

  private:
    std::shared_ptr<const RecordRules> rules_;
    std::shared_ptr<const Engine> engine_;
};

}  // namespace socai::inspection
