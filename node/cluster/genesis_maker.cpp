#include "node/cluster/genesis_maker.hpp"

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <optional>

#include "ledger/base64.hpp"
#include "ledger/entry.hpp"
#include "ledger/founding.hpp"
#include "ledger/governance/passage.hpp"
#include "ledger/hash.hpp"
#include "ledger/policy_leaf.hpp"
#include "node/cluster/anchors.hpp"
#include "node/cluster/registry_file.hpp"
#include "node/config.hpp"
#include "node/files.hpp"
#include "node/founding/part_maker.hpp"
#include "node/key_file.hpp"

namespace socai::node::cluster {

namespace {

// Rates that no client on this machine comes near: a bench is to measure the node, not its limits.
api::Limits unlimited() {
    api::Limits limits;
    for (std::uint64_t* rate : {&limits.calls_per_second, &limits.bytes_per_second,
                                &limits.statements_per_second, &limits.cost_per_second, &limits.calls_burst,
                                &limits.bytes_burst, &limits.statements_burst, &limits.cost_burst})
        *rate *= 100;
    limits.max_waiting_reads_per_asker = limits.max_waiting_reads;
    return limits;
}

namespace fs = std::filesystem;

constexpr const char* loopback = "127.0.0.1";

std::string text_of(const ledger::PublicKey& key) {
    return ledger::base64url({reinterpret_cast<const char*>(key.data()), key.size()});
}

bool exists(const std::string& path) {
    std::error_code error;
    return fs::exists(path, error);
}

founding::KeyPlaces places_of(const Folder& folder) {
    return {
        [folder](const std::string& agency, ledger::KeyPurpose purpose) {
            return folder.agency_key(agency, purpose);
        },
        [folder](const std::string& node, const std::string& name) { return folder.node_key(node, name); }};
}

Result<std::optional<ledger::Genesis>> read_genesis(const Folder& folder) {
    if (!exists(folder.genesis())) return std::optional<ledger::Genesis>();
    const Result<std::string> bytes = read_file(folder.genesis(), ledger::max_entry_bytes);
    if (!bytes) return bytes.error();
    auto genesis = ledger::parse_genesis(*bytes);
    if (!genesis)
        return Error{Exit::usage, "invalid_genesis",
                     folder.genesis() + " is damaged: " + genesis.error().detail +
                         "; bring it back from a copy, or make a new cluster in another folder"};
    return std::optional<ledger::Genesis>(std::move(*genesis));
}

// The registry of the first `up`: a half-made cluster is not completed with another one.
Result<ledger::Registry> agreed_registry(const Settings& settings) {
    Result<RegistryFile> file = read_registry_file(settings.registry);
    if (!file) return file.error();
    if (file->hash != settings.registry_hash)
        return Error{Exit::usage, "registry_changed",
                     settings.registry +
                         " has changed since this cluster was begun; bring the old contents back, or "
                         "make a new cluster in another folder"};
    return std::move(file->registry);
}

Error bad_registry(const Settings& settings, const std::string& detail) {
    return {Exit::usage, "bad_registry", settings.registry + ": " + detail};
}

Error too_large(const Settings& settings, const std::string& detail) {
    return bad_registry(settings, "with " + std::to_string(settings.nodes.size()) +
                                      " nodes it makes a genesis that is too large: " + detail +
                                      ": start with fewer agencies or nodes");
}

// Who makes a part: the agencies that were asked for, first, then the registry's other members.
Result<std::vector<std::string>> parties_of(const Settings& settings, const ledger::Registry& registry) {
    for (const auto& [code, agency] : registry.agencies())
        if (const std::string top = registry.line_of(code).back();
            !registry.agency(top)->has_role(ledger::member_role))
            return bad_registry(settings,
                                code + " stands below no member; give it a parent that is one, or below one");
    std::vector<std::string> parties = settings.agencies;
    for (const std::string& member : registry.members())
        if (std::ranges::find(parties, member) == parties.end()) parties.push_back(member);
    return parties;
}

// Each member's part, made as that member would with `socai genesis join`.
Result<std::vector<ledger::GenesisPart>> make_parts(const Folder& folder, const Settings& settings,
                                                    const ledger::Registry& registry, std::int64_t now_ms) {
    const auto parties = parties_of(settings, registry);
    if (!parties) return parties.error();
    std::vector<ledger::GenesisPart> parts;
    for (const std::string& member : *parties) {
        founding::Party party{
            settings.origin, member, founding::branch_of(registry, member), {}, {}, {}, false};
        for (const NodeSettings& node : settings.founders())
            if (node.agency == member) party.nodes.push_back({node.node, {}});
        if (settings.historical_import) party.rights.emplace_back("historical_import");
        if (!settings.votes && member == settings.agencies.front()) party.own_rights.emplace_back(ledger::policy_right);
        const Result<std::string> text = founding::make_part(party, places_of(folder), {}, now_ms);
        if (!text && text.error().reason == "entry_too_large")
            return too_large(settings, text.error().detail);
        if (!text) return text.error();
        auto part = ledger::parse_part(*text);
        if (!part) return bad_registry(settings, part.error().detail);
        parts.push_back(*std::move(part));
    }
    return parts;
}

// On one machine one hand holds all keys: it decides alone over what members would vote on, unless it wants to see votes.
ledger::FoundingTerms terms_of(const Settings& settings) {
    ledger::FoundingTerms terms;
    if (settings.votes) return terms;
    for (const char* matter : {"compliance_criteria", "nodes", "quorum_policy", "risk_tables", "rule_sets", "versions",
                               "working_calendar"})
        terms.parameters.passage.emplace(matter, ledger::word_of(ledger::Passage::any));
    return terms;
}

Result<ledger::Genesis> make_genesis(const Folder& folder, const Settings& settings, std::int64_t now_ms) {
    const Result<ledger::Registry> registry = agreed_registry(settings);
    if (!registry) return registry.error();
    const auto parts = make_parts(folder, settings, *registry, now_ms);
    if (!parts) return parts.error();
    auto genesis = ledger::found(*parts, terms_of(settings));
    if (!genesis) return bad_registry(settings, genesis.error().detail);
    const Result<ledger::Jwk> signer =
        read_key_file(folder.agency_key(settings.agencies.front(), ledger::KeyPurpose::record));
    if (!signer) return signer.error();
    // Never start from a leaf 0 that the nodes would refuse.
    const auto entry = ledger::founding_entry(*genesis, *signer, now_ms);
    if (!entry && entry.error().reason == "entry_too_large") return too_large(settings, entry.error().detail);
    if (!entry)
        return Error{Exit::usage, "invalid_genesis",
                     "the genesis made from " + settings.registry + " is not valid: " + entry.error().detail};
    if (const auto written = write_file(folder.genesis(), *entry, 0644); !written) return written.error();
    return *std::move(genesis);
}

// Every key that the genesis registers, as kid -> path. All are on this machine: it plays every part.
Result<std::map<std::string, std::string>> find_keys(const Folder& folder, const ledger::Genesis& genesis) {
    std::map<std::string, std::string> paths;
    for (const auto& [kid, key] : genesis.registry.keys()) {
        const std::string path = folder.agency_key(key.agency, key.purpose);
        if (const auto found = founding::ensure_key(path, kid, key.key); !found) return found.error();
        paths.emplace(kid, path);
    }
    for (const ledger::GenesisNode& node : genesis.nodes)
        if (const auto found = founding::ensure_node_keys(places_of(folder), node.agency, node.name, &node);
            !found)
            return found.error();
    return paths;
}

// Paths stay relative, so that a stopped cluster's folder can be moved.
Config node_config(const Settings& settings, const NodeSettings& node, const std::string& genesis_hash) {
    Config config;
    config.node = node.node;
    config.data = "data";
    config.genesis = "../../genesis";
    config.genesis_hash = genesis_hash;
    config.log_key = "log.jwk";
    config.cosigner_key = "cosigner.jwk";
    config.node_key = "node.jwk";
    config.tls_key = "tls.jwk";
    config.api_host = loopback;
    config.api_port = node.api_port;
    config.open_bundles = settings.open_bundles;
    config.anonymous = "agency";  // one machine, one reader: whoever runs the cluster …
    config.limits = unlimited();  // … and loads it as it can bear
    config.local_changes = true;
    config.tls.api = config.tls.peer = settings.tls;
    config.peer_host = loopback;
    config.peer_port = node.peer_port;
    for (const LinkSettings& link : settings.links)
        if (link.from == node.node) config.peers.push_back({link.to, loopback, link.port});
    return config;
}

}  // namespace

Result<Materials> make_materials(const Folder& folder, const Settings& settings, std::int64_t now_ms) {
    const std::vector<NodeSettings> founders = settings.founders();
    assert(!settings.agencies.empty() && !founders.empty());
    Result<std::optional<ledger::Genesis>> found = read_genesis(folder);
    if (!found) return found.error();
    ledger::Genesis genesis;
    if (*found) {
        genesis = std::move(**found);
        if (genesis.origin != settings.origin || genesis.nodes.size() != founders.size())
            return Error{
                Exit::usage, "invalid_genesis",
                folder.genesis() + " is of another cluster than " + folder.settings() +
                    "; bring the right file back from a copy, or make a new cluster in another folder"};
    } else {
        Result<ledger::Genesis> made = make_genesis(folder, settings, now_ms);
        if (!made) return made.error();
        genesis = *std::move(made);
    }
    Result<std::map<std::string, std::string>> keys = find_keys(folder, genesis);
    if (!keys) return keys.error();
    if (!exists(folder.policy()))
        if (const auto written = write_file(folder.policy(), genesis.policy, 0644); !written)
            return written.error();

    const Result<std::string> bytes = read_file(folder.genesis(), ledger::max_entry_bytes);
    if (!bytes) return bytes.error();
    if (const auto written = write_anchors(folder, settings); !written) return written.error();
    Materials materials{ledger::to_hex(ledger::sha256(*bytes)), *std::move(keys)};
    for (const NodeSettings& node : founders) {
        if (exists(folder.config(node.node))) continue;
        const std::string text = config_text(node_config(settings, node, materials.genesis_hash));
        if (const auto written = write_file(folder.config(node.node), text, 0644); !written)
            return written.error();
    }
    return materials;
}

Result<ledger::GenesisNode> make_node_keys(const Folder& folder, const NodeSettings& node) {
    Result<ledger::GenesisNode> made =
        founding::ensure_node_keys(places_of(folder), node.agency, node.node, nullptr);
    if (made) made->raft_id = node.raft_id;
    return made;
}

Result<void> trust_log_key(const Folder& folder, const std::string& origin,
                           const ledger::PublicKey& log_key) {
    const Result<std::string> text = read_file(folder.policy(), ledger::max_policy_bytes);
    if (!text) return text.error();
    auto policy = ledger::parse_policy(*text);
    if (!policy)
        return Error{Exit::usage, "malformed_policy", folder.policy() + ": " + policy.error().detail};
    const ledger::VerifierKey key{origin, ledger::NoteKeyType::ed25519, log_key};
    const auto listed = std::ranges::find(policy->logs, key, &ledger::PolicyLog::key);
    if (listed != policy->logs.end()) return {};
    policy->logs.push_back({key, {}});
    return write_file(folder.policy(), policy->to_string(), 0644);
}

Result<void> make_node_config(const Folder& folder, const Settings& settings, const NodeSettings& node) {
    assert(node.joined && node.raft_id != 0);
    if (exists(folder.config(node.node))) return {};
    const Result<std::string> bytes = read_file(folder.genesis(), ledger::max_entry_bytes);
    if (!bytes) return bytes.error();
    Config config = node_config(settings, node, ledger::to_hex(ledger::sha256(*bytes)));
    config.raft_id = node.raft_id;
    config.agency = node.agency;
    for (PeerConfig& peer : config.peers)
        if (const NodeSettings* other = settings.node(peer.node); other != nullptr && other->joined) {
            peer.raft_id = other->raft_id;
            const Result<ledger::Jwk> key = read_key_file(folder.node_key(peer.node, "tls"));
            if (!key) return key.error();
            peer.tls_key = text_of(key->key.public_key());
        }
    return write_file(folder.config(node.node), config_text(config), 0644);
}

namespace {

std::string peer_table(const std::string& peer, std::uint16_t port) {
    return "\n# How this node reaches " + peer + ", which joined later.\n[[peers]]\nnode = \"" + peer +
           "\"\nhost = \"" + loopback + "\"\nport = " + std::to_string(port) + "\n";
}

constexpr std::size_t max_config_bytes = 1024 * 1024;

}  // namespace

Result<void> add_peer_table(const Folder& folder, const std::string& node, const std::string& peer,
                            std::uint16_t port) {
    Result<std::string> text = read_file(folder.config(node), max_config_bytes);
    if (!text) return text.error();
    const std::vector<PeerConfig> peers = read_config(folder.config(node)).config.peers;
    if (std::ranges::find(peers, peer, &PeerConfig::node) != peers.end()) return {};
    return write_file(folder.config(node), *text + peer_table(peer, port), 0644);
}

Result<void> remove_peer_table(const Folder& folder, const std::string& node, const std::string& peer,
                               std::uint16_t port) {
    Result<std::string> text = read_file(folder.config(node), max_config_bytes);
    if (!text) return text.error();
    const std::string table = peer_table(peer, port);
    const std::size_t place = text->find(table);
    if (place == std::string::npos) return {};
    return write_file(folder.config(node), text->erase(place, table.size()), 0644);
}

}  // namespace socai::node::cluster
