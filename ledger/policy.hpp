// C2SP tlog-policy: which logs are believed and which witnesses must have cosigned a checkpoint
// (reference/transparency_log.md §1.8). A value and its text; pure; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/verifier_key.hpp"

namespace socai::ledger {

// `log <vkey> [url]`: any of the listed logs is accepted. The key's name is the origin.
struct PolicyLog {
    VerifierKey key;  // type 0x01
    std::string url;  // may be empty
    bool operator==(const PolicyLog&) const = default;
};

// `witness <name> <vkey> [url]`
struct PolicyWitness {
    std::string name;  // within the policy only
    VerifierKey key;   // type 0x04
    std::string url;   // may be empty
    bool operator==(const PolicyWitness&) const = default;
};

// `group <name> all|any|<k> <member>...`: stands for its members once `threshold` of them do.
struct PolicyGroup {
    std::string name;
    std::uint32_t threshold = 1;       // 1..members.size()
    std::vector<std::string> members;  // witnesses and earlier groups; each name in one group at most
    bool operator==(const PolicyGroup&) const = default;
};

struct Policy {
    std::vector<PolicyLog> logs;
    std::vector<PolicyWitness> witnesses;
    std::vector<PolicyGroup> groups;  // a group refers to earlier ones only
    std::string quorum = "none";      // a witness, a group, or "none": no cosignature is needed

    // One item a line, in the order of the members above: parse_policy gives the same value back.
    std::string to_string() const;
    bool operator==(const Policy&) const = default;
};

inline constexpr std::size_t max_policy_bytes = std::size_t{1} << 18;
inline constexpr std::size_t max_policy_items = 1'024;  // logs, witnesses and groups together

// Errors: Fault::invalid_statement, reason malformed_policy; `detail` names the line. Refuses, among others,
// names used twice, members in two groups, references to later lines, and anything but one quorum line.
Result<Policy> parse_policy(std::string_view text);

// Could the policy's quorum be met by co-signatures of these keys?
bool within_reach(const Policy& policy, const std::set<PublicKey>& keys);

}  // namespace socai::ledger
