// socai get | query
#include <algorithm>
#include <cstdio>
#include <memory>

#include "ledger/statement.hpp"
#include "node/cli/command.hpp"
#include "node/cli/filter_options.hpp"
#include "node/cli/output.hpp"
#include "node/cli/read_command.hpp"
#include "node/cli/sign_in_options.hpp"
#include "node/cli/target.hpp"
#include "node/client/rpc_client.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

struct ReadArguments {
    Target target;
    SignInOptions who;
    Freshness freshness;
    std::vector<std::string> what;  // get: INDEX, or SOURCE ID
    bool raw = false;               // get
    FilterOptions filter;           // query, and what follows
    std::optional<std::uint64_t> from_index;
    std::string order = "asc";
    std::optional<std::uint64_t> limit;
    std::string cursor;
    bool all = false;
};

json::object record_of(const json::object& item) {
    const auto* record = item.if_contains("record");
    return record != nullptr && record->is_object() ? record->get_object() : json::object();
}

// "12" or "12.3".
bool is_address(const std::string& text) {
    const auto dot = text.find('.');
    const auto digits = [](std::string_view part) {
        return !part.empty() && part.size() <= 19 &&
               std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    const std::string_view view = text;
    return digits(view.substr(0, dot)) && (dot == std::string::npos || digits(view.substr(dot + 1)));
}

void print_leaf(const json::object& leaf) {
    const std::string statement = text_of(leaf, "statement");
    print_line("leaf      " + address_of(leaf));
    print_line("accepted  " + time_of(leaf, "time"));
    print_line("status    " + client::printable(text_of(leaf, "status")));
    if (const auto parsed = ledger::parse_statement(statement))
        print_line("signed by " + client::printable(parsed->kid) + " for " +
                   client::printable(parsed->audience));
    for (const json::object& numbered : objects_in(leaf, "records")) {
        print_line("record    " + text_of(leaf, "index") + "." + text_of(numbered, "n"));
        print_pretty(record_of(numbered));
    }
}

Exit get(const ReadArguments& arguments) {
    json::object params;
    if (arguments.what.size() == 2) {
        params = {{"source", arguments.what[0]}, {"id", arguments.what[1]}};
    } else if (!is_address(arguments.what[0])) {
        return report(
            {Exit::usage, "bad_index",
             "'" + arguments.what[0] + "' is no place in the ledger; write 12, 12.3, or SOURCE ID"});
    } else {
        params["index"] = arguments.what[0];
    }
    const auto endpoints = arguments.target.endpoints();
    if (!endpoints) return report(endpoints.error());
    arguments.freshness.add_to(params, arguments.target);
    const auto sign_in = arguments.who.read(arguments.target.dir);
    if (!sign_in) return report(sign_in.error());
    client::RpcClient client(*endpoints, arguments.target.timeouts(), *sign_in);
    const auto leaf = ask(client, "ledger.get", params);
    if (!leaf) return report(leaf.error());
    if (arguments.raw)
        print_line(text_of(*leaf, "statement"));
    else if (arguments.target.json)
        print_json(*leaf);
    else
        print_leaf(*leaf);
    return Exit::done;
}

Exit query(const ReadArguments& arguments) {
    constexpr std::uint64_t page = 1'000;
    const auto endpoints = arguments.target.endpoints();
    if (!endpoints) return report(endpoints.error());
    json::object params = arguments.filter.json();
    if (arguments.from_index) params["from_index"] = *arguments.from_index;
    if (arguments.order != "asc") params["order"] = arguments.order;
    if (arguments.limit || arguments.all) params["limit"] = arguments.limit.value_or(page);
    if (!arguments.cursor.empty()) params["cursor"] = arguments.cursor;
    arguments.freshness.add_to(params, arguments.target);

    const auto sign_in = arguments.who.read(arguments.target.dir);
    if (!sign_in) return report(sign_in.error());
    client::RpcClient client(*endpoints, arguments.target.timeouts(), *sign_in);
    client::TextTable table({"LEAF", "SIGNED TIME", "SOURCE", "KIND", "ID", "SUBJECT"});
    std::string next;
    do {
        const auto answer = ask(client, "ledger.query", params);
        if (!answer) return report(answer.error());
        if (arguments.target.json) print_json(*answer);
        for (const json::object& item : objects_in(*answer, "items")) table.add(record_row(item));
        next = text_of(*answer, "next_cursor");
        if (next == text_of(params, "cursor")) next.clear();  // a node that does not move on
        params["cursor"] = next;
    } while (arguments.all && !next.empty());

    if (arguments.target.json) return Exit::done;
    if (table.empty()) {
        std::fputs("socai: no record matches\n", stderr);
        return Exit::done;
    }
    print_table(table);
    if (!next.empty())
        std::fprintf(stderr, "socai: there are more; add --all, or --cursor %s\n",
                     client::printable(next).c_str());
    return Exit::done;
}

void register_get(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<ReadArguments>();
    auto* verb = app.add_subcommand(
        "get", "Show one leaf, or one record of a bundle, by its place or by source and id");
    arguments->target.add_to(*verb, "Print the node's answer as JSON");
    arguments->who.add_to(*verb);
    arguments->freshness.add_to(*verb);
    verb->add_flag("--raw", arguments->raw, "Print only the statement, byte for byte");
    verb->add_option("index", arguments->what, "INDEX (12, or 12.3 in a bundle), or SOURCE ID")
        ->type_name("INDEX | SOURCE ID")
        ->required()
        ->expected(1, 2);
    verb->footer(
        "Examples:\n  socai get --dir /tmp/socai 12\n  socai get --dir /tmp/socai most.qlcl t-08 --json");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return get(*arguments); }; });
}

