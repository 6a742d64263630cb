#include "inspection/case_file.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cassert>
#include <utility>

#include "ledger/base64.hpp"
#include "ledger/ijson.hpp"
#include "ledger/json_members.hpp"
#include "ledger/jwk.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;
using ledger::JsonMembers;
using ledger::ProvenEntry;
using ledger::Result;

constexpr std::string_view reason = "malformed_case";
constexpr std::array<std::string_view, 3> scope_fields{"dossier_no", "tax_code", "declaration_no"};

ledger::Error malformed(std::string detail) {
    return ledger::invalid(std::string(reason), std::move(detail));
}

json::object proven_json(const ProvenEntry& proven) {
    return {{"entry", proven.entry}, {"proof", proven.proof.to_string()}};
}

json::object scope_json(const CaseScope& scope) {
    json::object object{{scope.field(), scope.number}};
    if (scope.from_time_ms) object["from_time"] = ledger::format_rfc3339(*scope.from_time_ms);
    if (scope.to_time_ms) object["to_time"] = ledger::format_rfc3339(*scope.to_time_ms);
    return object;
}

std::string place_of(std::string_view list, std::size_t position) {
    return "case." + std::string(list) + "[" + std::to_string(position) + "]";
}

// Members that every reader below has in common.
JsonMembers members_of(const json::value& value, std::string place,
                       std::initializer_list<std::string_view> names) {
    return {value, std::string(reason), std::move(place), names};
}

Result<ProvenEntry> read_proven(JsonMembers& members, const std::string& place) {
    std::string entry = members.text("entry");
    const std::string proof_text = members.text("proof");
    if (members.fault()) return *members.fault();
    if (entry.size() > ledger::max_entry_bytes)
        return malformed(place + ".entry is longer than a leaf, 65,535 bytes");
    Result<ledger::TlogProof> proof = ledger::parse_tlog_proof(proof_text);
    if (!proof) return ledger::invalid(proof.error().reason, place + ".proof: " + proof.error().detail);
    return ProvenEntry{std::move(entry), *std::move(proof)};
}

Result<CaseScope> read_scope(const json::value& value) {
    const json::object* object = value.if_object();
    if (object == nullptr) return malformed("case.case must be an object");
    CaseScope scope;
    std::size_t numbers = 0;
    for (const json::key_value_pair& member : *object) {
        const std::string name(member.key());
        const json::string* text = member.value().if_string();
        if (text == nullptr) return malformed("case.case." + ledger::quote(name) + " must be a string");
        const auto field = std::ranges::find(scope_fields, name);
        if (field != scope_fields.end()) {
            scope.kind = static_cast<CaseKind>(field - scope_fields.begin());
            scope.number = *text;
            ++numbers;
        } else if (name == "from_time" || name == "to_time") {
            const auto time = ledger::parse_rfc3339(*text);
            if (!time) return malformed("case.case." + name + " must be a time as in RFC 3339");
            (name == "from_time" ? scope.from_time_ms : scope.to_time_ms) = *time;
        } else {
            return malformed("case.case has the unknown member " + ledger::quote(name));
        }
    }
    if (numbers != 1 || !ledger::is_business_number(scope.number)) {
        return malformed(
            "case.case must have one of dossier_no, tax_code and declaration_no, a business number");
    }
    return scope;
}

// Reads the elements of the array `name`, at most `most` of them.
template <class T, class Read>
Result<std::vector<T>> read_list(JsonMembers& members, std::string_view name, std::size_t most, Read read) {
    const json::array& list = members.list(name);
    if (list.size() > most) {
        return malformed("case." + std::string(name) + " has more than " + std::to_string(most) +
                         " elements");
    }
    std::vector<T> items;
    items.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
        Result<T> item = read(list[i], place_of(name, i));
        if (!item) return item.error();
        items.push_back(*std::move(item));
    }
    return items;
}

Result<CaseRecord> read_record(const json::value& value, const std::string& place) {
    JsonMembers members = members_of(value, place, {"index", "n", "time", "kid", "record"});
    CaseRecord record;
    record.address.index = static_cast<std::uint64_t>(members.number("index", ledger::max_json_integer));
    record.address.n = static_cast<std::uint32_t>(members.number("n", ledger::max_bundle_records - 1));
    record.time_ms = members.number("time", ledger::max_time_ms);
    record.kid = members.text("kid");
    record.bytes = members.text("record");
    if (members.fault()) return *members.fault();
    return record;
}

