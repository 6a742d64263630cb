// ledger.get, ledger.query, ledger.checkpoint: reads of leaves, records and the head.
#include <algorithm>
#include <utility>

#include "api/access/record_sight.hpp"
#include "api/filter_parameters.hpp"
#include "api/inspection_question.hpp"
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

// What is not there and what is not for the caller are answered alike.
Error hidden(const Arguments& arguments, std::uint64_t index) {
    const auto source = arguments.string("source");
    if (source)
        return Error{Code::not_found, "no_such_record",
                     "there is no record (" + std::string(*source) + ", " +
                         std::string(*arguments.string("id")) + ") here that the caller may see"};
    return Error{
        Code::not_found, "no_such_leaf",
        "leaf " + std::to_string(index) + " holds nothing that the caller may see; sign in to see more"};
}

Error no_such_part(std::uint64_t index, std::size_t records, std::uint32_t n) {
    return Error{Code::not_found, "not_found",
                 "leaf " + std::to_string(index) + " holds " + std::to_string(records) +
                     " records, counted from 0; there is no " + std::to_string(index) + "." +
                     std::to_string(n)};
}

// A leaf with its records; or, when one record was asked for by "<index>.<n>" or by (source, id) and the leaf is a bundle, `n`
// and that record alone. The statement for whoever sees all of it.
Answer get(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto viewer = viewer_of(reading, arguments);
    if (!viewer) return viewer.error();
    const auto address = resolve(reading.backend, arguments);
    if (!address && address.error().code == Code::not_found) return hidden(arguments, 0);
    if (!address) return address.error();
    const auto leaf = reading.backend.leaf(address->index);
    if (!leaf) return leaf.error();
    RecordSight sight(reading.backend, *viewer);
    const bool whole = sight.is_whole(leaf->records);
    if (address->n && *address->n >= leaf->records.size())
        return whole ? no_such_part(leaf->index, leaf->records.size(), *address->n)
                     : hidden(arguments, leaf->index);
    const bool one_of_many = address->n.has_value() && leaf->records.size() > 1;
    reading.work.rows += leaf->records.size();
    reading.work.bytes += leaf->statement.size();

    json::array records(storage);
    for (std::uint32_t n = 0; n < leaf->records.size(); ++n) {
        if (one_of_many && n != *address->n) continue;
        const auto seen = sight.of(*leaf->records[n]);
        if (seen) records.emplace_back(seen_numbered_json(n, *leaf->records[n], seen, storage));
    }
    if (records.empty()) return hidden(arguments, leaf->index);
    json::object answer(storage);
    answer.reserve(8);
    answer["index"] = leaf->index;
    if (one_of_many) answer["n"] = *address->n;
    answer["time"] = leaf->time_ms;
    if (whole && !leaf->withdrawal) answer["statement"] = leaf->statement;
    if (leaf->withdrawal) answer["withdrawn"] = withdrawal_json(*leaf->withdrawal, storage);
    answer["records"] = std::move(records);
    answer["status"] = leaf->status;
    return answer;
}

// A page of what the caller sees. Rows that it does not see are passed over and count as work; the cursor then names the place
// after the last row that is shown, so that it tells nothing of what follows. Only one that ends early, after
// max_rows_per_read rows, tells how far it came.
class VisiblePage {
  public:
    VisiblePage(Reading& reading, QueryRequest request, const inspection::Viewer& viewer,
                const json::storage_ptr& storage)
        : reading_(reading),
          request_(std::move(request)),
          wanted_(request_.limit),
          sight_(reading.backend, viewer),
          items_(storage) {}

    Answer read(const json::storage_ptr& storage) {
        // One more than is shown, to know whether there is more; later pages are longer, where little is seen.
        request_.limit = wanted_ + 1;
        for (bool more = true; more;) {
            const auto page = reading_.backend.query(request_);
            if (!page) return page.error();
            reading_.work.rows += page->looked_at;
            for (const RecordView& view : page->items)
                if (!add(view, storage)) return answer(storage);
            request_.cursor = page->next_cursor;
            more = page->next_cursor && !reading_.tired();
            if (!more) next_ = page->next_cursor;
            request_.limit = std::clamp(request_.limit * 2, std::size_t{16}, std::size_t{256});
        }
        return answer(storage);
    }

  private:
    // False: the page is full, and this is the first that finds no room.
    bool add(const RecordView& view, const json::storage_ptr& storage) {
        const auto seen = sight_.matching(*view.record, request_.filter);
        if (!seen) return true;
        if (items_.size() == wanted_) {
            next_ = reading_.backend.cursor_past(request_, last_);
            return false;
        }
        items_.emplace_back(seen_record_json(view, *seen, storage));
        last_ = view.address;
        return true;
    }
    json::object answer(const json::storage_ptr& storage) {
        json::object answer(storage);
        answer["items"] = std::move(items_);
        if (next_) answer["next_cursor"] = *next_;
        return answer;
    }

    Reading& reading_;
    QueryRequest request_;
    const std::size_t wanted_;
    RecordSight sight_;
    json::array items_;
    ledger::Address last_;
    std::optional<std::string> next_;
};

// Of everything, for whoever sees everything: as the backend finds it.
Answer whole_page(Reading& reading, const QueryRequest& request, const json::storage_ptr& storage) {
    const auto found = reading.backend.query(request);
    if (!found) return found.error();
    reading.work.rows += found->looked_at;
    json::array items(storage);
    items.reserve(found->items.size());
    for (const RecordView& view : found->items) items.emplace_back(record_json(view, storage));
    json::object answer(storage);
    answer["items"] = std::move(items);
    if (found->next_cursor) answer["next_cursor"] = *found->next_cursor;
    return answer;
}

Answer query(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto viewer = viewer_of(reading, arguments);
    if (!viewer) return viewer.error();
    auto filter = parse_filter(arguments);
    if (!filter) return filter.error();
    QueryRequest request;
    request.filter = std::move(*filter);
    request.from_index = static_cast<std::uint64_t>(arguments.integer("from_index").value_or(0));
    request.descending = arguments.string("order") == "desc";
    request.limit = static_cast<std::size_t>(*arguments.integer("limit"));
    if (const auto cursor = arguments.string("cursor")) request.cursor = std::string(*cursor);
    if (!inspection::may_ask_for(*viewer, request.filter)) {
        json::object nothing(storage);
        nothing["items"] = json::array(storage);
        return nothing;
    }
    if (viewer->whole) return whole_page(reading, request, storage);
    return VisiblePage(reading, std::move(request), *viewer, storage).read(storage);
}

Answer checkpoint(Reading& reading, const Arguments&, json::storage_ptr storage) {
    const auto note = reading.backend.checkpoint();
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
    parameters.push_back(audience_parameter());
    return parameters;
}

}  // namespace

std::vector<Method> ledger_read_methods(const Limits& limits) {
    const std::vector<Code> errors{Code::invalid_params, Code::forbidden, Code::unavailable};
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
              {.name = "id", .summary = "With source: its id", .min = 1, .max = 64},
              audience_parameter()},
             limits),
         "Leaf", and_not_found(), &get},
        {"ledger.query", "Records by their business fields, stable under concurrent appends",
         with_read_parameters(query_parameters(), limits), "QueryPage", errors, &query},
        {"ledger.checkpoint", "The latest signed head", with_read_parameters({}, limits), "CheckpointAnswer",
         errors, &checkpoint},
    };
}

}  // namespace socai::api
