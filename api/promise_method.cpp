// ledger.promise: what became of a statement that this node took on its own word.
#include <utility>

#include "api/inspection_question.hpp"
#include "api/methods.hpp"
#include "inspection/access/account.hpp"
#include "inspection/records/tax_code.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

// By its record it can be asked for by those who may read the record: a hash, by whoever has the statement.
bool may_ask(const inspection::Viewer& viewer, std::string_view source) {
    if (viewer.agency || viewer.whole || viewer.source == source) return true;
    const auto tax_code = inspection::trader_tax_code(source);
    return !viewer.tax_code.empty() && tax_code && inspection::said_of(viewer.tax_code, *tax_code);
}

Result<PromiseFate> look_up(const Reading& reading, const Arguments& arguments) {
    const auto statement = arguments.string("statement");
    const auto source = arguments.string("source");
    const auto id = arguments.string("id");
    if (statement && (source || id))
        return invalid_params("exclusive_parameters", "give statement, or source and id, not both");
    if (statement) {
        const auto hash = ledger::hash_from_hex(*statement);
        if (!hash)
            return invalid_params(
                "malformed_value",
                "statement must be the SHA-256 of the statement, 64 lower-case hexadecimal digits");
        return reading.backend.promise(*hash);
    }
    if (!source || !id)
        return invalid_params("missing_parameter", "statement is required, or source and id together");
    const auto viewer = viewer_of(reading, arguments);
    if (!viewer) return viewer.error();
    if (!may_ask(*viewer, *source))
        return Error{Code::not_found, "no_such_promise",
                     "this node knows of no promise for that record that the caller may ask about"};
    return reading.backend.promise(*source, *id);
}

Answer promise(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto fate = look_up(reading, arguments);
    if (!fate) return fate.error();
    json::object answer(std::move(storage));
    answer["status"] = fate->status;
    answer["statement"] = ledger::to_hex(fate->statement);
    answer["promise"] = fate->promise;
    if (fate->address) {
        answer["index"] = fate->address->index;
        if (fate->address->n > 0) answer["n"] = fate->address->n;
        answer["time"] = fate->time_ms;
    }
    if (!fate->refusal.empty()) {
        answer["refusal"] = fate->refusal;
        answer["detail"] = fate->detail;
    }
    return answer;
}

}  // namespace

std::vector<Method> promise_methods(const Limits& limits) {
    return {
        {"ledger.promise",
         "What became of a statement that this node promised to bring into the ledger: it waits, stands, or "
         "was "
         "refused, with the node's signed word",
         with_read_parameters(
             {{.name = "statement", .summary = "SHA-256 of the statement, hex", .min = 64, .max = 64},
              {.name = "source", .summary = "With id: the newest with this record", .min = 1, .max = 64},
              {.name = "id", .summary = "With source", .min = 1, .max = 64},
              audience_parameter()},
             limits),
         "PromiseFate",
         {Code::invalid_params, Code::forbidden, Code::unavailable, Code::not_found},
         &promise},
    };
}

}  // namespace socai::api
