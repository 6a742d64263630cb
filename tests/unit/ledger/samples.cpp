#include "tests/unit/ledger/samples.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstdlib>

#include "ledger/entry.hpp"
#include "ledger/hash.hpp"
#include "ledger/node_list.hpp"
#include "ledger/policy.hpp"
#include "ledger/policy_leaf.hpp"

namespace socai::ledger::samples {
namespace {

namespace json = boost::json;

template <class T>
T good(Result<T> result) {
    return result.value();
}

GenesisNode node(std::string_view name, std::string_view agency, std::uint64_t raft_id) {
    const std::string prefix(name);
    return {std::string(name),
            std::string(agency),
            raft_id,
            key_named(prefix + " log").key.public_key(),
            key_named(prefix + " cosigner").key.public_key(),
            key_named(prefix + " node").key.public_key(),
            key_named(prefix + " tls").key.public_key()};
}

}  // namespace

Jwk key_named(std::string_view kid) {
    return {std::string(kid), KeyPair::from_seed(sha256(kid))};
}

Genesis genesis() {
    Genesis genesis;
    genesis.origin = origin;
    Registry& registry = genesis.registry;
    registry.add_agency({"customs", std::nullopt, {"member"}, "Cơ quan Hải quan", "Customs"}).value();
    registry.add_agency({"most", std::nullopt, {"member"}, "Bộ Khoa học và Công nghệ", "Ministry"}).value();
    registry.add_agency({"customs.haiphong", "customs", {"customs_office"}, "", ""}).value();
    registry.add_agency({"customs.nsw", "customs", {"nsw_operator"}, "", ""}).value();
    registry.add_agency({"most.qlcl", "most", {"inspection_agency", "list_owner"}, "", ""}).value();
    registry.add_agency({std::string(trader), "customs.nsw", {"trader"}, "", ""}).value();
    registry.add_delegation("customs.nsw", std::string(trader)).value();
    for (const std::string agency : {"customs", "most", "customs.haiphong", "customs.nsw", "most.qlcl"}) {
        RegisteredKey key;
        key.kid = agency + "/1";
        key.agency = agency;
        key.key = key_named(key.kid).key.public_key();
        if (agency == "most.qlcl") key.rights = {"historical_import"};
        registry.add_key(key).value();
    }
    RegisteredKey late;
    late.kid = "most.qlcl/late";
    late.agency = "most.qlcl";
    late.key = key_named(late.kid).key.public_key();
    late.valid_from = 10;
    late.valid_to = 20;
    registry.add_key(late).value();

    genesis.nodes = {node("customs-1", "customs", 1), node("most-1", "most", 2)};
    Policy policy;
    for (const GenesisNode& member : genesis.nodes) {
        policy.logs.push_back(
            {VerifierKey{std::string(origin), NoteKeyType::ed25519, member.log_key}, std::string()});
    }
    genesis.policy = policy.to_string();
    return genesis;
}

std::string genesis_entry() {
    const std::string record = genesis_record(genesis(), "customs", "2021-01-01T00:00:00Z");
    return make_entry(now_ms - 1'000'000, sign_statement(key_named("customs/1"), origin, record, false));
}

json::object record(std::string_view id, std::string_view source) {
    json::object event;
    event["specversion"] = "1.0";
    event["id"] = id;
    event["source"] = source;
    event["type"] = "vn.socai.clearance_decision.v1";
    event["subject"] = "104000123450";
    event["time"] = "2021-09-30T23:00:00+00:00";
    event["datacontenttype"] = "application/json";
    event["data"] = json::object{{"decision", "cleared"}, {"refs", json::array()}};
    return event;
}

void refer(json::object& record, std::string_view rel, std::string_view source, std::string_view id) {
    record["data"].as_object()["refs"].as_array().push_back(
        json::object{{"rel", rel}, {"source", source}, {"id", id}});
}

std::string text(const json::object& record) {
    return json::serialize(record);
}

std::string bundle_text(const std::vector<json::object>& records) {
    std::string text = "[";
    for (const json::object& record : records) text += (text.size() > 1 ? "," : "") + json::serialize(record);
    return text + "]";
}

std::shared_ptr<const Statement> statement(const json::object& record, std::string_view kid) {
    return std::make_shared<const Statement>(
        good(parse_statement(sign_statement(key_named(kid), origin, text(record), false))));
}

std::shared_ptr<const Statement> bundle(const std::vector<json::object>& records, std::string_view kid) {
    return std::make_shared<const Statement>(
        good(parse_statement(sign_statement(key_named(kid), origin, bundle_text(records), true))));
}

Result<void> SomeRules::check(const Record& record, const Registry&) const {
    if (record.kind() == "alert" || record.kind() == "clearance_decision") return {};
    return Error{Fault::invalid_statement, "unknown_kind", record.type};
}

Result<void> SomeRules::check_reference(const Record& record, std::size_t, std::string_view kind) const {
    if (record.kind() == "clearance_decision" && kind == "alert")
        return Error{Fault::refused, "wrong_reference", "leads to an alert"};
    return {};
}

Result<void> SomeRules::take(const Coming& coming, FactDraft& facts) const {
    const std::string key = "count/" + coming.record.subject;
    const int count = std::stoi(facts.get(key).value_or("0")) + 1;
    if (count > 12 && coming.record.subject == "A")
        return Error{Fault::refused, "too_many", "twelve of A are enough"};
    facts.put(key, std::to_string(count));
    if (coming.record.subject == "B")
        facts.erase("last");
    else
        facts.put("last", coming.record.id);
    return {};
}

std::optional<KnownRecord> MapView::find(std::string_view source, std::string_view id) const {
    const auto found = records_.find({std::string(source), std::string(id)});
    if (found == records_.end()) return std::nullopt;
    return found->second;
}

std::optional<Hash> MapView::find_node(std::string_view name) const {
    const auto found = nodes_.find(name);
    return found == nodes_.end() ? std::nullopt : std::optional(found->second);
}

void MapView::add(const Admitted& admitted) {
    facts_.apply(admitted.changes);
    if (const auto leaf = policy_in(*admitted.statement, origin)) {
        for (const GenesisNode& node : leaf->nodes) nodes_.emplace(node.name, node_digest(node));
    }
    std::uint32_t n = 0;
    for (const Record& record : admitted.statement->records) {
        records_[{record.source, record.id}] = {Address{admitted.index, n++}, record.digest,
                                                std::string(record.kind())};
    }
    time_ms_ = admitted.time_ms;
    ++size_;
}

}  // namespace socai::ledger::samples
