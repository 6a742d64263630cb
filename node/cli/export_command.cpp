// socai export, socai export verify
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "inspection/case_file.hpp"
#include "inspection/case_page.hpp"
#include "ledger/head.hpp"
#include "ledger/time.hpp"
#include "node/cli/cluster_folder.hpp"
#include "node/cli/command.hpp"
#include "node/cli/output.hpp"
#include "node/cli/policy_command.hpp"
#include "node/cli/sign_in_options.hpp"
#include "node/cli/target.hpp"
#include "node/client/case_export.hpp"
#include "node/client/policy_file.hpp"
#include "node/client/progress.hpp"
#include "node/files.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;
using inspection::Case;
using inspection::CaseKind;
using inspection::CaseScope;

constexpr mode_t file_mode = 0600;  // cases hold records
constexpr mode_t folder_mode = 0700;
constexpr std::string_view case_suffix = ".json";

struct ExportArguments {
    Target target;
    SignInOptions who;
    std::string dossier_no;
    std::string tax_code;
    std::string declaration_no;
    std::string from;
    std::string to;
    std::string out;
    std::string policy;
    std::string file;   // verify
    bool json = false;  // verify
};

Result<CaseScope> scope_of(const ExportArguments& arguments) {
    CaseScope scope;
    if (!arguments.dossier_no.empty()) {
        scope = {CaseKind::dossier, arguments.dossier_no, {}, {}};
    } else if (!arguments.tax_code.empty()) {
        scope = {CaseKind::enterprise, arguments.tax_code, {}, {}};
    } else {
        scope = {CaseKind::declaration, arguments.declaration_no, {}, {}};
    }
    const auto read = [](const std::string& text, std::optional<std::int64_t>& time) {
        if (!text.empty()) time = ledger::parse_rfc3339(text);
        return text.empty() || time.has_value();
    };
    if (!read(arguments.from, scope.from_time_ms) || !read(arguments.to, scope.to_time_ms)) {
        return Error{Exit::usage, "wrong_use",
                     "--from and --to-time take a time as in RFC 3339: 2021-09-27T00:00:00+07:00"};
    }
    if (scope.from_time_ms && scope.to_time_ms && *scope.from_time_ms >= *scope.to_time_ms) {
        return Error{Exit::usage, "wrong_use", "--to-time must be after --from"};
    }
    return scope;
}

// The policy to verify under before anything is written: --policy, else that of the cluster's folder.
Result<std::optional<ledger::Policy>> policy_of(const ExportArguments& arguments) {
    std::string path = arguments.policy;
    if (path.empty() && !arguments.target.dir.empty()) {
        const auto cluster = read_cluster(arguments.target.dir);
        if (!cluster) return cluster.error();
        path = cluster->policy;
    }
    if (path.empty()) return std::optional<ledger::Policy>();
    auto policy = client::read_policy_file(path);
    if (!policy) return policy.error();
    return std::optional(*std::move(policy));
}

struct OutFiles {
    std::string case_file;
    std::string page;
};

Result<OutFiles> out_files(const std::string& out) {
    if (out.ends_with(case_suffix)) {
        return OutFiles{out, out.substr(0, out.size() - case_suffix.size()) + ".html"};
    }
    if (auto made = make_folder(out, folder_mode); !made) return made.error();
    const std::filesystem::path folder(out);
    return OutFiles{(folder / "case.json").string(), (folder / "case.html").string()};
}

void print_what_is_missing() {
    print_line(
        "not shown that no record of the case was left out: receipts cannot show it; socai audit and a query "
        "over");
    print_line("          the whole ledger can");
    print_line("not shown the history of inspection methods: it is not part of a case file yet");
}

