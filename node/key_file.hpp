// Reading and writing JWK files: private keys with mode 0600, never overwritten unless asked.
#pragma once

#include <string>

#include "ledger/jwk.hpp"
#include "node/error.hpp"

namespace socai::node {

// Errors: file_unreadable, malformed_jwk; they name the file, never its content.
Result<ledger::Jwk> read_key_file(const std::string& path);
// Refuses to overwrite. Synced, the folder's entry included. Errors: file_exists, file_unwritable.
Result<void> write_key_file(const std::string& path, const ledger::Jwk& jwk);
// Others than its owner may read or write the file. Worth a warning, not a refusal: the owner may have
// reasons.
bool key_file_is_exposed(const std::string& path);

}  // namespace socai::node
