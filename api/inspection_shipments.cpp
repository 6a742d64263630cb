// inspection.clearance, inspection.dossier: one shipment, for those whom it concerns (design/domain.md 8, 12).
#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "api/access/record_sight.hpp"
#include "api/inspection_groups.hpp"
#include "api/inspection_question.hpp"
#include "api/views.hpp"
#include "inspection/answer_text.hpp"
#include "inspection/clocks/clocks.hpp"
#include "inspection/guards/clearance_answer.hpp"
#include "inspection/oversight/compliance.hpp"
#include "inspection/shipments/dossier_answer.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

std::string_view text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string()
               ? std::string_view(value->get_string().data(), value->get_string().size())
               : std::string_view();
}

// What is not there and what is not for the caller are answered alike.
Error no_such_declaration(const std::string& number) {
    return Error{Code::not_found, "no_such_declaration",
                 "there is no declaration " + number + " here that the caller may see"};
}
Error no_such_dossier(const std::string& number) {
    return Error{Code::not_found, "no_such_dossier",
                 "there is no dossier " + number + " here that the caller may see"};
}

using Runs = std::vector<inspection::ClockRun>;

void append(Runs& runs, Runs&& more) {
    std::ranges::move(more, std::back_inserter(runs));
}

// The limits of the law that run for the dossier and the declaration that carries it …
Runs runs_of_dossier(const Question& question, const std::string& dossier_no) {
    using inspection::ClockSubject;
    Runs runs = inspection::clocks_of(question.facts(), ClockSubject::dossier, dossier_no, question.at_ms);
    const auto dossier = inspection::find_dossier(question.facts(), dossier_no);
    if (dossier && !dossier->declaration.empty())
        append(runs, inspection::clocks_of(question.facts(), ClockSubject::declaration, dossier->declaration,
                                           question.at_ms));
    return runs;
}

// … and for a declaration and the dossiers that it carries.
Runs runs_of_declaration(const Question& question, const inspection::Declaration& declaration) {
    using inspection::ClockSubject;
    Runs runs = inspection::clocks_of(question.facts(), ClockSubject::declaration, declaration.declaration_no,
                                      question.at_ms);
    for (const std::string& dossier_no : declaration.dossiers)
        append(runs,
               inspection::clocks_of(question.facts(), ClockSubject::dossier, dossier_no, question.at_ms));
    return runs;
}

// Does a record of the kind, whatever it says, stop the clock?
bool stops(const inspection::ClockRow& row, std::string_view kind) {
    for (std::string_view words = row.stops; !words.empty();) {
        const std::string_view word = words.substr(0, words.find(' '));
        if (word.substr(0, word.find(':')) == kind) return true;
        words.remove_prefix(std::min(word.size() + 1, words.size()));
    }
    return false;
}

// Puts into each step when it is due: by the first open limit that its kind of record stops, of whoever must act.
void tell_when_due(json::object& answer, const Question& question, const Runs& runs) {
    json::value* steps = answer.if_contains("next_steps");
    if (steps == nullptr || !steps->is_array()) return;
    for (json::value& each : steps->get_array()) {
        json::object& step = each.as_object();
        const inspection::ClockRun* first = nullptr;
        for (const inspection::ClockRun& run : runs) {
            const inspection::ClockState state = run.state(question.at_ms);
            const bool open =
                (state == inspection::ClockState::due || state == inspection::ClockState::missed) &&
                !(run.end && run.end->time_ms <= question.at_ms);
            if (open && run.due_ms && run.row().use == inspection::ClockUse::limit &&
                run.owner == text_of(step, "who") && stops(run.row(), text_of(step, "what")) &&
                (first == nullptr || *run.due_ms < *first->due_ms))
                first = &run;
        }
        if (first == nullptr) {
            step["due"] = nullptr;
            continue;
        }
        step["due"] = inspection::vietnam_time(*first->due_ms);
        step["late"] = first->state(question.at_ms) == inspection::ClockState::missed;
        step["due_article"] = first->row().article;
    }
}

Answer clearance(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto question = question_of(reading, arguments);
    if (!question) return question.error();
    const inspection::ClearanceQuestion asked{std::string(*arguments.string("declaration_no")),
                                              question->at_ms};
    auto answer = inspection::clearance_answer(question->facts(), question->rules(), asked, question->viewer,
                                               &inspection::compliance_level);
    if (!answer) return no_such_declaration(asked.declaration_no);
    const auto declaration = inspection::find_declaration(question->facts(), asked.declaration_no);
    tell_when_due(*answer, *question, runs_of_declaration(*question, *declaration));
    return finished(std::move(*answer), *question, std::move(storage));
}

// Everything that the ledger holds on a dossier, in ledger order, as far as the caller may see it.
Result<json::array> timeline_of(Reading& reading, const Question& question, const std::string& dossier_no,
                                const json::storage_ptr& storage) {
    const auto records = reading.backend.dossier(dossier_no);
    if (!records) return records.error();
    RecordSight sight(reading.backend, question.viewer);
    json::array timeline(storage);
    for (const RecordView& view : *records) {
        ++reading.work.rows;
        const auto seen = sight.of(*view.record);
        if (seen) timeline.emplace_back(seen_record_json(view, seen, storage));
    }
    return timeline;
}

Answer dossier(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto question = question_of(reading, arguments);
    if (!question) return question.error();
    const std::string dossier_no(*arguments.string("dossier_no"));
    const Runs runs = runs_of_dossier(*question, dossier_no);
    auto answer = inspection::dossier_answer(question->facts(), dossier_no, question->viewer,
                                             inspection::clocks_answer(runs, question->at_ms));
    if (!answer && !question->viewer.agency) return no_such_dossier(dossier_no);
    // A number that records carry, though no registration has opened a dossier of it: agencies see those records.
    if (!answer) answer = json::object{{"dossier_no", dossier_no}};
    tell_when_due(*answer, *question, runs);
    auto timeline = timeline_of(reading, *question, dossier_no, storage);
    if (!timeline) return timeline.error();
    (*answer)["timeline"] = std::move(*timeline);
    return finished(std::move(*answer), *question, std::move(storage));
}

}  // namespace

std::vector<Method> shipment_methods(const Limits& limits) {
    return {
        {"inspection.clearance",
         "The border officer's one call: may a declaration be cleared, on which basis or for want of what; "
         "method, draw, "
         "channel, risk, alerts, storage, evidence, next steps. For agencies, and for the importer whose it "
         "is",
         with_dated_inspection_parameters(
             {{.name = "declaration_no",
               .type = ParameterType::digits,
               .summary = "The declaration's number, with or without its amendment digit",
               .required = true,
               .min = 11,
               .max = 12}},
             limits),
         "Clearance",
         {Code::invalid_params, Code::forbidden, Code::unavailable, Code::not_found},
         &clearance},
        {"inspection.dossier",
         "Where a dossier stands: state, method and why, results, declaration, channel, deadlines met or "
         "missed, next "
         "steps, and every record on it in ledger order. For agencies, and for the importer whose it is",
         with_dated_inspection_parameters({{.name = "dossier_no",
                                            .summary = "The dossier's number",
                                            .required = true,
                                            .min = 1,
                                            .max = 256}},
                                          limits),
         "Dossier",
         {Code::invalid_params, Code::forbidden, Code::unavailable, Code::not_found, Code::too_large},
         &dossier},
    };
}

}  // namespace socai::api
