// socai sign
#include <cstdio>
#include <memory>

#include "node/cli/cluster_folder.hpp"
#include "node/cli/command.hpp"
#include "node/cli/key_options.hpp"
#include "node/cli/output.hpp"
#include "node/client/signing.hpp"
#include "node/client/text_file.hpp"

namespace socai::node::cli {
namespace {

struct SignArguments {
    KeyOptions keys;
    std::string dir;
    client::SigningOptions signing;
    std::string file;
};

Exit sign(SignArguments arguments) {
    if (!arguments.dir.empty() && arguments.signing.audience.empty()) {
        const auto cluster = read_cluster(arguments.dir);
        if (!cluster) return report(cluster.error());
        arguments.signing.audience = cluster->origin;
    }
    if (arguments.signing.audience.empty())
        return report(
            {Exit::usage, "no_audience",
             "say which ledger the statements are for: --aud ORIGIN (node.status names it), or --dir D "
             "of a cluster"});
    const auto keys = arguments.keys.read(arguments.dir);
    if (!keys) return report(keys.error());
    const auto text = client::read_text_file(arguments.file);
    if (!text) return report(text.error());

    auto file = client::parse_record_file(*text);
    auto signing = client::sign_records(file.records, *keys, arguments.signing);
    auto faults = std::move(file.faults);
    faults.insert(faults.end(), signing.faults.begin(), signing.faults.end());
    if (!faults.empty()) {
        print_faults(arguments.file == "-" ? "(standard input)" : arguments.file, faults);
        return report({Exit::usage, "bad_records", "nothing was signed, because some records are faulty"});
    }
    for (const auto& statement : signing.statements)
        if (!print_line(statement.text))
            return report(
                {Exit::unreachable, "file_unwritable", "cannot write the statements to standard output"});
    return Exit::done;
}

}  // namespace

void register_sign(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<SignArguments>();
    auto* verb = app.add_subcommand("sign", "Check records and sign them: one statement a line");
    arguments->keys.add_to(*verb);
    verb->add_option("--aud", arguments->signing.audience,
                     "The ledger's origin; a statement is of one ledger")
        ->type_name("ORIGIN");
    verb->add_option("--dir", arguments->dir,
                     "Folder of a cluster: its origin, and its keys where none are given")
        ->type_name("D");
    verb->add_option("--bundle", arguments->signing.bundle,
                     "Put up to N consecutive records of one kind and source under one signature")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, ledger::max_bundle_records))
        ->capture_default_str();
    verb->add_option("file", arguments->file,
                     "Records: a JSON object, an array, or one a line; - is standard input")
        ->type_name("FILE")
        ->required();
    verb->footer(
        "Examples:\n"
        "  socai sign --key attp.jwk --aud ledger.example.vn/ktcn records.jsonl > statements\n"
        "  socai sign --dir /tmp/socai data/shipment_toys.jsonl");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return sign(*arguments); }; });
}

}  // namespace socai::node::cli
