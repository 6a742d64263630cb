#include "ledger/founding.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "ledger/entry.hpp"
#include "ledger/genesis_checks.hpp"
#include "ledger/node_list.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace socai::ledger {
namespace {

Error overlapping(const std::string& what, const std::string& one, const std::string& other) {
    return invalid("overlapping_parts", what + " is in the part of " + quote(one) + " and in that of " +
                                            quote(other) +
                                            "; one of the two must make its part anew without it");
}

// Who brought what, so that nothing is brought twice.
class Brought {
  public:
    Result<void> take(const GenesisPart& part) {
        const std::string& who = part.consent.agency;
        for (const auto& [code, agency] : part.registry.agencies()) {
            const auto [known, added] = agencies_.emplace(code, who);
            if (!added) return overlapping("agency " + quote(code), known->second, who);
        }
        for (const auto& [kid, key] : part.registry.keys()) {
            if (auto taken = take_key(key.key, "the key " + quote(kid), who); !taken) return taken;
        }
        for (const GenesisNode& node : part.nodes) {
            const auto [known, added] = nodes_.emplace(node.name, who);
            if (!added) return overlapping("node " + quote(node.name), known->second, who);
            for (const PublicKey& key : keys_of(node)) {
                if (auto taken = take_key(key, "a key of the node " + quote(node.name), who); !taken)
                    return taken;
            }
        }
        return {};
    }

  private:
    Result<void> take_key(const PublicKey& key, const std::string& what, const std::string& who) {
        const auto [known, added] = keys_.emplace(key, who);
        if (!added) return overlapping(what, known->second, who);
        return {};
    }

    std::map<std::string, std::string, std::less<>> agencies_;
    std::map<std::string, std::string, std::less<>> nodes_;
    std::map<PublicKey, std::string> keys_;
};

Result<void> check_together(const std::vector<GenesisPart>& parts) {
    if (parts.empty()) return invalid("no_parts", "a genesis needs the part of at least one member");
    const std::string& origin = parts.front().origin;
    std::set<std::string_view> agencies;
    Brought brought;
    for (const GenesisPart& part : parts) {
        const std::string& who = part.consent.agency;
        if (part.origin != origin)
            return invalid("other_origin", "the part of " + quote(who) + " is for the ledger " +
                                               quote(part.origin) + ", the genesis is to found " +
                                               quote(origin));
        if (!agencies.insert(who).second)
            return invalid("repeated_part",
                           "there are two parts of " + quote(who) +
                               "; ask that agency which one it means, and leave the other out");
        if (auto taken = brought.take(part); !taken) return taken;
    }
    return {};
}

void add_part(const GenesisPart& part, Registry& registry) {
    copy_branch(part.registry, part.consent.agency, registry);
    for (const auto& [kid, key] : part.registry.keys()) registry.add_key(key).value();
    for (const auto& [delegate, sources] : part.registry.delegations()) {
        for (const std::string& source : sources) registry.add_delegation(delegate, source).value();
    }
}

std::vector<GenesisNode> dealt_nodes(const std::vector<GenesisPart>& parts) {
    std::vector<GenesisNode> nodes;
    for (std::size_t turn = 0, before = SIZE_MAX; nodes.size() != before; ++turn) {
        before = nodes.size();
        for (const GenesisPart& part : parts) {
            if (turn >= part.nodes.size()) continue;
            nodes.push_back(part.nodes[turn]);
            nodes.back().raft_id = nodes.size();
        }
    }
    return nodes;
}

}  // namespace

Result<Genesis> found(const std::vector<GenesisPart>& parts, const FoundingTerms& terms) {
    if (const auto checked = check_together(parts); !checked) return checked.error();
    Genesis genesis;
    genesis.origin = parts.front().origin;
    genesis.parameters = terms.parameters;
    for (const GenesisPart& part : parts) {
        add_part(part, genesis.registry);
        genesis.consents.push_back(part.consent);
    }
    std::ranges::sort(genesis.consents, {}, &Consent::agency);
    genesis.nodes = dealt_nodes(parts);
    if (genesis.nodes.empty())
        return invalid("no_nodes",
                       "no part brings a node; a ledger needs at least one (`socai genesis join --node`)");
    std::set<std::string_view> running;
    for (const GenesisNode& node : genesis.nodes) running.insert(node.agency);
    if (terms.quorum && (*terms.quorum == 0 || *terms.quorum > running.size()))
        return invalid("bad_quorum", "a quorum of " + std::to_string(*terms.quorum) +
                                         " cannot be met: " + std::to_string(running.size()) +
                                         " agencies bring nodes; give 1 to " +
                                         std::to_string(running.size()));
    genesis.policy = consortium_policy(genesis.origin, genesis.nodes, terms.quorum).to_string();
    return genesis;
}

Result<std::string> founding_entry(const Genesis& genesis, const Jwk& signer, std::int64_t time_ms) {
    const std::string source = signer.kid.substr(0, signer.kid.find('/'));
    const std::string record = genesis_record(genesis, source, format_rfc3339(time_ms));
    std::string entry = make_entry(time_ms, sign_statement(signer, genesis.origin, record, false));
    if (const auto parsed = parse_genesis(entry); !parsed) return parsed.error();
    return entry;
}

}  // namespace socai::ledger
