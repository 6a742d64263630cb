#include "ledger/remains.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <unordered_set>

#include "ledger/base64.hpp"
#include "ledger/entry.hpp"
#include "ledger/governance/acts.hpp"
#include "ledger/governance/governed_facts.hpp"
#include "ledger/ijson.hpp"
#include "ledger/json_members.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/proof_lines.hpp"
#include "ledger/recovery_leaf.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view first_word = "withdrawn ";
constexpr std::size_t hash_characters = 44;  // 32 bytes in base64
constexpr std::string_view malformed = "malformed_remains";

Error malformed_remains(std::string detail) {
    return invalid(std::string(malformed), "what remains of a leaf: " + std::move(detail));
}

json::array refs_json(const Record& record) {
    json::array refs;
    for (const Reference& reference : record.refs)
        refs.push_back({{"rel", reference.rel}, {"source", reference.source}, {"id", reference.id}});
    return refs;
}

// All that stays of a record, shown as a record.
void make_bare(Record& record) {
    record.subject.clear();
    record.commitments.clear();
    json::object bare{{"specversion", "1.0"}, {"id", record.id},     {"source", record.source},
                      {"type", record.type},  {"time", record.time}, {"datacontenttype", "application/json"}};
    bare["data"] = json::object{{"refs", refs_json(record)}};
    record.json = std::move(bare);
}

Statement bare(const Statement& whole) {
    Statement statement;
    statement.kid = whole.kid;
    statement.audience = whole.audience;
    statement.bundle = whole.bundle;
    statement.records = whole.records;
    for (Record& record : statement.records) make_bare(record);
    return statement;
}

Result<Reference> read_reference(const json::value& value) {
    JsonMembers members(value, std::string(malformed), "a reference", {"rel", "source", "id"});
    Reference reference{members.text("rel"), members.text("source"), members.text("id")};
    if (members.fault()) return *members.fault();
    if (!is_word(reference.rel) || !is_agency_code(reference.source) || !is_record_id(reference.id))
        return malformed_remains("a reference leads nowhere");
    return reference;
}

Result<Record> read_record(const json::value& value, const std::string& source, const std::string& type) {
    JsonMembers members(value, std::string(malformed), "a record", {"id", "time", "digest", "refs"});
    Record record;
    record.id = members.text("id");
    record.source = source;
    record.type = type;
    record.time = members.text("time");
    const auto digest = parse_hash_text(members.text("digest"));
    const json::array refs = members.list("refs");
    if (members.fault()) return *members.fault();
    const auto time_ms = parse_rfc3339(record.time);
    if (!is_record_id(record.id) || !time_ms || !digest) return malformed_remains("a record lacks its name, time or digest");
    record.time_ms = *time_ms;
    record.digest = *digest;
    for (const json::value& each : refs) {
        auto reference = read_reference(each);
        if (!reference) return reference.error();
        record.refs.push_back(*std::move(reference));
    }
    make_bare(record);
    return record;
}

Result<FactChange> read_change(const json::value& value) {
    const json::array* pair = value.if_array();
    const auto part = [&](std::size_t position) -> std::optional<std::string> {
        if (pair == nullptr || pair->size() != 2 || !(*pair)[position].is_string()) return std::nullopt;
        return base64_decode((*pair)[position].get_string());
    };
    auto key = part(0);
    auto after = part(1);
    if (!key || (!after && !(*pair)[1].is_null())) return malformed_remains("a change is no pair of key and value");
    // Else what remains could carry the vote that allows it.
    if (is_governed_fact(*key)) return malformed_remains("it would change agencies, keys, votes or what they put in force");
    return FactChange{*std::move(key), std::move(after)};
}

Result<void> read_members(const json::value& value, Remains& remains) {
    JsonMembers members(value, std::string(malformed), "what remains of a leaf",
                        {"index", "time", "kid", "audience", "source", "type", "records", "before", "changes"});
    remains.index = static_cast<std::uint64_t>(members.number("index", max_json_integer));
    remains.time_ms = members.number("time", max_time_ms);
    remains.statement.kid = members.text("kid");
    remains.statement.audience = members.text("audience");
    const std::string source = members.text("source");
    const std::string type = members.text("type");
    const json::array records = members.list("records");
    const auto before = parse_hash_text(members.text("before"));
    const json::array changes = members.list("changes");
    if (members.fault()) return *members.fault();
    if (!before || !is_agency_code(source) || records.empty() || records.size() > max_bundle_records)
        return malformed_remains("its digest, source or records are none");
    remains.before = *before;
    remains.statement.bundle = records.size() > 1;
    for (const json::value& each : records) {
        auto record = read_record(each, source, type);
        if (!record) return record.error();
        if (record->kind().empty()) return malformed_remains("its type is none");
        remains.statement.records.push_back(*std::move(record));
    }
    for (const json::value& each : changes) {
        auto change = read_change(each);
        if (!change) return change.error();
        remains.changes.push_back(*std::move(change));
    }
    return {};
}

// Every reference leads to what stands before, in the ledger or in the bundle; no record stands already.
Result<void> check_names(const View& view, const Remains& remains) {
    std::unordered_set<std::string_view> earlier;
    for (const Record& record : remains.statement.records) {
        if (view.find(record.source, record.id) || earlier.contains(record.id))
            return malformed_remains("the record " + quote(record.id) + " stands already");
        for (const Reference& reference : record.refs) {
            const bool beside = reference.source == record.source && earlier.contains(reference.id);
            if (!beside && !view.find(reference.source, reference.id))
                return malformed_remains("the record " + quote(record.id) + " refers to what does not stand before it");
        }
        earlier.insert(record.id);
    }
    return {};
}

}  // namespace

