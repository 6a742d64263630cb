#include "ledger/genesis_json.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "ledger/base64.hpp"
#include "ledger/ijson.hpp"
#include "ledger/json_members.hpp"
#include "ledger/node_list.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view genesis_reason = "malformed_genesis";

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

Result<void> read_agency(const json::value& value, const std::string& reason, std::string place,
                         Registry& registry) {
    JsonMembers members(value, reason, std::move(place), {"code", "parent", "roles", "name_vi", "name_en"});
    Agency agency;
    agency.code = members.text("code");
    if (!members.is_null("parent")) agency.parent = members.text("parent");
    agency.roles = members.texts("roles");
    agency.name_vi = members.text("name_vi");
    agency.name_en = members.text("name_en");
    if (members.fault()) return *members.fault();
    return registry.add_agency(std::move(agency));
}

Result<void> read_key(const json::value& value, const std::string& reason, std::string place,
                      Registry& registry) {
    JsonMembers members(value, reason, std::move(place),
                        {"kid", "purpose", "kty", "crv", "x", "valid_from", "valid_to", "rights"});
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
        return invalid(reason, "key " + quote(key.kid) + ": purpose " + quote(purpose) +
                                   " is none of record, registrar, root and auditor");
    key.purpose = *known;
    return registry.add_key(std::move(key));
}

Result<void> read_delegation(const json::value& value, const std::string& reason, std::string place,
                             Registry& registry) {
    JsonMembers members(value, reason, std::move(place), {"delegate", "source"});
    std::string delegate = members.text("delegate");
    std::string source = members.text("source");
    if (members.fault()) return *members.fault();
    return registry.add_delegation(std::move(delegate), std::move(source));
}

Result<void> read_genesis_node(const json::value& value, const std::string& reason, std::string place,
                               std::vector<GenesisNode>& nodes) {
    Result<GenesisNode> node = read_node(value, reason, std::move(place));
    if (!node) return node.error();
    nodes.push_back(*std::move(node));
    return {};
}

Result<void> read_consent(const json::value& value, const std::string& reason, std::string place,
                          std::vector<Consent>& consents) {
    JsonMembers members(value, reason, place, {"agency", "kid", "time", "addresses", "signature"});
    Consent consent;
    consent.agency = members.text("agency");
    consent.kid = members.text("kid");
    consent.time = members.text("time");
    const std::string signature = members.text("signature");
    if (members.fault()) return *members.fault();
    auto addresses = read_addresses(members.any("addresses"), reason, place + ".addresses");
    if (!addresses) return addresses.error();
    consent.addresses = *std::move(addresses);
    const auto bytes = base64url_decode(signature);
    if (!bytes || bytes->size() != consent.signature.size())
        return invalid(reason, place + ".signature must be 64 bytes in base64url");
    std::ranges::copy(*bytes, consent.signature.begin());
    consents.push_back(std::move(consent));
    return {};
}

json::array consents_json(const std::vector<Consent>& consents) {
    json::array list;
    for (const Consent& consent : consents) {
        json::object item;
        item["agency"] = consent.agency;
        item["kid"] = consent.kid;
        item["time"] = consent.time;
        item["addresses"] = addresses_json(consent.addresses);
        item["signature"] =
            base64url({reinterpret_cast<const char*>(consent.signature.data()), consent.signature.size()});
        list.push_back(std::move(item));
    }
    return list;
}

// Reads every element of data.<name> with `read`.
template <class Target>
Result<void> read_list(JsonMembers& members, std::string_view name, const std::string& reason,
                       Result<void> (*read)(const json::value&, const std::string&, std::string, Target&),
                       Target& target) {
    std::size_t position = 0;
    for (const json::value& value : members.list(name)) {
        if (Result<void> done = read(value, reason, place_of(name, position++), target); !done) return done;
    }
    if (members.fault()) return *members.fault();
    return {};
}

}  // namespace

