// What a passed proposal does, by matter. Pure; one thread at a time.
//   member_addition  {member {code, name_vi, name_en}, keys [{…}]}      its root and registrar keys at least
//   member_removal   {agency}
//   nodes            {add [{name, agency, host, port, keys…}], remove [name]}   several at once
//   quorum_policy    {policy}               the text of a C2SP policy: a policy leaf with it may then be written
//   rule_sets, risk_tables, compliance_criteria, working_calendar, versions
//                    {record {source, id}}  a record that waits in the ledger takes force
//   limits           {limits {name: value}} (limits.hpp)
//   hold             {agency, held}         whether the agency and those below it may write records
//   roles            {agency, roles []}
//   rights           {kid, rights []}
//   root_keys        {agency, keys [{…}]}   ends the agency's root and registrar keys, gives it these
//   passage          {matter, rule}
//   withdrawal       {index, legal_basis, remains}   the bytes of a leaf go (withdrawal.hpp)
//   recovery         {agencies}             how many agencies' root keys recover a lost majority
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/governance/proposals.hpp"
#include "ledger/policy.hpp"

namespace socai::ledger {

struct Enactment {
    const Context& context;
    std::string_view matter;
    const boost::json::value& change;  // an object
    Address at;                        // of the record that decides
    Address proposed;                  // of the proposal
    std::int64_t accepted_ms = 0;
    const std::function<Hash()>& root;
};
// Carries a change out in the draft; after an error that is worth nothing. Errors: malformed_act, unknown_matter;
// Fault::refused: locks_out (nobody could act afterwards), no_effect, has_nodes, unknown_node, node_changed,
// no_such_record, not_governed, unknown_rule, already_member, no_such_leaf …; the registry's and the rules' own.
Result<void> enact(const Enactment& enactment, RegistryDraft& draft);

// A node that the members have voted in, beside the genesis'; or voted out, those of the genesis included.
inline constexpr std::uint64_t first_voted_raft_id =
    1'000;  // below it: the genesis', and those of node.change_members

struct VotedNode {
    GenesisNode node;    // raft ids of voted nodes begin above first_voted_raft_id; they are never used twice
    bool stands = true;  // false: voted out
    std::string host;    // where it listens for the others; empty: not told
    std::uint16_t port = 0;
    Address at;  // of the record that decided
};
std::optional<VotedNode> voted_node(const Facts& facts, std::string_view name);
std::vector<VotedNode> voted_nodes(const Facts& facts);  // by name
// The names of all nodes that the members want: of the genesis and voted in, less those voted out. Sorted.
std::vector<std::string> wanted_nodes(const Genesis& genesis, const Facts& facts);
// The cosigner keys of these nodes.
std::set<PublicKey> wanted_cosigners(const Genesis& genesis, const Facts& facts);

// A recovery gives a node up (recovery_leaf.hpp): it stands no more, as if it were voted out by the record at `at`. Nothing
// happens where the ledger has no such node any more.
void give_up_node(const Genesis& genesis, std::string_view name, const Address& at, FactDraft& facts);

// What is wrong with a policy whose quorum nobody can meet.
Error out_of_reach(const Policy& policy);
// May a policy with this text be written, by vote? Written once, it needs a vote again.
bool policy_is_voted(const Facts& facts, std::string_view policy_text);
void use_policy(FactDraft& facts, std::string_view policy_text);

// How many agencies' root keys a recovery needs: voted, within more than half and all of the members of now; else the policy's
// share, ceil((2n+1)/3) of n members.
std::size_t recovery_quorum(const Registry& registry, const Facts& facts);

// A record whose kind a vote must put in force (Rules::matter_of) waits in the facts:
//   waiting/<source>\0<id>   its bytes
void let_wait(const Record& record, const Address& at, std::int64_t accepted_ms, std::int64_t delivered_ms,
              FactDraft& facts);

}  // namespace socai::ledger
