#include "node/founding/part_maker.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "ledger/epochs.hpp"
#include "ledger/genesis_checks.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"
#include "node/files.hpp"

namespace socai::node::founding {
namespace {

namespace fs = std::filesystem;
using ledger::KeyPurpose;

// One key of the part: made or found, and registered in it.
class PartKeys {
  public:
    PartKeys(const KeyPlaces& places, const ledger::Registry* known, ledger::Registry& registry)
        : places_(places), known_(known), registry_(registry) {}

    // The pair is absent only where the root key was taken offline and is known from before.
    Result<std::optional<ledger::Jwk>> add(const std::string& agency, KeyPurpose purpose,
                                           std::vector<std::string> rights = {}) {
        ledger::RegisteredKey key;
        key.kid = first_kid(agency, purpose);
        key.agency = agency;
        key.purpose = purpose;
        key.rights = std::move(rights);
        const ledger::RegisteredKey* before = known_ == nullptr ? nullptr : known_->key(key.kid);
        const std::string path = places_.of_agency(agency, purpose);
        std::optional<ledger::Jwk> pair;
        std::error_code ignored;
        if (purpose == KeyPurpose::root && before != nullptr && !fs::exists(path, ignored)) {
            key.key = before->key;
        } else {
            Result<ledger::Jwk> jwk =
                ensure_key(path, key.kid, before ? std::optional(before->key) : std::nullopt);
            if (!jwk) return jwk.error();
            key.key = jwk->key.public_key();
            pair = *std::move(jwk);
        }
        if (const auto added = registry_.add_key(std::move(key)); !added)
            return Error{Exit::usage, added.error().reason, added.error().detail};
        return pair;
    }

  private:
    const KeyPlaces& places_;
    const ledger::Registry* known_;
    ledger::Registry& registry_;
};

// Names become file names: before anything is made.
Result<void> check_words(const Party& party) {
    if (!ledger::is_origin(party.origin) || !ledger::is_founding_origin(party.origin))
        return Error{Exit::usage, "bad_origin",
                     "the origin must be 1 to 115 printable ASCII characters without space and '+', and not end like an epoch "
                     "(/epoch-2), such as "
                     "ledger.example.vn/ktcn"};
    for (const Party::Node& node : party.nodes) {
        if (!ledger::is_agency_code(node.name))
            return Error{Exit::usage, "bad_node_name",
                         ledger::quote(node.name) + " cannot be a node's name; use a-z, 0-9 and -, such as " +
                             party.agency + "-1"};
        if (!node.address.empty() && !ledger::is_peer_address(node.address))
            return Error{Exit::usage, "bad_address",
                         "the address of " + node.name + " must be HOST:PORT, such as 10.20.1.11:7402, not " +
                             ledger::quote(node.address)};
    }
    return {};
}

Error of_ledger(const ledger::Error& error) {
    return {Exit::usage, error.reason, error.detail};
}

}  // namespace

ledger::Registry branch_of(const ledger::Registry& registry, const std::string& member) {
    ledger::Registry branch;
    ledger::copy_branch(registry, member, branch);
    for (const auto& [delegate, sources] : registry.delegations())
        for (const std::string& source : sources)
            if (branch.agency(delegate) != nullptr && branch.agency(source) != nullptr)
                branch.add_delegation(delegate, source).value();
    return branch;
}

Result<std::string> make_part(const Party& party, const KeyPlaces& places, const std::string& known,
                              std::int64_t now_ms) {
    if (const auto checked = check_words(party); !checked) return checked.error();
    std::optional<ledger::GenesisPart> before;
    if (!known.empty()) {
        auto parsed = ledger::parse_part(known);
        if (!parsed) return of_ledger(parsed.error());
        before = *std::move(parsed);
    }
    ledger::GenesisPart part;
    part.origin = party.origin;
    part.registry = party.agencies;
    part.consent.agency = party.agency;
    part.consent.kid = first_kid(party.agency, KeyPurpose::root);

    PartKeys keys(places, before ? &before->registry : nullptr, part.registry);
    const auto root = keys.add(party.agency, KeyPurpose::root);
    if (!root) return root.error();
    if (const auto made = keys.add(party.agency, KeyPurpose::registrar); !made) return made.error();
    if (party.auditor)
        if (const auto made = keys.add(party.agency, KeyPurpose::auditor); !made) return made.error();
    for (const auto& [code, agency] : party.agencies.agencies()) {
        if (agency.has_role(ledger::trader_role)) continue;
        std::vector<std::string> rights = party.rights;
        if (code == party.agency)
            rights.insert(rights.end(), party.own_rights.begin(), party.own_rights.end());
        if (const auto made = keys.add(code, KeyPurpose::record, std::move(rights)); !made)
            return made.error();
    }
    for (const Party::Node& wanted : party.nodes) {
        const ledger::GenesisNode* same = nullptr;
        if (before)
            for (const ledger::GenesisNode& node : before->nodes)
                if (node.name == wanted.name) same = &node;
        Result<ledger::GenesisNode> node = ensure_node_keys(places, party.agency, wanted.name, same);
        if (!node) return node.error();
        node->raft_id = part.nodes.size() + 1;
        part.nodes.push_back(*std::move(node));
        if (!wanted.address.empty()) part.consent.addresses.emplace(wanted.name, wanted.address);
    }

    if (before) {
        part.consent.time = before->consent.time;
        part.consent.signature = before->consent.signature;
        if (ledger::part_text(part) == known) return known;
    }
    if (!*root)
        return Error{Exit::usage, "root_key_needed",
                     "what " + party.agency +
                         " brings has changed, and the root key that must sign it is not in " +
                         places.of_agency(party.agency, KeyPurpose::root) +
                         "; bring it back for this once, or give the same options as the first time"};
    part.consent.time = ledger::format_rfc3339(now_ms);
    std::string text = ledger::sign_part(part, (*root)->key);
    if (const auto checked = ledger::parse_part(text); !checked) return of_ledger(checked.error());
    return text;
}

Result<ledger::GenesisPart> read_part_file(const std::string& path) {
    Result<std::string> text = read_file(path, max_part_bytes);
    if (!text) return text.error();
    if (text->ends_with('\n')) text->pop_back();
    auto part = ledger::parse_part(*text);
    if (!part) return Error{Exit::no, part.error().reason, path + ": " + part.error().detail};
    return *std::move(part);
}

}  // namespace socai::node::founding
