// socai scrub
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include "node/cli/cluster_folder.hpp"
#include "node/cli/cluster_verbs.hpp"
#include "node/cli/output.hpp"
#include "node/cli/target.hpp"
#include "node/cli/trust_options.hpp"
#include "node/client/progress.hpp"
#include "node/client/rpc_client.hpp"
#include "node/cosigner.hpp"
#include "storage/scrub.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

struct ScrubArguments {
    TrustOptions trust;
    std::vector<std::string> to;
    std::string dir;
    std::string data;
    std::string node;
    std::uint64_t bytes_per_second = 0;
    unsigned timeout_s = 60;
    bool no_restart = false;
    bool json = false;
};

constexpr auto between_looks = 100ms;

std::uint64_t figure(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    json::error_code error;
    return value == nullptr ? 0 : value->to_number<std::uint64_t>(error);
}

const json::object* part(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value == nullptr ? nullptr : value->if_object();
}

Result<json::object> ask(client::RpcClient& client, std::string_view method, const json::object& params) {
    const auto answer = client.call(method, params);
    if (!answer) return client::to_error(answer.error());
    const json::object* object = answer->if_object();
    if (object == nullptr)
        return Error{Exit::unreachable, "bad_answer",
                     client.endpoint().url() + ": the answer is not understood"};
    return *object;
}

// What a node says of itself after a round.
struct Outcome {
    std::string node;
    json::object scrub;
    bool recovering = false;

    std::uint64_t count(std::string_view name) const { return figure(scrub, name); }
    std::uint64_t open() const { return count("found") - std::min(count("found"), count("repaired")); }
    bool completed() const { return !scrub.contains("not_completed"); }
};

Result<Outcome> look(client::RpcClient& client) {
    const auto status = ask(client, "node.status", {});
    if (!status) return status.error();
    const json::object* scrub = part(*status, "scrub");
    const json::object* recovery = part(*status, "recovery");
    if (scrub == nullptr || recovery == nullptr)
        return Error{Exit::unreachable, "bad_answer",
                     client.endpoint().url() + " does not tell of its scrub; ask on the node's own machine"};
    Outcome outcome{text_of(*status, "node"), *scrub, false};
    const json::value* recovering = recovery->if_contains("recovering");
    outcome.recovering = recovering != nullptr && recovering->is_bool() && recovering->get_bool();
    return outcome;
}

// Is something being fetched that may still come?
bool waits(const Outcome& outcome) {
    const std::uint64_t settled = outcome.count("at_next_start") + outcome.count("beyond_repair") +
                                  (outcome.scrub.contains("contradiction") ? 1 : 0);
    return outcome.recovering || outcome.open() > settled;
}

Result<Outcome> scrub_node(const client::Endpoint& endpoint, const ScrubArguments& arguments) {
    client::RpcClient client({endpoint});
    json::object params;
    if (arguments.bytes_per_second != 0) params["bytes_per_second"] = arguments.bytes_per_second;
    const auto begun = ask(client, "node.scrub", params);
    if (!begun) return begun.error();
    const std::uint64_t round = figure(*begun, "round");
    std::optional<client::Progress> progress;
    const auto patience = std::chrono::seconds(arguments.timeout_s);
    auto moved = std::chrono::steady_clock::now();
    std::uint64_t seen = 0;
    while (true) {
        auto outcome = look(client);
        if (!outcome) return outcome;
        const std::uint64_t position = outcome->count("position");
        const bool ended = outcome->count("rounds") >= round || !outcome->completed();
        if (ended && !waits(*outcome)) return outcome;
        if (!progress && outcome->count("of") > 0)
            progress.emplace("scrub of " + outcome->node, outcome->count("of"),
                             error_is_terminal() && !arguments.json);
        if (progress) progress->update(std::min(position, outcome->count("of")));
        const std::uint64_t now = position + outcome->count("repaired");
        if (now != seen) moved = std::chrono::steady_clock::now();
        seen = now;
        if (std::chrono::steady_clock::now() - moved >= patience) {
            if (ended) return outcome;  // what is missing is nowhere to be had now
            return Error{Exit::unreachable, "no_answer",
                         endpoint.url() + ": the scrub makes no progress; look at the node's log"};
        }
        std::this_thread::sleep_for(between_looks);
    }
}

