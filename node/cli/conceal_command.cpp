// socai conceal
#include <cstdio>
#include <memory>

#include "node/cli/command.hpp"
#include "node/cli/output.hpp"
#include "node/client/conceal.hpp"
#include "node/client/disclosure_file.hpp"
#include "node/client/text_file.hpp"

namespace socai::node::cli {
namespace {

struct ConcealArguments {
    std::vector<std::string> fields;
    std::string disclosures;
    std::string file;
};

Exit conceal(const ConcealArguments& arguments) {
    const auto text = client::read_text_file(arguments.file);
    if (!text) return report(text.error());
    const auto file = client::parse_record_file(*text);
    auto concealed = client::conceal(file.records, arguments.fields, inspection::RecordRules());
    auto faults = file.faults;
    faults.insert(faults.end(), concealed.faults.begin(), concealed.faults.end());
    if (!faults.empty()) {
        print_faults(arguments.file == "-" ? "(standard input)" : arguments.file, faults);
        return report({Exit::usage, "bad_records", "nothing was concealed, because some records are faulty"});
    }
    if (concealed.changed == 0)
        return report({Exit::no, "nothing_to_conceal", "no record has any of these members in clear"});
    // First what cannot be made again.
    std::vector<client::FiledDisclosure> filed;
    for (ledger::Disclosure& each : concealed.disclosures) filed.push_back({{}, {}, std::move(each)});
    if (const auto written = client::write_disclosure_file(arguments.disclosures, filed); !written)
        return report(written.error());
    for (const std::string& record : concealed.records)
        if (!print_line(record))
            return report(
                {Exit::unreachable, "file_unwritable", "cannot write the records to standard output"});
    std::fprintf(stderr, "socai: %zu records with %zu confidential members; what they are is in %s, for socai submit --disclosures\n",
                 concealed.changed, concealed.disclosures.size(),
                 client::printable(arguments.disclosures).c_str());
    return Exit::done;
}

}  // namespace

void register_conceal(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<ConcealArguments>();
    auto* verb = app.add_subcommand("conceal", "Keep members of records confidential: commitments in their place");
    verb->add_option("--field", arguments->fields,
                     "A member of data that its kind may keep confidential (x-confidential of the schema); may be "
                     "given several times")
        ->type_name("NAME")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->required();
    verb->add_option("--disclosures", arguments->disclosures, "File for what the commitments stand for; replaced")
        ->type_name("F")
        ->required();
    verb->add_option("file", arguments->file, "Records: a JSON object, an array, or one a line; - is standard input")
        ->type_name("FILE")
        ->required();
    verb->footer(
        "The ledger then holds a salted hash of each such member, and the nodes of agencies that may read it hold "
        "the\n"
        "member, until an erasure ends it. Salts are random: conceal a record once, and keep both files until the\n"
        "record stands.\n"
        "Example:\n"
        "  socai conceal --field finding --disclosures told.txt check.json > check.concealed.json\n"
        "  socai submit --dir /tmp/socai --disclosures told.txt check.concealed.json");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return conceal(*arguments); }; });
}

}  // namespace socai::node::cli
