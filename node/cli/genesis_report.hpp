// What `socai genesis` prints of a genesis, or of one part of it, for people and for programs.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "ledger/genesis.hpp"
#include "ledger/genesis_part.hpp"

namespace socai::node::cli {

// A genesis file as far as people agree on it.
struct ReadGenesis {
    ledger::Genesis genesis;
    std::string hash;  // hex SHA-256 of the file's bytes: what members pin
};

// `hash` in groups of four, to be read over the telephone: "a1b2 c3d4 …".
std::string spoken_hash(const std::string& hash);

// As it is pinned, of a hash that was written down with blanks or capitals.
std::string plain_hash(const std::string& text);

// Members and what they agreed to, agencies, keys by purpose, nodes, parameters, passage, policy, hash.
void print_genesis(const ReadGenesis& read);
boost::json::object genesis_report(const ReadGenesis& read);

// The same of what one member brings.
void print_part(const ledger::GenesisPart& part);
boost::json::object part_report(const ledger::GenesisPart& part);

}  // namespace socai::node::cli
