#include "node/cluster/genesis_maker.hpp"

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <optional>

#include "ledger/base64.hpp"
#include "ledger/entry.hpp"
#include "ledger/hash.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/time.hpp"
#include "node/cluster/anchors.hpp"
#include "node/cluster/registry_file.hpp"
#include "node/config.hpp"
#include "node/files.hpp"
#include "node/key_file.hpp"

namespace socai::node::cluster {

namespace {

namespace fs = std::filesystem;

constexpr const char* loopback = "127.0.0.1";

std::string text_of(const ledger::PublicKey& key) {
    return ledger::base64url({reinterpret_cast<const char*>(key.data()), key.size()});
}

bool exists(const std::string& path) {
    std::error_code error;
    return fs::exists(path, error);
}

// The key file at `path`, made when it is not there; `expected` is what an existing genesis says of it.
Result<ledger::Jwk> ensure_key(const std::string& path, const std::string& kid,
                               const std::optional<ledger::PublicKey>& expected) {
    if (!exists(path)) {
        if (expected)
            return Error{
                Exit::usage, "key_lost",
                "the key " + kid + " of this cluster's genesis is not in " + path +
                    " any more; bring the file back from a copy, or make a new cluster in another folder"};
        if (const auto made = make_folder(fs::path(path).parent_path().string(), 0700); !made)
            return made.error();
        const ledger::Jwk jwk{kid, ledger::KeyPair::generate()};
        if (const auto written = write_key_file(path, jwk); !written) return written.error();
        return jwk;
    }
    Result<ledger::Jwk> jwk = read_key_file(path);
    if (jwk && (jwk->kid != kid || (expected && jwk->key.public_key() != *expected)))
        return Error{
            Exit::usage, "key_mismatch",
            path + " is not the key " + kid +
                " of this cluster; bring the right file back, or make a new cluster in another folder"};
    return jwk;
}

std::string record_kid(const std::string& agency) {
    return agency + "/record-1";
}
std::string node_kid(const NodeSettings& node, const char* purpose) {
    return node.agency + "/" + node.node + "-" + purpose;
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

// Record keys of every agency that signs for itself: all but traders, whose parent signs.
Result<std::map<std::string, std::string>> ensure_record_keys(const Folder& folder, const Settings& settings,
                                                              ledger::Registry& registry, bool registered) {
    std::map<std::string, std::string> paths;
    for (const auto& [code, agency] : registry.agencies()) {
        if (agency.has_role("trader")) continue;
        const std::string kid = record_kid(code);
        const ledger::RegisteredKey* known = registry.key(kid);
        if (registered && known == nullptr) continue;
        const Result<ledger::Jwk> jwk =
            ensure_key(folder.record_key(kid), kid, known ? std::optional(known->key) : std::nullopt);
        if (!jwk) return jwk.error();
        paths.emplace(kid, folder.record_key(kid));
        if (registered) continue;
        ledger::RegisteredKey key;
        key.kid = kid;
        key.agency = code;
        key.key = jwk->key.public_key();
        if (settings.historical_import) key.rights.emplace_back("historical_import");
        if (code == settings.agencies.front()) key.rights.emplace_back(ledger::policy_right);
        if (const auto added = registry.add_key(std::move(key)); !added)
            return Error{Exit::usage, "bad_registry", settings.registry + ": " + added.error().detail};
    }
    return paths;
}

Result<ledger::GenesisNode> ensure_node_keys(const Folder& folder, const NodeSettings& node,
                                             std::uint64_t raft_id, const ledger::GenesisNode* known) {
    ledger::GenesisNode made;
    made.name = node.node;
    made.agency = node.agency;
    made.raft_id = raft_id;
    struct Purpose {
        const char* name;
        ledger::PublicKey ledger::GenesisNode::*key;
    };
    for (const Purpose& purpose :
         {Purpose{"log", &ledger::GenesisNode::log_key},
          Purpose{"cosigner", &ledger::GenesisNode::cosigner_key},
          Purpose{"node", &ledger::GenesisNode::node_key}, Purpose{"tls", &ledger::GenesisNode::tls_key}}) {
        const auto expected = known ? std::optional(known->*purpose.key) : std::nullopt;
        const Result<ledger::Jwk> jwk =
            ensure_key(folder.node_key(node.node, purpose.name), node_kid(node, purpose.name), expected);
        if (!jwk) return jwk.error();
        made.*purpose.key = jwk->key.public_key();
    }
    return made;
}

Result<void> write_genesis(const Folder& folder, const Settings& settings, const ledger::Genesis& genesis,
                           std::int64_t now_ms) {
    const std::string& founder = settings.agencies.front();
    const Result<ledger::Jwk> signer = read_key_file(folder.record_key(record_kid(founder)));
    if (!signer) return signer.error();
    const std::string record = ledger::genesis_record(genesis, founder, ledger::format_rfc3339(now_ms));
    const std::string statement = ledger::sign_statement(*signer, genesis.origin, record, false);
    const std::string entry = ledger::make_entry(now_ms, statement);
    if (entry.size() > ledger::max_entry_bytes)
        return Error{Exit::usage, "bad_registry",
                     settings.registry + " with " + std::to_string(settings.nodes.size()) +
                         " nodes makes a genesis of " + std::to_string(entry.size()) +
                         " bytes; an entry holds at most " + std::to_string(ledger::max_entry_bytes) +
                         ": start with fewer agencies or nodes"};
    // Never start from a leaf 0 that the nodes would refuse.
    if (const auto parsed = ledger::parse_genesis(entry); !parsed)
        return Error{
            Exit::usage, "invalid_genesis",
            "the genesis made from " + settings.registry + " is not valid: " + parsed.error().detail};
    return write_file(folder.genesis(), entry, 0644);
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
    config.anonymous = "agency";  // one machine, one reader: whoever runs the cluster
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
    const bool registered = found->has_value();
    ledger::Genesis genesis;
    if (registered) {
        genesis = std::move(**found);
        if (genesis.origin != settings.origin || genesis.nodes.size() != founders.size())
            return Error{
                Exit::usage, "invalid_genesis",
                folder.genesis() + " is of another cluster than " + folder.settings() +
                    "; bring the right file back from a copy, or make a new cluster in another folder"};
    } else {
        Result<ledger::Registry> registry = agreed_registry(settings);
        if (!registry) return registry.error();
        genesis.origin = settings.origin;
        genesis.registry = std::move(*registry);
    }

    Result<std::map<std::string, std::string>> record_keys =
        ensure_record_keys(folder, settings, genesis.registry, registered);
    if (!record_keys) return record_keys.error();
    std::vector<ledger::GenesisNode> nodes;
    for (std::size_t i = 0; i < founders.size(); ++i) {
        const ledger::GenesisNode* known = registered ? &genesis.nodes[i] : nullptr;
        const Result<ledger::GenesisNode> node = ensure_node_keys(folder, founders[i], i + 1, known);
        if (!node) return node.error();
        nodes.push_back(*node);
    }
    if (!registered) {
        genesis.nodes = nodes;
        genesis.policy = ledger::consortium_policy(settings.origin, nodes).to_string();
        if (const auto written = write_genesis(folder, settings, genesis, now_ms); !written)
            return written.error();
    }
    if (!exists(folder.policy()))
        if (const auto written = write_file(folder.policy(), genesis.policy, 0644); !written)
            return written.error();

    const Result<std::string> bytes = read_file(folder.genesis(), ledger::max_entry_bytes);
    if (!bytes) return bytes.error();
    if (const auto written = write_anchors(folder, settings); !written) return written.error();
    Materials materials{ledger::to_hex(ledger::sha256(*bytes)), std::move(*record_keys)};
    for (const NodeSettings& node : founders) {
        if (exists(folder.config(node.node))) continue;
        const std::string text = config_text(node_config(settings, node, materials.genesis_hash));
        if (const auto written = write_file(folder.config(node.node), text, 0644); !written)
            return written.error();
    }
    return materials;
}

Result<ledger::GenesisNode> make_node_keys(const Folder& folder, const NodeSettings& node) {
    return ensure_node_keys(folder, node, node.raft_id, nullptr);
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
