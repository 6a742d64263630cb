// `socai node check`: what a configuration names, checked before a start needs it.
#include <algorithm>
#include <array>
#include <filesystem>

#include "ledger/genesis.hpp"
#include "ledger/hash.hpp"
#include "node/client/trust.hpp"
#include "node/config.hpp"
#include "node/files.hpp"
#include "node/key_file.hpp"
#include "node/member.hpp"
#include "node/ports.hpp"
#include "node/tls/operator_certificate.hpp"
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
    const std::array<NamedKey, 4> keys = {
        {{"log", &config.log_key, node ? &node->log_key : nullptr},
         {"cosigner", &config.cosigner_key, node ? &node->cosigner_key : nullptr},
         {"node", &config.node_key, node ? &node->node_key : nullptr},
         {"tls", &config.tls_key, node ? &node->tls_key : nullptr}}};
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

// Whom the genesis and this node's log name: founders first. The log is opened exactly as a start opens it; without
// a data folder a start makes one.
MemberNote check_data(const Config& config, const ledger::Genesis& genesis, Errors& faults) {
    MemberNote note = genesis_note(genesis);
    if (!std::filesystem::exists(config.data)) return note;
    const auto log = storage::LogStore::open(config.data, {genesis.origin, config.node, config.genesis_hash});
    if (!log) {
        faults.push_back({Exit::usage, log.error().reason, log.error().detail});
        return note;
    }
    if (!(*log)->start().configurations.empty())
        if (auto newest = decode_note((*log)->start().configurations.back().note)) return *std::move(newest);
    return note;
}

// A member without an address of its own in the ledger needs a table; a table needs a member, or says which node
// that is not in the genesis it means.
void check_peers(const Config& config, const ledger::Genesis& genesis, const MemberNote& members,
                 Errors& faults) {
    // A node that is about to join finds in its log who is a member now; founders may have left.
    const bool counts = members.find(config.node) != nullptr;
    for (const Member& member : members.members)
        if (counts && member.name != config.node && member.host.empty() &&
            std::ranges::find(config.peers, member.name, &PeerConfig::node) == config.peers.end())
            faults.push_back({Exit::usage, "wrong_peers",
                              config.path + ": no [[peers]] table for " + member.name +
                                  ", a node of the genesis; add one with its host and port"});
    const MemberNote founders = genesis_note(genesis);
    for (const PeerConfig& peer : config.peers) {
        const bool known = founders.find(peer.node) != nullptr || members.find(peer.node) != nullptr;
        if (config.tls.peer && peer.raft_id != 0 && peer.tls_key.empty() &&
            members.find(peer.node) == nullptr)
            faults.push_back(
                {Exit::usage, "wrong_peers",
                 config.path + ": the [[peers]] table of " + peer.node +
                     " lacks tls_key, and the ledger here does not tell it yet: without it the node "
                     "cannot be believed; cluster.members of any node has it"});
        if (known || peer.raft_id != 0) continue;
        faults.push_back(
            {Exit::usage, "wrong_peers",
             config.path + ": [[peers]] names " + peer.node + ", which the genesis does not; its nodes are " +
                 names_of(genesis) +
                 ": correct the name, remove the table, or give the raft_id of a node that joined"});
    }
}

void check_certificates(const Config& config, Errors& faults) {
    if (config.tls.api && !config.tls.api_certificate.empty())
        if (const auto loaded =
                tls::OperatorCertificate(config.tls.api_certificate, config.tls.api_key).load();
            !loaded)
            faults.push_back(loaded.error());
    for (const WitnessConfig& witness : config.witnesses)
        if (const auto trust = client::Trust::make(witness.ca, {}); !trust) faults.push_back(trust.error());
}

// A node that joined after the genesis says who it is itself; what the ledger knows of it must agree. Whether its agency is a
// member the members decide, after the genesis too; what the genesis has below another is none.
void check_joined(const Config& config, const ledger::Genesis& genesis, const MemberNote& members, Errors& faults) {
    if (const ledger::Agency* agency = genesis.registry.agency(config.agency); agency != nullptr && agency->parent)
        faults.push_back({Exit::usage, "unknown_agency",
                          config.path + ": [node] agency is " + config.agency + ", which stands below " + *agency->parent +
                              "; nodes are the members', give the code of one"});
    const Member* same_name = members.find(config.node);
    if (same_name != nullptr && same_name->agency != config.agency)
        faults.push_back({Exit::usage, "unknown_agency",
                          config.path + ": [node] agency is " + config.agency + ", but the ledger here has " + config.node +
                              " as a node of " + same_name->agency});
    const Member* same_id = members.find(consensus::NodeId{config.raft_id});
    if (same_id != nullptr && same_id->name != config.node)
        faults.push_back({Exit::usage, "unknown_node",
                          config.path + ": [node] raft_id " + std::to_string(config.raft_id) + " is " +
                              same_id->name +
                              "'s; ids are never used again, take the one that was given to " + config.node});
}

}  // namespace

Errors check_config(const Config& config) {
    Errors faults;
    const std::optional<ledger::Genesis> genesis = check_genesis(config, faults);
    const ledger::GenesisNode* founder = nullptr;
    if (genesis) {
        const auto found = std::ranges::find(genesis->nodes, config.node, &ledger::GenesisNode::name);
        if (found != genesis->nodes.end()) founder = &*found;
        if ((founder != nullptr) == (config.raft_id != 0))
            faults.push_back(
                {Exit::usage, "unknown_node",
                 founder == nullptr
                     ? config.path + ": [node] name is " + config.node +
                           ", which the genesis does not list; its nodes are " + names_of(*genesis) +
                           "; a node that joined later needs raft_id and agency"
                     : config.path + ": " + config.node +
                           " is a node of the genesis and needs no raft_id and agency; remove them"});
    }
    check_keys(config, founder, faults);
    check_certificates(config, faults);
    if (founder != nullptr || (genesis && config.raft_id != 0)) {
        const MemberNote members = check_data(config, *genesis, faults);
        check_peers(config, *genesis, members, faults);
        if (founder == nullptr) check_joined(config, *genesis, members, faults);
    }
    for (const auto& [host, port, what] : {std::tuple{config.api_host, config.api_port, "[api] of "},
                                           std::tuple{config.peer_host, config.peer_port, "[peer] of "}})
        if (const auto free = check_port(host, port, what + config.node); !free)
            faults.push_back(free.error());
    return faults;
}

}  // namespace socai::node