Result<void> may_be_withdrawn(const Rules& rules, std::uint64_t index, const Record& record) {
    const std::string_view kind = record.kind();
    const bool founds = index == 0 || is_governance_kind(kind) || record.type == policy_type ||
                        record.type == recovery_type || !rules.matter_of(kind).empty();
    if (!founds) return {};
    return Error{Fault::refused, "not_withdrawable",
                 "leaf " + std::to_string(index) + " holds " + quote(record.type) +
                     ": keys, votes, policies and what a vote puts in force stay, for what comes after rests on them"};
}

Result<Remains> remains_of(const Rules& rules, const Admitted& admitted, const Hash& before) {
    if (auto may = may_be_withdrawn(rules, admitted.index, admitted.statement->records.front()); !may) return may.error();
    Remains remains{admitted.index, admitted.leaf,  admitted.time_ms, bare(*admitted.statement),
                    before,         admitted.changes};
    const std::string text = to_text(remains);
    const std::size_t bytes = text.size() + static_cast<std::size_t>(std::ranges::count(text, '"'));
    if (bytes > max_voted_bytes)
        return Error{Fault::refused, "too_much_remains",
                     "of leaf " + std::to_string(admitted.index) + " would remain " + std::to_string(bytes) +
                         " bytes, and no proposal can name more than " + std::to_string(max_voted_bytes)};
    return remains;
}

std::string to_text(const Remains& remains) {
    const Statement& statement = remains.statement;
    json::array records;
    for (const Record& record : statement.records)
        records.push_back({{"id", record.id},
                           {"time", record.time},
                           {"digest", hash_text(record.digest)},
                           {"refs", refs_json(record)}});
    json::array changes;
    for (const FactChange& change : remains.changes)
        changes.push_back(json::array{json::value(base64(change.key)),
                                      change.value ? json::value(base64(*change.value)) : json::value(nullptr)});
    const Record& first = statement.records.front();
    const json::object object{{"index", remains.index},
                              {"time", remains.time_ms},
                              {"kid", statement.kid},
                              {"audience", statement.audience},
                              {"source", first.source},
                              {"type", first.type},
                              {"records", std::move(records)},
                              {"before", hash_text(remains.before)},
                              {"changes", std::move(changes)}};
    return std::string(first_word) + hash_text(remains.leaf) + " " + json::serialize(object);
}

bool is_remains(std::string_view entry) {
    return entry.starts_with(first_word);
}

Result<Remains> parse_remains(std::string_view text) {
    if (!is_remains(text) || text.size() > max_entry_bytes || text.size() < first_word.size() + hash_characters + 1)
        return malformed_remains("it has not the form \"withdrawn\", hash, object");
    Remains remains;
    const auto leaf = parse_hash_text(text.substr(first_word.size(), hash_characters));
    if (!leaf) return malformed_remains("it names no hash");
    remains.leaf = *leaf;
    const auto value = parse_ijson(text.substr(first_word.size() + hash_characters + 1));
    if (!value) return malformed_remains(value.error().detail);
    if (auto read = read_members(*value, remains); !read) return read.error();
    // One spelling: its digest is what is voted for.
    if (to_text(remains) != text) return malformed_remains("it is not spelled as the program spells it");
    return remains;
}

Hash hash_of_leaf(std::string_view entry) {
    if (is_remains(entry))
        if (const auto named = parse_hash_text(entry.substr(first_word.size(), hash_characters))) return *named;
    return leaf_hash(entry);
}

Result<LeafText> read_leaf(std::string_view entry) {
    if (is_remains(entry)) {
        auto remains = parse_remains(entry);
        if (!remains) return remains.error();
        return LeafText{remains->time_ms, std::move(remains->statement), true};
    }
    const auto split = split_entry(entry);
    if (!split) return split.error();
    auto statement = parse_statement(split->statement);
    if (!statement) return statement.error();
    return LeafText{split->time_ms, *std::move(statement), false};
}

Result<std::int64_t> time_of_leaf(std::string_view entry) {
    if (is_remains(entry)) {
        const auto remains = parse_remains(entry);
        if (!remains) return remains.error();
        return remains->time_ms;
    }
    const auto split = split_entry(entry);
    if (!split) return split.error();
    return split->time_ms;
}

Result<Admitted> admit_remains(const Context& context, const View& view, std::string_view text) {
    auto remains = parse_remains(text);
    if (!remains) return remains.error();
    if (remains->index != view.size())
        return malformed_remains("it is of leaf " + std::to_string(remains->index) + ", and stands at leaf " +
                                 std::to_string(view.size()));
    if (remains->time_ms < view.last_time_ms()) return malformed_remains("its time is before that of the leaf before");
    if (auto may = may_be_withdrawn(context.rules, remains->index, remains->statement.records.front()); !may)
        return may.error();
    if (auto fits = check_names(view, *remains); !fits) return fits.error();
    Admitted admitted;
    admitted.index = remains->index;
    admitted.time_ms = remains->time_ms;
    admitted.leaf = remains->leaf;
    admitted.entry = text;
    admitted.statement = std::make_shared<const Statement>(std::move(remains->statement));
    admitted.withdrawn = true;
    admitted.changes = std::move(remains->changes);
    return admitted;
}

Result<void> check_remains(const Remains& remains, std::string_view entry) {
    const auto whole = read_leaf(entry);
    if (!whole) return whole.error();
    Remains expected{remains.index, leaf_hash(entry), whole->time_ms, bare(whole->statement), remains.before, remains.changes};
    if (!whole->withdrawn && to_text(expected) == to_text(remains)) return {};
    return malformed_remains("it is not what remains of leaf " + std::to_string(remains.index));
}

}  // namespace socai::ledger
