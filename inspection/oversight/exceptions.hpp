// What an overseer reads: delays, departures from the rule, and rules bent ("chậm trễ, sai lệch, biến tướng"; design/domain.md
// 14). A list that only grows, in the order of when each came about; limits that are missed and still open join it as of the
// moment asked about. Agencies only.
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/clocks/clocks.hpp"
#include "inspection/fact_codec.hpp"
#include "inspection/method/rule_book.hpp"
#include "inspection/viewer.hpp"
#include "ledger/admission.hpp"

namespace socai::inspection {

enum class ExceptionKind : std::uint8_t {
    off_catalog_inspection,  // goods were inspected that no list names under the regime
    stricter_than_rule,      // inspected, determined or moved to a stricter method than the rules come to
    refused_clearance,
    lateness,             // a limit of the law was missed
    would_have_differed,  // a determination stands that a corrected history would have made otherwise
};
std::string_view word(ExceptionKind kind);
std::optional<ExceptionKind> parse_exception_kind(std::string_view word);

struct Exception {
    ExceptionKind kind = ExceptionKind::lateness;
    std::int64_t time_ms = 0;  // signed; of lateness the first instant at which the limit was missed
    ledger::Address at;        // the record that shows it; of lateness the one that started the limit
    std::string agency;        // whose act it is, or who was late
    std::string subject_kind;  // dossier_no, declaration_no, goods_key, record
    std::string subject;
    std::string regime;   // empty: of none
    std::string article;  // empty: none was given
    std::string clock;    // of lateness
    // Of lateness: when it was done or given up, and by which record; nothing: still open.
    std::optional<std::int64_t> done_ms;
    std::optional<ledger::Address> done_at;
    std::string found, due;  // of methods: what was done, and what the rules come to

    template <class Codec>
    void members(Codec& codec) {
        codec(kind, time_ms, at, agency, subject_kind, subject, regime, article, clock, done_ms, done_at,
              found, due);
    }
};
Exception lateness(const SubjectRun& run);
// Appends. An exception of the same kind, time, record, clock and subject is there once.
void add_exception(const ledger::Coming& coming, ledger::FactDraft& facts, const Exception& exception);

struct ExceptionQuery {
    std::optional<ExceptionKind> kind;
    std::string agency;                   // exactly; empty: of all
    std::optional<std::int64_t> from_ms;  // of Exception::time_ms, included
    std::optional<std::int64_t> to_ms;    // not included
    std::int64_t at_ms = 0;               // what came about by then
    std::string cursor;                   // next_cursor of an earlier answer to the same query
    std::size_t limit = 100;              // 1 to 1,000
};
// In order of time. `next_cursor` is empty at the end.
struct ExceptionPage {
    std::vector<Exception> exceptions;
    std::string next_cursor;
};
// Nothing: the cursor is not one.
std::optional<ExceptionPage> find_exceptions(const ledger::Facts& facts, const ExceptionQuery& query);
// {"exceptions": [{kind, at, agency, subject, regime, article, vi, en, evidence, …}], "next_cursor"}. Nothing: the cursor is not
// one. Callers who are no agency see an empty list.
std::optional<boost::json::object> exceptions_answer(const ledger::Facts& facts, const ExceptionQuery& query,
                                                     const Viewer& viewer);

// Takes in results, determinations, transitions and refused clearances. After clocks, which list lateness themselves.
ledger::Result<void> take_exceptions(const ledger::Coming& coming, ledger::FactDraft& facts,
                                     const RuleBook& rules);

}  // namespace socai::inspection
