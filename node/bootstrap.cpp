#include "node/bootstrap.hpp"

#include <fstream>
#include <iterator>

#include "node/key_file.hpp"

namespace socai::node {

Result<GenesisFile> read_genesis(const Config& config) {
    std::ifstream file(config.genesis, std::ios::binary);
    if (!file) {
        return Error{Exit::unreachable, "file_unreadable",
                     "The genesis file " + config.genesis + " cannot be read; `genesis` in " + config.path +
                         " names it."};
    }
    std::string entry{std::istreambuf_iterator<char>(file), {}};
    const std::string hash = ledger::to_hex(ledger::sha256(entry));
    if (hash != config.genesis_hash) {
        return Error{Exit::usage, "genesis_mismatch",
                     "The genesis file " + config.genesis + " has the SHA-256 " + hash + ", but " +
                         config.path + " pins " + config.genesis_hash +
                         ". Get the file that the members agreed on; never change the pin to fit."};
    }
    auto genesis = ledger::parse_genesis(entry);
    if (!genesis)
        return Error{Exit::usage, genesis.error().reason, config.genesis + ": " + genesis.error().detail};
    return GenesisFile{std::move(entry), std::move(*genesis)};
}

consensus::EntryPtr genesis_log_entry(const std::string& entry) {
    ledger::Frontier tree;
    auto made = std::make_shared<consensus::Entry>();
    made->kind = consensus::EntryKind::payload;
    made->payload = entry;
    made->digest = ledger::leaf_hash(entry);
    tree.append(made->digest);
    made->mark = tree.root();
    made->id.term = {1};
    made->id.index = {1};
    made->id.hash =
        consensus::chain_hash({}, made->id.term, made->id.index, made->kind, made->digest, made->mark);
    return made;
}

Result<Member> own_membership(const Config& config, const ledger::Genesis& genesis) {
    const MemberNote note = genesis_note(genesis);
    const Member* founder = note.find(config.node);
    if (founder == nullptr && config.raft_id == 0) {
        return Error{
            Exit::usage, "unknown_node",
            config.path + " names the node \"" + config.node +
                "\", which the genesis does not know. Use a name from it; a node that joined later has "
                "raft_id and agency under [node]."};
    }
    if (founder != nullptr && config.raft_id != 0) {
        return Error{Exit::usage, "unknown_node",
                     config.path + " gives the raft_id of a node that joined later, but \"" + config.node +
                         "\" is a node of the genesis. Correct [node] name, or remove raft_id and agency."};
    }
    const auto log_key = read_key_file(config.log_key);
    if (!log_key) return log_key.error();
    if (founder != nullptr) {
        if (founder->log_key == log_key->key.public_key()) return *founder;
        return Error{Exit::usage, "key_mismatch",
                     "The key " + config.log_key + " is not the log key that the genesis registers for " +
                         config.node + "."};
    }
    const auto cosigner_key = read_key_file(config.cosigner_key);
    if (!cosigner_key) return cosigner_key.error();
    const auto node_key = read_key_file(config.node_key);
    if (!node_key) return node_key.error();
    const auto tls_key = read_key_file(config.tls_key);
    if (!tls_key) return tls_key.error();
    return Member{.id = {config.raft_id},
                  .name = config.node,
                  .agency = config.agency,
                  .host = config.peer_host,
                  .port = config.peer_port,
                  .log_key = log_key->key.public_key(),
                  .cosigner_key = cosigner_key->key.public_key(),
                  .node_key = node_key->key.public_key(),
                  .tls_key = tls_key->key.public_key()};
}

std::vector<Member> contacts_of(const Config& config) {
    std::vector<Member> contacts;
    for (const PeerConfig& peer : config.peers) {
        if (peer.raft_id == 0) continue;
        Member contact;
        contact.id.value = peer.raft_id;
        contact.name = peer.node;
        contact.host = peer.host;
        contact.port = peer.port;
        if (const auto key = ledger::base64url_decode(peer.tls_key);
            key && key->size() == contact.tls_key.size())
            std::ranges::copy(*key, contact.tls_key.begin());
        contacts.push_back(std::move(contact));
    }
    return contacts;
}

ledger::Admitted admitted_genesis(const std::string& entry) {
    const auto split = ledger::split_entry(entry);
    auto statement = ledger::parse_statement(split->statement);
    ledger::Admitted admitted;
    admitted.time_ms = split->time_ms;
    admitted.leaf = ledger::leaf_hash(entry);
    admitted.entry = entry;
    admitted.statement = std::make_shared<const ledger::Statement>(std::move(*statement));
    return admitted;
}

}  // namespace socai::node