Result<CaseKey> read_key(const json::value& value, const std::string& place) {
    JsonMembers members = members_of(value, place, {"kid", "x", "entry", "proof"});
    CaseKey key;
    key.kid = members.text("kid");
    key.key = members.key("x");
    if (key.kid.size() > ledger::max_kid_bytes) return malformed(place + ".kid is longer than 256 bytes");
    Result<ProvenEntry> leaf = read_proven(members, place);
    if (!leaf) return leaf.error();
    key.leaf = *std::move(leaf);
    return key;
}

Result<std::vector<ProvenEntry>> read_chain(const json::value& value, const std::string& place) {
    const json::array* list = value.if_array();
    if (list == nullptr || list->size() > ledger::max_policy_links) {
        return malformed(place + " must be an array of at most 1,000 policies");
    }
    std::vector<ProvenEntry> chain;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const std::string link_place = place + "[" + std::to_string(i) + "]";
        JsonMembers members = members_of((*list)[i], link_place, {"entry", "proof"});
        Result<ProvenEntry> link = read_proven(members, link_place);
        if (!link) return link.error();
        chain.push_back(*std::move(link));
    }
    return chain;
}

Result<CaseReceipt> read_receipt(const json::value& value, const std::string& place, const Case& file) {
    JsonMembers members = members_of(value, place, {"entry", "proof", "key", "chain"});
    CaseReceipt receipt;
    receipt.key = static_cast<std::size_t>(members.number("key", max_case_keys));
    receipt.chain = static_cast<std::size_t>(members.number("chain", max_case_chains));
    Result<ProvenEntry> leaf = read_proven(members, place);
    if (!leaf) return leaf.error();
    if (receipt.key >= file.keys.size() || receipt.chain >= file.chains.size()) {
        return malformed(place + ": its key or chain is not in the case");
    }
    receipt.leaf = *std::move(leaf);
    return receipt;
}

Result<void> check_order(const Case& file) {
    for (std::size_t i = 1; i < file.records.size(); ++i) {
        if (file.records[i - 1].address < file.records[i].address) continue;
        return malformed(place_of("records", i) + " does not stand behind the one before it");
    }
    for (std::size_t i = 1; i < file.receipts.size(); ++i) {
        if (file.receipts[i - 1].leaf.proof.index < file.receipts[i].leaf.proof.index) continue;
        return malformed(place_of("receipts", i) + " does not stand behind the one before it");
    }
    return {};
}

// Chains, keys and proofs of keys, each looked at once however many receipts share it.
class SharedParts {
  public:
    SharedParts(const Case& file, const ledger::Policy& pinned)
        : file_(file), pinned_(pinned), policies_(file.chains.size()), registries_(file.keys.size()) {}

    Result<ledger::VerifiedReceipt> verify(const CaseReceipt& receipt) {
        std::optional<ledger::PolicyInForce>& policy = policies_[receipt.chain];
        if (!policy) {
            auto followed = ledger::policy_in_force(pinned_, file_.chains[receipt.chain]);
            if (!followed) return followed.error();
            policy = *std::move(followed);
        }
        const CaseKey& key = file_.keys[receipt.key];
        if (std::ranges::find(proven_keys_, std::pair(receipt.key, receipt.chain)) == proven_keys_.end()) {
            if (auto done = ledger::verify_proven(key.leaf, *policy); !done) return done.error();
            proven_keys_.emplace_back(receipt.key, receipt.chain);
        }
        std::optional<ledger::Registry>& registry = registries_[receipt.key];
        if (!registry) {
            auto read = ledger::registry_in(key.leaf);
            if (!read) return read.error();
            registry = *std::move(read);
        }
        return ledger::verify_leaf(receipt.leaf, key.kid, key.key, *registry, *policy);
    }

  private:
    const Case& file_;
    const ledger::Policy& pinned_;
    std::vector<std::optional<ledger::PolicyInForce>> policies_;    // by chain
    std::vector<std::optional<ledger::Registry>> registries_;       // by key
    std::vector<std::pair<std::size_t, std::size_t>> proven_keys_;  // key, chain
};

// The receipt whose leaf is `index`, from position `from` on: both lists are in order.
std::optional<std::size_t> receipt_at(const Case& file, std::size_t from, std::uint64_t index) {
    while (from < file.receipts.size() && file.receipts[from].leaf.proof.index < index) ++from;
    if (from == file.receipts.size() || file.receipts[from].leaf.proof.index != index) return std::nullopt;
    return from;
}

}  // namespace

std::string_view CaseScope::field() const {
    return scope_fields.at(static_cast<std::size_t>(kind));
}

