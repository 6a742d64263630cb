#include "ledger/genesis_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <initializer_list>
#include <utility>

#include "ledger/ijson.hpp"
#include "ledger/json_members.hpp"
#include "ledger/node_list.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view reason = "malformed_genesis";

JsonMembers members_of(const json::value& value, std::string place,
                       std::initializer_list<std::string_view> names) {
    return {value, std::string(reason), std::move(place), names};
}

std::string place_of(std::string_view list, std::size_t position) {
    return "data." + std::string(list) + "[" + std::to_string(position) + "]";
}

json::array texts(const std::vector<std::string>& values) {
    return json::array(values.begin(), values.end());
}

// The agencies under `parent`, each followed by its own.
void append_agencies(const Registry& registry, const std::optional<std::string>& parent, json::array& list) {
    for (const auto& [code, agency] : registry.agencies()) {
        if (agency.parent != parent) continue;
        json::object item;
        item["code"] = code;
        item["parent"] = agency.parent ? json::value(*agency.parent) : json::value(nullptr);
        item["roles"] = texts(agency.roles);
        item["name_vi"] = agency.name_vi;
        item["name_en"] = agency.name_en;
        list.push_back(std::move(item));
        append_agencies(registry, code, list);
    }
}

json::array keys_json(const Registry& registry) {
    json::array list;
    for (const auto& [kid, key] : registry.keys()) {
        json::object item;
        item["kid"] = kid;
        item["purpose"] = word_of(key.purpose);
        item["kty"] = "OKP";
        item["crv"] = key.algorithm;
        item["x"] = key_text(key.key);
        item["valid_from"] = key.valid_from;
        item["valid_to"] = key.valid_to ? json::value(*key.valid_to) : json::value(nullptr);
        item["rights"] = texts(key.rights);
        list.push_back(std::move(item));
    }
    return list;
}

json::array delegations_json(const Registry& registry) {
    json::array list;
    for (const auto& [delegate, sources] : registry.delegations()) {
        for (const std::string& source : sources) {
            list.push_back(json::object{{"delegate", delegate}, {"source", source}});
        }
    }
    return list;
}

Result<void> read_agency(const json::value& value, std::string place, Registry& registry) {
    JsonMembers members =
        members_of(value, std::move(place), {"code", "parent", "roles", "name_vi", "name_en"});
    Agency agency;
    agency.code = members.text("code");
    if (!members.is_null("parent")) agency.parent = members.text("parent");
    agency.roles = members.texts("roles");
    agency.name_vi = members.text("name_vi");
    agency.name_en = members.text("name_en");
    if (members.fault()) return *members.fault();
    return registry.add_agency(std::move(agency));
}

Result<void> read_key(const json::value& value, std::string place, Registry& registry) {
    JsonMembers members = members_of(
        value, std::move(place), {"kid", "purpose", "kty", "crv", "x", "valid_from", "valid_to", "rights"});
    constexpr std::int64_t max_index = max_json_integer;
    RegisteredKey key;
    key.kid = members.text("kid");
    key.agency = key.kid.substr(0, key.kid.find('/'));
    const std::string purpose = members.text("purpose");
    members.expect("kty", "OKP");
    key.algorithm = members.text("crv");
    key.key = members.key("x");
    key.valid_from = static_cast<std::uint64_t>(members.number("valid_from", max_index));
    if (!members.is_null("valid_to")) {
        key.valid_to = static_cast<std::uint64_t>(members.number("valid_to", max_index));
    }
    key.rights = members.texts("rights");
    if (members.fault()) return *members.fault();
    const auto known = key_purpose(purpose);
    if (!known)
        return invalid(std::string(reason), "key " + quote(key.kid) + ": purpose " + quote(purpose) +
                                                " is none of record, registrar, root and auditor");
    key.purpose = *known;
    return registry.add_key(std::move(key));
}

Result<void> read_delegation(const json::value& value, std::string place, Registry& registry) {
    JsonMembers members = members_of(value, std::move(place), {"delegate", "source"});
    std::string delegate = members.text("delegate");
    std::string source = members.text("source");
    if (members.fault()) return *members.fault();
    return registry.add_delegation(std::move(delegate), std::move(source));
}

Result<void> read_genesis_node(const json::value& value, std::string place, std::vector<GenesisNode>& nodes) {
    Result<GenesisNode> node = read_node(value, std::string(reason), std::move(place));
    if (!node) return node.error();
    nodes.push_back(*std::move(node));
    return {};
}

// Reads every element of data.<name> with `read`.
template <class Target>
Result<void> read_list(JsonMembers& members, std::string_view name,
                       Result<void> (*read)(const json::value&, std::string, Target&), Target& target) {
    std::size_t position = 0;
    for (const json::value& value : members.list(name)) {
        if (Result<void> done = read(value, place_of(name, position++), target); !done) return done;
    }
    return {};
}

}  // namespace

json::object genesis_data(const Genesis& genesis) {
    json::array agencies;
    append_agencies(genesis.registry, std::nullopt, agencies);
    json::object parameters;
    parameters["max_future_ms"] = genesis.parameters.max_future_ms;
    parameters["max_backdate_ms"] = genesis.parameters.max_backdate_ms;
    json::object passage;
    for (const auto& [matter, rule] : genesis.parameters.passage) passage[matter] = rule;
    parameters["passage"] = std::move(passage);

    json::object data;
    data["origin"] = genesis.origin;
    data["agencies"] = std::move(agencies);
    data["keys"] = keys_json(genesis.registry);
    data["delegations"] = delegations_json(genesis.registry);
    data["nodes"] = nodes_json(genesis.nodes);
    data["parameters"] = std::move(parameters);
    data["policy"] = genesis.policy;
    data["refs"] = json::array();
    return data;
}

Result<Genesis> parse_genesis_data(const json::value& data) {
    JsonMembers members = members_of(
        data, "data", {"origin", "agencies", "keys", "delegations", "nodes", "parameters", "policy", "refs"});
    Genesis genesis;
    genesis.origin = members.text("origin");
    genesis.policy = members.text("policy");
    if (!members.list("refs").empty())
        return invalid(std::string(reason), "data.refs must be empty: nothing stands before");
    if (members.fault()) return *members.fault();

    Registry& registry = genesis.registry;
    if (auto done = read_list(members, "agencies", read_agency, registry); !done) return done.error();
    if (auto done = read_list(members, "keys", read_key, registry); !done) return done.error();
    if (auto done = read_list(members, "delegations", read_delegation, registry); !done) return done.error();
    if (auto done = read_list(members, "nodes", read_genesis_node, genesis.nodes); !done) return done.error();
    if (members.fault()) return *members.fault();

    JsonMembers parameters = members_of(data.get_object().at("parameters"), "data.parameters",
                                        {"max_future_ms", "max_backdate_ms", "passage"});
    genesis.parameters.max_future_ms = parameters.number("max_future_ms", max_time_ms);
    genesis.parameters.max_backdate_ms = parameters.number("max_backdate_ms", max_time_ms);
    const json::value& passage = parameters.any("passage");
    if (parameters.fault()) return *parameters.fault();
    if (!passage.is_object())
        return invalid(std::string(reason), "data.parameters.passage must be an object");
    for (const auto& member : passage.get_object()) {
        const std::string matter(member.key());
        if (!is_word(matter) || !member.value().is_string())
            return invalid(std::string(reason),
                           "data.parameters.passage holds words, the rule of passage for each matter");
        genesis.parameters.passage.emplace(matter, std::string(member.value().get_string()));
    }
    return genesis;
}

}  // namespace socai::ledger
