// What each record adds to the figures for Committee 1899 (design/domain.md 15; reference/domain.md §3.4), on the day in
// Vietnam of its signed time. Reads what the record has made of its dossier and its declaration, so it comes last of all
// parts. Never refuses a record. Pure; threads as ledger/facts.hpp.
//
// Whose figures:
// - of a dossier and its method: the regime, and the agency that the list names for the goods
// - of goods without a dossier: the same, on the day of the declaration
// - of a status, a result, a certificate, a clearance, an alert, a violation: its writer
// Traders are no agency: what they write counts without one, so that no figure is about an enterprise.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "inspection/calendar.hpp"
#include "ledger/admission.hpp"

namespace socai::inspection {

// Steps are measured in working hours of the calendar as the ledger has it by then (catalog/working_days.hpp): what is said
// later of a day changes no figure.
void take_statistics(const ledger::Coming& coming, ledger::FactDraft& facts);

// A departure from the rules, found while the record at leaf `index` is taken in. `kind`: a word of the list of exceptions
// (design/domain.md 14); `agency`: whose it is, never an enterprise, empty where it is nobody's.
void count_exception(ledger::FactDraft& facts, std::string_view kind, std::string_view agency, Date day,
                     std::uint64_t index);

// The member of the ledger that the agency belongs to; itself where no record told.
std::string ministry_of(const ledger::Facts& facts, std::string_view agency);

}  // namespace socai::inspection
