#include "node/audit/report.hpp"

#include <boost/json/array.hpp>
#include <cmath>

#include "node/client/progress.hpp"

namespace socai::node::audit {
namespace {

namespace json = boost::json;
using client::with_separators;

constexpr std::string_view format = "socai-audit-report/1";

std::string_view word_of(Depth depth) {
    switch (depth) {
        case Depth::hashes:
            return "hashes";
        case Depth::signatures:
            return "signatures";
        case Depth::everything:
            return "everything";
    }
    return {};
}

std::string_view verdict(const AuditReport& report) {
    if (!report.findings.empty()) return "failed";
    return report.stopped ? "unfinished" : "passed";
}

json::value optional_number(const std::optional<std::uint64_t>& number) {
    return number ? json::value(*number) : json::value(nullptr);
}

json::array texts(const std::vector<std::string>& list) {
    json::array array;
    for (const std::string& text : list) array.emplace_back(text);
    return array;
}

json::object finding_json(const Finding& finding) {
    json::object object{{"reason", finding.reason}, {"index", optional_number(finding.index)}};
    object["tile"] = finding.tile.empty() ? json::value(nullptr) : json::value(finding.tile);
    object["detail"] = finding.detail;
    return object;
}

json::object coverage_json(const AuditReport& report) {
    const Coverage& coverage = report.coverage;
    return {{"from", coverage.from},
            {"size", coverage.size},
            {"entries", coverage.entries},
            {"records", coverage.records},
            {"signatures", coverage.signatures},
            {"withdrawn", coverage.withdrawn},
            {"tiles", coverage.tiles},
            {"bytes", coverage.bytes},
            {"heads", coverage.heads},
            {"policies", report.policies},
            {"receipts", coverage.receipts},
            {"promises", coverage.promises},
            {"not_checked", texts(coverage.not_checked)}};
}

std::uint64_t rate(const AuditReport& report) {
    return report.seconds > 0 ? static_cast<std::uint64_t>(std::llround(
                                    static_cast<double>(report.coverage.entries) / report.seconds))
                              : 0;
}

std::string joined(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& item : list) text += (text.empty() ? "" : ", ") + item;
    return text;
}

}  // namespace

