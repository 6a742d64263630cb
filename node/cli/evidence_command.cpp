// socai evidence verify
#include <boost/json/array.hpp>
#include <memory>
#include <optional>

#include "ledger/evidence.hpp"
#include "node/audit/absence.hpp"
#include "node/cli/command.hpp"
#include "node/cli/output.hpp"
#include "node/cli/trust_options.hpp"
#include "node/client/progress.hpp"
#include "node/client/text_table.hpp"
#include "node/files.hpp"

namespace socai::node::cli {
namespace {

struct EvidenceArguments {
    std::string file;
    std::string policy;
    std::string log;
    std::string refusal;
    TrustOptions trust;  // of a log behind TLS
    bool json = false;
};

Error from_ledger(const std::string& file, const ledger::Error& error, Exit exit) {
    return {exit, error.reason, file + ": " + error.detail};
}

// Feeds the leaves of the log to the check.
Result<void> read_log(const EvidenceArguments& arguments, ledger::AbsenceCheck& check) {
    auto believed = arguments.trust.make();
    if (!believed) return believed.error();
    audit::SourceLimits limits;
    limits.trust = *std::move(believed);
    const auto source = audit::open_source(arguments.log, limits);
    if (!source) return Error{Exit::unreachable, source.error().reason, source.error().detail};
    client::Progress bar("reading the log", check.size(), error_is_terminal());
    return audit::read_leaves(**source, check, [&bar](std::uint64_t done) { bar.update(done); });
}

Exit answer(const EvidenceArguments& arguments, std::string_view kind, const ledger::Finding& finding) {
    if (arguments.json) {
        boost::json::array against;
        for (const ledger::Accused& accused : finding.against)
            against.emplace_back(
                boost::json::object{{"name", accused.name}, {"key", accused.key.to_string()}});
        print_json(boost::json::object{
            {"holds", true}, {"kind", kind}, {"against", std::move(against)}, {"detail", finding.sentence}});
        return Exit::done;
    }
    print_line("The evidence holds: " + std::string(kind) + ".");
    print_line(client::printable(finding.sentence));
    for (const ledger::Accused& accused : finding.against)
        print_line("against  " + client::printable(accused.name) + "  " +
                   client::printable(accused.key.to_string()));
    if (finding.against.empty()) print_line("against  no single key: the two quorums share none");
    return Exit::done;
}

Exit refuse(const EvidenceArguments& arguments, const Error& error) {
    if (arguments.json && error.exit == Exit::no)
        print_json(boost::json::object{{"holds", false}, {"reason", error.reason}, {"detail", error.detail}});
    return report(error);
}

// The half of a broken promise that the file alone does not show.
Result<void> check_absence(const EvidenceArguments& arguments, const ledger::Evidence& evidence,
                           const ledger::BrokenPromise& broken, const ledger::Policy& policy) {
    if (!arguments.refusal.empty()) {
        const auto bytes = read_file(arguments.refusal, ledger::max_note_bytes);
        if (!bytes) return bytes.error();
        const auto note = ledger::parse_note(*bytes);
        if (!note) return from_ledger(arguments.refusal, note.error(), Exit::usage);
        const auto defeated = ledger::verify_refusal(evidence, *note, policy);
        if (!defeated) return from_ledger(arguments.refusal, defeated.error(), Exit::usage);
        return Error{Exit::no, "promise_refused",
                     "the node refused the statement, signed and in time: " + arguments.refusal +
                         "; the promise was kept"};
    }
    ledger::AbsenceCheck check(broken);
    if (arguments.log.empty())
        return Error{Exit::unreachable, "log_needed",
                     "promise and head are good, but that the record is missing shows only in the " +
                         std::to_string(check.size()) +
                         " leaves of that head: give --log with a copy of the ledger, or a server of it"};
    if (const auto read = read_log(arguments, check); !read) return read.error();
    const auto absent = check.finish();
    if (!absent) {
        const bool other = absent.error().reason == "wrong_root";
        return from_ledger(arguments.log, absent.error(), other ? Exit::unreachable : Exit::no);
    }
    return {};
}

Exit verify(const EvidenceArguments& arguments) {
    const auto policy_bytes = read_file(arguments.policy, ledger::max_policy_bytes);
    if (!policy_bytes) return report(policy_bytes.error());
    const auto policy = ledger::parse_policy(*policy_bytes);
    if (!policy) return report(from_ledger(arguments.policy, policy.error(), Exit::usage));
    const auto bytes = read_file(arguments.file, ledger::max_evidence_bytes);
    if (!bytes) return report(bytes.error());
    const auto evidence = ledger::parse_evidence(*bytes);
    if (!evidence) return report(from_ledger(arguments.file, evidence.error(), Exit::usage));
    auto finding = ledger::verify_evidence(*evidence, *policy);
    if (!finding) return refuse(arguments, from_ledger(arguments.file, finding.error(), Exit::no));
    if (const auto* broken = std::get_if<ledger::BrokenPromise>(&evidence->what)) {
        const auto absent = check_absence(arguments, *evidence, *broken, *policy);
        if (!absent) return refuse(arguments, absent.error());
        finding->sentence += " Among all leaves of that head a promised record is missing.";
    }
    return answer(arguments, ledger::kind_name(*evidence), *finding);
}

}  // namespace

void register_evidence(CLI::App& app, Chosen& chosen) {
    auto* evidence =
        app.add_subcommand("evidence", "Check a file that accuses a node or a whole ledger of a breach");
    evidence->require_subcommand(1);
    const auto arguments = std::make_shared<EvidenceArguments>();
    auto* check = evidence->add_subcommand(
        "verify", "Does the evidence hold, and against whom? Offline, trusting only the pinned policy");
    check->add_option("file", arguments->file, "The evidence, as a node keeps it in DATA/evidence")
        ->type_name("F")
        ->required();
    check->add_option("--policy", arguments->policy, "The pinned policy (C2SP tlog-policy)")
        ->type_name("P")
        ->required();
    check
        ->add_option(
            "--log", arguments->log,
            "For a broken promise: the ledger under the head, in whatever `socai audit --source` takes - a "
            "stopped "
            "node's data folder, a backup, a folder of C2SP tiles, or the http(s) URL of a node or of any "
            "tlog-tiles server")
        ->type_name("DIR|URL");
    check
        ->add_option("--refusal", arguments->refusal,
                     "For a broken promise: a refusal by the node, which defeats it")
        ->type_name("F");
    arguments->trust.add_to(*check);
    check->add_flag("--json", arguments->json, "Print the answer as JSON");
    const char* footer =
        "Examples:\n"
        "  socai evidence verify fork-0f3a.json --policy ledger.policy\n"
        "  socai evidence verify broken_promise-51c2.json --policy ledger.policy --log "
        "https://127.0.0.1:7001 --ca ca.pem\n"
        "That a promised record is missing, all leaves of the head must show: --log is read once, and "
        "believed in\n"
        "nothing, for what it holds must have the root that was signed.\n"
        "Kinds: fork, double_vote, contradicting_appends, forged_append, broken_promise (docs/formats.md).\n"
        "Exit status: 0 it holds; 1 it does not; 2 wrong use or file; 3 could not read.";
    check->footer(footer);
    evidence->footer(footer);
    check->callback([arguments, &chosen] { chosen.run = [arguments] { return verify(*arguments); }; });
}

}  // namespace socai::node::cli
