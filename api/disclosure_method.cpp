// ledger.disclosures: the confidential members of a record, for whoever may have them. They are on no other path.
#include <boost/json/serialize.hpp>
#include <utility>

#include "api/access/record_sight.hpp"
#include "api/inspection_question.hpp"
#include "api/methods.hpp"
#include "api/views.hpp"
#include "ledger/disclosure.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

Error no_such_record(std::string_view source, std::string_view id) {
    return {Code::not_found, "no_such_record",
            "there is no record (" + std::string(source) + ", " + std::string(id) +
                ") here that the caller may see"};
}

json::object erasure_json(const inspection::Erasure& erasure, const json::storage_ptr& storage) {
    json::object object(storage);
    object["source"] = erasure.source;
    object["id"] = erasure.id;
    object["index"] = erasure.at.index;
    object["n"] = erasure.at.n;
    json::array basis(storage);
    for (const std::string& text : erasure.legal_basis) basis.emplace_back(text);
    object["legal_basis"] = std::move(basis);
    return object;
}

json::object member_json(const ConfidentialView::Member& member, bool erased, bool may_open,
                         const json::storage_ptr& storage) {
    json::object object(storage);
    object["commitment"] = ledger::commitment_text(member.commitment);
    const auto told = may_open && member.disclosure ? ledger::parse_disclosure(*member.disclosure)
                                                    : ledger::Result<ledger::Disclosure>(ledger::Error{});
    if (erased) {
        object["status"] = "erased";
    } else if (told) {
        object["status"] = "disclosed";
        object["name"] = told->name;
        object["value"] = told->value;
        object["disclosure"] = told->text;
    } else {
        object["status"] = "withheld";
        object["why"] = may_open ? "not_held_here" : "not_for_you";
    }
    return object;
}

Answer disclosures(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto viewer = viewer_of(reading, arguments);
    if (!viewer) return viewer.error();
    const std::string_view source = *arguments.string("source");
    const std::string_view id = *arguments.string("id");
    const auto view = reading.backend.confidential(source, id);
    if (!view && view.error().code == Code::not_found) return no_such_record(source, id);
    if (!view) return view.error();
    reading.work.rows += 1 + view->members.size();
    const ledger::Record& record = *view->record.record;
    const auto seen = RecordSight(reading.backend, *viewer).of(record);
    if (!seen) return no_such_record(source, id);
    const bool may_open = inspection::may_open(*reading.backend.registry(), *viewer, record, seen);
    json::object answer(storage);
    answer["index"] = view->record.address.index;
    answer["n"] = view->record.address.n;
    answer["source"] = record.source;
    answer["id"] = record.id;
    json::array members(storage);
    for (const auto& member : view->members)
        members.emplace_back(member_json(member, view->erasure.has_value(), may_open, storage));
    answer["members"] = std::move(members);
    if (view->erasure) answer["erasure"] = erasure_json(*view->erasure, storage);
    return answer;
}

}  // namespace

std::vector<Method> disclosure_methods(const Limits& limits) {
    return {
        {"ledger.disclosures",
         "The confidential members of a record: disclosed to whoever may have them, withheld, or erased",
         with_read_parameters({{.name = "source", .summary = "Who issued the record", .required = true, .min = 1, .max = 64},
                               {.name = "id", .summary = "Its id", .required = true, .min = 1, .max = 64},
                               audience_parameter()},
                              limits),
         "Disclosures",
         {Code::invalid_params, Code::forbidden, Code::unavailable, Code::not_found},
         &disclosures},
    };
}

}  // namespace socai::api
