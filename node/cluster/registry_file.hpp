// The registry that a new ledger starts with: a JSON array of agencies {code, parent, roles, name_vi,
// name_en}, as data/genesis_registry.json. Keys are no part of it; genesis_maker adds them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/registry.hpp"
#include "node/error.hpp"

namespace socai::node::cluster {

struct RegistryFile {
    std::string hash;           // hex SHA-256 of the file's bytes
    ledger::Registry registry;  // agencies, and for each trader the delegation to its parent
};

// A file of the project's data folder: beside the program (../data, data, ../share/socai/data from its folder) or where it
// was built. Nothing when it is in none of them.
std::optional<std::string> find_data_file(std::string_view name);
// The file asked for, or the project's own, genesis_registry.json of the data folder. Error: registry_not_found.
Result<std::string> find_registry(const std::optional<std::string>& asked);

// `top` is an agency that the file's entries may stand below, for a file that does not list it itself. Errors: file_unreadable,
// file_too_large, bad_registry (names the entry).
Result<RegistryFile> read_registry_file(const std::string& path,
                                        const std::optional<ledger::Agency>& top = std::nullopt);

}  // namespace socai::node::cluster