void print(const Outcome& outcome, bool restarted, const ScrubArguments& arguments) {
    if (arguments.json) {
        json::object object = outcome.scrub;
        object["node"] = outcome.node;
        object["restarted"] = restarted;
        object["recovering"] = outcome.recovering;
        print_json(object);
        return;
    }
    std::string line = outcome.node + ": " + std::to_string(outcome.count("position") >> 10U) +
                       " KiB read in " + std::to_string(outcome.count("last_round_ms")) + " ms; ";
    if (outcome.count("found") == 0 && outcome.completed())
        line += restarted ? "nothing wrong any more" : "everything is as it was written";
    else
        line += std::to_string(outcome.count("found")) + " faults found since its start, " +
                std::to_string(outcome.count("repaired")) + " repaired";
    if (outcome.count("at_next_start") > 0)
        line += ", " + std::to_string(outcome.count("at_next_start")) + " repaired by a restart of the node";
    if (!outcome.completed()) line += ". Not everything was read: " + text_of(outcome.scrub, "not_completed");
    if (outcome.count("beyond_repair") > 0)
        line += ", " + std::to_string(outcome.count("beyond_repair")) +
                " to be dealt with by hand: the node's log tells";
    if (const std::string words = text_of(outcome.scrub, "contradiction"); !words.empty())
        line += ". " + words + ": keep its data folder as evidence";
    print_line(line);
}

Exit verdict(const Outcome& outcome) {
    return outcome.open() == 0 && outcome.completed() && !outcome.recovering ? Exit::done : Exit::no;
}

Result<void> restart(const std::string& dir, const std::string& node, unsigned timeout_s) {
    cluster::Interrupt interrupt;
    auto open = open_cluster(dir);
    if (!open) return open.error();
    auto nodes = open->supervisor.nodes({node});
    if (!nodes) return nodes.error();
    tell("restarting " + node + ": its start repairs what a running node cannot");
    if (auto stopped = open->supervisor.stop(*nodes, 20s); !stopped) return stopped;
    const auto started = open->supervisor.start_node(nodes->front().node);
    if (!started) return started.error();
    if (auto written = open->supervisor.write_cluster_file(); !written) return written;
    nodes = open->supervisor.nodes({node});
    if (!nodes) return nodes.error();
    return cluster::await_ready(open->supervisor, *nodes, surroundings(interrupt, timeout_s));
}

Exit scrub_one(const client::Endpoint& endpoint, const ScrubArguments& arguments) {
    auto outcome = scrub_node(endpoint, arguments);
    if (!outcome) return report(outcome.error());
    bool restarted = false;
    if (outcome->count("at_next_start") > 0 && !arguments.dir.empty() && !arguments.no_restart) {
        print(*outcome, false, arguments);
        if (auto done = restart(arguments.dir, outcome->node, arguments.timeout_s); !done)
            return report(done.error());
        restarted = true;
        outcome = scrub_node(endpoint, arguments);
        if (!outcome) return report(outcome.error());
    }
    print(*outcome, restarted, arguments);
    return verdict(*outcome);
}

Result<std::vector<client::Endpoint>> endpoints_of(const ScrubArguments& arguments) {
    if (arguments.dir.empty()) {
        const auto believed = arguments.trust.make();
        if (!believed) return believed.error();
        return client::parse_endpoints(arguments.to, *believed);
    }
    const auto cluster = read_cluster(arguments.dir);
    if (!cluster) return cluster.error();
    std::vector<std::string> urls;
    for (const auto& node : cluster->nodes)
        if (arguments.node.empty() ? node.pid.has_value() : node.node == arguments.node)
            urls.push_back(node.api);
    if (urls.empty())
        return Error{Exit::usage, "unknown_node",
                     arguments.node.empty() ? "no node of this cluster runs"
                                            : "this cluster has no node `" + arguments.node + "`"};
    const auto believed = arguments.trust.make(cluster->ca.value_or(""));
    if (!believed) return believed.error();
    return client::parse_endpoints(urls, *believed);
}