Exit export_case(const ExportArguments& arguments) {
    const auto scope = scope_of(arguments);
    if (!scope) return report(scope.error());
    const auto policy = policy_of(arguments);
    if (!policy) return report(policy.error());
    const auto endpoints = arguments.target.endpoints();
    if (!endpoints) return report(endpoints.error());
    const auto sign_in = arguments.who.read(arguments.target.dir);
    if (!sign_in) return report(sign_in.error());
    client::RpcClient client(*endpoints, arguments.target.timeouts(), *sign_in);

    std::unique_ptr<client::Progress> progress;
    std::size_t withheld = 0;
    const auto file = client::fetch_case(
        client, *scope, std::chrono::milliseconds(arguments.target.timeout_ms),
        [&](const client::CaseProgress& now) {
            if (!progress) {
                progress = std::make_unique<client::Progress>("receipts", now.leaves, error_is_terminal());
            }
            progress->update(now.receipts + now.withheld);
            withheld = now.withheld;
        });
    progress.reset();
    if (!file) return report(file.error());
    if (withheld > 0)
        std::fprintf(stderr, "socai: %zu leaves are left out: this account sees them only in part, or they were withdrawn\n",
                     withheld);
    std::string fingerprint;
    if (*policy) {
        if (const auto verified = inspection::verify_case(*file, **policy); !verified) {
            return report(verdict(Exit::no, verified.error()));
        }
        fingerprint = ledger::policy_fingerprint(**policy);
    }
    const auto paths = out_files(arguments.out);
    if (!paths) return report(paths.error());
    const std::string text = file->to_json();
    if (text.size() > inspection::max_case_bytes) {
        return report({Exit::no, "case_too_large",
                       "the case is larger than 64 MiB: narrow it with --from and --to-time"});
    }
    const std::string hash = ledger::to_hex(ledger::sha256(text));
    if (const auto done = write_file(paths->case_file, text, file_mode); !done) return report(done.error());
    const std::string page = inspection::case_page(*file, hash, fingerprint);
    if (const auto done = write_file(paths->page, page, file_mode); !done) return report(done.error());

    if (arguments.target.json) {
        print_json(
            json::object{{"case", paths->case_file},
                         {"page", paths->page},
                         {"sha256", hash},
                         {"records", file->records.size()},
                         {"receipts", file->receipts.size()},
                         {"size", file->as_of_size},
                         {"verified", policy->has_value()},
                         {"policy", policy->has_value() ? json::value(fingerprint) : json::value(nullptr)}});
        return Exit::done;
    }
    print_line("case      " + paths->case_file + ": " + std::to_string(file->records.size()) + " records, " +
               std::to_string(file->receipts.size()) + " receipts, as of " +
               std::to_string(file->as_of_size) + " leaves");
    print_line("to print  " + paths->page);
    print_line("SHA-256   " + hash);
    print_line(*policy ? "verified  under the policy " + fingerprint
                       : "not verified: no --policy; check it with: socai export verify " + paths->case_file +
                             " --policy P");
    print_what_is_missing();
    return Exit::done;
}

json::object verified_json(const Case& file, const inspection::VerifiedCase& verified,
                           const ledger::Policy& pinned) {
    json::array records;
    for (std::size_t i = 0; i < file.records.size(); ++i) {
        const ledger::Record& record = verified.places[i].record;
        records.push_back(json::object{{"index", file.records[i].address.index},
                                       {"n", file.records[i].address.n},
                                       {"time", file.records[i].time_ms},
                                       {"kid", file.records[i].kid},
                                       {"source", record.source},
                                       {"id", record.id},
                                       {"type", record.type},
                                       {"subject", record.subject},
                                       {"sha256", ledger::to_hex(record.digest)}});
    }
    json::array receipts;
    for (const ledger::VerifiedReceipt& receipt : verified.receipts) {
        receipts.push_back(json::object{{"index", receipt.index},
                                        {"size", receipt.checkpoint.size},
                                        {"root", ledger::hash_text(receipt.checkpoint.root)},
                                        {"cosigners", cosigners_json(receipt)}});
    }
    json::array not_checked;
    for (const std::string& line : not_shown_by_receipts(pinned)) not_checked.emplace_back(line);
    not_checked.emplace_back("that no record of the case was left out");
    not_checked.emplace_back("the history of inspection methods: not part of a case file yet");

    json::object object{{"verified", true}, {"origin", file.origin}};
    object["case"] = json::object{{file.scope.field(), file.scope.number}};
    object["as_of_size"] = file.as_of_size;
    object["records"] = std::move(records);
    object["receipts"] = std::move(receipts);
    object["policy"] = ledger::policy_fingerprint(pinned);
    object["not_checked"] = std::move(not_checked);
    return object;
}