json::object report_json(const AuditReport& report) {
    json::object object{{"format", format},
                        {"verdict", verdict(report)},
                        {"source", report.source},
                        {"source_kind", report.source_kind},
                        {"depth", word_of(report.depth)},
                        {"policy", {{"file", report.policy_file}, {"fingerprint", report.fingerprint}}}};
    if (!report.governing_fingerprint.empty())
        object["governing_policy"] = {{"fingerprint", report.governing_fingerprint},
                                      {"leaf", optional_number(report.governing_leaf)}};
    object["genesis"] = report.genesis.empty() ? json::value(nullptr) : json::value(report.genesis);
    if (report.head) {
        object["head"] = {{"origin", report.head->origin},
                          {"size", report.head->size},
                          {"root", report.head->root},
                          {"logs", texts(report.head->logs)},
                          {"witnesses", texts(report.head->witnesses)},
                          {"quorum_needed", report.head->quorum_needed},
                          {"note", report.note}};
    } else {
        object["head"] = nullptr;
    }
    json::array epochs;
    for (const EpochReport& epoch : report.epochs)
        epochs.push_back(json::object{{"leaf", epoch.leaf},
                                      {"origin", epoch.origin},
                                      {"approvals", texts(epoch.agencies)},
                                      {"final_size", epoch.final_size}});
    object["epochs"] = std::move(epochs);
    object["coverage"] = coverage_json(report);
    object["first_wrong_index"] = optional_number(report.first_wrong);
    object["wrong_between"] =
        report.wrong_between
            ? json::value(json::array{report.wrong_between->first, report.wrong_between->second})
            : json::value(nullptr);
    json::array findings;
    for (const Finding& finding : report.findings) findings.push_back(finding_json(finding));
    object["findings"] = std::move(findings);
    object["notes"] = texts(report.notes);
    if (report.derived)
        object["derived"] = {{"engine", report.derived->engine},
                             {"digest", report.derived->digest},
                             {"facts", report.derived->facts},
                             {"compared", report.derived->compared},
                             {"facts_compared", report.derived->facts_compared}};
    if (report.promises)
        object["promises"] = {{"kept", report.promises->kept},
                              {"refused", report.promises->refused},
                              {"waiting", report.promises->waiting}};
    if (report.confidential)
        object["confidential"] = {{"records", report.confidential->records},
                                  {"disclosed", report.confidential->disclosed},
                                  {"withheld", report.confidential->withheld},
                                  {"erased", report.confidential->erased}};
    object["withdrawals"] = {{"withdrawn", report.withdrawals.withdrawn}, {"whole", report.withdrawals.whole}};
    if (report.remains) {
        const std::string text = ledger::to_text(*report.remains);
        object["remains"] = {{"index", report.remains->index},
                             {"sha256", ledger::to_hex(ledger::sha256(text))},
                             {"remains", text}};
    }
    if (report.stopped)
        object["stopped"] = {{"reason", report.stopped->reason}, {"detail", report.stopped->detail}};
    object["milliseconds"] = std::llround(report.seconds * 1'000);
    object["leaves_per_s"] = rate(report);
    return object;
}

std::vector<std::string> report_lines(const AuditReport& report) {
    const Coverage& coverage = report.coverage;
    std::vector<std::string> lines;
    const auto line = [&lines](std::string name, const std::string& text) {
        name.resize(12, ' ');
        lines.push_back(name + text);
    };
    line("source", report.source + " (" + report.source_kind + ")");
    line("policy", report.policy_file);
    line("", "fingerprint " + report.fingerprint);
    line("",
         "compare it by telephone with whoever keeps the ledger: nothing below is worth more than this "
         "number");
    if (!report.genesis.empty()) line("genesis", "SHA-256 " + report.genesis);
    if (report.head) {
        line("head", report.head->origin + ", " + with_separators(report.head->size) + " leaves");
        line("", "root " + report.head->root);
        if (!report.head->witnesses.empty()) line("", "cosigned by " + joined(report.head->witnesses));
        if (!report.head->logs.empty())
            line("", "signed by " + std::to_string(report.head->logs.size()) + " of its log keys");
    }
    for (const EpochReport& epoch : report.epochs)
        line("recovered", "at leaf " + with_separators(epoch.leaf) + " as " + epoch.origin +
                              ", after a final head of " + with_separators(epoch.final_size) +
                              " leaves, under " + std::to_string(epoch.agencies.size()) +
                              " approvals: " + joined(epoch.agencies));
    if (!report.governing_fingerprint.empty() && report.governing_fingerprint != report.fingerprint)
        line("", "under the policy of leaf " + std::to_string(report.governing_leaf.value_or(0)) +
                     ", fingerprint " + report.governing_fingerprint);
    lines.emplace_back();
    if (coverage.size > 0) {
        line("covered", "leaves " + with_separators(coverage.from) + " to " +
                            with_separators(coverage.size - 1) + ": " + with_separators(coverage.entries) +
                            " entries hashed, " + with_separators(coverage.signatures) + " signatures, " +
                            with_separators(coverage.records) + " records");
        line("", with_separators(coverage.tiles) + " hash tiles, " + std::to_string(coverage.heads) +
                     " heads, " + std::to_string(report.policies) + " policies, " +
                     with_separators(coverage.receipts) + " receipts, " + with_separators(coverage.promises) +
                     " promises");
        line("", with_separators(coverage.bytes) + " bytes in " +
                     with_separators(static_cast<std::uint64_t>(report.seconds * 1'000)) + " ms, " +
                     with_separators(rate(report)) + " leaves/s");
    }
    if (report.derived) {
        line("derived",
             with_separators(report.derived->facts) + " facts, by engine " + report.derived->engine);
        line("", "digest " + report.derived->digest);
        if (report.derived->compared > 0)
            line("", "compared with the source's after " + with_separators(report.derived->compared) +
                         " leaves" + (report.derived->facts_compared ? ", and every fact" : ""));
    }
    if (report.promises)
        line("promises", std::to_string(report.promises->kept) + " kept, " +
                             std::to_string(report.promises->refused) + " refused, " +
                             std::to_string(report.promises->waiting) + " waiting");
    if (report.confidential && report.confidential->records > 0)
        line("confidential", with_separators(report.confidential->records) + " records: " +
                                 with_separators(report.confidential->disclosed) + " members disclosed, " +
                                 with_separators(report.confidential->withheld) + " withheld, " +
                                 with_separators(report.confidential->erased) + " erased");
    if (report.withdrawals.withdrawn + report.withdrawals.whole > 0)
        line("withdrawn", with_separators(report.withdrawals.withdrawn) + " leaves, as the members voted; " +
                              with_separators(report.withdrawals.whole) + " are voted to go and whole here");
    if (report.remains)
        line("remains", "of leaf " + with_separators(report.remains->index) + ", SHA-256 " +
                            ledger::to_hex(ledger::sha256(ledger::to_text(*report.remains))));
    for (const std::string& text : coverage.not_checked) line("not checked", text);
    for (const std::string& text : report.notes) line("note", text);
    lines.emplace_back();
    for (const Finding& finding : report.findings)
        line("FINDING", finding.detail + " [" + finding.reason + "]");
    if (report.first_wrong) line("first wrong", "leaf " + std::to_string(*report.first_wrong));
    if (report.wrong_between)
        line("", "the history went wrong between sizes " + std::to_string(report.wrong_between->first) +
                     " and " + std::to_string(report.wrong_between->second));
    if (report.stopped) line("stopped", report.stopped->detail + " [" + report.stopped->reason + "]");
    line("verdict", std::string(verdict(report)));
    return lines;
}

}  // namespace socai::node::audit
