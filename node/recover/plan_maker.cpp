#include "node/recover/plan_maker.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "consensus/quorum.hpp"
#include "ledger/epochs.hpp"
#include "ledger/governance/matters.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/syntax.hpp"
#include "node/final_heads.hpp"

namespace socai::node::recover {
namespace {

Error refused(std::string reason, std::string detail) {
    return {Exit::no, std::move(reason), std::move(detail)};
}

Result<void> check_survey(const StoppedLedger& ledger, const Survey& survey) {
    if (survey.genesis != ledger.config().genesis_hash || survey.origin != ledger.origin())
        return refused("wrong_ledger", "The survey of " + survey.node + " is of " +
                                           ledger::quote(survey.origin) + ", this node's ledger is in " +
                                           ledger::quote(ledger.origin()) +
                                           ": take surveys of one ledger and epoch");
    const Member* member = ledger.members().find(survey.node);
    if (member == nullptr)
        return refused("no_survey", "The survey of " + survey.node +
                                        " is of no member: the log here knows no such node. Leave it out");
    if (!signed_by(survey, member->node_key))
        return refused("unsigned_survey",
                       "The survey of " + survey.node +
                           " is not signed with that node's node key: have its agency make it again");
    return {};
}

Result<void> check_surveys(const StoppedLedger& ledger, const std::vector<Survey>& surveys) {
    std::set<std::string> seen;
    const consensus::EntryId& last = ledger.start().log.last;
    for (const Survey& survey : surveys) {
        if (auto checked = check_survey(ledger, survey); !checked) return checked;
        if (!seen.insert(survey.node).second)
            return refused("repeated_survey",
                           "Two surveys are of " + survey.node + ": give its newest alone");
        if (consensus::is_behind(last, survey.last))
            return refused("more_advanced",
                           "The log of " + survey.node + " is more advanced than the one here (" +
                               std::to_string(survey.size) + " leaves, term " +
                               std::to_string(survey.last.term.value) +
                               "): make the plan there, so that nothing that was acknowledged is lost");
        // Terms and indices tell logs apart, but for leaves that no leader wrote: those of two openings.
        if (common_end(survey, ledger.start().log.runs, last.index) == survey.last.index &&
            (survey.size > ledger.leaves().size() || ledger::read_root(survey.size, ledger) != survey.root))
            return refused("other_seal",
                           survey.node + " was opened with another seal of the recovery than this node: give `socai "
                                         "recover open` there the file `recovery` of the data folder here, and make a "
                                         "new survey of it; or leave it out");
        if (survey.node == ledger.config().node && survey.last != last)
            return refused("plan_outdated", "The log here is not what the survey of " + survey.node +
                                                " says: the node ran since. Make a new survey");
    }
    if (!seen.contains(ledger.config().node))
        return refused("no_survey",
                       "The survey of this node, " + ledger.config().node + ", is missing: give it too");
    return {};
}

ledger::GenesisNode node_of(const Member& member) {
    return {member.name,         member.agency,   member.id.value, member.log_key,
            member.cosigner_key, member.node_key, member.tls_key};
}

// The greatest head that is final under the old policy and of the leaves here, or else the one that the epoch was opened on;
// and, where a greater one is known, its size.
struct KnownHeads {
    std::optional<ledger::Head> last;
    std::optional<std::uint64_t> lost;
};
Result<KnownHeads> known_heads(const StoppedLedger& ledger, const PlanOrder& order) {
    std::vector<ledger::Head> heads = order.heads;
    for (const Survey& survey : order.surveys) {
        if (!survey.final_head) continue;
        if (auto head = ledger::parse_head(*survey.final_head)) heads.push_back(*std::move(head));
    }
    const std::uint64_t size = ledger.leaves().size();
    KnownHeads known;
    for (const ledger::Head& head : heads) {
        const ledger::Checkpoint& checkpoint = head.checkpoint;
        if (checkpoint.origin != ledger.origin() || checkpoint.size == 0) continue;
        // What governs beyond the leaves here is not known; the last policy that is, is what there is to go by.
        const auto policy = ledger.policy_at(checkpoint.origin, std::min(checkpoint.size, size));
        if (!policy) return policy.error();
        if (!ledger::check_head(policy->policy, head)) continue;
        const auto root = checkpoint.size <= size ? ledger::read_root(checkpoint.size, ledger) : std::nullopt;
        if (root && *root == checkpoint.root) {
            // With all lines, where they are few: they may show an auditor that more than one policy was content with it.
            if (!known.last || known.last->checkpoint.size < checkpoint.size)
                known.last = head.note.signatures.size() <= max_head_lines
                                 ? head
                                 : ledger::trimmed_head(policy->policy, head);
        } else {
            known.lost = std::max(known.lost.value_or(0), checkpoint.size);
        }
    }
    if (known.last) return known;
    // The epoch ends before it had one of its own: nothing but what it was opened on is known to be final.
    if (const auto before = ledger::head_at_opening(ledger.leaves().facts())) {
        auto head = ledger::parse_head(*before);
        if (!head) return refused(head.error().reason, head.error().detail);
        known.last = *std::move(head);
        return known;
    }
    return refused("no_final_head",
                   "No survivor holds a final head of these leaves: give the last one that is known, with "
                   "--head, from another "
                   "node, a witness or a receipt");
}

bool majority_lives(const StoppedLedger& ledger, const std::vector<Survey>& surveys) {
    const auto& configurations = ledger.start().configurations;
    const consensus::Configuration configuration = configurations.empty()
                                                       ? genesis_configuration(ledger.genesis()).configuration
                                                       : configurations.back().configuration;
    const auto alive = [&](const std::vector<consensus::NodeId>& voters) {
        const auto count = std::ranges::count_if(voters, [&](consensus::NodeId id) {
            const Member* member = ledger.members().find(id);
            return member != nullptr &&
                   std::ranges::find(surveys, member->name, &Survey::node) != surveys.end();
        });
        return 2 * static_cast<std::size_t>(count) > voters.size();
    };
    return alive(configuration.voters) && (configuration.outgoing.empty() || alive(configuration.outgoing));
}

void name_nodes(const StoppedLedger& ledger, const PlanOrder& order, ledger::RecoveryPlan& plan) {
    std::set<std::string> lost;
    for (const std::string& name : ledger::wanted_nodes(ledger.genesis(), ledger.leaves().facts()))
        lost.insert(name);
    for (const Member& member : ledger.members().members) {
        lost.insert(member.name);
        if (std::ranges::find(order.surveys, member.name, &Survey::node) != order.surveys.end())
            plan.nodes.push_back(node_of(member));
    }
    for (const ledger::GenesisNode& node : plan.nodes) lost.erase(node.name);
    plan.lost.assign(lost.begin(), lost.end());
}

Result<void> write_policy(const PlanOrder& order, ledger::RecoveryPlan& plan) {
    std::set<std::string_view> agencies;
    for (const ledger::GenesisNode& node : plan.nodes) agencies.insert(node.agency);
    if (order.quorum && (*order.quorum == 0 || *order.quorum > agencies.size()))
        return Error{Exit::usage, "bad_quorum",
                     "A quorum of " + std::to_string(*order.quorum) +
                         " cannot be met: " + std::to_string(agencies.size()) +
                         " agencies go on with nodes; give 1 to " + std::to_string(agencies.size())};
    plan.policy = ledger::consortium_policy(plan.origin, plan.nodes, order.quorum).to_string();
    return {};
}

PlanOutlook outlook_of(const StoppedLedger& ledger, const PlanOrder& order, const KnownHeads& heads) {
    PlanOutlook outlook;
    const consensus::LogSummary& log = ledger.start().log;
    for (const Survey& survey : order.surveys)
        if (survey.last != log.last)
            outlook.behind.push_back(
                {survey.node, log.last.index.value - common_end(survey, log.runs, log.last.index).value});
    const auto registry = ledger.registry();
    outlook.approvals_needed = ledger::recovery_quorum(*registry, ledger.leaves().facts());
    outlook.members = registry->members();
    outlook.final_size = heads.last->checkpoint.size;
    outlook.lost_size = heads.lost;
    return outlook;
}

}  // namespace

Result<Planned> make_plan(const StoppedLedger& ledger, const PlanOrder& order) {
    if (auto checked = check_surveys(ledger, order.surveys); !checked) return checked.error();
    if (majority_lives(ledger, order.surveys))
        return refused("majority_lives",
                       "These nodes are a majority of those that vote: start them, and the ledger works "
                       "without a recovery. "
                       "Replace what is lost by a vote over the matter \"nodes\"");
    const auto heads = known_heads(ledger, order);
    if (!heads) return heads.error();
    const ledger::Epoch current = ledger::current_epoch(ledger.genesis(), ledger.leaves().facts());
    const consensus::LogSummary& log = ledger.start().log;

    ledger::RecoveryPlan plan;
    plan.epoch = current.number + 1;
    plan.previous_origin = current.origin;
    plan.origin = ledger::epoch_origin(ledger.genesis().origin, plan.epoch);
    plan.size = ledger.leaves().size();
    plan.root = ledger.leaves().root();
    plan.final_head = heads->last->note.to_string();
    const auto proof = ledger::consistency_proof(heads->last->checkpoint.size, plan.size, ledger);
    if (!proof)
        return refused("corrupt_state",
                       "The tree here lacks hashes: start the node once alone, so that it repairs them");
    plan.consistency = *proof;
    plan.log = {log.last.index.value, log.last.term.value, log.last.hash, 0};
    for (const Survey& survey : order.surveys)
        plan.log.opens_term = std::max(plan.log.opens_term, survey.term.value);
    ++plan.log.opens_term;
    plan.reason = order.reason;
    plan.legal_basis = order.legal_basis;
    name_nodes(ledger, order, plan);
    if (auto written = write_policy(order, plan); !written) return written.error();
    // What every reader of the plan will ask of it.
    auto checked = ledger::parse_plan(ledger::plan_text(plan));
    if (!checked) return Error{Exit::usage, checked.error().reason, checked.error().detail};
    return Planned{*std::move(checked), outlook_of(ledger, order, *heads)};
}

}  // namespace socai::node::recover
