#include "node/leader_refusals.hpp"

#include "ledger/recovery_leaf.hpp"

namespace socai::node {

ledger::Verdict as_leader(const ledger::Rules& rules, const ledger::Facts& before, const ledger::Statement& statement,
                          ledger::Verdict verdict) {
    if (statement.records.front().type == ledger::recovery_type)
        return ledger::Error{ledger::Fault::forbidden, "recovery_not_submitted",
                             "a recovery is not submitted: while a majority works the ledger needs none, and after its loss "
                             "the nodes are stopped and opened with `socai recover open`"};
    const auto* admitted = std::get_if<ledger::Admitted>(&verdict);
    if (admitted == nullptr) return verdict;
    if (const auto why = ledger::outgrown_by(rules, before, *admitted))
        return ledger::Error{ledger::Fault::refused, "upgrade_first",
                             "the node that leads would have to stop after this leaf: install a program that knows what it puts in "
                             "force on every node, then submit it again. " +
                                 *why};
    return verdict;
}

}  // namespace socai::node
