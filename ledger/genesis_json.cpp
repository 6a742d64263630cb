#include "ledger/genesis_json.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <initializer_list>
#include <optional>
#include <utility>

#include "ledger/base64.hpp"
#include "ledger/ijson.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

Error malformed(const std::string& place, const std::string& detail) {
    return invalid("malformed_genesis", place + " " + detail);
}

// Reads the members of one object. The first fault is kept and everything after it reads as empty, so that a
// caller reads all members and asks once.
class Members {
  public:
    // `value` must be an object of exactly the members `names`.
    Members(const json::value& value, std::string place, std::initializer_list<std::string_view> names)
        : object_(value.if_object()), place_(std::move(place)) {
        if (object_ == nullptr) {
            fail("must be an object");
            return;
        }
        for (const std::string_view name : names) {
            if (!object_->contains(name)) fail("lacks the member " + quote(name));
        }
        for (const json::key_value_pair& member : *object_) {
            if (std::ranges::find(names, std::string_view(member.key())) == names.end()) {
                fail("has the unknown member " + quote(member.key()));
            }
        }
    }

    const std::optional<Error>& fault() const { return fault_; }

    std::string text(std::string_view name) {
        const json::value* value = find(name);
        if (value != nullptr && value->is_string()) return std::string(value->get_string());
        fail_at(name, "must be a string");
        return {};
    }

    bool is_null(std::string_view name) const {
        const json::value* value = find(name);
        return value != nullptr && value->is_null();
    }

    // 0 to `maximum`.
    std::int64_t number(std::string_view name, std::int64_t maximum) {
        const json::value* value = find(name);
        const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
        if (number != nullptr && *number >= 0 && *number <= maximum) return *number;
        fail_at(name, "must be a whole number from 0 to " + std::to_string(maximum));
        return 0;
    }

    std::vector<std::string> texts(std::string_view name) {
        std::vector<std::string> result;
        for (const json::value& element : list(name)) {
            if (!element.is_string()) {
                fail_at(name, "must be an array of strings");
                return {};
            }
            result.emplace_back(element.get_string());
        }
        return result;
    }

    const json::array& list(std::string_view name) {
        const json::value* value = find(name);
        if (value != nullptr && value->is_array()) return value->get_array();
        fail_at(name, "must be an array");
        return empty_;
    }

    PublicKey key(std::string_view name) {
        PublicKey key{};
        const std::optional<std::string> bytes = base64url_decode(text(name));
        if (bytes && bytes->size() == key.size()) {
            std::ranges::copy(*bytes, key.begin());
        } else {
            fail_at(name, "must be 32 bytes in base64url without padding");
        }
        return key;
    }

    void expect(std::string_view name, std::string_view wanted) {
        if (text(name) != wanted) fail_at(name, "must be " + quote(wanted));
    }

  private:
    const json::value* find(std::string_view name) const {
        return fault_ ? nullptr : object_->if_contains(name);
    }
    void fail(const std::string& detail) {
        if (!fault_) fault_ = malformed(place_, detail);
    }
    void fail_at(std::string_view name, const std::string& detail) {
        if (!fault_) fault_ = malformed(place_ + "." + std::string(name), detail);
    }

    const json::object* object_;
    std::string place_;
    std::optional<Error> fault_;
    const json::array empty_;
};

std::string place_of(std::string_view list, std::size_t position) {
    return "data." + std::string(list) + "[" + std::to_string(position) + "]";
}

std::string key_text(const PublicKey& key) {
    return base64url({reinterpret_cast<const char*>(key.data()), key.size()});
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

json::array nodes_json(const std::vector<GenesisNode>& nodes) {
    json::array list;
    for (const GenesisNode& node : nodes) {
        json::object item;
        item["name"] = node.name;
        item["agency"] = node.agency;
        item["raft_id"] = node.raft_id;
        item["log_key"] = key_text(node.log_key);
        item["cosigner_key"] = key_text(node.cosigner_key);
        item["node_key"] = key_text(node.node_key);
        list.push_back(std::move(item));
    }
    return list;
}

Result<void> read_agency(const json::value& value, std::string place, Registry& registry) {
    Members members(value, std::move(place), {"code", "parent", "roles", "name_vi", "name_en"});
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
    Members members(value, std::move(place), {"kid", "kty", "crv", "x", "valid_from", "valid_to", "rights"});
    constexpr std::int64_t max_index = max_json_integer;
    RegisteredKey key;
    key.kid = members.text("kid");
    key.agency = key.kid.substr(0, key.kid.find('/'));
    members.expect("kty", "OKP");
    key.algorithm = members.text("crv");
    key.key = members.key("x");
    key.valid_from = static_cast<std::uint64_t>(members.number("valid_from", max_index));
    if (!members.is_null("valid_to")) {
        key.valid_to = static_cast<std::uint64_t>(members.number("valid_to", max_index));
    }
    key.rights = members.texts("rights");
    if (members.fault()) return *members.fault();
    return registry.add_key(std::move(key));
}

Result<void> read_delegation(const json::value& value, std::string place, Registry& registry) {
    Members members(value, std::move(place), {"delegate", "source"});
    std::string delegate = members.text("delegate");
    std::string source = members.text("source");
    if (members.fault()) return *members.fault();
    return registry.add_delegation(std::move(delegate), std::move(source));
}

Result<void> read_node(const json::value& value, std::string place, std::vector<GenesisNode>& nodes) {
    Members members(value, std::move(place),
                    {"name", "agency", "raft_id", "log_key", "cosigner_key", "node_key"});
    GenesisNode node;
    node.name = members.text("name");
    node.agency = members.text("agency");
    node.raft_id = static_cast<std::uint64_t>(members.number("raft_id", max_genesis_nodes));
    node.log_key = members.key("log_key");
    node.cosigner_key = members.key("cosigner_key");
    node.node_key = members.key("node_key");
    if (members.fault()) return *members.fault();
    nodes.push_back(std::move(node));
    return {};
}

// Reads every element of data.<name> with `read`.
template <class Target>
Result<void> read_list(Members& members, std::string_view name,
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
    Members members(data, "data",
                    {"origin", "agencies", "keys", "delegations", "nodes", "parameters", "policy", "refs"});
    Genesis genesis;
    genesis.origin = members.text("origin");
    genesis.policy = members.text("policy");
    if (!members.list("refs").empty()) return malformed("data.refs", "must be empty: nothing stands before");
    if (members.fault()) return *members.fault();

    Registry& registry = genesis.registry;
    if (auto done = read_list(members, "agencies", read_agency, registry); !done) return done.error();
    if (auto done = read_list(members, "keys", read_key, registry); !done) return done.error();
    if (auto done = read_list(members, "delegations", read_delegation, registry); !done) return done.error();
    if (auto done = read_list(members, "nodes", read_node, genesis.nodes); !done) return done.error();
    if (members.fault()) return *members.fault();

    Members parameters(data.get_object().at("parameters"), "data.parameters",
                       {"max_future_ms", "max_backdate_ms"});
    genesis.parameters.max_future_ms = parameters.number("max_future_ms", max_time_ms);
    genesis.parameters.max_backdate_ms = parameters.number("max_backdate_ms", max_time_ms);
    if (parameters.fault()) return *parameters.fault();
    return genesis;
}

}  // namespace socai::ledger