Exit scrub_stopped(const ScrubArguments& arguments) {
    std::optional<client::Progress> progress;
    auto done = storage::scrub_folder(arguments.data, [&](std::uint64_t at, std::uint64_t of) {
        if (!progress && of > 0) progress.emplace("entries", of, error_is_terminal() && !arguments.json);
        if (progress) progress->update(at);
        return true;
    });
    progress.reset();
    if (!done)
        return report({done.error().reason == "io_error" ? Exit::unreachable : Exit::no, done.error().reason,
                       done.error().detail});
    // Beyond the storage's own: what the cosigner key has signed.
    if (const auto fault = Cosigner::fault_of(arguments.data + "/cosigned")) {
        done->faults.push_back(*fault + " Without it this node cosigns nothing: let it return as a new one.");
        ++done->beyond_repair;
    }
    if (arguments.json) {
        json::array faults;
        for (const std::string& fault : done->faults) faults.emplace_back(fault);
        print_json(json::object{{"node", done->identity.node},
                                {"origin", done->identity.origin},
                                {"files", done->files},
                                {"entries", done->entries},
                                {"leaves", done->leaves},
                                {"found", done->found()},
                                {"repaired", done->repaired},
                                {"at_next_start", done->at_next_start},
                                {"to_fetch", done->to_fetch},
                                {"beyond_repair", done->beyond_repair},
                                {"unread", done->unread},
                                {"contradiction", done->contradiction},
                                {"faults", std::move(faults)}});
    } else {
        for (const std::string& fault : done->faults) print_line(fault);
        print_line(std::to_string(done->files) + " tables and " + std::to_string(done->entries) +
                   " entries read; " + std::to_string(done->found()) + " faults: " +
                   std::to_string(done->repaired) + " repaired, " + std::to_string(done->at_next_start) +
                   " repaired by the next start, " + std::to_string(done->to_fetch) +
                   " entries to be fetched from other nodes, " + std::to_string(done->beyond_repair) +
                   " to be decided about" + (done->unread ? "; the log cannot be read" : ""));
    }
    const bool done_with = done->to_fetch + done->beyond_repair == 0 && !done->unread && !done->contradiction;
    return done_with ? Exit::done : Exit::no;
}

Exit run(const ScrubArguments& arguments) {
    if (!arguments.data.empty()) return scrub_stopped(arguments);
    const auto endpoints = endpoints_of(arguments);
    if (!endpoints) return report(endpoints.error());
    Exit worst = Exit::done;
    for (const client::Endpoint& endpoint : *endpoints) {
        const Exit exit = scrub_one(endpoint, arguments);
        if (exit != Exit::done) worst = exit;
    }
    return worst;
}

}  // namespace

void register_scrub(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<ScrubArguments>();
    CLI::App* verb =
        app.add_subcommand("scrub", "Read again what a node's disk holds of its ledger, and repair it");
    verb->add_option("NODE", arguments->node, "With --dir: the node; all that run when left out");
    auto* to = verb->add_option("--to", arguments->to, "Running nodes, each scrubbed in turn")
                   ->type_name("URL[,URL]")
                   ->delimiter(',')
                   ->allow_extra_args(false);
    auto* dir = verb->add_option("--dir", arguments->dir, "Folder of a local cluster")->type_name("D");
    auto* data = verb->add_option("--data", arguments->data, "Data folder of a node that does not run")
                     ->type_name("DIR");
    to->excludes(dir);
    data->excludes(dir)->excludes(to);
    arguments->trust.add_to(*verb);
    verb->add_option("--bytes-per-second", arguments->bytes_per_second,
                     "How fast; as fast as it goes when left out");
    verb->add_option("--timeout", arguments->timeout_s, "Seconds to wait for progress")
        ->check(CLI::Range(1U, 3600U))
        ->capture_default_str();
    verb->add_flag("--no-restart", arguments->no_restart,
                   "With --dir: do not restart a node whose start would repair what is left");
    verb->add_flag("--json", arguments->json, "Print a JSON object for each node");
    verb->footer(
        "Every node does this by itself, slowly, over and over ([scrub] in its configuration). A lost entry "
        "is fetched "
        "from\n"
        "the other nodes by its id; a wrong tile is computed again; what a running node cannot repair, its "
        "next start "
        "does.\n"
        "Read are the log, the state, what the node promised, voted and cosigned; not `final` and "
        "`evidence`.\n"
        "A running node is asked by node.scrub, which it answers only with [admin] local_changes. Exit "
        "status 1: "
        "something\n"
        "is not repaired. Examples:\n"
        "  socai scrub --dir /tmp/socai customs-1\n"
        "  socai scrub --data /srv/socai/data                 the node is stopped");
    verb->callback([arguments, &chosen] {
        if (arguments->to.empty() && arguments->dir.empty() && arguments->data.empty())
            throw CLI::RequiredError("one of --to, --dir and --data");
        chosen.run = [arguments] { return run(*arguments); };
    });
}

}  // namespace socai::node::cli
