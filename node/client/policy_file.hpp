// The policy that a person has pinned: a file in C2SP tlog-policy, and whose names stand behind its signatures.
#pragma once

#include <string>
#include <vector>

#include "ledger/head.hpp"
#include "ledger/policy.hpp"
#include "node/error.hpp"

namespace socai::node::client {

// Errors: file_unreadable (exit 3), file_too_large, malformed_policy.
Result<ledger::Policy> read_policy_file(const std::string& path);

// A cosigner of a head, for people and programs.
struct CosignerName {
    std::string agency;        // "customs"; of a witness from outside the consortium, its key's name
    std::string witness;       // its name in the policy
    std::uint64_t time_s = 0;  // Unix seconds that it put its name to
};
// In the order of the policy.
std::vector<CosignerName> cosigner_names(const ledger::Policy& policy, const ledger::HeadSigners& signers,
                                         const std::string& origin);

}  // namespace socai::node::client
