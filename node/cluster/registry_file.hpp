// The registry that a new ledger starts with: a JSON array of agencies {code, parent, roles, name_vi,
// name_en}, as data/genesis_registry.json. Keys are no part of it; genesis_maker adds them.
#pragma once

#include <optional>
#include <string>

#include "ledger/registry.hpp"
#include "node/error.hpp"

namespace socai::node::cluster {

struct RegistryFile {
    std::string hash;           // hex SHA-256 of the file's bytes
    ledger::Registry registry;  // agencies, and for each trader the delegation to its parent
};

// The file asked for, or the project's own: beside the program (../data, data, ../share/socai/data from its
// folder) or where it was built. Error: registry_not_found.
Result<std::string> find_registry(const std::optional<std::string>& asked);

// Errors: file_unreadable, file_too_large, bad_registry (names the entry).
Result<RegistryFile> read_registry_file(const std::string& path);

}  // namespace socai::node::cluster