void print_verified(const Case& file, const inspection::VerifiedCase& verified,
                    const ledger::Policy& pinned) {
    client::TextTable table({"LEAF", "ACCEPTED", "SOURCE", "KIND", "ID", "SIGNED WITH", "COSIGNED"});
    for (std::size_t i = 0; i < file.records.size(); ++i) {
        const ledger::Record& record = verified.places[i].record;
        const ledger::VerifiedReceipt& receipt = verified.receipts[verified.places[i].receipt];
        std::string agencies;
        for (const json::value& cosigner : cosigners_json(receipt)) {
            agencies += (agencies.empty() ? "" : ", ") + text_of(cosigner.get_object(), "agency");
        }
        table.add({ledger::to_string(file.records[i].address),
                   time_of({{"time", file.records[i].time_ms}}, "time"), record.source, kind_of(record.type),
                   record.id, file.records[i].kid, agencies});
    }
    print_table(table);
    print_line("verified  " + std::to_string(file.records.size()) + " records of " +
               std::string(file.scope.field()) + " " + client::printable(file.scope.number) + " in " +
               client::printable(file.origin) + ", " + std::to_string(file.receipts.size()) + " receipts");
    print_line("policy    " + ledger::policy_fingerprint(pinned) + " (pinned)");
    for (const std::string& line : not_shown_by_receipts(pinned)) print_line("not shown " + line);
    print_what_is_missing();
}

Exit verify_case_file(const ExportArguments& arguments) {
    const auto policy = client::read_policy_file(arguments.policy);
    if (!policy) return refuse(policy.error(), arguments.json);
    const auto text = read_file(arguments.file, inspection::max_case_bytes);
    if (!text) return refuse(text.error(), arguments.json);
    const auto file = inspection::parse_case(*text);
    if (!file) return refuse(verdict(Exit::usage, file.error()), arguments.json);
    const auto verified = inspection::verify_case(*file, *policy);
    if (!verified) return refuse(verdict(Exit::no, verified.error()), arguments.json);
    if (arguments.json) {
        print_json(verified_json(*file, *verified, *policy));
    } else {
        print_verified(*file, *verified, *policy);
    }
    return Exit::done;
}

void add_scope_options(CLI::App& verb, ExportArguments& arguments) {
    auto* which = verb.add_option_group("Which case");
    which->add_option("--dossier", arguments.dossier_no, "A dossier: its records, and what refers to them")
        ->type_name("NO");
    which->add_option("--tax-code", arguments.tax_code, "An enterprise")->type_name("CODE");
    which->add_option("--declaration", arguments.declaration_no, "A customs declaration")->type_name("NO");
    which->require_option(0, 1);
    verb.add_option("--from,--from-time", arguments.from, "Signed at or after, RFC 3339")->type_name("TIME");
    verb.add_option("--to-time", arguments.to, "Signed before, RFC 3339")->type_name("TIME");
}

}  // namespace

void register_export(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<ExportArguments>();
    auto* verb = app.add_subcommand(
        "export",
        "Write a case file: the records of a dossier, enterprise or declaration, with what proves them");
    verb->require_subcommand(0, 1);
    arguments->target.add_to(*verb, "Print what was written as JSON");
    arguments->who.add_to(*verb);
    add_scope_options(*verb, *arguments);
    add_policy_option(*verb, arguments->policy, false);
    verb->add_option("--out", arguments->out,
                     "Folder for case.json and case.html, or the name of the .json file")
        ->type_name("DIR|FILE");
    verb->footer(
        "With --policy (or the policy of --dir) the case is verified before anything is written. case.html "
        "is for\n"
        "reading and printing; the evidence is case.json.\n"
        "Examples:\n"
        "  socai export --dir /tmp/socai --dossier NSW-BKHCN-2021-0004711 --out case\n"
        "  socai export --to 127.0.0.1:7001 --tax-code 9900000016 --from 2021-01-01T00:00:00+07:00 --out "
        "q1.json\n"
        "  socai export verify case/case.json --policy /tmp/socai/policy");
    verb->callback([arguments, verb, &chosen] {
        if (!verb->get_subcommands().empty()) return;
        if (arguments->dossier_no.empty() && arguments->tax_code.empty() &&
            arguments->declaration_no.empty()) {
            throw CLI::RequiredError("one of --dossier, --tax-code and --declaration");
        }
        if (arguments->out.empty()) throw CLI::RequiredError("--out");
        chosen.run = [arguments] { return export_case(*arguments); };
    });

    auto* verify = verb->add_subcommand("verify", "Check a case file offline: every record, every receipt");
    add_policy_option(*verify, arguments->policy, true);
    verify->add_flag("--json", arguments->json, "Print the verdict as JSON");
    verify->add_option("file", arguments->file, "Case file (case.json)")->type_name("FILE")->required();
    verify->footer(
        "No network is used. Exit status: 0 verified; 1 not; 2 the file is no case, or the policy no "
        "policy;\n"
        "3 a file cannot be read.\n"
        "Example:\n  socai export verify case/case.json --policy policy");
    verify->callback(
        [arguments, &chosen] { chosen.run = [arguments] { return verify_case_file(*arguments); }; });
}

}  // namespace socai::node::cli
