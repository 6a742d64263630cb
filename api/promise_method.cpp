// ledger.promise: what became of a statement that this node took on its own word.
#include <utility>

#include "api/access/record_sight.hpp"
#include "api/inspection_question.hpp"
#include "api/methods.hpp"
#include "inspection/access/visibility.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

// The same whether there is no such promise, or none that the caller may ask about.
Error no_such_promise() {
    return {Code::not_found, "no_such_promise",
            "this node knows of no promise for that record that the caller may ask about"};
}

// By its record it can be asked for by those who may read the record, as on every other path (design/domain.md 2): the note holds
// digests of all its records, so that what stands is for whoever sees the whole leaf, as receipts are. Of what waits or was
// refused the outbox does not tell the kind. By a hash, whoever has the statement may ask.
Result<PromiseFate> of_record(Reading& reading, const inspection::Viewer& viewer, std::string_view source,
                              std::string_view id) {
    auto fate = reading.backend.promise(source, id);
    if (!fate) return fate.error().code == Code::not_found ? no_such_promise() : fate.error();
    if (!fate->address) {
        if (!inspection::may_know_of(*reading.backend.registry(), viewer, source)) return no_such_promise();
        return fate;
    }
    const auto leaf = reading.backend.leaf(fate->address->index);
    if (!leaf) return leaf.error();
    reading.work.rows += leaf->records.size();
    reading.work.bytes += leaf->statement.size();
    if (!RecordSight(reading.backend, viewer).is_whole(leaf->records)) return no_such_promise();
    return fate;
}

Result<PromiseFate> look_up(Reading& reading, const Arguments& arguments) {
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
    return of_record(reading, *viewer, *source, *id);
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
