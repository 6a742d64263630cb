// The `socai` program: parses the command line, runs the verb, gives its exit status
// (design/interfaces.md, "Program").
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/cli/command.hpp"
#include "node/cli/suggestion.hpp"
#include "node/version.hpp"

namespace {

using socai::node::Error;
using socai::node::Exit;
namespace cli = socai::node::cli;

// How `socai --help` sorts the verbs.
const std::vector<std::pair<const char*, std::vector<const char*>>> groups = {
    {"Founding", {"genesis"}},
    {"Running nodes", {"node", "cluster", "witness"}},
    {"Writing records", {"template", "validate", "key", "conceal", "sign", "submit", "promise"}},
    {"Reading", {"get", "query", "watch", "disclosures", "status"}},
    {"Asking what follows",
     {"clearance", "dossier", "method", "goods", "results", "catalog", "procedures", "alerts", "enterprise",
      "exceptions", "statistics", "report"}},
    {"Keeping", {"scrub", "backup", "restore", "recover"}},
    {"Proving", {"receipt", "export", "policy"}},
    {"Verifying", {"audit", "evidence"}},
    {"Measuring", {"bench", "generate"}},
};

void register_all(CLI::App& app, cli::Chosen& chosen) {
    cli::register_cluster(app, chosen);
    cli::register_genesis(app, chosen);
    cli::register_node(app, chosen);
    cli::register_key(app, chosen);
    cli::register_template(app, chosen);
    cli::register_validate(app, chosen);
    cli::register_conceal(app, chosen);
    cli::register_disclosures(app, chosen);
    cli::register_sign(app, chosen);
    cli::register_submit(app, chosen);
    cli::register_promise(app, chosen);
    cli::register_reads(app, chosen);
    cli::register_report(app, chosen);
    cli::register_scrub(app, chosen);
    cli::register_backup(app, chosen);
    cli::register_restore(app, chosen);
    cli::register_recover(app, chosen);
    cli::register_audit(app, chosen);
    cli::register_governance(app, chosen);
    cli::register_receipt(app, chosen);
    cli::register_export(app, chosen);
    cli::register_policy(app, chosen);
    cli::register_bench(app, chosen);
    cli::register_generate(app, chosen);
    cli::register_evidence(app, chosen);
    cli::register_witness(app, chosen);
    for (const auto& [group, verbs] : groups)
        for (const char* verb : verbs) app.get_subcommand(verb)->group(group);
}

// The deepest verb that the command line names, for "see … --help".
const CLI::App* deepest(const CLI::App& app) {
    const auto chosen = app.get_subcommands();
    return chosen.empty() ? &app : deepest(*chosen.front());
}

std::string full_name(const CLI::App& app) {
    const CLI::App* parent = app.get_parent();
    return parent == nullptr ? app.get_name() : full_name(*parent) + " " + app.get_name();
}

Exit wrong_use(const CLI::App& app, const CLI::ParseError& error) {
    const CLI::App& verb = *deepest(app);
    std::string sentence = error.what();
    // CLI11 says of an unknown verb only that one is missing.
    const std::vector<std::string> rest = verb.remaining();
    if (!rest.empty() && rest.front().front() != '-' && !verb.get_subcommands({}).empty())
        sentence = "'" + rest.front() + "' is no verb of " + full_name(verb);
    if (!rest.empty())
        if (const std::string close = cli::suggestion(verb, rest.front()); !close.empty())
            sentence += "; did you mean " + close + "?";
    return cli::report({Exit::usage, "wrong_use", sentence + " (see " + full_name(verb) + " --help)"});
}

Exit run(int argc, const char* const* argv) {
    CLI::App app("Socai: a ledger of inspection records that several agencies keep and sign together",
                 "socai");
    app.set_version_flag("--version", "socai " + std::string(socai::node::version));
    app.require_subcommand(1);
    cli::Chosen chosen;
    register_all(app, chosen);
    // Only now: verbs inherit the footer that stands when they are made.
    app.footer(
        "Start here:\n"
        "  socai cluster up --dir /tmp/socai              four agencies' nodes on this machine\n"
        "  socai submit --dir /tmp/socai RECORDS.jsonl    sign and submit records\n"
        "  socai dossier --dir /tmp/socai NUMBER          read a case across agencies\n"
        "  socai clearance --dir /tmp/socai DECLARATION   may it be cleared, and on what?\n"
        "Every verb explains itself: socai VERB --help.\n"
        "Exit status: 0 done; 1 the answer is no; 2 wrong use or input; 3 could not reach or read.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& answered) {  // --help, --version
        app.exit(answered);
        return Exit::done;
    } catch (const CLI::ParseError& error) {
        return wrong_use(app, error);
    }
    return chosen.run();
}

}  // namespace

int main(int argc, char** argv) {
    // Private keys are text on their way from their files: no verb leaves a core dump. Nodes and witnesses are besides closed to
    // tracers; the others are not, or they could not read what a shell gives them as /dev/fd/63.
    // One byte and not nought: with that the kernel starts no handler that cores are piped to, either.
    const rlimit none{1, 1};
    ::setrlimit(RLIMIT_CORE, &none);
    try {
        return static_cast<int>(run(argc, argv));
    } catch (const std::exception& error) {
        return static_cast<int>(cli::report({Exit::unreachable, "internal_error", error.what()}));
    }
}
