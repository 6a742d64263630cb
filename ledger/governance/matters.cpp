#include "ledger/governance/matters.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cassert>
#include <set>
#include <utility>

#include "ledger/governance/limits.hpp"
#include "ledger/governance/registry_acts.hpp"
#include "ledger/governance/withdrawal.hpp"
#include "ledger/ijson.hpp"
#include "ledger/json_members.hpp"
#include "ledger/node_list.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view reason = "malformed_act";
constexpr std::string_view node_table = "!node/";
constexpr std::string_view policy_table = "!policy/";
constexpr std::string_view waiting_table = "waiting/";
constexpr std::string_view recovery_key = "!recovery/agencies";

Error refused(std::string word, std::string detail) {
    return {Fault::refused, std::move(word), std::move(detail)};
}

JsonMembers members_of(const Enactment& enactment, std::initializer_list<std::string_view> names) {
    return {enactment.change, std::string(reason), "data.change", names};
}

std::string policy_key(std::string_view text) {
    return std::string(policy_table) + to_hex(sha256(text));
}

std::string waiting_key(std::string_view source, std::string_view id) {
    return std::string(waiting_table) + std::string(source) + '\0' + std::string(id);
}

// Keys of a list, all of one agency.
Result<void> add_keys(const Enactment& enactment, const json::array& keys, std::string_view agency,
                      RegistryDraft& draft) {
    std::size_t position = 0;
    for (const json::value& element : keys) {
        const std::string place = "data.change.keys[" + std::to_string(position++) + "]";
        Result<RegisteredKey> key = read_new_key(element, place, enactment.at.index);
        if (!key) return key.error();
        key->registered_at = enactment.proposed.index;
        if (key->agency != agency)
            return invalid(std::string(reason), place + ".kid is of another agency than " + quote(agency));
        if (auto added = register_key(enactment.context.genesis, *std::move(key), draft); !added)
            return added;
    }
    return {};
}

bool has_registrar(const Registry& registry, std::string_view agency) {
    return std::ranges::any_of(registry.keys(), [&](const auto& entry) {
        const RegisteredKey& key = entry.second;
        return key.agency == agency && key.purpose == KeyPurpose::registrar && !key.valid_to;
    });
}

Result<void> check_can_act(const Registry& registry, std::string_view agency) {
    if (has_lasting_root(registry, agency) && has_registrar(registry, agency)) return {};
    return refused("locks_out",
                   quote(agency) +
                       " would have no root key or no registrar key without an end, and could not "
                       "act any more: give it both");
}

Result<void> add_member(const Enactment& enactment, RegistryDraft& draft) {
    JsonMembers members = members_of(enactment, {"member", "keys"});
    const json::array& keys = members.list("keys");
    JsonMembers named(members.any("member"), std::string(reason), "data.change.member",
                      {"code", "name_vi", "name_en"});
    Agency agency;
    agency.code = named.text("code");
    agency.name_vi = named.text("name_vi");
    agency.name_en = named.text("name_en");
    agency.roles = {std::string(member_role)};
    if (members.fault()) return *members.fault();
    if (named.fault()) return *named.fault();
    const std::string code = agency.code;
    if (const Agency* known = draft.registry().agency(code)) {
        if (known->has_role(member_role))
            return refused("already_member", quote(code) + " is a member already");
        if (known->parent)
            return refused("already_member", quote(code) + " stands under " + quote(*known->parent) +
                                                 "; a member stands under nobody");
        for (const std::string& role : known->roles) agency.roles.push_back(role);
        if (auto changed = draft.change_agency(std::move(agency)); !changed) return changed;
    } else if (auto added = draft.add_agency(std::move(agency)); !added) {
        return added;
    }
    if (auto added = add_keys(enactment, keys, code, draft); !added) return added;
    return check_can_act(draft.registry(), code);
}

