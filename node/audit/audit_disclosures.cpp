// What leaves keep confidential, against what the auditor holds of it.
#include <map>

#include "inspection/records/record_rules.hpp"
#include "ledger/entry.hpp"
#include "ledger/syntax.hpp"
#include "node/audit/audit_run.hpp"

namespace socai::node::audit {

void Audit::hold_disclosures() {
    if (options_.depth != Depth::everything) return;
    std::map<ledger::Hash, const ledger::Disclosure*> held;
    for (const ledger::Disclosure& each : disclosures_) held.emplace(each.digest, &each);
    const inspection::RecordRules rules;
    ConfidentialReport report;
    const ledger::FactMap& facts = derivation_.facts();
    const auto named = [](const inspection::Committing& record) {
        return "the record " + ledger::quote(record.id) + " of " + ledger::quote(record.source);
    };
    inspection::scan_commitments(facts, {}, [&](const ledger::Address&, const inspection::Committing& record) {
        ++report.records;
        const bool erased = inspection::erasure_of(facts, record.source, record.id).has_value() ||
                            gone_.contains(record.at.index);
        std::vector<ledger::Disclosure> told;
        for (const ledger::Hash& commitment : record.commitments) {
            if (const auto found = held.find(commitment); found != held.end()) {
                told.push_back(*found->second);
                held.erase(found);
            }
        }
        if (erased)
            report.erased += record.commitments.size();
        else {
            report.disclosed += told.size();
            report.withheld += record.commitments.size() - told.size();
        }
        if (erased && !told.empty())
            find({"erased_and_kept",
                  named(record) + " was erased, and " + std::to_string(told.size()) +
                      " of its confidential members are still held by whoever gave them to this audit",
                  record.at.index,
                  {}});
        else if (const auto wrong = told.empty() ? std::nullopt : judge_disclosed(record, told, rules))
            find({"disclosure_breaks_rule", named(record) + " commits to what it may not: " + wrong->detail,
                  record.at.index, {}});
        return !report_.stopped && !stop_();
    });
    if (ended_early("the confidential members")) return;
    for (const auto& [commitment, disclosure] : held)
        find({"foreign_disclosure",
              "no leaf commits to the disclosure of " + ledger::quote(disclosure->name) + " with the commitment " +
                  ledger::commitment_text(commitment),
              std::nullopt,
              {}});
    report_.confidential = report;
}

// Do the members that were told keep the rules, but for who may write, that they would have kept in clear? The rest stays unknown. Nothing also where the
// leaf cannot be read, which is told of in the report.
std::optional<ledger::Error> Audit::judge_disclosed(const inspection::Committing& record,
                                                    const std::vector<ledger::Disclosure>& told,
                                                    const inspection::RecordRules& rules) {
    const auto entry = reached(proven_->entry(record.at.index));
    if (!entry) return std::nullopt;
    const auto split = ledger::split_entry(*entry);
    if (!split) return std::nullopt;
    const auto statement = ledger::parse_statement(split->statement);
    if (!statement || record.at.n >= statement->records.size()) return std::nullopt;
    const auto whole = ledger::opened(statement->records[record.at.n], told);
    if (!whole) return whole.error();
    std::vector<std::string> names;
    for (const ledger::Disclosure& each : told) names.push_back(each.name);
    const auto breaches = rules.judge_opened(*whole, names, inspection::Surroundings(), 1);
    if (breaches.empty()) return std::nullopt;
    // Not what was found there: reports are handed on.
    const inspection::Breach& breach = breaches.front();
    return ledger::Error{breach.rule->fault, std::string(breach.rule->reason),
                         breach.place + " breaks the rule " + std::string(breach.rule->id)};
}

}  // namespace socai::node::audit
