// socai template
#include <boost/json/parse.hpp>
#include <memory>

#include "inspection/records/embedded_kinds.hpp"
#include "inspection/records/record_rules.hpp"
#include "node/cli/command.hpp"
#include "node/cli/output.hpp"
#include "node/cli/suggestion.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

struct TemplateArguments {
    std::string kind;
    bool list = false;
    bool schema = false;
    bool refused = false;
    bool json = false;
};

json::array texts(const std::vector<std::string_view>& words) {
    json::array list;
    for (const std::string_view word : words) list.emplace_back(word);
    return list;
}

std::string joined(const std::vector<std::string_view>& words) {
    std::string text;
    for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + std::string(word);
    return text;
}

Exit list(const TemplateArguments& arguments) {
    const inspection::RecordRules rules;
    client::TextTable table({"KIND", "WHAT IT IS", "WRITTEN BY"});
    for (const inspection::Kind& kind : rules.kinds()) {
        if (arguments.json)
            print_json(json::object{{"kind", kind.traits.kind},
                                    {"title", kind.title},
                                    {"article", kind.article},
                                    {"writers", texts(kind.traits.writers)},
                                    {"writers_article", kind.traits.writer_article}});
        else
            table.add({std::string(kind.traits.kind), kind.title, joined(kind.traits.writers)});
    }
    if (!arguments.json) print_table(table);
    return Exit::done;
}

void print(const json::value& value, bool on_one_line) {
    if (on_one_line)
        print_json(value);
    else
        print_pretty(value);
}

Exit show(const TemplateArguments& arguments) {
    if (arguments.list) return list(arguments);
    if (arguments.kind.empty())
        return report({Exit::usage, "wrong_use", "name a kind, or ask for all of them with --list"});
    for (const inspection::EmbeddedKind& kind : inspection::embedded_kinds()) {
        if (kind.name != arguments.kind) continue;
        if (arguments.schema) {
            print(json::parse(json::string_view(kind.schema)), arguments.json);
            return Exit::done;
        }
        const json::value examples = json::parse(json::string_view(kind.examples));
        print(examples.at(arguments.refused ? "refused" : "accepted"), arguments.json);
        return Exit::done;
    }
    return report({Exit::usage, "unknown_kind",
                   "\"" + arguments.kind + "\" is not a kind of record; socai template --list names them"});
}

}  // namespace

void register_template(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<TemplateArguments>();
    auto* verb = app.add_subcommand("template", "A filled-in example of a kind of record");
    verb->add_option("kind", arguments->kind, "Such as alert")->type_name("KIND");
    auto* list_flag = verb->add_flag("--list", arguments->list, "All kinds, and who writes them");
    auto* schema_flag =
        verb->add_flag("--schema", arguments->schema, "The JSON Schema of the record's data instead");
    auto* refused_flag =
        verb->add_flag("--refused", arguments->refused,
                       "Examples that are refused instead: what is changed, and which rule that breaks");
    list_flag->excludes(schema_flag)->excludes(refused_flag);
    schema_flag->excludes(refused_flag);
    verb->add_flag("--json", arguments->json, "On one line");
    verb->footer(
        "The example is a whole record that keeps every rule: change id, source, subject, time and data to "
        "your own,\n"
        "then check it with socai validate and hand it to socai submit.\n"
        "Examples:\n"
        "  socai template --list\n"
        "  socai template alert > alert.json\n"
        "  socai template alert --schema\n"
        "Exit status: 0 done, 2 there is no such kind.");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return show(*arguments); }; });
}

}  // namespace socai::node::cli
