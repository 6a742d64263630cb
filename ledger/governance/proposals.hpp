// Proposals and ballots: how the members change what no agency may change alone. A proposal passes with the ballot that
// gives it the votes its matter needs (passage.hpp), and is carried out in that same leaf. All of it is a function of the
// log. In the facts:
//   proposal/<source>\0<id>            Proposal, as JSON
//   ballot/<source>\0<id>\0<member>    Ballot, as JSON
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/governance/acts.hpp"
#include "ledger/governance/passage.hpp"
#include "ledger/governance/registry_facts.hpp"

namespace socai::ledger {

enum class ProposalState { open, passed, rejected, withdrawn, failed };
std::string_view word_of(ProposalState state);

struct ProposalName {
    std::string source;  // a member
    std::string id;      // of the record
    auto operator<=>(const ProposalName&) const = default;
};

struct Proposal {
    ProposalName name;
    std::string title;  // for people
    std::string matter;
    boost::json::value change;   // an object; what matters.hpp reads
    std::int64_t closes_ms = 0;  // ballots accepted later do not count
    Address at;                  // the record
    std::int64_t opened_ms = 0;  // accepted time
    ProposalState state = ProposalState::open;
    std::optional<Address> decided;  // by which record
    std::string why;                 // of failed: why it could not be carried out
};

struct Ballot {
    std::string member;
    bool yes = false;
    std::string reason;
    Address at;
};

inline constexpr std::size_t max_open_proposals = 50;                     // of one member
inline constexpr std::int64_t max_open_ms = 366LL * 24 * 60 * 60 * 1000;  // from acceptance to `closes`

// Where a proposal stands, as of a moment: an open one whose time is over is closed.
struct Tally {
    Passage rule{};
    std::size_t members = 0, needed = 0, yes = 0, no = 0;
};
Tally tally(const Genesis& genesis, const Registry& registry, const Facts& facts, const Proposal& proposal,
            const std::vector<Ballot>& ballots);

std::optional<Proposal> find_proposal(const Facts& facts, const ProposalName& name);
// Of members and of others that were members when they voted; by member.
std::vector<Ballot> ballots_on(const Facts& facts, const ProposalName& name);
// In the order of their names, until `visit` answers false.
void each_proposal(const Facts& facts, const std::function<bool(const Proposal&)>& visit);

// Errors beside those of acts.hpp, Fault::refused: not_a_member, unknown_matter, closes_out_of_range,
// too_many_proposals, unknown_proposal, proposal_closed, already_voted, not_the_proposer; and why a change could not be
// carried out as things stand (matters.hpp).
Result<void> take_proposal(const Act& act, RegistryDraft& draft);
Result<void> take_ballot(const Act& act, RegistryDraft& draft);
Result<void> take_withdrawal(const Act& act, RegistryDraft& draft);

}  // namespace socai::ledger
