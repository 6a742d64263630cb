// Makes the part of one member (ledger/genesis_part.hpp) with the keys on this machine: what `socai genesis join` does, and
// `cluster up` for each member in turn.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ledger/genesis_part.hpp"
#include "node/error.hpp"
#include "node/founding/founding_keys.hpp"

namespace socai::node::founding {

inline constexpr std::size_t max_part_bytes = ledger::max_statement_bytes + 1;  // and the end of the line

// What a member brings, but for its keys.
struct Party {
    std::string origin;
    std::string agency;
    ledger::Registry agencies;  // the member and those below it, with their delegations; no keys
    struct Node {
        std::string name;
        std::string address;  // "host:port"; empty: the part says nothing
    };
    std::vector<Node> nodes;
    std::vector<std::string> rights;      // of all its record keys
    std::vector<std::string> own_rights;  // of the member's own record key, besides
    bool auditor = false;                 // an auditor's key too
};

// The agencies of a party: `member`, those below it and their delegations. Precondition: `registry` knows `member`.
ledger::Registry branch_of(const ledger::Registry& registry, const std::string& member);

// The part, checked; makes the keys that are missing. Record keys are made for every agency but traders, whose parent signs.
// `known` is the text of the part that was made from these keys before, or empty: its keys must still be there, and when
// nothing has changed it is the result, byte for byte, also without the root key, which may have been taken offline.
// Errors: bad_origin, bad_node_name, bad_address, key_lost, key_mismatch, root_key_needed, those of key files and folders, and
// parse_part's.
Result<std::string> make_part(const Party& party, const KeyPlaces& places, const std::string& known,
                              std::int64_t now_ms);

// A part's file, parsed and checked. Errors: file_unreadable, file_too_large, parse_part's, which name the file.
Result<ledger::GenesisPart> read_part_file(const std::string& path);

}  // namespace socai::node::founding
