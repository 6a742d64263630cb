// ledger.get, ledger.query, ledger.checkpoint: reads of leaves, records and the head.
#include <algorithm>
#include <utility>

#include "api/filter_parameters.hpp"
#include "api/methods.hpp"
#include "api/views.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

// The leaf asked for, and the one record of it where a single one was.
Result<AddressText> resolve(const Backend& backend, const Arguments& arguments) {
    const auto index = arguments.address("index");
    const auto source = arguments.string("source");
    const auto id = arguments.string("id");
    if (index && (source || id)) {
        return invalid_params("exclusive_parameters", "give index, or source and id, not both");
    }
    if (index) return *index;
    if (!source || !id) {
        return invalid_params("missing_parameter", "index is required, or source and id together");
    }
    const auto address = backend.find(*source, *id);
    if (!address) return address.error();
    return AddressText{address->index, address->n};
}

// A leaf with all its records; or, when one record was asked for by "<index>.<n>" or by (source, id) and the
// leaf is a bundle, `n` and that record alone.
Answer get(const Backend& backend, const Arguments& arguments, json::storage_ptr storage) {
    const auto address = resolve(backend, arguments);
    if (!address) return address.error();
    const auto leaf = backend.leaf(address->index);
    if (!leaf) return leaf.error();
    if (address->n && *address->n >= leaf->records.size()) {
        return Error{Code::not_found, "not_found",
                     "leaf " + std::to_string(leaf->index) + " holds " +
                         std::to_string(leaf->records.size()) + " records, counted from 0; there is no " +
                         std::to_string(leaf->index) + "." + std::to_string(*address->n)};
    }
    const bool one_of_many = address->n.has_value() && leaf->records.size() > 1;
    json::object answer(storage);
    answer.reserve(8);
    answer["index"] = leaf->index;
    if (one_of_many) answer["n"] = *address->n;
    answer["time"] = leaf->time_ms;
    answer["statement"] = leaf->statement;
    json::array records(storage);
    for (std::uint32_t n = 0; n < leaf->records.size(); ++n) {
        if (one_of_many && n != *address->n) continue;
        records.emplace_back(numbered_record_json(n, *leaf->records[n], storage));
    }
    answer["records"] = std::move(records);
    answer["status"] = leaf->status;
    return answer;
}

Answer query(const Backend& backend, const Arguments& arguments, json::storage_ptr storage) {
    auto filter = parse_filter(arguments);
    if (!filter) return filter.error();
    QueryRequest request;
    request.filter = std::move(*filter);
    request.from_index = static_cast<std::uint64_t>(arguments.integer("from_index").value_or(0));
    request.descending = arguments.string("order") == "desc";
    request.limit = static_cast<std::size_t>(*arguments.integer("limit"));
    if (const auto cursor = arguments.string("cursor")) request.cursor = std::string(*cursor);
    const auto found = backend.query(request);
    if (!found) return found.error();
    json::array items(storage);
    items.reserve(found->items.size());
    for (const RecordView& view : found->items) items.emplace_back(record_json(view, storage));
    json::object answer(storage);
    answer["items"] = std::move(items);
    if (found->next_cursor) answer["next_cursor"] = *found->next_cursor;
    return answer;
}

Answer checkpoint(const Backend& backend, const Arguments&, json::storage_ptr storage) {
    const auto note = backend.checkpoint();
    if (!note) return note.error();
    json::object answer(std::move(storage));
    answer["checkpoint"] = *note;
    return answer;
}

std::vector<Parameter> query_parameters() {
    std::vector<Parameter> parameters = filter_parameters();
    parameters.push_back({.name = "from_index",
                          .type = ParameterType::integer,
                          .summary = "First leaf that counts, in either order",
                          .min = 0,
                          .max = max_integer,
                          .standard = 0});
    parameters.push_back(
        {.name = "order",
         .type = ParameterType::choice,
         .summary = "By place in the ledger: \"asc\" from the oldest, \"desc\" from the newest",
         .choices = {"asc", "desc"},
         .standard = "asc"});
    parameters.push_back({.name = "limit",
                          .type = ParameterType::integer,
                          .summary = "Records in one answer",
                          .min = 1,
                          .max = 1'000,
                          .standard = 100});
    parameters.push_back({.name = "cursor",
                          .summary = "next_cursor of the answer before; the other parameters stay the same",
                          .min = 1,
                          .max = 1'024});
    return parameters;
}

}  // namespace

std::vector<Method> ledger_read_methods(const Limits& limits) {
    const std::vector<Code> errors{Code::invalid_params, Code::unavailable};
    const auto and_not_found = [&] {
        std::vector<Code> more = errors;
        more.push_back(Code::not_found);
        return more;
    };
    return {
        {"ledger.get", "A leaf, or one record of it, by its place or by (source, id)",
         with_read_parameters(
             {{.name = "index",
               .type = ParameterType::address,
               .summary = "The leaf, or a record of a bundle as \"<index>.<n>\""},
              {.name = "source", .summary = "With id: who issued the record", .min = 1, .max = 64},
              {.name = "id", .summary = "With source: its id", .min = 1, .max = 64}},
             limits),
         "Leaf", and_not_found(), &get},
        {"ledger.query", "Records by their business fields, stable under concurrent appends",
         with_read_parameters(query_parameters(), limits), "QueryPage", errors, &query},
        {"ledger.checkpoint", "The latest signed head", with_read_parameters({}, limits), "CheckpointAnswer",
         errors, &checkpoint},
    };
}

}  // namespace socai::api