Result<void> remove_member(const Enactment& enactment, RegistryDraft& draft) {
    JsonMembers members = members_of(enactment, {"agency"});
    const std::string code = members.text("agency");
    if (members.fault()) return *members.fault();
    const Agency* known = draft.registry().agency(code);
    if (known == nullptr || !known->has_role(member_role))
        return refused("no_effect", quote(code) + " is no member");
    if (draft.registry().members().size() == 1)
        return refused("locks_out", quote(code) + " is the only member: without it nobody could vote");
    for (const GenesisNode& node : enactment.context.genesis.nodes) {
        const auto voted = voted_node(draft.facts(), node.name);
        if (node.agency == code && (!voted || voted->stands))
            return refused("has_nodes", quote(code) + " runs the node " + quote(node.name) +
                                            ": vote its nodes out first, over the matter \"nodes\"");
    }
    for (const VotedNode& voted : voted_nodes(draft.facts())) {
        if (voted.stands && voted.node.agency == code)
            return refused("has_nodes", quote(code) + " runs the node " + quote(voted.node.name) +
                                            ": vote its nodes out first, over the matter \"nodes\"");
    }
    Agency agency = *known;
    std::erase(agency.roles, member_role);
    return draft.change_agency(std::move(agency));
}

void put_node(const VotedNode& voted, FactDraft& facts) {
    json::object value = nodes_json({voted.node})[0].as_object();
    value["stands"] = voted.stands;
    value["host"] = voted.host;
    value["port"] = voted.port;
    value["at"] = to_string(voted.at);
    facts.put(std::string(node_table) + voted.node.name, json::serialize(value));
}

VotedNode voted_in(std::string_view text) {
    json::object value = json::parse(json::string_view(text)).as_object();
    VotedNode voted;
    voted.stands = value.at("stands").as_bool();
    voted.host = value.at("host").as_string();
    voted.port = value.at("port").to_number<std::uint16_t>();
    voted.at = parse_address(std::string_view(value.at("at").as_string())).value();
    for (const char* ours : {"stands", "host", "port", "at"}) value.erase(ours);
    voted.node = read_node(value, std::string(reason), "node").value();
    return voted;
}

