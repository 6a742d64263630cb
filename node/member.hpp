// Who a member of the cluster is and where it listens, and the note in which a configuration entry of the log
// says so of every member (consensus::ConfigurationEntry::note). Values; safe from any thread.
//
// The note is JSON, in exactly this form and order of members (so that one list has one text):
//   {"version":2,"last_id":5,"members":[{"id":1,"node":"customs-1","agency":"customs","host":"","port":0,
//     "log_key":…,"cosigner_key":…,"node_key":…,"tls_key":…}, …]}
// `last_id` is the highest raft id ever given out: ids are never used again, also when their node is gone. Members
// ascend by id; keys are raw Ed25519 public keys in base64url. Members of the genesis have no address in it: each
// node's own configuration says how it reaches them, and may say so for the others too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/membership.hpp"
#include "ledger/genesis.hpp"

namespace socai::node {

struct Member {
    consensus::NodeId id;
    std::string name;  // "most-2": spelt as in the genesis
    std::string agency;
    std::string host;  // empty: not told
    std::uint16_t port = 0;
    ledger::PublicKey log_key{};
    ledger::PublicKey cosigner_key{};
    ledger::PublicKey node_key{};
    ledger::PublicKey tls_key{};  // of the anchor certificate that its connections are known by
    bool operator==(const Member&) const = default;
};

struct MemberNote {
    std::uint64_t last_id = 0;
    std::vector<Member> members;  // ascending by id, names unique
    bool operator==(const MemberNote&) const = default;

    // Lives as long as the note: not of a temporary.
    const Member* find(consensus::NodeId id) const&;
    const Member* find(std::string_view name) const&;
    const Member* find(consensus::NodeId id) && = delete;
    const Member* find(std::string_view name) && = delete;
};

inline constexpr std::size_t max_note_members = 256;
inline constexpr std::size_t max_host_bytes = 255;

// 1 to 64 of a-z, 0-9, '-' and '.': node names stand in file names, messages and the genesis.
bool is_node_name(std::string_view name);

std::string encode_note(const MemberNote& note);
// Nothing unless `text` is what encode_note writes for a note within the limits.
std::optional<MemberNote> decode_note(std::string_view text);
// Does the note say who every member of the configuration is?
bool describes(const MemberNote& note, const consensus::Configuration& configuration);

// The membership before the log says another: the genesis nodes vote.
MemberNote genesis_note(const ledger::Genesis& genesis);
consensus::ConfigurationEntry genesis_configuration(const ledger::Genesis& genesis);

}  // namespace socai::node
