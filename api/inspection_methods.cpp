// inspection.dossier: the timeline of a dossier.
#include <utility>

#include "api/methods.hpp"
#include "api/views.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

Answer dossier(const Backend& backend, const Arguments& arguments, json::storage_ptr storage) {
    const std::string_view dossier_no = *arguments.string("dossier_no");
    const auto records = backend.dossier(dossier_no);
    if (!records) return records.error();
    json::array timeline(storage);
    timeline.reserve(records->size());
    for (const RecordView& view : *records) timeline.emplace_back(record_json(view, storage));
    json::object answer(storage);
    answer["dossier_no"] = dossier_no;
    answer["timeline"] = std::move(timeline);
    return answer;
}

}  // namespace

std::vector<Method> inspection_methods(const Limits& limits) {
    return {
        {"inspection.dossier",
         "Everything the ledger holds on a dossier, in ledger order",
         with_read_parameters({{.name = "dossier_no",
                                .summary = "The dossier's number",
                                .required = true,
                                .min = 1,
                                .max = 256},
                               {.name = "at", .summary = "As it stood at an index or time", .later = true}},
                              limits),
         "Dossier",
         {Code::invalid_params, Code::unavailable, Code::not_found, Code::too_large},
         &dossier},
    };
}

}  // namespace socai::api
