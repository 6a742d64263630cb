#include "node/client/case_export.hpp"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "ledger/time.hpp"
#include "node/client/receipts.hpp"

namespace socai::node::client {
namespace {

namespace json = boost::json;
using inspection::Case;
using inspection::CaseScope;

constexpr int page_records = 1'000;
// A node looks through so many records for a page that a case of as many pages would be of more than a ledger holds.
constexpr std::size_t max_pages = 100'000;

// Reads what a node answers; whatever is not as it must be is one error.
class Reader {
  public:
    explicit Reader(RpcClient& client) : client_(client) {}

    Result<json::object> ask(std::string_view method, const json::object& params) {
        auto answer = client_.call(method, params);
        if (answer.has_error()) return to_error(answer.error());
        if (!answer->is_object()) return bad_answer(method);
        return std::move(answer->get_object());
    }

    Error bad_answer(std::string_view method) const {
        return {Exit::unreachable, "bad_answer",
                client_.endpoint().url() + " answered " + std::string(method) + " with something else"};
    }

  private:
    RpcClient& client_;
};

std::optional<std::int64_t> number_in(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return std::nullopt;
    return value->get_int64();
}

std::optional<ledger::Address> address_of(const json::value& item) {
    const json::object* object = item.if_object();
    if (object == nullptr) return std::nullopt;
    const auto index = number_in(*object, "index");
    const auto n = number_in(*object, "n");
    if (!index || n.value_or(0) >= static_cast<std::int64_t>(ledger::max_bundle_records)) return std::nullopt;
    return ledger::Address{static_cast<std::uint64_t>(*index), static_cast<std::uint32_t>(n.value_or(0))};
}

// Does the record in a timeline's item keep to the period?
bool in_period(const CaseScope& scope, const json::value& item) {
    if (!scope.from_time_ms && !scope.to_time_ms) return true;
    const json::value* record = item.get_object().if_contains("record");
    const json::value* text =
        record != nullptr && record->is_object() ? record->get_object().if_contains("time") : nullptr;
    const auto time =
        text != nullptr && text->is_string() ? ledger::parse_rfc3339(text->get_string()) : std::nullopt;
    return time && (!scope.from_time_ms || *time >= *scope.from_time_ms) &&
           (!scope.to_time_ms || *time < *scope.to_time_ms);
}

using Addresses = std::set<ledger::Address>;

// Adds the addresses in the array `list` of an answer to `method`.
Result<void> add_addresses(const Reader& reader, std::string_view method, const json::object& answer,
                           std::string_view list, const Case& file, Addresses& addresses) {
    const json::value* items = answer.if_contains(list);
    if (items == nullptr || !items->is_array()) return reader.bad_answer(method);
    for (const json::value& item : items->get_array()) {
        const auto address = address_of(item);
        if (!address) return reader.bad_answer(method);
        // What came in while we asked would make the case complete for no size at all.
        if (address->index >= file.as_of_size || !in_period(file.scope, item)) continue;
        addresses.insert(*address);
        if (addresses.size() > inspection::max_case_records) {
            return Error{Exit::no, "case_too_large",
                         "the case has more than 20,000 records: narrow it with --from and --to-time"};
        }
    }
    return {};
}

Result<void> find_by_fields(Reader& reader, Case& file, Addresses& addresses) {
    json::object params{{file.scope.field(), file.scope.number}, {"limit", page_records}};
    if (file.scope.from_time_ms) params["from_time"] = ledger::format_rfc3339(*file.scope.from_time_ms);
    if (file.scope.to_time_ms) params["to_time"] = ledger::format_rfc3339(*file.scope.to_time_ms);
    std::set<ledger::Hash> asked;  // of the cursors
    for (bool first = true;; first = false) {
        const auto answer = reader.ask("ledger.query", params);
        if (!answer) return answer.error();
        if (first) {
            const json::value* as_of = answer->if_contains("as_of");
            if (as_of == nullptr || !as_of->is_object()) return reader.bad_answer("ledger.query");
            const auto size = number_in(as_of->get_object(), "size");
            if (!size) return reader.bad_answer("ledger.query");
            file.as_of_size = static_cast<std::uint64_t>(*size);
            file.as_of_time_ms = number_in(as_of->get_object(), "time").value_or(0);
        }
        if (auto added = add_addresses(reader, "ledger.query", *answer, "items", file, addresses); !added)
            return added;
        const json::value* cursor = answer->if_contains("next_cursor");
        if (cursor == nullptr || !cursor->is_string()) return {};
        // A page may be empty, but each goes on from where none has yet.
        if (!asked.insert(ledger::sha256(cursor->get_string())).second || asked.size() == max_pages)
            return reader.bad_answer("ledger.query");
        params["cursor"] = *cursor;
    }
}

Result<void> find_timeline(Reader& reader, const Case& file, Addresses& addresses) {
    const auto answer = reader.ask("inspection.dossier", {{"dossier_no", file.scope.number}});
    if (!answer) return answer.error();
    return add_addresses(reader, "inspection.dossier", *answer, "timeline", file, addresses);
}

// Takes a leaf and those of its records that belong to the case.
Result<void> take_leaf(const Reader& reader, ledger::Receipt receipt,
                       const std::vector<std::uint32_t>& wanted, inspection::CaseMembers& members,
                       Case& file) {
    const auto parts = ledger::split_entry(receipt.leaf.entry);
    if (!parts) return reader.bad_answer("ledger.prove_inclusion");
    const auto statement = ledger::parse_statement(parts->statement);
    if (!statement) return reader.bad_answer("ledger.prove_inclusion");
    const std::vector<std::string> texts = inspection::record_bytes(*statement);
    const std::size_t before = file.records.size();
    for (const std::uint32_t n : wanted) {
        if (n >= texts.size()) return reader.bad_answer("ledger.query");
        if (!members.take(statement->records[n])) continue;
        file.records.push_back({{receipt.leaf.proof.index, n}, parts->time_ms, statement->kid, texts[n]});
    }
    if (file.records.size() > before) file.add(std::move(receipt));
    return {};
}

Error empty_case(const CaseScope& scope) {
    return {Exit::no, "empty_case",
            "no record of the ledger has the " + std::string(scope.field()) + " " + scope.number +
                (scope.from_time_ms || scope.to_time_ms ? " in that period" : "")};
}

}  // namespace

Result<Case> fetch_case(RpcClient& client, const CaseScope& scope, std::chrono::milliseconds patience,
                        const std::function<void(const CaseProgress&)>& on_progress) {
    Reader reader(client);
    Case file;
    file.scope = scope;
    Addresses addresses;
    if (auto found = find_by_fields(reader, file, addresses); !found) return found.error();
    // What refers to a dossier's records may lie in the period without them.
    const bool timeline = scope.kind == inspection::CaseKind::dossier;
    if (addresses.empty() && !(timeline && (scope.from_time_ms || scope.to_time_ms)))
        return empty_case(scope);
    if (timeline) {
        if (auto found = find_timeline(reader, file, addresses); !found) return found.error();
    }
    std::map<std::uint64_t, std::vector<std::uint32_t>> leaves;
    for (const ledger::Address& address : addresses) leaves[address.index].push_back(address.n);
    std::vector<std::uint64_t> indices;
    for (const auto& [index, records] : leaves) indices.push_back(index);

    CaseProgress progress{addresses.size(), indices.size(), 0};
    inspection::CaseMembers members(scope);
    std::optional<Error> fault;
    const auto fetched = fetch_receipts(
        client, indices, patience,
        [&](ledger::Receipt receipt) {
            if (fault) return;
            if (file.origin.empty()) file.origin = receipt.leaf.proof.head.checkpoint.origin;
            const std::vector<std::uint32_t>& wanted = leaves.at(receipt.leaf.proof.index);
            if (auto taken = take_leaf(reader, std::move(receipt), wanted, members, file); !taken) {
                fault = taken.error();
                return;
            }
            ++progress.receipts;
            if (on_progress) on_progress(progress);
        },
        [&](std::uint64_t) {
            ++progress.withheld;
            if (on_progress) on_progress(progress);
        });
    if (!fetched) return fetched.error();
    if (fault) return *fault;
    if (file.records.empty()) return empty_case(scope);
    return file;
}

}  // namespace socai::node::client