// A node as a proposal spells it: the members of the genesis' list without raft_id, and where it listens.
Result<VotedNode> read_new_node(const json::value& value, const std::string& place) {
    if (!value.is_object()) return invalid(std::string(reason), place + " must be an object");
    json::object bare = value.get_object();
    json::object where;
    for (const char* name : {"host", "port"}) {
        if (const json::value* member = bare.if_contains(name)) where[name] = *member;
        bare.erase(name);
    }
    const json::value where_value(where);
    JsonMembers members(where_value, std::string(reason), place, {"host", "port"});
    VotedNode voted;
    voted.host = members.text("host");
    voted.port = static_cast<std::uint16_t>(members.number("port", 65'535));
    if (members.fault()) return *members.fault();
    if (bare.contains("raft_id"))
        return invalid(std::string(reason),
                       place + " has the unknown member \"raft_id\": the leader gives it");
    bare["raft_id"] = 1;
    Result<GenesisNode> node = read_node(bare, std::string(reason), place);
    if (!node) return node.error();
    if (auto checked = check_node_list({*node}, std::string(reason)); !checked) return checked.error();
    voted.node = *std::move(node);
    return voted;
}

const GenesisNode* founder(const Genesis& genesis, std::string_view name) {
    const auto found = std::ranges::find(genesis.nodes, name, &GenesisNode::name);
    return found == genesis.nodes.end() ? nullptr : &*found;
}

Result<void> add_node(const Enactment& enactment, VotedNode wanted, RegistryDraft& draft) {
    const Genesis& genesis = enactment.context.genesis;
    if (founder(genesis, wanted.node.name) != nullptr || voted_node(draft.facts(), wanted.node.name))
        return refused("node_changed", "a node called " + quote(wanted.node.name) +
                                           " stands in the ledger: names are not used twice; a node with new "
                                           "keys gets a new name");
    if (auto members = check_nodes_against(draft.registry(), {wanted.node}, std::string(reason)); !members)
        return members;
    std::vector<GenesisNode> others = genesis.nodes;
    wanted.node.raft_id = first_voted_raft_id;
    for (const VotedNode& voted : voted_nodes(draft.facts())) {
        wanted.node.raft_id = std::max(wanted.node.raft_id, voted.node.raft_id);
        others.push_back(voted.node);
    }
    ++wanted.node.raft_id;
    for (const GenesisNode& other : others) {
        for (const PublicKey& key : keys_of(other))
            for (const PublicKey& own : keys_of(wanted.node))
                if (key == own)
                    return refused("key_in_use", "node " + quote(wanted.node.name) + " has a key of node " +
                                                     quote(other.name) + ": every node has its own");
    }
    put_node(wanted, draft.facts());
    return {};
}

Result<void> change_nodes(const Enactment& enactment, RegistryDraft& draft) {
    JsonMembers members = members_of(enactment, {"add", "remove"});
    const json::array& add = members.list("add");
    const std::vector<std::string> remove = members.texts("remove");
    if (members.fault()) return *members.fault();
    if (add.empty() && remove.empty()) return refused("no_effect", "the change adds and removes no node");
    std::size_t position = 0;
    for (const json::value& element : add) {
        Result<VotedNode> wanted =
            read_new_node(element, "data.change.add[" + std::to_string(position++) + "]");
        if (!wanted) return wanted.error();
        wanted->at = enactment.at;
        if (auto added = add_node(enactment, *std::move(wanted), draft); !added) return added;
    }
    for (const std::string& name : remove) {
        std::optional<VotedNode> voted = voted_node(draft.facts(), name);
        if (!voted)
            if (const GenesisNode* node = founder(enactment.context.genesis, name)) voted = VotedNode{*node};
        if (!voted || !voted->stands)
            return refused("unknown_node", "the ledger has no node " + quote(name) + " that could leave");
        voted->stands = false;
        voted->at = enactment.at;
        put_node(*voted, draft.facts());
    }
    const std::vector<std::string> left = wanted_nodes(enactment.context.genesis, draft.facts());
    if (left.empty()) return refused("locks_out", "no node would be left");
    if (left.size() > max_genesis_nodes)
        return refused("too_many_nodes",
                       "a ledger has at most " + std::to_string(max_genesis_nodes) + " nodes");
    return {};
}

Result<void> approve_policy(const Enactment& enactment, RegistryDraft& draft) {
    JsonMembers members = members_of(enactment, {"policy"});
    const std::string text = members.text("policy");
    if (members.fault()) return *members.fault();
    const Result<Policy> policy = parse_policy(text);
    if (!policy) return policy.error();
    // Beside the nodes, witnesses from outside to whom the policy gives an address.
    std::set<PublicKey> there = wanted_cosigners(enactment.context.genesis, draft.facts());
    for (const PolicyWitness& witness : policy->witnesses)
        if (!witness.url.empty()) there.insert(witness.key.key);
    if (policy->quorum == "none" || !within_reach(*policy, there)) return out_of_reach(*policy);
    draft.facts().put(policy_key(text), to_string(enactment.at));
    return {};
}

Result<void> put_in_force(const Enactment& enactment, RegistryDraft& draft) {
    JsonMembers members = members_of(enactment, {"record"});
    JsonMembers named(members.any("record"), std::string(reason), "data.change.record", {"source", "id"});
    const std::string source = named.text("source");
    const std::string id = named.text("id");
    if (members.fault()) return *members.fault();
    if (named.fault()) return *named.fault();
    const std::string key = waiting_key(source, id);
    const auto text = draft.facts().get(key);
    if (!text)
        return refused("no_such_record", "no record " + quote(id) + " of " + quote(source) +
                                             " waits to be put in force: submit it first");
    const json::object waiting = json::parse(json::string_view(*text)).as_object();
    const Result<Record> record = parse_record(json::serialize(waiting.at("record")));
    if (!record) return record.error();
    if (enactment.context.rules.matter_of(record->kind()) != enactment.matter)
        return refused("not_governed", "the record " + quote(id) + " is a " + std::string(record->kind()) +
                                           ": that is decided over the matter \"" +
                                           std::string(enactment.context.rules.matter_of(record->kind())) +
                                           "\"");
    draft.facts().erase(key);
    const Coming coming{*record,
                        parse_address(std::string_view(waiting.at("at").as_string())).value(),
                        waiting.at("accepted_ms").as_int64(),
                        waiting.at("delivered_ms").as_int64(),
                        draft.registry(),
                        enactment.root};
    return enactment.context.rules.take(coming, draft.facts());
}

Result<void> set_limits(const Enactment& enactment, RegistryDraft& draft) {
    JsonMembers members = members_of(enactment, {"limits"});
    const json::value& limits = members.any("limits");
    if (members.fault()) return *members.fault();
    if (!limits.is_object() || limits.get_object().empty())
        return invalid(std::string(reason), "data.change.limits must be an object of limits");
    for (const json::key_value_pair& limit : limits.get_object()) {
        if (!limit.value().is_int64())
            return invalid(std::string(reason), "data.change.limits: a limit is a whole number");
        if (auto set = set_limit(draft.facts(), limit.key(), limit.value().get_int64()); !set) return set;
    }
    return {};
}

Result<void> hold_agency(const Enactment& enactment, RegistryDraft& draft) {
    JsonMembers members = members_of(enactment, {"agency", "held"});
    const std::string code = members.text("agency");
    const json::value& held = members.any("held");
    if (members.fault()) return *members.fault();
    if (!held.is_bool()) return invalid(std::string(reason), "data.change.held must be true or false");
    if (draft.registry().held().contains(code) == held.get_bool() && draft.registry().agency(code) != nullptr)
        return refused("no_effect", quote(code) + (held.get_bool() ? " is held already" : " is not held"));
    return draft.hold(code, held.get_bool());
}

Result<void> give_roles(const Enactment& enactment, RegistryDraft& draft) {
    JsonMembers members = members_of(enactment, {"agency", "roles"});
    const std::string code = members.text("agency");
    std::vector<std::string> roles = members.texts("roles");
    if (members.fault()) return *members.fault();
    const Agency* known = draft.registry().agency(code);
    if (known == nullptr) return refused("unknown_agency", "no agency " + quote(code) + " is registered");
    Agency agency = *known;
    agency.roles = std::move(roles);
    if (agency.has_role(member_role) != known->has_role(member_role))
        return refused("not_governed", "who is a member is decided over member_addition and member_removal");
    if (agency.has_role(trader_role) != known->has_role(trader_role))
        return refused("not_governed", "a trader is registered as one, and stays one");
    return draft.change_agency(std::move(agency));
}

Result<void> give_rights(const Enactment& enactment, RegistryDraft& draft) {
    JsonMembers members = members_of(enactment, {"kid", "rights"});
    const std::string kid = members.text("kid");
    std::vector<std::string> rights = members.texts("rights");
    if (members.fault()) return *members.fault();
    return draft.give_rights(kid, std::move(rights));
}

Result<void> replace_roots(const Enactment& enactment, RegistryDraft& draft) {
    JsonMembers members = members_of(enactment, {"agency", "keys"});
    const std::string code = members.text("agency");
    const json::array& keys = members.list("keys");
    if (members.fault()) return *members.fault();
    const Agency* known = draft.registry().agency(code);
    if (known == nullptr || !known->has_role(member_role))
        return refused("no_effect", quote(code) + " is no member");
    std::vector<std::string> ended;
    for (const auto& [kid, key] : draft.registry().keys()) {
        const bool high = key.purpose == KeyPurpose::root || key.purpose == KeyPurpose::registrar;
        if (key.agency == code && high && (!key.valid_to || *key.valid_to > enactment.at.index + 1))
            ended.push_back(kid);
    }
    for (const std::string& kid : ended)
        if (auto done = draft.end_key(kid, enactment.at.index + 1); !done) return done;
    if (auto added = add_keys(enactment, keys, code, draft); !added) return added;
    return check_can_act(draft.registry(), code);
}

Result<void> change_passage(const Enactment& enactment, RegistryDraft& draft) {
    JsonMembers members = members_of(enactment, {"matter", "rule"});
    const std::string of = members.text("matter");
    const std::string word = members.text("rule");
    if (members.fault()) return *members.fault();
    if (matter(of) == nullptr) return refused("unknown_matter", "there is no matter " + quote(of));
    const auto rule = passage(word);
    if (!rule)
        return refused("unknown_rule", quote(word) + " is no rule: any, majority, two_thirds, all are");
    // One member that is gone for good would keep the others from ever replacing it.
    constexpr std::array<std::string_view, 5> ways_out{"member_removal", "nodes", "passage", "quorum_policy",
                                                       "root_keys"};
    if (*rule == Passage::all && std::ranges::find(ways_out, of) != ways_out.end())
        return refused("locks_out", "with the rule \"all\" for " + quote(of) +
                                        " one member that is gone could never be replaced");
    set_passage(draft.facts(), of, *rule);
    return {};
}

Result<void> set_recovery(const Enactment& enactment, RegistryDraft& draft) {
    JsonMembers members = members_of(enactment, {"agencies"});
    const auto wanted = static_cast<std::size_t>(members.number("agencies", max_json_integer));
    if (members.fault()) return *members.fault();
    const std::size_t count = draft.registry().members().size();
    if (wanted < count / 2 + 1 || wanted > count)
        return refused("locks_out",
                       "a recovery needs more than half of the members, and no more than all of "
                       "them: " +
                           std::to_string(count / 2 + 1) + " to " + std::to_string(count));
    draft.facts().put(recovery_key, std::to_string(wanted));
    return {};
}

struct Effect {
    std::string_view matter;
    Result<void> (*carry_out)(const Enactment&, RegistryDraft&);
};
constexpr std::array effects{
    Effect{"compliance_criteria", put_in_force},
    Effect{"hold", hold_agency},
    Effect{"limits", set_limits},
    Effect{"member_addition", add_member},
    Effect{"member_removal", remove_member},
    Effect{"nodes", change_nodes},
    Effect{"passage", change_passage},
    Effect{"quorum_policy", approve_policy},
    Effect{"recovery", set_recovery},
    Effect{"rights", give_rights},
    Effect{"risk_tables", put_in_force},
    Effect{"roles", give_roles},
    Effect{"root_keys", replace_roots},
    Effect{"rule_sets", put_in_force},
    Effect{"versions", put_in_force},
    Effect{"withdrawal", approve_withdrawal},
    Effect{"working_calendar", put_in_force},
};

}  // namespace

Result<void> enact(const Enactment& enactment, RegistryDraft& draft) {
    const auto effect = std::ranges::find(effects, enactment.matter, &Effect::matter);
    if (effect == effects.end())
        return refused("unknown_matter", "there is no matter " + quote(enactment.matter));
    return effect->carry_out(enactment, draft);
}

std::optional<VotedNode> voted_node(const Facts& facts, std::string_view name) {
    const auto text = facts.get(std::string(node_table) + std::string(name));
    return text ? std::optional(voted_in(*text)) : std::nullopt;
}

std::vector<VotedNode> voted_nodes(const Facts& facts) {
    std::vector<VotedNode> nodes;
    facts.scan(node_table, {}, [&](std::string_view, std::string_view text) {
        nodes.push_back(voted_in(text));
        return true;
    });
    return nodes;
}

std::vector<std::string> wanted_nodes(const Genesis& genesis, const Facts& facts) {
    std::set<std::string> names;
    for (const GenesisNode& node : genesis.nodes) names.insert(node.name);
    for (const VotedNode& voted : voted_nodes(facts)) {
        if (voted.stands)
            names.insert(voted.node.name);
        else
            names.erase(voted.node.name);
    }
    return {names.begin(), names.end()};
}

void give_up_node(const Genesis& genesis, std::string_view name, const Address& at, FactDraft& facts) {
    std::optional<VotedNode> voted = voted_node(facts, name);
    if (!voted)
        if (const GenesisNode* node = founder(genesis, name)) voted = VotedNode{*node};
    if (!voted || !voted->stands) return;
    voted->stands = false;
    voted->at = at;
    put_node(*voted, facts);
}

std::set<PublicKey> wanted_cosigners(const Genesis& genesis, const Facts& facts) {
    std::set<PublicKey> keys;
    for (const std::string& name : wanted_nodes(genesis, facts)) {
        const auto voted = voted_node(facts, name);
        keys.insert(voted ? voted->node.cosigner_key : founder(genesis, name)->cosigner_key);
    }
    return keys;
}

Error out_of_reach(const Policy& policy) {
    return refused("locks_out", "the nodes of this ledger could never satisfy the policy's quorum " +
                                    quote(policy.quorum) + ": nothing would become final any more");
}

bool policy_is_voted(const Facts& facts, std::string_view policy_text) {
    return facts.get(policy_key(policy_text)).has_value();
}

void use_policy(FactDraft& facts, std::string_view policy_text) {
    facts.erase(policy_key(policy_text));
}

std::size_t recovery_quorum(const Registry& registry, const Facts& facts) {
    const std::size_t members = registry.members().size();
    // Members came and went since the vote: never fewer than more than half of them, never more than there are.
    if (const auto voted = facts.get(recovery_key))
        return std::clamp<std::size_t>(std::stoul(*voted), members / 2 + 1, members);
    return std::min(members, (2 * members + 1 + 2) / 3);
}

void let_wait(const Record& record, const Address& at, std::int64_t accepted_ms, std::int64_t delivered_ms,
              FactDraft& facts) {
    json::object waiting;
    waiting["at"] = to_string(at);
    waiting["accepted_ms"] = accepted_ms;
    waiting["delivered_ms"] = delivered_ms;
    waiting["record"] = record.json;
    facts.put(waiting_key(record.source, record.id), json::serialize(waiting));
}

}  // namespace socai::ledger