void register_query(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<ReadArguments>();
    auto* verb =
        app.add_subcommand("query", "List records by their business fields; all given fields must match");
    arguments->target.add_to(*verb, "Print the node's answer as JSON, one line a page");
    arguments->who.add_to(*verb);
    arguments->freshness.add_to(*verb);
    arguments->filter.add_to(*verb);
    verb->add_option("--from-index", arguments->from_index, "First leaf that counts, in either order")
        ->type_name("N");
    verb->add_option("--order", arguments->order, "asc: oldest first; desc: newest first")
        ->check(CLI::IsMember({"asc", "desc"}))
        ->capture_default_str();
    verb->add_option("--limit", arguments->limit, "Records in one answer, 100 unless given")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000));
    verb->add_option("--cursor", arguments->cursor, "Go on after an earlier answer with the same fields")
        ->type_name("C");
    verb->add_flag("--all", arguments->all, "Follow the cursors to the end");
    verb->footer(
        "Examples:\n"
        "  socai query --dir /tmp/socai --type catalog_item --hs-prefix 9503 --all\n"
        "  socai query --to 127.0.0.1:7001 --tax-code 9900000016 --order desc --limit 5 --json");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return query(*arguments); }; });
}

}  // namespace

Result<json::object> ask(client::RpcClient& client, std::string_view method, const json::object& params) {
    auto answer = client.call(method, params);
    if (answer.has_error()) return client::to_error(answer.error());
    if (!answer->is_object())
        return Error{Exit::unreachable, "bad_answer",
                     client.endpoint().url() + " answered " + std::string(method) + " with something else"};
    return std::move(answer->get_object());
}

Result<std::vector<json::object>> ask_registry(client::RpcClient& client, json::object params) {
    std::vector<json::object> agencies;
    for (;;) {
        const auto answer = ask(client, "governance.registry", params);
        if (!answer) return answer.error();
        for (json::object& agency : objects_in(*answer, "agencies")) agencies.push_back(std::move(agency));
        const std::string cursor = text_of(*answer, "next_cursor");
        if (cursor.empty()) return agencies;
        params["cursor"] = cursor;
    }
}

std::vector<json::object> objects_in(const json::object& answer, std::string_view name) {
    std::vector<json::object> objects;
    const auto* list = answer.if_contains(name);
    if (list == nullptr || !list->is_array()) return objects;
    for (const json::value& value : list->get_array())
        if (value.is_object()) objects.push_back(value.get_object());
    return objects;
}

std::vector<std::string> record_row(const json::object& item) {
    const json::object record = record_of(item);
    return {address_of(item),          text_of(record, "time"),
            text_of(record, "source"), kind_of(text_of(record, "type")),
            text_of(record, "id"),     text_of(record, "subject")};
}

void register_reads(CLI::App& app, Chosen& chosen) {
    register_get(app, chosen);
    register_query(app, chosen);
    register_watch(app, chosen);
    register_inspection_reads(app, chosen);
    register_status(app, chosen);
}

}  // namespace socai::node::cli
