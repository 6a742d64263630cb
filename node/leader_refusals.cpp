#include "node/leader_refusals.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>

#include "ledger/governance/matters.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/recovery_leaf.hpp"
#include "node/policy_book.hpp"
#include "node/voted_membership.hpp"

namespace socai::node {
namespace {

namespace json = boost::json;

// Would the proposal give a member no root key, or no registrar key, that counts as soon as it passes? Precondition: admitted.
bool gives_keys_that_wait(const ledger::Record& proposal) {
    const json::string& matter = proposal.data().at("matter").as_string();
    if (matter != "member_addition" && matter != "root_keys") return false;
    const json::array& keys = proposal.data().at("change").at("keys").as_array();
    return !std::ranges::all_of(std::array{"root", "registrar"}, [&](const char* purpose) {
        return std::ranges::any_of(keys, [&](const json::value& key) {
            return key.at("purpose") == purpose && key.at("valid_from").is_null() && key.at("valid_to").is_null();
        });
    });
}

}  // namespace

ledger::Verdict as_leader(const ledger::Context& context, const ledger::Facts& before, const ledger::Statement& statement,
                          ledger::Verdict verdict) {
    if (statement.records.front().type == ledger::recovery_type)
        return ledger::Error{ledger::Fault::forbidden, "recovery_not_submitted",
                             "a recovery is not submitted: while a majority works the ledger needs none, and after its loss "
                             "the nodes are stopped and opened with `socai recover open`"};
    const auto* admitted = std::get_if<ledger::Admitted>(&verdict);
    if (admitted == nullptr) return verdict;
    if (const auto leaf = ledger::policy_in(statement, statement.audience);
        leaf && votes_decide_over_nodes(context.genesis, before)) {
        std::set<ledger::PublicKey> there = ledger::wanted_cosigners(context.genesis, before);
        for (const ledger::VerifierKey& key : outside_keys(GoverningPolicy{0, *leaf, {}})) there.insert(key.key);
        if (!ledger::within_reach(leaf->policy, there)) return ledger::out_of_reach(leaf->policy);
    }
    if (const ledger::Record& record = statement.records.front(); record.kind() == "proposal" && gives_keys_that_wait(record))
        return ledger::Error{ledger::Fault::refused, "locks_out",
                             "the member could not act once this has passed: give it a root key and a registrar key without "
                             "valid_from and valid_to"};
    if (const auto why = ledger::outgrown_by(context.rules, before, *admitted))
        return ledger::Error{ledger::Fault::refused, "upgrade_first",
                             "the node that leads would have to stop after this leaf: install a program that knows what it puts in "
                             "force on every node, then submit it again. " +
                                 *why};
    return verdict;
}

bool depends_on_program(const ledger::Rules& rules, const ledger::Statement& statement) {
    const std::string_view kind = statement.records.front().kind();
    return kind == "ballot" || kind == "proposal" || rules.matter_of(kind) == "versions";
}

}  // namespace socai::node
