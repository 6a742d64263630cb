// `socai node check`: what a configuration names, checked before a start needs it.
#include <algorithm>
#include <array>
#include <filesystem>

#include "ledger/genesis.hpp"
#include "ledger/hash.hpp"
#include "node/config.hpp"
#include "node/files.hpp"
#include "node/key_file.hpp"
#include "node/ports.hpp"
#include "storage/log_store.hpp"

namespace socai::node {

namespace {

using Errors = std::vector<Error>;

// The pinned genesis; nothing when it is not there or not the pinned one (told in `faults`).
std::optional<ledger::Genesis> check_genesis(const Config& config, Errors& faults) {
    const Result<std::string> bytes = read_file(config.genesis, ledger::max_entry_bytes);
    if (!bytes) {
        faults.push_back(bytes.error());
        return std::nullopt;
    }
    const std::string hash = ledger::to_hex(ledger::sha256(*bytes));
    if (hash != config.genesis_hash) {
        faults.push_back({Exit::usage, "genesis_mismatch",
                          config.path + ": the SHA-256 of " + config.genesis + " is " + hash +
                              ", but genesis_hash pins " + config.genesis_hash +
                              "; get the file that the members agreed on, never change the pin to fit"});
        return std::nullopt;
    }
    auto genesis = ledger::parse_genesis(*bytes);
    if (!genesis) {
        faults.push_back({Exit::usage, "invalid_genesis",
                          config.genesis + " is no valid genesis: " + genesis.error().detail +
                              "; use the file that the members agreed on"});
        return std::nullopt;
    }
    return std::move(*genesis);
}

struct NamedKey {
    const char* setting;
    const std::string* path;
    const ledger::PublicKey* expected;  // null: the genesis does not say
};

void check_keys(const Config& config, const ledger::GenesisNode* node, Errors& faults) {
    const std::array<NamedKey, 3> keys = {
        {{"log", &config.log_key, node ? &node->log_key : nullptr},
         {"cosigner", &config.cosigner_key, node ? &node->cosigner_key : nullptr},
         {"node", &config.node_key, node ? &node->node_key : nullptr}}};
    std::vector<ledger::PublicKey> seen;
    for (const NamedKey& key : keys) {
        const Result<ledger::Jwk> jwk = read_key_file(*key.path);
        if (!jwk) {
            faults.push_back(jwk.error());
            continue;
        }
        if (key_file_is_exposed(*key.path))
            faults.push_back({Exit::usage, "key_exposed",
                              *key.path + " may be read or written by others than its owner; `chmod 600 " +
                                  *key.path + "`"});
        const ledger::PublicKey& held = jwk->key.public_key();
        if (key.expected != nullptr && held != *key.expected)
            faults.push_back({Exit::usage, "key_mismatch",
                              config.path + ": " + *key.path + " is not the " + key.setting +
                                  " key that the genesis lists for " + config.node +
                                  "; put the key file that was made with the genesis there"});
        if (std::find(seen.begin(), seen.end(), held) != seen.end())
            faults.push_back(
                {Exit::usage, "key_shared",
                 config.path + ": [keys] " + key.setting +
                     " is the same key as another of this node; each purpose needs a key of its own"});
        seen.push_back(held);
    }
}

std::string names_of(const ledger::Genesis& genesis) {
    std::string names;
    for (const ledger::GenesisNode& node : genesis.nodes) names += (names.empty() ? "" : ", ") + node.name;
    return names;
}

void check_peers(const Config& config, const ledger::Genesis& genesis, Errors& faults) {
    const auto configured = [&](const std::string& name) {
        return std::any_of(config.peers.begin(), config.peers.end(),
                           [&](const PeerConfig& peer) { return peer.node == name; });
    };
    const auto exists = [&](const std::string& name) {
        return std::any_of(genesis.nodes.begin(), genesis.nodes.end(),
                           [&](const ledger::GenesisNode& node) { return node.name == name; });
    };
    for (const ledger::GenesisNode& node : genesis.nodes)
        if (node.name != config.node && !configured(node.name))
            faults.push_back({Exit::usage, "wrong_peers",
                              config.path + ": no [[peers]] table for " + node.name +
                                  ", a node of the genesis; add one with its host and port"});
    for (const PeerConfig& peer : config.peers)
        if (!exists(peer.node))
            faults.push_back({Exit::usage, "wrong_peers",
                              config.path + ": [[peers]] names " + peer.node +
                                  ", which the genesis does not; its nodes are " + names_of(genesis) +
                                  ": correct the name or remove the table"});
}

// A data folder is opened exactly as a start opens it; without one a start makes it.
void check_data(const Config& config, const ledger::Genesis& genesis, Errors& faults) {
    if (!std::filesystem::exists(config.data)) return;
    const auto log = storage::LogStore::open(config.data, {genesis.origin, config.node, config.genesis_hash});
    if (!log) faults.push_back({Exit::usage, log.error().reason, log.error().detail});
}

}  // namespace

Errors check_config(const Config& config) {
    Errors faults;
    const std::optional<ledger::Genesis> genesis = check_genesis(config, faults);
    const ledger::GenesisNode* self = nullptr;
    if (genesis) {
        const auto found =
            std::find_if(genesis->nodes.begin(), genesis->nodes.end(),
                         [&](const ledger::GenesisNode& node) { return node.name == config.node; });
        if (found != genesis->nodes.end()) self = &*found;
        if (self == nullptr)
            faults.push_back({Exit::usage, "unknown_node",
                              config.path + ": [node] name is " + config.node +
                                  ", which the genesis does not list; its nodes are " + names_of(*genesis)});
    }
    check_keys(config, self, faults);
    if (self != nullptr) {
        check_peers(config, *genesis, faults);
        check_data(config, *genesis, faults);
    }
    for (const auto& [host, port, what] : {std::tuple{config.api_host, config.api_port, "[api] of "},
                                           std::tuple{config.peer_host, config.peer_port, "[peer] of "}})
        if (const auto free = check_port(host, port, what + config.node); !free)
            faults.push_back(free.error());
    return faults;
}

}  // namespace socai::node
