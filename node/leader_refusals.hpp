// What the rules of admission take, and an honest leader does not write all the same. Followers do not judge it: they could
// not tell such a leaf from another. Pure; any thread.
//   recovery_not_submitted   a recovery: while a majority works the ledger needs none, and no running node changes its epoch
//   locks_out                a policy that the nodes cannot meet any more: they were voted out after it was voted; a proposal that
//                            gives a member root or registrar keys all of which count only from a later leaf on
//   upgrade_first            the leaf that puts rules in force which this program does not know: it would stop this node, and
//                            every other with its program, and cannot be taken back
#pragma once

#include "ledger/admission.hpp"

namespace socai::node {

// The verdict of admission over `before`, or one of the errors above.
ledger::Verdict as_leader(const ledger::Context& context, const ledger::Facts& before, const ledger::Statement& statement,
                          ledger::Verdict verdict);
// May leaders differ over it, because their programs do (upgrade_first)? Such a statement nobody can promise: ballots, proposals,
// and records over the matter "versions".
bool depends_on_program(const ledger::Rules& rules, const ledger::Statement& statement);

}  // namespace socai::node
