#include "node/cli/inspection_verb.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <list>
#include <memory>
#include <utility>

#include "ledger/ijson.hpp"
#include "node/cli/inspection_verbs.hpp"
#include "node/cli/output.hpp"
#include "node/cli/read_command.hpp"
#include "node/cli/sign_in_options.hpp"
#include "node/cli/target.hpp"
#include "node/client/rpc_client.hpp"
#include "node/client/text_file.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

struct Asked {
    InspectionVerb verb;
    Target target;
    SignInOptions who;
    Freshness freshness;
    std::string at;
    std::string audience;
    std::string cursor;
    std::optional<std::uint64_t> limit;
    bool all = false;
    // Of the verb's options, in their order; addresses are kept by CLI11.
    std::list<std::string> texts;
    std::list<std::optional<std::int64_t>> numbers;
    std::list<std::vector<std::string>> lists;
};

// The object in a file: a whole JSON text, such as data.goods of a registration.
Result<json::value> read_json(const std::string& path) {
    const auto text = client::read_text_file(path);
    if (!text) return text.error();
    const auto value = ledger::parse_ijson(*text);
    if (!value) return Error{Exit::usage, "not_json", path + ": " + value.error().detail};
    return *value;
}

Result<json::object> parameters_of(const Asked& asked) {
    json::object params;
    auto text = asked.texts.begin();
    auto number = asked.numbers.begin();
    auto list = asked.lists.begin();
    for (const VerbOption& option : asked.verb.options) {
        switch (option.kind) {
            case VerbOption::Kind::number:
                if (*number) params[option.parameter] = **number;
                ++number;
                break;
            case VerbOption::Kind::list:
                if (!list->empty()) params[option.parameter] = json::array(list->begin(), list->end());
                ++list;
                break;
            case VerbOption::Kind::text:
                if (!text->empty()) params[option.parameter] = *text;
                ++text;
                break;
            case VerbOption::Kind::json_file:
                if (!text->empty()) {
                    auto value = read_json(*text);
                    if (!value) return value.error();
                    params[option.parameter] = std::move(*value);
                }
                ++text;
                break;
        }
    }
    if (!asked.at.empty()) params["at"] = asked.at;
    if (!asked.audience.empty()) params["audience"] = asked.audience;
    if (asked.limit) params["limit"] = *asked.limit;
    if (!asked.cursor.empty()) params["cursor"] = asked.cursor;
    asked.freshness.add_to(params, asked.target);
    return params;
}

// The pages of an answer as one: the items of each list after those of the page before.
void append_page(json::object& whole, json::object&& page) {
    for (auto& [name, value] : page) {
        json::value* known = whole.if_contains(name);
        if (known != nullptr && known->is_array() && value.is_array())
            known->get_array().insert(known->get_array().end(), value.get_array().begin(),
                                      value.get_array().end());
        else
            whole[name] = std::move(value);
    }
    if (!page.contains("next_cursor")) whole.erase("next_cursor");
}

Exit run(const Asked& asked) {
    const auto endpoints = asked.target.endpoints();
    if (!endpoints) return report(endpoints.error());
    auto params = parameters_of(asked);
    if (!params) return report(params.error());
    const auto sign_in = asked.who.read(asked.target.dir);
    if (!sign_in) return report(sign_in.error());
    client::RpcClient client(*endpoints, asked.target.timeouts(), *sign_in);
    json::object whole;
    std::string next;
    do {
        auto answer = ask(client, asked.verb.method, *params);
        if (!answer) return report(answer.error());
        if (asked.target.json) print_json(*answer);
        next = text_of(*answer, "next_cursor");
        if (next == text_of(*params, "cursor")) next.clear();  // a node that does not move on
        (*params)["cursor"] = next;
        append_page(whole, std::move(*answer));
    } while (asked.all && !next.empty());
    if (!asked.target.json) {
        asked.verb.print(whole);
        if (!next.empty())
            std::fprintf(stderr, "socai: there are more; add --all, or --cursor %s\n",
                         client::printable(next).c_str());
    }
    return asked.verb.is_no != nullptr && asked.verb.is_no(whole) ? Exit::no : Exit::done;
}

void add_option(CLI::App& verb, const VerbOption& option, Asked& asked) {
    CLI::Option* added = nullptr;
    switch (option.kind) {
        case VerbOption::Kind::number:
            added = verb.add_option(option.flag, asked.numbers.emplace_back(), option.help);
            break;
        case VerbOption::Kind::list:
            added = verb.add_option(option.flag, asked.lists.emplace_back(), option.help)
                        ->delimiter(',')
                        ->allow_extra_args(false);
            break;
        default:
            added = verb.add_option(option.flag, asked.texts.emplace_back(), option.help);
            break;
    }
    added->type_name(option.type_name);
    if (option.required) added->required();
}

