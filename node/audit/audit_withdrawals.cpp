// Leaves of which only remains are there, against the members' votes; and what would remain of a leaf that the auditor names.
#include "ledger/governance/withdrawal.hpp"
#include "node/audit/audit_run.hpp"

namespace socai::node::audit {

void Audit::hold_withdrawals() {
    if (options_.depth == Depth::hashes) return;
    const auto unproven = replay_->unproven();
    for (const auto& [leaf, digest] : unproven)
        find({"withdrawal_not_voted",
              "leaf " + std::to_string(leaf) + " is given without its bytes, and no vote of the members up to this head says that "
                                               "they go and this remains: whoever gave it has taken or changed them. Its hash is "
                                               "what the source says it is",
              leaf,
              {}});
    report_.withdrawals.withdrawn = report_.coverage.withdrawn - unproven.size();
    // A source may be older than a vote, or be no node.
    ledger::each_withdrawal(derivation_.facts(), [&](const ledger::VotedWithdrawal& voted) {
        if (voted.index < report_.coverage.from) return !report_.stopped;
        const auto entry = reached(proven_->entry(voted.index));
        if (entry && !ledger::is_remains(*entry)) {
            ++report_.withdrawals.whole;
            report_.notes.push_back("leaf " + std::to_string(voted.index) + " is whole here, though the members withdrew its bytes at leaf " +
                                    ledger::to_string(voted.at));
        }
        return !report_.stopped && !stop_();
    });
    ended_early("the withdrawn leaves");
}

void Audit::take_remains() {
    if (!options_.remains_of || !replay_ || report_.stopped) return;
    const std::string leaf = "leaf " + std::to_string(*options_.remains_of);
    const auto& remains = replay_->remains();
    if (remains && *remains)
        report_.remains = **remains;
    else if (remains)
        find({remains->error().reason, remains->error().detail, std::nullopt, {}});
    else if (report_.findings.empty())
        report_.stopped = Error{Exit::usage, "wrong_use",
                                "what would remain of " + leaf + " cannot be told: it is not among the leaves that this audit read "
                                "whole, the genesis, or withdrawn already"};
}

}  // namespace socai::node::audit
