#include "node/bootstrap.hpp"

#include <fstream>
#include <iterator>

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
