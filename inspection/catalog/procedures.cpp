#include "inspection/catalog/procedures.hpp"

#include "inspection/answer_text.hpp"
#include "inspection/record_data.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view table = "!pro";  // code, address of the record

ProcedureStage stage_of(std::string_view word) {
    if (word == "live") return ProcedureStage::live;
    return word == "retired" ? ProcedureStage::retired : ProcedureStage::testing;
}

Procedure read(const ledger::Coming& coming) {
    const auto& data = coming.record.data();
    Procedure procedure;
    procedure.at = coming.address;
    procedure.source = coming.record.source;
    procedure.id = coming.record.id;
    procedure.procedure_code = text_at(data, "procedure_code");
    procedure.name = text_at(data, "name");
    procedure.name_en = text_at(data, "name_en");
    procedure.agency = text_at(data, "agency");
    procedure.stage = stage_of(text_at(data, "stage"));
    procedure.regime = text_at(data, "regime");
    if (const auto* hours = data.if_contains("time_limit_hours")) procedure.working_hours = hours->as_int64();
    procedure.valid_from = date_at(data, "valid_from").value();
    procedure.valid_to = date_at(data, "valid_to");
    return procedure;
}

// Ends what a reference of the record takes the place of, under whichever code it stands.
void end_others(const ledger::Record& record, const ledger::Address& at, ledger::FactDraft& facts) {
    const auto ends = [&](const Procedure& known) {
        for (const ledger::Reference& reference : record.refs)
            if ((reference.rel == "supersedes" || reference.rel == "closes") &&
                reference.source == known.source && reference.id == known.id)
                return true;
        return false;
    };
    std::vector<std::pair<std::string, Procedure>> ended;
    facts.scan(FactKey(table), {}, [&](std::string_view key, std::string_view value) {
        auto known = decode_fact<Procedure>(value);
        if (!known.superseded_by && ends(known)) ended.emplace_back(key, std::move(known));
        return true;
    });
    for (auto& [key, known] : ended) {
        known.superseded_by = at;
        facts.put(key, encode_fact(known));
    }
}

}  // namespace

std::string_view word(ProcedureStage stage) {
    switch (stage) {
        case ProcedureStage::testing:
            return "testing";
        case ProcedureStage::live:
            return "live";
        case ProcedureStage::retired:
            return "retired";
    }
    return {};
}

std::optional<Procedure> find_procedure(const ledger::Facts& facts, std::string_view procedure_code,
                                        Date day) {
    std::optional<Procedure> found;
    facts.scan(FactKey(table).text(procedure_code), {}, [&](std::string_view, std::string_view value) {
        auto procedure = decode_fact<Procedure>(value);
        if (procedure.in_force_on(day)) found = std::move(procedure);
        return true;
    });
    return found;
}

boost::json::object procedures_answer(const ledger::Facts& facts, const ProceduresQuestion& question) {
    std::vector<Procedure> found;  // of each procedure the latest record in force
    const std::string from =
        question.cursor.empty() ? std::string() : FactKey(table).text(question.cursor).bytes() + '\xff';
    facts.scan(FactKey(table), from, [&](std::string_view, std::string_view value) {
        auto procedure = decode_fact<Procedure>(value);
        if (!procedure.in_force_on(question.day)) return true;
        if (!question.agency.empty() && procedure.agency != question.agency) return true;
        if (!found.empty() && found.back().procedure_code == procedure.procedure_code) found.pop_back();
        if (found.size() > question.limit) return false;
        found.push_back(std::move(procedure));
        return true;
    });
    const bool more = found.size() > question.limit;
    if (more) found.pop_back();
    boost::json::array items;
    for (const Procedure& each : found) {
        boost::json::object item{{"procedure_code", each.procedure_code},
                                 {"name_vi", each.name},
                                 {"agency", each.agency},
                                 {"stage", word(each.stage)},
                                 {"valid_from", format_date(each.valid_from)},
                                 {"valid_to", told(each.valid_to)},
                                 {"evidence", told(std::vector{each.at})}};
        if (!each.name_en.empty()) item["name_en"] = each.name_en;
        if (!each.regime.empty()) item["regime"] = each.regime;
        if (each.working_hours) item["time_limit_hours"] = *each.working_hours;
        items.push_back(std::move(item));
    }
    boost::json::object answer{{"items", std::move(items)}};
    if (more) answer["next_cursor"] = found.back().procedure_code;
    return answer;
}

ledger::Result<void> take_procedure(const ledger::Coming& coming, ledger::FactDraft& facts) {
    if (coming.record.kind() != "procedure") return {};
    end_others(coming.record, coming.address, facts);
    const Procedure procedure = read(coming);
    facts.put(FactKey(table).text(procedure.procedure_code).address(coming.address), encode_fact(procedure));
    return {};
}

}  // namespace socai::inspection
