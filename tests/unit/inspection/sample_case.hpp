// A dossier in a small ledger whose heads are cosigned, and its case file: built by hand.
#pragma once

#include <string>
#include <vector>

#include "inspection/case_file.hpp"
#include "tests/unit/ledger/small_ledger.hpp"

namespace socai::inspection::samples {

using ledger::samples::SmallLedger;

inline constexpr std::string_view dossier_no = "NSW-2021-0004711";

inline boost::json::object carrying(std::string_view id, std::string_view number = dossier_no) {
    boost::json::object record = ledger::samples::record(id);
    record["data"].as_object()["dossier_no"] = number;
    return record;
}

// Leaves 1 to 6: two records of the dossier, one of another, a bundle of two (one of the dossier), a decision that
// refers to the second, and one that refers to that.
struct SampleLedger : SmallLedger {
    SampleLedger() {
        const std::string_view kid = "customs.haiphong/1";
        append(carrying("d-1"), kid);
        boost::json::object second = carrying("d-2");
        ledger::samples::refer(second, "under", "customs.haiphong", "d-1");
        append(second, kid);
        append(carrying("other", "NSW-2021-0000001"), kid);
        append(ledger::make_entry(
            ledger::samples::now_ms,
            ledger::sign_statement(ledger::samples::key_named(kid), ledger::samples::origin,
                                   ledger::samples::bundle_text({carrying("b-0", "x"), carrying("b-1")}),
                                   true)));
        boost::json::object decision = ledger::samples::record("decision", "most");
        ledger::samples::refer(decision, "decides", "customs.haiphong", "d-2");
        append(decision, "most/1");
        boost::json::object appeal = ledger::samples::record("appeal");
        ledger::samples::refer(appeal, "about", "most", "decision");
        append(appeal, kid);
    }

    std::string kid_of(std::uint64_t index) const {
        return ledger::parse_statement(ledger::split_entry(entry(index)).value().statement).value().kid;
    }
    ledger::Receipt receipt_of(std::uint64_t index) const {
        return receipt(index, kid_of(index), head(size()));
    }
};

inline void add_leaf(Case& file, const SampleLedger& ledger, std::uint64_t index,
                     std::vector<std::uint32_t> wanted) {
    const auto parts = ledger::split_entry(ledger.entry(index)).value();
    const auto statement = ledger::parse_statement(parts.statement).value();
    for (const std::uint32_t n : wanted) {
        file.records.push_back({{index, n}, parts.time_ms, statement.kid, record_bytes(statement).at(n)});
    }
    file.add(ledger.receipt_of(index));
}

inline Case sample_case(const SampleLedger& ledger) {
    Case file;
    file.origin = ledger::samples::origin;
    file.scope = {CaseKind::dossier, std::string(dossier_no), {}, {}};
    file.as_of_size = ledger.size();
    file.as_of_time_ms = ledger::samples::now_ms;
    add_leaf(file, ledger, 1, {0});
    add_leaf(file, ledger, 2, {0});
    add_leaf(file, ledger, 4, {1});
    add_leaf(file, ledger, 5, {0});
    add_leaf(file, ledger, 6, {0});
    return file;
}

}  // namespace socai::inspection::samples
