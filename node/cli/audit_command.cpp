// socai audit
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/hash.hpp"
#include "node/audit/report.hpp"
#include "node/cli/command.hpp"
#include "node/cli/output.hpp"
#include "node/cli/sign_in_options.hpp"
#include "node/cli/trust_options.hpp"
#include "node/client/progress.hpp"
#include "node/client/text_table.hpp"
#include "node/cluster/interrupt.hpp"
#include "node/evidence_keeper.hpp"
#include "node/files.hpp"

namespace socai::node::cli {
namespace {

struct AuditArguments {
    audit::AuditOptions options;
    TrustOptions trust;
    std::string genesis_hash;
    std::string report;          // file
    std::string remains;         // file
    std::string evidence = ".";  // folder, for proofs
    std::int64_t timeout_ms = 60'000;
    SignInOptions who;
    bool hashes_only = false;
    bool signatures_only = false;
    bool json = false;
};

constexpr mode_t report_mode = 0644;

// The files of the evidence, with their kinds; and why those after them could not be written.
struct Proofs {
    std::vector<std::pair<std::string, std::string_view>> written;
    std::optional<Error> fault;
};

Proofs write_proofs(const std::string& folder, const std::vector<ledger::Evidence>& all) {
    Proofs proofs;
    for (const ledger::Evidence& evidence : all) {
        auto file = write_evidence(folder, evidence);
        if (!file) {
            proofs.fault = file.error();
            return proofs;
        }
        proofs.written.emplace_back(*std::move(file), ledger::kind_name(evidence));
    }
    return proofs;
}

std::string what_it_shows(std::string_view kind, const std::string& source) {
    if (kind == "broken_promise")
        return "a promise that was broken, unless its node can show a refusal; socai evidence verify --log " +
               client::printable(source) + " shows who broke it";
    return "two signed heads that cannot both be true; socai evidence verify shows against whom";
}

Exit audit_ledger(AuditArguments arguments) {
    auto& options = arguments.options;
    if (!arguments.genesis_hash.empty()) {
        if (!ledger::hash_from_hex(arguments.genesis_hash))
            return report(
                {Exit::usage, "malformed_value", "--genesis-hash takes 64 lower-case hexadecimal digits"});
        options.genesis_hash = arguments.genesis_hash;
    }
    const auto sign_in = arguments.who.read({});
    if (!sign_in) return report(sign_in.error());
    if (*sign_in != nullptr) {
        if ((*sign_in)->origin.empty())
            return report(
                {Exit::usage, "no_keys", "--key needs the ledger's origin beside it: --aud ORIGIN"});
        options.limits.token = [who = *sign_in] { return client::make_token(*who, who->origin); };
    }
    options.limits.request = std::chrono::milliseconds(arguments.timeout_ms);
    auto believed = arguments.trust.make();
    if (!believed) return report(believed.error());
    options.limits.trust = *std::move(believed);
    if (arguments.signatures_only) options.depth = audit::Depth::signatures;
    if (arguments.hashes_only) options.depth = audit::Depth::hashes;

    cluster::Interrupt interrupt;
    std::unique_ptr<client::Progress> bar;
    const auto progress = [&bar](std::uint64_t done, std::uint64_t of) {
        if (!bar) bar = std::make_unique<client::Progress>("auditing", of, error_is_terminal());
        bar->update(done);
    };
    const auto result = audit::run_audit(options, progress, [&interrupt] { return interrupt.requested(); });
    bar.reset();
    if (!result) return report(result.error());

    auto object = audit::report_json(*result);
    const Proofs proofs = write_proofs(arguments.evidence, result->evidence);
    boost::json::array files;
    for (const auto& [file, kind] : proofs.written) files.emplace_back(file);
    object["evidence"] = std::move(files);
    std::optional<Error> unwritten = proofs.fault;
    if (!arguments.report.empty()) {
        const auto written = write_file(arguments.report, boost::json::serialize(object) + "\n", report_mode);
        if (!written) unwritten = written.error();
    }
    if (result->remains && !arguments.remains.empty()) {
        const boost::json::object change{{"index", result->remains->index}, {"remains", ledger::to_text(*result->remains)}};
        const auto written = write_file(arguments.remains, boost::json::serialize(change) + "\n", report_mode);
        if (!written) unwritten = written.error();
    }
    if (arguments.json) {
        print_json(object);
    } else {
        for (const std::string& line : audit::report_lines(*result)) print_line(client::printable(line));
        for (const auto& [file, kind] : proofs.written)
            print_line("evidence    " + client::printable(file) + ": " + what_it_shows(kind, options.source));
    }
    // What was found is told all the same, and decides.
    const Exit fault = unwritten ? report(*unwritten) : Exit::done;
    if (!result->findings.empty()) return Exit::no;
    return result->stopped ? report(*result->stopped) : fault;
}

}  // namespace

void register_audit(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<AuditArguments>();
    auto& options = arguments->options;
    auto* verb = app.add_subcommand("audit", "Verify a whole ledger, trusting nothing but a policy file");
    verb->add_option("--source", options.source,
                     "What to audit: a stopped node's data folder, a backup, a folder of C2SP tiles, or the "
                     "http(s) URL "
                     "of a node or of any tlog-tiles server")
        ->type_name("DIR|URL")
        ->required();
    arguments->trust.add_to(*verb);
    verb->add_option("--policy", options.policy, "The pinned policy: whose signatures are believed")
        ->type_name("F")
        ->required();
    verb->add_option(
            "--state", options.state,
            "File that remembers this audit: the next one goes on from there, and finds history that was "
            "changed since")
        ->type_name("F");
    verb->add_flag("--from-start", options.from_start, "Read everything again, even with a --state");
    verb->add_option("--receipts", options.receipts,
                     "Folder of receipts (*.receipt): each must verify, and stand where it says")
        ->type_name("DIR");
    verb->add_option(
            "--promises", options.promises,
            "Folder of promises (*.promise) and refusals (*.refusal): each promise must be kept, refused or "
            "not yet due")
        ->type_name("DIR");
    verb->add_option("--disclosures", options.disclosures,
                     "Confidential members that you hold, one a line: each must be what its leaf commits to")
        ->type_name("F");
    verb->add_option(
            "--head", options.heads,
            "Signed head from elsewhere (a node's /checkpoint, a witness): must be of the same history; "
            "may be given several times")
        ->type_name("F")
        ->allow_extra_args(false);
    verb->add_option("--genesis-hash", arguments->genesis_hash, "SHA-256 that leaf 0 must have")
        ->type_name("HEX");
    arguments->who.add_to(*verb);
    auto* hashes =
        verb->add_flag("--hashes-only", arguments->hashes_only,
                       "Only that entries, tiles and head belong together; no statement is looked at");
    auto* signatures = verb->add_flag("--signatures-only", arguments->signatures_only,
                                      "Hashes, and every statement's signature; no rule is applied again");
    hashes->excludes(signatures);
    verb->add_option("--jobs", options.jobs, "Threads that check; all cores unless given")
        ->type_name("N")
        ->check(CLI::Range(1U, 1'024U));
    verb->add_option("--timeout", arguments->timeout_ms,
                     "Milliseconds that a server may take for one answer, whole")
        ->type_name("MS")
        ->check(CLI::Range(std::int64_t{100}, std::int64_t{3'600'000}))
        ->capture_default_str();
    verb->add_option("--report", arguments->report, "Write the report, as JSON, to this file too")
        ->type_name("F");
    verb->add_option(
            "--evidence", arguments->evidence,
            "Folder for proofs, made when they can be: that two signed heads cannot both be true, and that "
            "a node broke a promise")
        ->type_name("DIR")
        ->capture_default_str();
    auto* remains = verb->add_option("--remains", options.remains_of,
                                     "Tell what would remain of this leaf, were its bytes withdrawn by vote")
                        ->type_name("LEAF")
                        ->excludes(hashes)
                        ->excludes(signatures);
    verb->add_option("--remains-file", arguments->remains,
                     "Write it there, as the change that socai governance propose withdrawal takes")
        ->type_name("F")
        ->needs(remains);
    verb->add_flag("--json", arguments->json, "Print the report as one JSON object");
    verb->footer(
        "Repeats what the ledger's nodes did: hashes every entry, compares every tile, checks every "
        "signature and\n"
        "admits every statement again; then holds the result against the signed head, the last audit's, and "
        "every\n"
        "receipt and promise given. Compare the policy's fingerprint by telephone before you believe the "
        "rest.\n"
        "Examples:\n"
        "  socai audit --source https://127.0.0.1:7001 --ca ca.pem --policy /tmp/socai/policy --state audit.state\n"
        "  socai audit --source backup/ --policy policy --receipts receipts/ --report report.json\n"
        "Exit status: 0 everything that was checked is right; 1 something is wrong; 2 wrong use or input; 3 "
        "could "
        "not reach or read.");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return audit_ledger(*arguments); }; });
}

}  // namespace socai::node::cli
