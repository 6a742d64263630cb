// The time limits of the law as data: every row of reference/domain.md §3.3, with what starts it, what stops it, who owes it and
// for how long (design/domain.md 12). clocks.hpp runs them. Pure values; safe from any thread.
//
// What starts and stops a clock is written as a list of words, separated by blanks: a kind of record, or a kind and what it
// says, such as "inspection_result" or "dossier_status:accepted". clocks.cpp (happening_of) says what the second word is.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "inspection/working_time.hpp"

namespace socai::inspection {

enum class ClockSubject : std::uint8_t {
    dossier,      // one run for each dossier
    declaration,  // one for each declaration, by its base number
    record,       // of the record itself: how long it took to reach the ledger
};
enum class ClockUse : std::uint8_t {
    limit,      // somebody must act before it is over
    term,       // something lasts that long; nobody can miss it
    elsewhere,  // no record starts or stops it: `why` says how it is kept
};
// Which of the times counts (design/domain.md 3).
enum class ClockTime : std::uint8_t {
    signed_time,    // acts
    accepted_time,  // deliveries: when it stood in the ledger, so with everybody
    sampled,        // `sampled_at` of a conformity result
};
enum class ClockOwner : std::uint8_t {
    agency,    // that inspects, as the list names it
    customs,   // the office that holds the declaration
    importer,  // the source that registered the dossier
    writer,    // of the record that started it
    nobody,
};

struct ClockRow {
    std::string_view id = {};
    ClockUse use = ClockUse::limit;
    bool target = false;  // of a limit: aimed at, and another binds; missing it is no lateness
    ClockSubject subject = ClockSubject::dossier;
    std::string_view starts = {};
    ClockTime start_time = ClockTime::signed_time;
    std::string_view stops = {};  // empty: the record that started it stops it too
    ClockTime stop_time = ClockTime::signed_time;
    std::string_view cancels = {};  // what makes the limit meaningless; withdrawal always does
    ClockOwner owner = ClockOwner::agency;
    std::int64_t amount = 0;
    Unit unit = Unit::working_days;
    // A member of the starting record's data, a day, that takes the place of the amount where it stands: it ends with that day.
    std::string_view due_member = {};
    std::string_view regime = {};       // only of dossiers under it; empty: of all
    std::string_view methods = {};      // only under these; empty: under all
    std::string_view levels = {};       // only of goods at these management levels; empty: at all
    std::string_view writer_role = {};  // only of records of sources that hold it; empty: of all
    bool carried = false;               // only of dossiers that a declaration carries
    bool undecided = false;             // only of dossiers without a result or certificate yet
    std::string_view article = {};
    std::string_view vi = {};
    std::string_view en = {};
    std::string_view why = {};  // of terms and of those kept elsewhere
};

// In the order of reference/domain.md §3.3.
std::span<const ClockRow> clock_table();
// nullptr: there is none of that id.
const ClockRow* find_clock(std::string_view id);

// "working_hours", "days", …
std::string_view word(Unit unit);
std::string_view word(ClockUse use);
// Whether the words hold the kind, or the kind with what it says.
bool among(std::string_view words, std::string_view kind, std::string_view said);

}  // namespace socai::inspection
