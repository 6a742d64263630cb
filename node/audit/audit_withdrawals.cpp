// Leaves of which only remains are there, against the members' votes; and what would remain of a leaf that the auditor names.
#include <set>

#include "ledger/governance/withdrawal.hpp"
#include "node/audit/audit_run.hpp"

namespace socai::node::audit {

// Judged by this audit, found without a vote or with one; or by an earlier one, which went on only where there was a vote.
bool Audit::knows_remains(std::uint64_t leaf, std::string_view text) const {
    if (options_.depth == Depth::hashes) return true;
    const ledger::Hash digest = ledger::sha256(text);
    return replay_->judged(leaf, digest) || ledger::voted_withdrawal(derivation_.facts(), leaf, digest);
}

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
    // A source may be older than a vote, or be no node. A leaf that was voted over twice is counted once.
    std::set<std::uint64_t> whole;
    ledger::each_withdrawal(derivation_.facts(), [&](const ledger::VotedWithdrawal& voted) {
        const auto entry = reached(proven_->entry(voted.index));
        if (entry && *entry == voted.remains) gone_.insert(voted.index);
        if (entry && !ledger::is_remains(*entry) && whole.insert(voted.index).second)
            report_.notes.push_back("leaf " + std::to_string(voted.index) +
                                    " is whole here, though the members withdrew its bytes at leaf " + ledger::to_string(voted.at));
        return !report_.stopped && !stop_();
    });
    report_.withdrawals.withdrawn = gone_.size();
    report_.withdrawals.whole = whole.size();
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
