#include "node/disclosures/matching.hpp"

#include <algorithm>

namespace socai::node {

ledger::Result<DisclosuresByCommitment> parse_disclosures(const std::vector<std::string>& texts) {
    DisclosuresByCommitment told;
    for (const std::string& text : texts) {
        auto parsed = ledger::parse_disclosure(text);
        if (!parsed) return parsed.error();
        told.emplace(parsed->digest, *std::move(parsed));
    }
    return told;
}

bool commits(const ledger::Statement& statement) {
    return std::ranges::any_of(statement.records,
                               [](const ledger::Record& record) { return !record.commitments.empty(); });
}

ledger::Result<std::vector<storage::ToldFor>> matching(const ledger::Statement& statement,
                                                         const DisclosuresByCommitment& told,
                                                         const inspection::KindRules& rules,
                                                         const ledger::Registry& registry) {
    std::vector<storage::ToldFor> all;
    for (const ledger::Record& record : statement.records) {
        if (record.commitments.empty()) continue;
        std::vector<ledger::Disclosure> of_record;
        std::vector<std::string> names;
        for (const ledger::Hash& commitment : record.commitments) {
            const auto found = told.find(commitment);
            if (found == told.end())
                return ledger::Error{ledger::Fault::invalid_statement, "disclosure_missing",
                                     "the record " + record.id + " commits to " +
                                         ledger::commitment_text(commitment) +
                                         ", and what it stands for was not given: put it into \"disclosures\""};
            if (std::ranges::find(all, commitment, &storage::ToldFor::commitment) != all.end())
                return ledger::Error{ledger::Fault::conflict, "commitment_known",
                                     "two records of the statement commit to " + ledger::commitment_text(commitment) +
                                         ": make a disclosure of its own, with a new salt, for each"};
            names.push_back(found->second.name);
            of_record.push_back(found->second);
            all.push_back({record.source, record.id, commitment, found->second.text});
        }
        const auto whole = ledger::opened(record, of_record);
        if (!whole) return whole.error();
        if (auto kept = rules.check_opened(*whole, names, registry); !kept) return kept.error();
    }
    return all;
}

}  // namespace socai::node
