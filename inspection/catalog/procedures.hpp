// The administrative procedures that agencies put on the National Single Window, and how far each has come (design/domain.md 1;
// Decree 85/2019 Art 26.1.d). Public. Pure; threads as ledger/facts.hpp.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/fact_codec.hpp"
#include "ledger/admission.hpp"

namespace socai::inspection {

enum class ProcedureStage : std::uint8_t { testing, live, retired };
std::string_view word(ProcedureStage stage);

struct Procedure {
    ledger::Address at;
    std::string source, id;  // of the record
    std::string procedure_code;
    std::string name, name_en;
    std::string agency;
    ProcedureStage stage = ProcedureStage::testing;
    std::string regime;                         // empty: not told
    std::optional<std::int64_t> working_hours;  // the procedure's own time limit
    Date valid_from;
    std::optional<Date> valid_to;                  // included
    std::optional<ledger::Address> superseded_by;  // a record that supersedes or closes it

    bool in_force_on(Date day) const {
        return !superseded_by && valid_from <= day && (!valid_to || day <= *valid_to);
    }
    template <class Codec>
    void members(Codec& codec) {
        codec(at, source, id, procedure_code, name, name_en, agency, stage, regime, working_hours, valid_from,
              valid_to, superseded_by);
    }
};

// What stands of the procedure on the day: the latest record in force.
std::optional<Procedure> find_procedure(const ledger::Facts& facts, std::string_view procedure_code,
                                        Date day);
struct ProceduresQuestion {
    std::string agency;  // empty: of every one
    Date day;
    std::string cursor;       // next_cursor of an earlier answer: a procedure code
    std::size_t limit = 100;  // at least 1
};
// {"items": [{procedure_code, name_vi, name_en, agency, stage, regime, time_limit_hours, valid_from, valid_to, evidence}],
// "next_cursor"}, by code, for anybody.
boost::json::object procedures_answer(const ledger::Facts& facts, const ProceduresQuestion& question);

// Takes `procedure` records in.
ledger::Result<void> take_procedure(const ledger::Coming& coming, ledger::FactDraft& facts);

}  // namespace socai::inspection
