#include "ledger/genesis_checks.hpp"

#include <map>

#include "ledger/node_list.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

// Where every agency has its place: a member stands for itself, and somebody must have signed for all others.
Result<void> check_places(const Registry& registry, const std::string& reason) {
    for (const auto& [code, agency] : registry.agencies()) {
        if (agency.has_role(member_role)) {
            if (agency.parent)
                return invalid(reason,
                               "agency " + quote(code) + " is a member and has the parent " +
                                   quote(*agency.parent) +
                                   "; a member stands for itself: take the parent, or the role, away");
        } else if (const std::string top = registry.line_of(code).back();
                   !registry.agency(top)->has_role(member_role)) {
            return invalid(reason,
                           "agency " + quote(code) +
                               " stands below no member; give it a parent that is one, or stands below one");
        }
    }
    return {};
}

Result<void> check_member_keys(const Registry& registry, const std::string& reason) {
    for (const std::string& member : registry.members()) {
        for (const KeyPurpose purpose : {KeyPurpose::root, KeyPurpose::registrar}) {
            if (founding_key(registry, member, purpose) != nullptr) continue;
            return invalid(reason, "member " + quote(member) + " has no " + std::string(word_of(purpose)) +
                                       " key that is valid from leaf 0; every member brings one");
        }
    }
    return {};
}

// A trader has no key: its parent, the National Single Window operator, signs for it by delegation.
Result<void> check_traders(const Registry& registry, const std::string& reason) {
    for (const auto& [kid, key] : registry.keys()) {
        if (registry.agency(key.agency)->has_role(trader_role))
            return invalid(reason, "key " + quote(kid) + " belongs to a trader; traders hold no keys");
    }
    for (const auto& [code, agency] : registry.agencies()) {
        if (!agency.has_role(trader_role)) continue;
        if (!agency.parent || !registry.may_speak_for(*agency.parent, code))
            return invalid(reason, "trader " + quote(code) + " needs a parent that may speak for it");
    }
    return {};
}

Result<void> check_delegations(const Registry& registry, const std::string& reason) {
    for (const auto& [delegate, sources] : registry.delegations()) {
        for (const std::string& source : sources) {
            if (registry.line_of(delegate).back() == registry.line_of(source).back()) continue;
            return invalid(reason,
                           quote(delegate) + " may not speak for " + quote(source) +
                               " from the start: they stand below different members, and no part holds both");
        }
    }
    return {};
}

}  // namespace

void copy_branch(const Registry& from, const std::string& top, Registry& to) {
    to.add_agency(*from.agency(top)).value();
    for (const auto& [code, agency] : from.agencies()) {
        if (agency.parent == top) copy_branch(from, code, to);
    }
}

const RegisteredKey* founding_key(const Registry& registry, std::string_view agency, KeyPurpose purpose) {
    for (const auto& [kid, key] : registry.keys()) {
        if (key.agency == agency && key.purpose == purpose && key.valid_at(0)) return &key;
    }
    return nullptr;
}

Result<void> check_founding_registry(const Registry& registry, const std::string& reason) {
    if (auto checked = check_places(registry, reason); !checked) return checked;
    if (auto checked = check_member_keys(registry, reason); !checked) return checked;
    if (auto checked = check_traders(registry, reason); !checked) return checked;
    if (auto checked = check_delegations(registry, reason); !checked) return checked;
    std::map<PublicKey, std::string_view> kids;
    for (const auto& [kid, key] : registry.keys()) {
        const auto [known, added] = kids.emplace(key.key, kid);
        if (!added)
            return invalid(reason, "key " + quote(kid) + " is registered twice: it is " +
                                       quote(known->second) +
                                       " too; each purpose and each agency needs a key of its own");
    }
    return {};
}

Result<void> check_founders(const Registry& registry, const std::vector<GenesisNode>& nodes,
                            const std::string& reason) {
    if (auto checked = check_founding_registry(registry, reason); !checked) return checked;
    if (auto checked = check_node_list(nodes, reason); !checked) return checked;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i].raft_id == i + 1) continue;
        return invalid(reason, "node " + quote(nodes[i].name) + ": raft_id must be " + std::to_string(i + 1) +
                                   ", its place in the list");
    }
    return check_nodes_against(registry, nodes, reason);
}

}  // namespace socai::ledger