json::array agencies_json(const Registry& registry) {
    json::array list;
    append_agencies(registry, std::nullopt, list);
    return list;
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

json::object addresses_json(const Consent::Addresses& addresses) {
    json::object object;
    for (const auto& [node, address] : addresses) object[node] = address;
    return object;
}

Result<void> read_registry(JsonMembers& members, const std::string& reason, Registry& registry) {
    if (auto done = read_list(members, "agencies", reason, read_agency, registry); !done) return done;
    if (auto done = read_list(members, "keys", reason, read_key, registry); !done) return done;
    return read_list(members, "delegations", reason, read_delegation, registry);
}

Result<void> read_nodes(JsonMembers& members, const std::string& reason, std::vector<GenesisNode>& nodes) {
    return read_list(members, "nodes", reason, read_genesis_node, nodes);
}

Result<Consent::Addresses> read_addresses(const json::value& value, const std::string& reason,
                                          const std::string& place) {
    Consent::Addresses addresses;
    const json::object* object = value.if_object();
    if (object == nullptr) return invalid(reason, place + " must be an object");
    for (const auto& member : *object) {
        if (!member.value().is_string())
            return invalid(reason, place + " holds texts, a node's host:port each");
        addresses.emplace(member.key(), member.value().get_string());
    }
    return addresses;
}

json::object genesis_data(const Genesis& genesis) {
    json::object parameters;
    parameters["max_future_ms"] = genesis.parameters.max_future_ms;
    parameters["max_backdate_ms"] = genesis.parameters.max_backdate_ms;
    json::object passage;
    for (const auto& [matter, rule] : genesis.parameters.passage) passage[matter] = rule;
    parameters["passage"] = std::move(passage);

    json::object data;
    data["origin"] = genesis.origin;
    data["agencies"] = agencies_json(genesis.registry);
    data["keys"] = keys_json(genesis.registry);
    data["delegations"] = delegations_json(genesis.registry);
    data["nodes"] = nodes_json(genesis.nodes);
    data["parameters"] = std::move(parameters);
    data["policy"] = genesis.policy;
    data["consents"] = consents_json(genesis.consents);
    data["refs"] = json::array();
    return data;
}

Result<Genesis> parse_genesis_data(const json::value& data) {
    const std::string word(genesis_reason);
    JsonMembers members(
        data, word, "data",
        {"origin", "agencies", "keys", "delegations", "nodes", "parameters", "policy", "consents", "refs"});
    Genesis genesis;
    genesis.origin = members.text("origin");
    genesis.policy = members.text("policy");
    if (!members.list("refs").empty()) return invalid(word, "data.refs must be empty: nothing stands before");
    if (members.fault()) return *members.fault();

    if (auto done = read_registry(members, word, genesis.registry); !done) return done.error();
    if (auto done = read_nodes(members, word, genesis.nodes); !done) return done.error();
    if (auto done = read_list(members, "consents", word, read_consent, genesis.consents); !done)
        return done.error();

    JsonMembers parameters(data.get_object().at("parameters"), word, "data.parameters",
                           {"max_future_ms", "max_backdate_ms", "passage"});
    genesis.parameters.max_future_ms = parameters.number("max_future_ms", max_time_ms);
    genesis.parameters.max_backdate_ms = parameters.number("max_backdate_ms", max_time_ms);
    const json::value& passage = parameters.any("passage");
    if (parameters.fault()) return *parameters.fault();
    if (!passage.is_object()) return invalid(word, "data.parameters.passage must be an object");
    for (const auto& member : passage.get_object()) {
        const std::string matter(member.key());
        if (!is_word(matter) || !member.value().is_string())
            return invalid(word, "data.parameters.passage holds words, the rule of passage for each matter");
        genesis.parameters.passage.emplace(matter, std::string(member.value().get_string()));
    }
    return genesis;
}

}  // namespace socai::ledger