Filter CaseScope::filter() const {
    Filter filter;
    switch (kind) {
        case CaseKind::dossier:
            filter.dossier_no = number;
            break;
        case CaseKind::enterprise:
            filter.tax_code = number;
            break;
        case CaseKind::declaration:
            filter.declaration_no = number;
            break;
    }
    filter.from_time_ms = from_time_ms;
    filter.to_time_ms = to_time_ms;
    return filter;
}

bool CaseMembers::take(const ledger::Record& record) {
    const Fields fields = fields_of(record);
    bool belongs = matches(scope_.filter(), fields);
    if (!belongs && scope_.kind == CaseKind::dossier) {
        Filter period = scope_.filter();
        period.dossier_no.reset();
        belongs = matches(period, fields) &&
                  std::ranges::any_of(record.refs, [&](const ledger::Reference& reference) {
                      return names_.contains({reference.source, reference.id});
                  });
    }
    if (belongs) names_.emplace(record.source, record.id);
    return belongs;
}

void Case::add(ledger::Receipt receipt) {
    assert(receipts.empty() || receipts.back().leaf.proof.index < receipt.leaf.proof.index);
    CaseReceipt added{std::move(receipt.leaf), 0, 0};
    const auto chain = std::ranges::find(chains, receipt.policies);
    added.chain = static_cast<std::size_t>(chain - chains.begin());
    const bool new_chain = chain == chains.end();
    if (new_chain) chains.push_back(std::move(receipt.policies));

    // A key's proof serves again only where the same policy governs it.
    const auto known = std::ranges::find_if(receipts, [&](const CaseReceipt& other) {
        const CaseKey& key = keys[other.key];
        return other.chain == added.chain && key.kid == receipt.kid && key.key == receipt.key &&
               key.leaf.entry == receipt.key_leaf.entry;
    });
    if (!new_chain && known != receipts.end()) {
        added.key = known->key;
    } else {
        added.key = keys.size();
        keys.push_back({std::move(receipt.kid), receipt.key, std::move(receipt.key_leaf)});
    }
    receipts.push_back(std::move(added));
}

ledger::Receipt Case::receipt_of(const CaseReceipt& receipt) const {
    const CaseKey& key = keys.at(receipt.key);
    return {receipt.leaf, key.kid, key.key, key.leaf, chains.at(receipt.chain)};
}

std::string Case::to_json() const {
    json::array record_list;
    for (const CaseRecord& record : records) {
        record_list.push_back(json::object{{"index", record.address.index},
                                           {"n", record.address.n},
                                           {"time", record.time_ms},
                                           {"kid", record.kid},
                                           {"record", record.bytes}});
    }
    json::array receipt_list;
    for (const CaseReceipt& receipt : receipts) {
        json::object item = proven_json(receipt.leaf);
        item["key"] = receipt.key;
        item["chain"] = receipt.chain;
        receipt_list.push_back(std::move(item));
    }
    json::array key_list;
    for (const CaseKey& key : keys) {
        json::object item{{"kid", key.kid}, {"x", ledger::key_text(key.key)}};
        for (auto& [name, value] : proven_json(key.leaf)) item[name] = std::move(value);
        key_list.push_back(std::move(item));
    }
    json::array chain_list;
    for (const std::vector<ProvenEntry>& chain : chains) {
        json::array links;
        for (const ProvenEntry& link : chain) links.push_back(proven_json(link));
        chain_list.push_back(std::move(links));
    }
    json::object object{{"format", case_format}, {"origin", origin}};
    object["case"] = scope_json(scope);
    object["as_of"] = json::object{{"size", as_of_size}, {"time", as_of_time_ms}};
    object["records"] = std::move(record_list);
    object["receipts"] = std::move(receipt_list);
    object["keys"] = std::move(key_list);
    object["chains"] = std::move(chain_list);
    return json::serialize(object) + "\n";
}

