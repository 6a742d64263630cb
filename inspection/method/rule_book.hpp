// The rule sets that stand in the ledger, and which of them is in force (design/domain.md 4): exactly one per regime, list
// and registration date. Pure but for a memory of parsed rule sets; safe from any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "inspection/method/rule_set.hpp"
#include "ledger/admission.hpp"

namespace socai::inspection {

class RuleBook {
  public:
    // Of the regime on the day: that for the list if there is one, else that for every list. nullptr: none is in force,
    // and records of the regime are only recorded.
    std::shared_ptr<const RuleSet> in_force(const ledger::Facts& facts, std::string_view regime,
                                            std::string_view list_code, Date day) const;
    // By name, "qd38-2021@1", superseded ones too: of several records with the name, the last. nullptr: not in the ledger.
    std::shared_ptr<const RuleSet> find(const ledger::Facts& facts, std::string_view name) const;
    // Of the regime, in ledger order, superseded ones left out.
    std::vector<std::shared_ptr<const RuleSet>> all(const ledger::Facts& facts,
                                                    std::string_view regime) const;

    // Takes `ruleset` records in. A superseding one takes the place of the one that it names, or of what superseded that: the
    // former is out of force for every day, as a correction is. Errors, Fault::refused: rule_set_known (another record has the name), rule_set_overlaps (on
    // some day two would be in force for one regime and list; supersede the other, or end it first).
    ledger::Result<void> take(const ledger::Coming& coming, ledger::FactDraft& facts) const;

  private:
    std::shared_ptr<const RuleSet> at(const ledger::Facts& facts, const ledger::Address& address) const;

    mutable std::mutex mutex_;
    mutable std::map<std::string, std::shared_ptr<const RuleSet>, std::less<>>
        parsed_;  // by the digest of the record's data
};

}  // namespace socai::inspection
