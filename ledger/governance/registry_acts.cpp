#include "ledger/governance/registry_acts.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "ledger/governance/matters.hpp"
#include "ledger/ijson.hpp"
#include "ledger/json_members.hpp"
#include "ledger/node_list.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view reason = "malformed_act";
// Roles that say what somebody is, not what they may decide: any member's registrar may give them.
constexpr std::array<std::string_view, 2> free_roles{trader_role, "conformity_body"};

Error forbidden(std::string word, std::string detail) {
    return {Fault::forbidden, std::move(word), std::move(detail)};
}
Error refused(std::string word, std::string detail) {
    return {Fault::refused, std::move(word), std::move(detail)};
}

const std::string& source_of(const Act& act) {
    return act.coming.record.source;
}

Result<void> check_below(const Act& act, std::string_view code) {
    if (act.coming.registry.is_under(code, source_of(act))) return {};
    return forbidden("not_below", quote(code) + " does not stand under " + quote(source_of(act)) +
                                      ": its own agency, or one above it, must act");
}

// Does some agency of the same member hold the role already? What no ministry has yet, the members give it by vote.
bool role_is_known(const Registry& registry, std::string_view member, std::string_view role) {
    return std::ranges::any_of(registry.agencies(), [&](const auto& entry) {
        return entry.second.has_role(role) && registry.is_under(entry.first, member);
    });
}

Result<void> check_roles(const Registry& registry, const Agency* before, const Agency& after) {
    const std::string member =
        registry.line_of(after.parent ? std::string_view(*after.parent) : after.code).back();
    for (const std::string& role : after.roles) {
        if (before != nullptr && before->has_role(role)) continue;
        if (std::ranges::find(free_roles, role) != free_roles.end()) continue;
        if (role == member_role || !role_is_known(registry, member, role))
            return forbidden("role_needs_vote",
                             "the role " + quote(role) + " is new under " + quote(member) +
                                 ": the members give it, by a proposal over the matter \"roles\"" +
                                 (role == member_role ? " or \"member_addition\"" : ""));
    }
    const bool was_member = before != nullptr && before->has_role(member_role);
    if (was_member && !after.has_role(member_role))
        return forbidden("role_needs_vote",
                         "only a vote over \"member_removal\" takes the role \"member\" away");
    return {};
}

Result<void> check_signer_of(const Act& act, KeyPurpose purpose) {
    const bool high = purpose == KeyPurpose::root || purpose == KeyPurpose::registrar;
    if (!high || act.key.purpose == KeyPurpose::root) return {};
    return forbidden("root_key_needed", std::string("a ") + std::string(word_of(purpose)) +
                                            " key is registered and revoked with a root key; " +
                                            quote(act.key.kid) + " is a " +
                                            std::string(word_of(act.key.purpose)) + " key");
}

}  // namespace

bool has_lasting_root(const Registry& registry, std::string_view agency) {
    return std::ranges::any_of(registry.keys(), [&](const auto& entry) {
        const RegisteredKey& key = entry.second;
        return key.agency == agency && key.purpose == KeyPurpose::root && !key.valid_to;
    });
}

Result<void> take_agency_registration(const Act& act, RegistryDraft& draft) {
    const Registry& registry = draft.registry();
    JsonMembers members(act.coming.record.json.at("data"), std::string(reason), "data",
                        {"code", "parent", "roles", "name_vi", "name_en", "refs"});
    Agency agency;
    agency.code = members.text("code");
    if (!members.is_null("parent")) agency.parent = members.text("parent");
    agency.roles = members.texts("roles");
    agency.name_vi = members.text("name_vi");
    agency.name_en = members.text("name_en");
    if (members.fault()) return *members.fault();

    const Agency* before = registry.agency(agency.code);
    const bool own_names = before != nullptr && agency.code == source_of(act);
    if (own_names) {
        if (before->parent != agency.parent || before->roles != agency.roles)
            return forbidden("not_below",
                             "an agency changes its own names; its parent and roles are changed "
                             "from above, or by vote");
        return draft.change_agency(std::move(agency));
    }
    if (!agency.parent) return forbidden("role_needs_vote", "an agency without parent joins by vote");
    if (auto below = check_below(act, *agency.parent); !below) return below;
    if (before != nullptr) {
        if (auto below = check_below(act, agency.code); !below) return below;
    }
    if (auto allowed = check_roles(registry, before, agency); !allowed) return allowed;
    if (before != nullptr) return draft.change_agency(std::move(agency));
    const bool trader = agency.has_role(trader_role);
    const std::string code = agency.code;
    const std::string parent = *agency.parent;
    if (auto added = draft.add_agency(std::move(agency)); !added) return added;
    // A trader has no key: its parent, the National Single Window operator, signs for it.
    return trader ? draft.add_delegation(parent, code) : Result<void>();
}

