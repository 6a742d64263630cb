// socai bench
#include <sodium.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>

#include "node/cli/command.hpp"
#include "node/cli/key_options.hpp"
#include "node/cli/output.hpp"
#include "node/cli/target.hpp"
#include "node/client/load_run.hpp"
#include "node/client/progress.hpp"
#include "node/client/rpc_client.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

struct BenchArguments {
    Target target;
    KeyOptions keys;
    client::LoadOptions load;
    client::SampleOptions sample;
    std::optional<std::uint64_t> records;
    double seconds = 0;
    bool progress = false;
};

// Without --records: what a fast ledger might take in --seconds, because all is signed beforehand.
constexpr double records_per_second_guess = 20'000;
constexpr std::uint64_t default_records = 10'000;
constexpr std::uint64_t max_records = 50'000'000;

std::string random_id() {
    std::array<unsigned char, 6> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    std::array<char, 2 * bytes.size() + 1> hex{};
    return sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
}

std::uint64_t records_to_sign(const BenchArguments& arguments) {
    if (arguments.records) return *arguments.records;
    if (arguments.seconds <= 0) return default_records;
    const double rate = arguments.load.rate > 0 ? arguments.load.rate : records_per_second_guess;
    return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rate * arguments.seconds), 1, max_records);
}

Result<std::string> ask_origin(const BenchArguments& arguments) {
    client::RpcClient client(arguments.load.endpoints, arguments.target.timeouts());
    const auto status = client.call("node.status", {});
    if (status.has_error()) return client::to_error(status.error());
    std::string origin = status->is_object() ? text_of(status->get_object(), "origin") : std::string();
    if (origin.empty())
        return Error{Exit::unreachable, "bad_answer", client.endpoint().url() + " does not tell its origin"};
    return origin;
}

Exit bench(BenchArguments arguments) {
    auto endpoints = arguments.target.endpoints();
    if (!endpoints) return report(endpoints.error());
    auto& load = arguments.load;
    load.endpoints = std::move(*endpoints);
    load.timeouts = arguments.target.timeouts();
    load.timeout_ms = arguments.target.timeout_ms;
    load.limit = std::chrono::milliseconds(static_cast<std::int64_t>(arguments.seconds * 1'000));
    load.records = records_to_sign(arguments);
    const auto ring = arguments.keys.read(arguments.target.dir);
    if (!ring) return report(ring.error());
    auto& sample = arguments.sample;
    for (const auto& [agency, jwk] : ring->keys()) sample.keys.push_back(jwk);
    auto origin = ask_origin(arguments);
    if (!origin) return report(origin.error());
    sample.audience = std::move(*origin);
    if (sample.run_id.empty()) sample.run_id = random_id();
    sample.time_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();

    const bool shown = arguments.progress || error_is_terminal();
    std::vector<std::string> statements;
    {
        client::Progress bar("signing", load.records, shown);
        statements = client::sample_statements(load, sample, [&](std::uint64_t done) { bar.update(done); });
    }
    client::Progress bar("submitting", load.records, shown);
    auto result = client::run_load(load, statements, [&](std::uint64_t done) { bar.update(done); });
    bar.clear();

    json::object object = result.json();
    object["clients"] = load.clients;
    object["window"] = load.window;
    object["bundle"] = load.bundle;
    object["batch"] = load.batch;
    object["rate"] = load.rate > 0 ? json::value(load.rate) : json::value(nullptr);
    object["wait"] = load.wait;
    object["record_bytes"] = sample.record_bytes;
    object["statement_bytes"] = statements.front().size();
    object["run_id"] = sample.run_id;
    print_json(object);
    if (result.accepted > 0) return Exit::done;
    return result.stopped ? report({Exit::unreachable, result.stopped->reason, result.stopped->detail})
                          : Exit::no;
}

}  // namespace

void register_bench(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<BenchArguments>();
    auto* verb =
        app.add_subcommand("bench", "Load generator: prints one JSON object with rates and latencies");
    auto& target = arguments->target;
    target.add_to(*verb, "Accepted for uniformity: the answer is always JSON");
    arguments->keys.add_to(*verb);
    verb->add_option("--records", arguments->records, "Records to submit; 10,000, or enough for --seconds")
        ->type_name("N")
        ->check(CLI::Range(std::uint64_t{1}, max_records));
    verb->add_option("--seconds", arguments->seconds, "Stop sending after that time")
        ->type_name("S")
        ->check(CLI::Range(0.0, 86'400.0));
    verb->add_option("--clients", arguments->load.clients, "Connections, dealt over the nodes in turn")
        ->type_name("C")
        ->check(CLI::Range(1, 1'024))
        ->capture_default_str();
    verb->add_option("--window", arguments->load.window, "Calls under way on each connection")
        ->type_name("W")
        ->check(CLI::Range(1, 1'024))
        ->capture_default_str();
    verb->add_option("--bundle", arguments->load.bundle, "Records under one signature")
        ->type_name("B")
        ->check(CLI::Range(std::size_t{1}, std::size_t{64}))
        ->capture_default_str();
    verb->add_option("--batch", arguments->load.batch, "Statements in one call")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, std::size_t{500}))
        ->capture_default_str();
    verb->add_option("--rate", arguments->load.rate,
                     "Records a second at a fixed pace; latencies then run from the moment a record was due. "
                     "Without it, each connection keeps its window full")
        ->type_name("R")
        ->check(CLI::Range(0.0, 10'000'000.0));
    verb->add_option("--size", arguments->sample.record_bytes, "Bytes of JSON in a record")
        ->type_name("BYTES")
        ->check(CLI::Range(std::size_t{1}, std::size_t{40'000}))
        ->capture_default_str();
    verb->add_option("--wait", arguments->load.wait, "What must have happened before a node answers")
        ->check(CLI::IsMember({"accepted", "committed", "final"}))
        ->capture_default_str();
    verb->add_option("--run-id", arguments->sample.run_id, "Part of every record's id; random unless given")
        ->type_name("ID")
        ->check([](const std::string& id) {
            const bool good = id.size() <= 32 && id.find_first_not_of(
                                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                                     "0123456789._-") == std::string::npos;
            return good ? std::string() : std::string("at most 32 of A-Za-z0-9._-");
        });
    verb->add_flag("--progress", arguments->progress,
                   "Draw the progress bar even where there is no terminal");
    verb->footer(
        "Submits records of its own (risk_signal, marked as a load test), which stay in the ledger: use a "
        "ledger\n"
        "made for it. Everything is signed before the clock starts.\n"
        "Examples:\n"
        "  socai bench --dir /tmp/socai --records 50000 --clients 16\n"
        "  socai bench --to 127.0.0.1:7001 --key attp.jwk --seconds 10 --rate 500 --bundle 40\n"
        "Latencies are of statements, in milliseconds. Exit status: 0 when anything was accepted.");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return bench(*arguments); }; });
}

}  // namespace socai::node::cli
