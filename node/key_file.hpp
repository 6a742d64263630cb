// Reading and writing JWK files: private keys with mode 0600, never overwritten unless asked.
#pragma once

#include <string>

#include "ledger/jwk.hpp"
#include "node/error.hpp"

namespace socai::node {

Result<ledger::Jwk> read_key_file(const std::string& path);
// Refuses to overwrite. Synced.
Result<void> write_key_file(const std::string& path, const ledger::Jwk& jwk);

}  // namespace socai::node