Result<RegisteredKey> read_new_key(const json::value& value, std::string place, std::uint64_t index) {
    JsonMembers members(value, std::string(reason), place,
                        {"kid", "purpose", "kty", "crv", "x", "valid_from", "valid_to"});
    RegisteredKey key;
    key.kid = members.text("kid");
    key.agency = key.kid.substr(0, key.kid.find('/'));
    const auto purpose = key_purpose(members.text("purpose"));
    members.expect("kty", "OKP");
    key.algorithm = members.text("crv");
    key.key = members.key("x");
    key.valid_from = index + 1;
    key.registered_at = index;
    if (!members.is_null("valid_from"))
        key.valid_from = static_cast<std::uint64_t>(members.number("valid_from", max_json_integer));
    if (!members.is_null("valid_to"))
        key.valid_to = static_cast<std::uint64_t>(members.number("valid_to", max_json_integer));
    if (members.fault()) return *members.fault();
    if (!purpose)
        return invalid(std::string(reason), place + ".purpose is none of record, registrar, root, auditor");
    key.purpose = *purpose;
    if (key.valid_from <= index || (key.valid_to && *key.valid_to <= key.valid_from))
        return invalid(std::string(reason), place + ": a key is valid from a later leaf than this one, " +
                                                std::to_string(index) + ", and ends after it begins");
    return key;
}

Result<void> register_key(const Genesis& genesis, RegisteredKey key, RegistryDraft& draft) {
    const Registry& registry = draft.registry();
    if (const Agency* agency = registry.agency(key.agency);
        agency != nullptr && agency->has_role(trader_role))
        return refused("trader_key", "a trader holds no key; whoever it delegated to signs for it");
    std::size_t standing = 0;
    for (const auto& [kid, other] : registry.keys()) {
        if (other.key == key.key)
            return refused("key_in_use",
                           "these bytes are the key " + quote(kid) + " already: make a new key");
        if (other.agency == key.agency && !other.valid_to) ++standing;
    }
    std::vector<GenesisNode> nodes = genesis.nodes;
    for (const VotedNode& voted : voted_nodes(draft.facts())) nodes.push_back(voted.node);
    for (const GenesisNode& node : nodes) {
        for (const PublicKey& other : keys_of(node))
            if (other == key.key)
                return refused("key_in_use", "these bytes are a key of node " + quote(node.name));
    }
    if (standing >= max_keys_of_agency)
        return refused("too_many_keys", quote(key.agency) + " has " + std::to_string(max_keys_of_agency) +
                                            " keys without an end: revoke some first");
    return draft.add_key(std::move(key));
}

Result<void> take_agency_key(const Act& act, RegistryDraft& draft) {
    const json::object& data = act.coming.record.data();
    JsonMembers members(act.coming.record.json.at("data"), std::string(reason), "data",
                        {"kid", "purpose", "kty", "crv", "x", "valid_from", "valid_to", "refs"});
    if (members.fault()) return *members.fault();
    json::object bare = data;
    bare.erase("refs");
    Result<RegisteredKey> key = read_new_key(bare, "data", act.coming.address.index);
    if (!key) return key.error();
    if (auto below = check_below(act, key->agency); !below) return below;
    if (auto allowed = check_signer_of(act, key->purpose); !allowed) return allowed;
    return register_key(act.context.genesis, *std::move(key), draft);
}

Result<void> take_key_revocation(const Act& act, RegistryDraft& draft) {
    JsonMembers members(act.coming.record.json.at("data"), std::string(reason), "data",
                        {"kid", "from", "reason", "refs"});
    const std::string kid = members.text("kid");
    std::uint64_t from = act.coming.address.index + 1;
    if (!members.is_null("from"))
        from = std::max(from, static_cast<std::uint64_t>(members.number("from", max_json_integer)));
    if (members.text("reason").empty() && !members.fault())
        return invalid(std::string(reason), "data.reason must say why the key ends");
    if (members.fault()) return *members.fault();

    const RegisteredKey* key = draft.registry().key(kid);
    if (key == nullptr)
        return invalid("unknown_key", "no key " + quote(kid) + " is registered in this ledger");
    const std::string agency = key->agency;
    const bool root = key->purpose == KeyPurpose::root;
    if (auto below = check_below(act, agency); !below) return below;
    if (auto allowed = check_signer_of(act, key->purpose); !allowed) return allowed;
    if (auto ended = draft.end_key(kid, from); !ended) return ended;
    if (root && !has_lasting_root(draft.registry(), agency))
        return refused("locks_out", quote(kid) + " is the last root key of " + quote(agency) +
                                        " that does not end: register its successor first");
    return {};
}

Result<void> take_delegation(const Act& act, RegistryDraft& draft) {
    JsonMembers members(act.coming.record.json.at("data"), std::string(reason), "data",
                        {"delegate", "source", "status", "refs"});
    const std::string delegate = members.text("delegate");
    const std::string source = members.text("source");
    const std::string status = members.text("status");
    if (members.fault()) return *members.fault();
    if (status != "granted" && status != "ended")
        return invalid(std::string(reason), "data.status must be \"granted\" or \"ended\"");
    if (auto below = check_below(act, source); !below) return below;
    if (status == "ended") return draft.end_delegation(delegate, source);
    const Agency* agency = draft.registry().agency(delegate);
    if (agency != nullptr && agency->has_role(trader_role))
        return refused("trader_key", "a trader holds no key, and signs for nobody");
    return draft.add_delegation(delegate, source);
}

}  // namespace socai::ledger