Result<Case> parse_case(std::string_view text) {
    if (text.size() > max_case_bytes) return malformed("the case is longer than 64 MiB");
    const Result<json::value> value = ledger::parse_ijson(text);
    if (!value) return malformed("the case is not well-formed JSON: " + value.error().detail);
    JsonMembers members = members_of(
        *value, "case", {"format", "origin", "case", "as_of", "records", "receipts", "keys", "chains"});
    members.expect("format", case_format);
    Case file;
    file.origin = members.text("origin");
    JsonMembers as_of = members_of(members.any("as_of"), "case.as_of", {"size", "time"});
    file.as_of_size = static_cast<std::uint64_t>(as_of.number("size", ledger::max_json_integer));
    file.as_of_time_ms = as_of.number("time", ledger::max_time_ms);
    if (members.fault()) return *members.fault();
    if (as_of.fault()) return *as_of.fault();
    if (!ledger::is_origin(file.origin)) return malformed("case.origin is no ledger's name");

    auto scope = read_scope(members.any("case"));
    if (!scope) return scope.error();
    file.scope = *std::move(scope);
    auto records = read_list<CaseRecord>(members, "records", max_case_records, read_record);
    if (!records) return records.error();
    file.records = *std::move(records);
    auto keys = read_list<CaseKey>(members, "keys", max_case_keys, read_key);
    if (!keys) return keys.error();
    file.keys = *std::move(keys);
    auto chains = read_list<std::vector<ProvenEntry>>(members, "chains", max_case_chains, read_chain);
    if (!chains) return chains.error();
    file.chains = *std::move(chains);
    auto receipts = read_list<CaseReceipt>(members, "receipts", max_case_records,
                                           [&](const json::value& element, const std::string& place) {
                                               return read_receipt(element, place, file);
                                           });
    if (!receipts) return receipts.error();
    file.receipts = *std::move(receipts);
    if (members.fault()) return *members.fault();
    if (auto ordered = check_order(file); !ordered) return ordered.error();
    return file;
}

std::vector<std::string> record_bytes(const ledger::Statement& statement) {
    const std::string_view input = statement.signing_input();
    const std::optional<std::string> payload = ledger::base64url_decode(input.substr(input.find('.') + 1));
    if (!payload) return {};
    if (!statement.bundle) return {std::string(ledger::trim_json(*payload))};
    const std::vector<std::string_view> elements = ledger::array_elements(*payload);
    return {elements.begin(), elements.end()};
}

Result<VerifiedCase> verify_case(const Case& file, const ledger::Policy& pinned) {
    // A case without receipts has nothing else that ties it to the policy's ledger.
    if (std::ranges::none_of(pinned.logs,
                             [&](const ledger::PolicyLog& log) { return log.key.name == file.origin; })) {
        return ledger::invalid("wrong_origin",
                               "the case is of " + ledger::quote(file.origin) +
                                   ", and the policy names no log of that ledger: take the policy of the "
                                   "ledger that the case is of");
    }
    VerifiedCase verified;
    SharedParts parts(file, pinned);
    for (const CaseReceipt& receipt : file.receipts) {
        Result<ledger::VerifiedReceipt> done = parts.verify(receipt);
        if (!done) {
            return ledger::Error{
                done.error().fault, done.error().reason,
                "leaf " + std::to_string(receipt.leaf.proof.index) + ": " + done.error().detail};
        }
        if (done->checkpoint.origin != file.origin) {
            return ledger::invalid("wrong_origin", "leaf " + std::to_string(done->index) + " is of " +
                                                       ledger::quote(done->checkpoint.origin) +
                                                       ", the case is of " + ledger::quote(file.origin));
        }
        verified.receipts.push_back(*std::move(done));
    }
    std::size_t position = 0;
    CaseMembers members(file.scope);
    std::vector<bool> used(file.receipts.size());
    for (const CaseRecord& record : file.records) {
        const std::string place = "record " + to_string(record.address);
        const std::optional<std::size_t> found = receipt_at(file, position, record.address.index);
        if (!found) {
            return ledger::invalid("no_receipt",
                                   place + " has no receipt: nothing shows that it stands in the ledger");
        }
        position = *found;
        used[position] = true;
        const ledger::VerifiedReceipt& receipt = verified.receipts[position];
        const std::vector<ledger::Record>& standing = receipt.statement->records;
        if (record.address.n >= standing.size() ||
            standing[record.address.n].digest != ledger::sha256(record.bytes) ||
            record.time_ms != receipt.time_ms || record.kid != receipt.kid) {
            return ledger::invalid("other_record",
                                   place +
                                       " is not what the ledger holds at that place: its bytes, its "
                                       "accepted time or its key were altered");
        }
        const ledger::Record& known = standing[record.address.n];
        if (!members.take(known)) {
            return ledger::invalid("foreign_record", place + " is a record of the ledger, but not of " +
                                                         std::string(file.scope.field()) + " " +
                                                         ledger::quote(file.scope.number));
        }
        verified.places.push_back({position, known});
    }
    for (std::size_t i = 0; i < used.size(); ++i) {
        if (used[i]) continue;
        return ledger::invalid("spare_receipt",
                               "the receipt of leaf " + std::to_string(verified.receipts[i].index) +
                                   " proves no record of the case: the record was taken out, or the "
                                   "receipt put in");
    }
    return verified;
}

}  // namespace socai::inspection
