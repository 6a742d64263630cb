// Values of a record that must agree with each other, which a schema cannot say (rules.hpp: subject.number to
// conformity.lot). Pure; safe from any thread.
#pragma once

#include "inspection/records/breach.hpp"
#include "ledger/record.hpp"

namespace socai::inspection {

// Precondition: `record.data()` keeps the schema of its kind. `subject`: the member of `data` that is the record's business
// number; empty where it has none. `article`: of the kind.
void check_values(const ledger::Record& record, std::string_view subject, std::string_view article,
                  Breaches& breaches);

}  // namespace socai::inspection
