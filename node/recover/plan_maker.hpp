// From the surveys of the survivors to the plan that the agencies sign: whose log goes on, who is given up, and what of it may
// be lost. Made at the most advanced survivor, whose ledger tells everything else. Pure but for what that ledger reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/recovery_leaf.hpp"
#include "node/error.hpp"
#include "node/recover/stopped_ledger.hpp"
#include "node/recover/survey.hpp"

namespace socai::node::recover {

struct PlanOrder {
    std::vector<Survey> surveys;      // of every survivor, this one among them
    std::vector<ledger::Head> heads;  // signed heads from elsewhere: other nodes, witnesses, receipts
    std::string reason;
    std::vector<std::string> legal_basis;
    std::optional<std::uint32_t>
        quorum;  // agencies that make a head final; by default ceil((2n+1)/3) of those that go on
};

// What becomes known with a plan, for people.
struct Behind {
    std::string node;
    std::uint64_t missing = 0;  // entries of the log that it needs before it can be opened
};
struct PlanOutlook {
    std::vector<Behind> behind;
    std::size_t approvals_needed = 0;
    std::vector<std::string> members;        // whose root keys may approve
    std::uint64_t final_size = 0;            // of the head that the plan commits to
    std::optional<std::uint64_t> lost_size;  // a final head of so many leaves is known, and nobody holds them
};
struct Planned {
    ledger::RecoveryPlan plan;
    PlanOutlook outlook;
};

// Errors: no_survey (this node's own is missing, or one is of no member), repeated_survey, wrong_ledger, unsigned_survey;
// more_advanced (another survivor's log is: the sentence says whose); majority_lives (they need no recovery); no_final_head;
// bad_quorum; and what the plan's own checks find.
Result<Planned> make_plan(const StoppedLedger& ledger, const PlanOrder& order);

}  // namespace socai::node::recover
