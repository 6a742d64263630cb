#include "node/leader_refusals.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

#include "ledger/governance/matters.hpp"
#include "ledger/governance/registry_facts.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/recovery_leaf.hpp"
#include "node/policy_book.hpp"
#include "node/voted_membership.hpp"

namespace socai::node {
namespace {

namespace json = boost::json;

// Would the proposal leave a member without a root key, or without a registrar key, that counts as soon as it passes: a given one,
// or of an agency that joins one that it has? Precondition: admitted.
bool gives_keys_that_wait(const ledger::Record& proposal, std::uint64_t leaf, const ledger::Genesis& genesis,
                          const ledger::Facts& before) {
    const json::string& matter = proposal.data().at("matter").as_string();
    const json::object& change = proposal.data().at("change").as_object();
    const json::value* joins = matter == "member_addition" ? &change.at("member").at("code") : nullptr;
    if (joins == nullptr && matter != "root_keys") return false;
    const auto gives = [&](ledger::KeyPurpose purpose) {
        return std::ranges::any_of(change.at("keys").as_array(), [&](const json::value& key) {
            return key.at("purpose").as_string() == ledger::word_of(purpose) && key.at("valid_from").is_null() &&
                   key.at("valid_to").is_null();
        });
    };
    const auto has = [&](ledger::KeyPurpose purpose) {
        if (joins == nullptr) return false;
        const auto changed = ledger::registry_in_facts(genesis.registry, before);
        const ledger::Registry& registry = changed != nullptr ? *changed : genesis.registry;
        return std::ranges::any_of(registry.keys(), [&](const auto& entry) {
            const ledger::RegisteredKey& key = entry.second;
            return key.agency == std::string_view(joins->as_string()) && key.purpose == purpose && !key.valid_to &&
                   key.valid_from <= leaf;
        });
    };
    for (const ledger::KeyPurpose purpose : {ledger::KeyPurpose::root, ledger::KeyPurpose::registrar})
        if (!gives(purpose) && !has(purpose)) return true;
    return false;
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
    if (const ledger::Record& record = statement.records.front(); record.kind() == "proposal" && gives_keys_that_wait(record, admitted->index, context.genesis, before))
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
