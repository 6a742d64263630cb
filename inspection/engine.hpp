// What follows from each record: the one place that says in which order the parts take it in. A part reads the facts as they
// stand, refuses what may not follow, and writes what does. Order matters: lists and rule sets before goods, goods before
// shipments (a registration is determined on what its own record has described), shipments before clocks, exceptions,
// compliance and statistics, which read what the shipment has become.
// Pure; safe from any thread with facts of its own.
#pragma once

#include "inspection/method/rule_book.hpp"
#include "ledger/admission.hpp"

namespace socai::inspection {

class Engine {
  public:
    ledger::Result<void> take(const ledger::Coming& coming, ledger::FactDraft& facts) const;
    const RuleBook& rules() const { return rules_; }

  private:
    RuleBook rules_;
};

}  // namespace socai::inspection