// The texts that `path` leads to, in order.
void collect(const json::value& value, std::string_view path, std::vector<std::string>& texts) {
    if (const auto* array = value.if_array()) {
        for (const json::value& element : *array) collect(element, path, texts);
        return;
    }
    if (path.empty()) {
        if (value.is_string()) texts.emplace_back(value.get_string());
        if (value.is_bool()) texts.emplace_back(value.get_bool() ? "yes" : "no");
        if (value.is_number()) texts.push_back(json::serialize(value));
        return;
    }
    const auto* object = value.if_object();
    if (object == nullptr) return;
    const std::size_t dot = std::min(path.find('.'), path.size());
    if (const json::value* member = object->if_contains(path.substr(0, dot)))
        collect(*member, path.substr(std::min(dot + 1, path.size())), texts);
}

}  // namespace

void register_inspection_verb(CLI::App& app, Chosen& chosen, InspectionVerb description) {
    const auto asked = std::make_shared<Asked>();
    asked->verb = std::move(description);
    auto* verb = app.add_subcommand(asked->verb.name, asked->verb.summary);
    // Where --to is the end of a period, nodes are named otherwise, as in socai report.
    const bool period = std::ranges::any_of(asked->verb.options,
                                            [](const VerbOption& option) { return option.flag == "--to"; });
    asked->target.add_to(*verb,
                         asked->verb.paged ? "Print the node's answer as JSON, one line a page"
                                           : "Print the node's answer as JSON",
                         period ? "--to-node" : "--to");
    asked->who.add_to(*verb);
    asked->freshness.add_to(*verb);
    for (const VerbOption& option : asked->verb.options) add_option(*verb, option, *asked);
    if (asked->verb.dated)
        verb->add_option(
                "--at", asked->at,
                "What counts as now: a date (its end, in Vietnam) or an RFC 3339 time; by default the node's "
                "clock")
            ->type_name("TIME");
    verb->add_option("--audience", asked->audience,
                     "Show only what these may see: public, or trader:TAXCODE; never more than you may")
        ->type_name("WHO");
    if (asked->verb.paged) {
        verb->add_option("--limit", asked->limit, "Items in one answer, 100 unless given")
            ->type_name("N")
            ->check(CLI::Range(1, 1'000));
        verb->add_option("--cursor", asked->cursor, "Go on after an earlier answer with the same fields")
            ->type_name("C");
        verb->add_flag("--all", asked->all, "Follow the cursors to the end");
    }
    verb->footer(asked->verb.footer);
    verb->callback([asked, &chosen] { chosen.run = [asked] { return run(*asked); }; });
}

std::string text_at(const json::object& object, std::string_view path) {
    std::vector<std::string> texts;
    collect(object, path, texts);
    std::string joined;
    for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
    return joined;
}

void print_fields(const json::object& answer, std::span<const Field> fields) {
    std::size_t width = 0;
    for (const Field& field : fields) width = std::max(width, client::display_width(field.label));
    for (const Field& field : fields)
        if (const std::string text = text_at(answer, field.path); !text.empty())
            print_line(client::pad(field.label, width) + "  " + client::printable(text));
}

void print_rows(const json::object& answer, std::string_view list, const char* title,
                std::span<const Column> columns) {
    std::vector<std::string> headings;
    for (const Column& column : columns) headings.emplace_back(column.heading);
    client::TextTable table(std::move(headings));
    for (const json::object& item : objects_in(answer, list)) {
        std::vector<std::string> cells;
        for (const Column& column : columns) cells.push_back(text_at(item, column.path));
        table.add(cells);
    }
    if (table.empty()) return;
    if (*title != '\0') print_line(std::string("\n") + title);
    print_table(table);
}

void print_list(const json::object& answer, const char* list, std::span<const Column> columns) {
    if (objects_in(answer, list).empty()) {
        std::fputs("socai: nothing matches\n", stderr);
        return;
    }
    print_rows(answer, list, "", columns);
}

void register_inspection_reads(CLI::App& app, Chosen& chosen) {
    for (auto&& group : {shipment_verbs(), goods_verbs(), oversight_verbs()})
        for (const InspectionVerb& verb : group) register_inspection_verb(app, chosen, verb);
}

}  // namespace socai::node::cli
