#include "node/cli/recover_report.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <string>

#include "ledger/policy.hpp"
#include "node/cli/output.hpp"
#include "node/client/text_table.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;
using client::TextTable;

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text.empty() ? "none" : text;
}

std::string fingerprint_of(const std::string& text) {
    const auto policy = ledger::parse_policy(text);
    return policy ? ledger::policy_fingerprint(*policy) : std::string();
}

// Of a plan that was parsed.
ledger::Checkpoint final_checkpoint(const ledger::RecoveryPlan& plan) {
    return ledger::parse_head(plan.final_head)->checkpoint;
}

}  // namespace

void print_plan(const ledger::RecoveryPlan& plan) {
    print_line("Recovery of " + plan.previous_origin + " from the loss of its majority");
    print_line("");
    TextTable table({"WHAT", "VALUE"});
    table.add({"it goes on as", plan.origin});
    table.add(
        {"leaves that stay", std::to_string(plan.size) + ", with the root " + ledger::to_hex(plan.root)});
    const ledger::Checkpoint last = final_checkpoint(plan);
    const bool is_older = last.origin != plan.previous_origin;
    table.add({"last known final head", std::to_string(last.size) + " leaves" + (is_older ? ", of " + last.origin : "")});
    for (const ledger::GenesisNode& node : plan.nodes)
        table.add({"goes on", node.name + " of " + node.agency});
    for (const std::string& name : plan.lost) table.add({"is given up for good", name});
    table.add({"reason", client::printable(plan.reason)});
    for (const std::string& basis : plan.legal_basis) table.add({"legal basis", client::printable(basis)});
    table.add({"a head is final", "once " + std::to_string(ledger::recovery_cosigners(plan).value_or(0)) + " of " +
                                      std::to_string(ledger::recovery_agencies(plan)) + " agencies cosign it"});
    table.add({"new policy's fingerprint", fingerprint_of(plan.policy)});
    print_table(table);
    print_line("");
    print_line("Who signs this agrees that:");
    print_line("  - only the nodes that go on decide from leaf " + std::to_string(plan.size) +
               " on; those given up never come back under their names");
    print_line(
        "  - what only nodes that are given up held is lost. Its receipts show it: they are held against the "
        "new");
    print_line("    ledger by `socai audit --receipts`");
    if (last.size < plan.size)
        print_line("  - leaves " + std::to_string(last.size) + " to " + std::to_string(plan.size - 1) +
                   " stay, although no final head is known of them");
    if (is_older)
        print_line("  - nothing was final under the name " + plan.previous_origin +
                   ": a head of it that shows otherwise belongs into the plan");
    print_line("  - old policies are believed no longer than to leaf " + std::to_string(plan.size) +
               ": readers pin the new one");
    print_line("");
    print_line(
        "Fingerprint of the plan, to be read to the other agencies over the telephone before anybody signs:");
    print_line("  " + ledger::plan_fingerprint(plan));
}

void print_outlook(const ledger::RecoveryPlan& plan, const recover::PlanOutlook& outlook) {
    print_line("");
    if (outlook.lost_size)
        print_line(
            "LOST: a final head of " + std::to_string(*outlook.lost_size) +
            " leaves is known whose last leaves no survivor holds: what was final is lost. Look for further "
            "survivors, disks and backups before you go on.");
    else
        print_line("No final head is known beyond these " + std::to_string(plan.size) +
                   " leaves. What was acknowledged as committed or final after the survivors lost contact "
                   "may be lost "
                   "all the same.");
    for (const recover::Behind& behind : outlook.behind)
        print_line(
            behind.node + " lacks " + std::to_string(behind.missing) +
            " log entries: `socai recover entries` here, with its survey, makes the file that it needs.");
    print_line("Needed: approvals by root keys of " + std::to_string(outlook.approvals_needed) +
               " of the members " + joined(outlook.members) + ".");
}

json::object plan_report(const ledger::RecoveryPlan& plan) {
    json::object object = json::parse(ledger::plan_text(plan)).as_object();
    object["fingerprint"] = ledger::plan_fingerprint(plan);
    object["policy_fingerprint"] = fingerprint_of(plan.policy);
    object["final_size"] = final_checkpoint(plan).size;
    return object;
}

json::object outlook_report(const recover::PlanOutlook& outlook) {
    json::array behind;
    for (const recover::Behind& each : outlook.behind)
        behind.push_back(json::object{{"node", each.node}, {"missing", each.missing}});
    json::array members;
    for (const std::string& member : outlook.members) members.emplace_back(member);
    return {{"approvals_needed", outlook.approvals_needed},
            {"members", std::move(members)},
            {"behind", std::move(behind)},
            {"lost_size", outlook.lost_size ? json::value(*outlook.lost_size) : json::value(nullptr)}};
}

}  // namespace socai::node::cli
