// What a recovery from the loss of the majority says, in sentences for those who are to sign it, and as JSON.
#pragma once

#include <boost/json/object.hpp>

#include "ledger/recovery_leaf.hpp"
#include "node/recover/plan_maker.hpp"

namespace socai::node::cli {

void print_plan(const ledger::RecoveryPlan& plan);
// What is known beside the plan where it is made.
void print_outlook(const ledger::RecoveryPlan& plan, const recover::PlanOutlook& outlook);
boost::json::object plan_report(const ledger::RecoveryPlan& plan);
boost::json::object outlook_report(const recover::PlanOutlook& outlook);

}  // namespace socai::node::cli
