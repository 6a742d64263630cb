// The time limits that run (clock_table.hpp): for each dossier and declaration what was started, when it is due, and whether it
// was stopped in time (design/domain.md 12). Due times are worked out once, with the calendar as it was known when the clock
// started. Whether an open clock is missed depends on the moment that the caller asks about: nothing here knows "now".
//
// A run ends when its stop comes, or is cancelled: what started it is superseded, its dossier is withdrawn, its declaration
// cancelled, or the row says so. A limit that was over by then stays missed. An act that stopped a clock and is annulled later
// leaves it stopped.
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <boost/json/array.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/clocks/clock_table.hpp"
#include "inspection/fact_codec.hpp"
#include "ledger/admission.hpp"

namespace socai::inspection {

enum class ClockState : std::uint8_t { due, met, missed, cancelled };
std::string_view word(ClockState state);

struct ClockRun {
    std::string clock;   // id of its row
    std::string owner;   // agency or other source that must act; empty: not known
    std::string regime;  // empty where the clock is about no dossier
    std::string tax_code;
    ledger::Address start;
    std::string start_source, start_id;
    std::int64_t started_ms = 0;
    std::optional<std::int64_t>
        due_ms;  // the first instant at which it is missed; nothing: beyond every calendar
    struct End {
        ledger::Address at;
        std::int64_t time_ms = 0;  // signed or accepted, as the row says
        bool cancelled = false;
        template <class Codec>
        void members(Codec& codec) {
            codec(at, time_ms, cancelled);
        }
    };
    std::optional<End> end;

    const ClockRow& row() const { return *find_clock(clock); }
    // As of the moment. A term is due while it lasts and met once it is over.
    ClockState state(std::int64_t at_ms) const;
    template <class Codec>
    void members(Codec& codec) {
        codec(clock, owner, regime, tax_code, start, start_source, start_id, started_ms, due_ms, end);
    }
};

// Started by `at_ms`, in the order of their start; terms included. `number`: the dossier number, any number of the declaration,
// or of a record its subject.
std::vector<ClockRun> clocks_of(const ledger::Facts& facts, ClockSubject subject, std::string_view number,
                                std::int64_t at_ms);

struct SubjectRun {
    ClockSubject subject = ClockSubject::dossier;
    std::string number;
    ClockRun run;
    std::string key;  // of its place in the order, for cursors
    template <class Codec>
    void members(Codec& codec) {
        codec(subject, number, run);
    }
};
// Limits still open that are missed at `at_ms`, the longest missed first: those after the key of `after` (empty: from the
// beginning), at most `limit`.
std::vector<SubjectRun> overdue(const ledger::Facts& facts, std::int64_t at_ms, std::string_view after,
                                std::size_t limit);
// How keys of overdue() begin for limits that are due at the instant or later.
std::string overdue_key(std::int64_t due_ms);

// Certificates that the importer owes after clearance, still open, due before the instant, in order (oversight/enterprise.hpp).
struct OwedCertificate {
    std::int64_t due_ms = 0;
    std::string dossier_no;
    ledger::Address start;
};
std::vector<OwedCertificate> owed_certificates(const ledger::Facts& facts, std::string_view tax_code,
                                               std::int64_t from_ms, std::int64_t before_ms);

// [{clock, vi, en, article, owner, started, due, state, stopped, evidence}], for whoever may see the subject.
boost::json::array clocks_answer(const std::vector<ClockRun>& runs, std::int64_t at_ms);

// Takes in what starts and stops clocks. After the shipments: it reads what dossiers and declarations have become.
ledger::Result<void> take_clocks(const ledger::Coming& coming, ledger::FactDraft& facts);

}  // namespace socai::inspection
