// socai validate
#include <boost/json/array.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "inspection/records/record_rules.hpp"
#include "inspection/records/rules.hpp"
#include "ledger/record.hpp"
#include "node/cli/command.hpp"
#include "node/cli/output.hpp"
#include "node/client/record_file.hpp"
#include "node/client/text_file.hpp"
#include "node/cluster/registry_file.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t max_lines = 200;  // printed for people; --json prints all

struct ValidateArguments {
    std::string file;
    std::string registry;
    bool json = false;
};

// What is known of the ledger beside the file: a registry, and the records further up in the file.
class FileSurroundings : public inspection::Surroundings {
  public:
    explicit FileSurroundings(std::optional<ledger::Registry> registry) : registry_(std::move(registry)) {}

    const ledger::Registry* registry() const override { return registry_ ? &*registry_ : nullptr; }
    std::optional<std::string> kind_of(const ledger::Reference& reference) const override {
        const auto found = kinds_.find({reference.source, reference.id});
        return found == kinds_.end() ? std::nullopt : std::optional(found->second);
    }
    void add(const ledger::Record& record) {
        kinds_[{record.source, record.id}] = std::string(record.kind());
    }

  private:
    std::optional<ledger::Registry> registry_;
    std::map<std::pair<std::string, std::string>, std::string> kinds_;  // (source, id) -> kind
};

// Prints faults as they are found.
class Printer {
  public:
    Printer(std::string file, bool json) : file_(std::move(file)), json_(json) {}

    void form(const client::InputFault& fault) {
        ++faults_;
        if (json_)
            print_json(json::object{{"line", fault.line}, {"rule", fault.reason}, {"en", fault.detail}});
        else
            line(fault.line, fault.detail + " [" + fault.reason + "]");
    }
    void breach(const client::InputRecord& record, const inspection::Breach& breach) {
        ++faults_;
        if (!json_) return line(record.line, breach.text());
        print_json(json::object{{"line", record.line},
                                {"source", record.source},
                                {"id", record.id},
                                {"place", breach.place},
                                {"rule", breach.rule->id},
                                {"article", breach.article},
                                {"reason", breach.rule->reason},
                                {"en", breach.rule->en},
                                {"vi", breach.rule->vi},
                                {"found", breach.found},
                                {"wanted", breach.wanted}});
    }
    std::size_t faults() const { return faults_; }
    void end(std::size_t records) const {
        if (json_) return;
        if (faults_ > max_lines)
            print_line("and " + std::to_string(faults_ - max_lines) + " more faults (--json prints all)");
        print_line(faults_ == 0 ? std::to_string(records) + " records, every one in order"
                                : std::to_string(faults_) + " faults in " + file_);
    }

  private:
    void line(std::size_t number, const std::string& text) const {
        if (faults_ <= max_lines)
            print_line(file_ + ":" + std::to_string(number) + ": " + client::printable(text));
    }

    std::string file_;
    bool json_;
    std::size_t faults_ = 0;
};

Exit validate(const ValidateArguments& arguments) {
    std::optional<ledger::Registry> registry;
    if (!arguments.registry.empty()) {
        auto file = cluster::read_registry_file(arguments.registry);
        if (!file) return report(file.error());
        registry = std::move(file->registry);
    }
    const auto text = client::read_text_file(arguments.file);
    if (!text) return report(text.error());
    const client::RecordFile file = client::parse_record_file(*text);
    const std::string name = arguments.file == "-" ? "(standard input)" : arguments.file;
    if (file.records.empty() && file.faults.size() == 1 && file.faults.front().reason == "no_records")
        return report({Exit::usage, "no_records", name + ": " + file.faults.front().detail});

    const inspection::RecordRules rules;
    FileSurroundings surroundings(std::move(registry));
    Printer printer(name, arguments.json);
    auto fault = file.faults.begin();
    for (const client::InputRecord& input : file.records) {
        for (; fault != file.faults.end() && fault->line < input.line; ++fault) printer.form(*fault);
        const auto record = ledger::parse_record(input.bytes);
        if (!record) continue;  // parse_record_file has accepted these bytes
        for (const inspection::Breach& breach : rules.judge(*record, surroundings))
            printer.breach(input, breach);
        surroundings.add(*record);
    }
    for (; fault != file.faults.end(); ++fault) printer.form(*fault);
    printer.end(file.records.size());
    return printer.faults() == 0 ? Exit::done : Exit::no;
}

}  // namespace

void register_validate(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<ValidateArguments>();
    auto* verb =
        app.add_subcommand("validate", "Check records before they are signed: every fault with its place");
    verb->add_option("file", arguments->file,
                     "Records: a JSON object, an array, or one a line; - is standard input")
        ->type_name("FILE")
        ->required();
    verb->add_option("--registry", arguments->registry,
                     "Registry of the ledger's agencies, to check who may write what, such as "
                     "data/genesis_registry.json")
        ->type_name("F");
    verb->add_flag(
        "--json", arguments->json,
        "Print one JSON object for each fault: line, place, rule, article, and the sentence as en and vi");
    verb->footer(
        "Needs no node and no key. It checks form, values that must agree, writers (with --registry) and "
        "references, as\n"
        "far as the file itself holds what they lead to. What rests on the ledger's state, the ledger "
        "decides.\n"
        "Examples:\n"
        "  socai validate records.jsonl\n"
        "  socai template alert | socai validate -\n"
        "  socai validate --registry data/genesis_registry.json --json records.jsonl | jq .rule\n"
        "Exit status: 0 all in order, 1 faults were found, 2 there are no records, 3 the file cannot be "
        "read.");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return validate(*arguments); }; });
}

}  // namespace socai::node::cli
