// Days off and days worked instead, as the `working_calendar` records say (design/domain.md 12; Labour Code 2019 Art 112): the
// Government settles them year by year, so they are data. A record speaks of the days of its own year; a later record adds to
// the earlier ones and overrules them day by day, and one that supersedes another takes away what that one said.
// Pure; threads as ledger/facts.hpp.
#pragma once

#include "inspection/fact_codec.hpp"
#include "inspection/working_time.hpp"
#include "ledger/admission.hpp"

namespace socai::inspection {

// All that is known.
WorkingCalendar working_calendar(const ledger::Facts& facts);
// Of the years of the days given, for time limits that lie between them.
WorkingCalendar working_calendar(const ledger::Facts& facts, Date from, Date to);

// Takes `working_calendar` records in. Errors, Fault::refused: day_of_another_year, day_said_twice.
ledger::Result<void> take_working_calendar(const ledger::Coming& coming, ledger::FactDraft& facts);

}  // namespace socai::inspection
