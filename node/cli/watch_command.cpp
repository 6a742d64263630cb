// socai watch
#include <csignal>
#include <cstdio>
#include <memory>

#include "node/cli/filter_options.hpp"
#include "node/cli/output.hpp"
#include "node/cli/read_command.hpp"
#include "node/cli/sign_in_options.hpp"
#include "node/cli/target.hpp"
#include "node/client/subscriber.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

struct WatchArguments {
    Target target;
    SignInOptions who;
    FilterOptions filter;
    std::optional<std::uint64_t> from;
    std::uint64_t count = 0;
    std::int64_t retry_for_s = 60;
};

// The width of the columns of record_row: a stream cannot be measured beforehand.
constexpr std::size_t widths[] = {8, 25, 22, 24, 16};

// False once nobody reads standard output any more.
bool print_records(const json::object& entry) {
    const auto* records = entry.if_contains("records");
    if (records == nullptr || !records->is_array()) return true;
    for (const json::value& value : records->get_array()) {
        if (!value.is_object()) continue;
        json::object item = value.get_object();
        if (const auto* index = entry.if_contains("index")) item["index"] = *index;
        const auto row = record_row(item);
        std::string line;
        for (std::size_t i = 0; i + 1 < row.size(); ++i)
            line += client::pad(client::printable(row[i]), widths[i]) + "  ";
        if (!print_line(line + client::printable(row.back()))) return false;
    }
    return true;
}

Exit watch(const WatchArguments& arguments) {
    auto endpoints = arguments.target.endpoints();
    if (!endpoints) return report(endpoints.error());
    const auto sign_in = arguments.who.read(arguments.target.dir);
    if (!sign_in) return report(sign_in.error());
    std::signal(SIGPIPE, SIG_IGN);  // a reader that leaves (| head) ends the watch, not the process
    std::uint64_t seen = 0;
    client::Subscriber subscriber(
        {.endpoints = std::move(*endpoints),
         .timeouts = arguments.target.timeouts(),
         .from_index = arguments.from,
         .filter = arguments.filter.json(),
         .retry_for = std::chrono::seconds(arguments.retry_for_s),
         .sign_in = *sign_in},
        [&](const json::object& entry) {
            bool read_on = true;
            if (arguments.target.json) {
                json::object shown = entry;
                shown.stable_erase("subscription");
                read_on = print_json(shown);
            } else {
                read_on = print_records(entry);
            }
            return read_on && ++seen != arguments.count;
        },
        [](const client::RpcError& why) {
            std::fprintf(stderr, "socai: %s; trying again\n", client::printable(why.detail).c_str());
        });
    const auto ended = subscriber.run();
    return ended.has_error() ? report(client::to_error(ended.error())) : Exit::done;
}

}  // namespace

void register_watch(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<WatchArguments>();
    auto* verb =
        app.add_subcommand("watch", "Follow the ledger: every matching leaf once, in order, until Ctrl-C");
    arguments->target.add_to(*verb, "Print one JSON object for each leaf");
    arguments->who.add_to(*verb);
    arguments->filter.add_to(*verb);
    verb->add_option("--from", arguments->from,
                     "First leaf to show; when not given, the next one to be appended")
        ->type_name("N");
    verb->add_option("--count", arguments->count, "End after that many leaves; 0: never")
        ->type_name("N")
        ->capture_default_str();
    verb->add_option("--retry-for", arguments->retry_for_s, "Give up after that many seconds without a node")
        ->type_name("SECONDS")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{86'400}))
        ->capture_default_str();
    verb->footer(
        "Examples:\n"
        "  socai watch --dir /tmp/socai --from 0\n"
        "  socai watch --to 127.0.0.1:7001,127.0.0.1:7002 --type alert --json");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return watch(*arguments); }; });
}

}  // namespace socai::node::cli
