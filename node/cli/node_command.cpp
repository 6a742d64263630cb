// `socai node init | check | anchor | run`.
#include <filesystem>
#include <iostream>

#include "ledger/genesis.hpp"
#include "ledger/hash.hpp"
#include "node/bootstrap.hpp"
#include "node/cli/command.hpp"
#include "node/config.hpp"
#include "node/files.hpp"
#include "node/key_file.hpp"
#include "node/run.hpp"
#include "node/tls/certificate.hpp"

namespace socai::node::cli {

namespace {

struct NodeOptions {
    std::string file;
    std::string node = "customs-1";
    std::string genesis;
    std::string data = "data";
    std::uint16_t api_port = 7401;
    std::uint16_t peer_port = 7402;
};

// Where a peer listens is not in the genesis: the port is a guess to be corrected.
Result<void> take_genesis(const NodeOptions& options, Config& config) {
    const Result<std::string> bytes = read_file(options.genesis, ledger::max_entry_bytes);
    if (!bytes) return bytes.error();
    const auto genesis = ledger::parse_genesis(*bytes);
    if (!genesis)
        return Error{Exit::usage, "invalid_genesis",
                     options.genesis + " is no valid genesis: " + genesis.error().detail +
                         "; use the file that the members agreed on"};
    config.genesis = std::filesystem::absolute(options.genesis).lexically_normal().string();
    config.genesis_hash = ledger::to_hex(ledger::sha256(*bytes));
    bool listed = false;
    for (const ledger::GenesisNode& node : genesis->nodes) {
        listed |= node.name == options.node;
        if (node.name != options.node) config.peers.push_back({node.name, "127.0.0.1", options.peer_port});
    }
    if (listed) return {};
    std::string names;
    for (const ledger::GenesisNode& node : genesis->nodes) names += (names.empty() ? "" : ", ") + node.name;
    return Error{Exit::usage, "unknown_node",
                 "--node " + options.node + " is not in " + options.genesis + "; its nodes are " + names};
}

Exit run_init(const NodeOptions& options) {
    if (std::filesystem::exists(options.file))
        return report({Exit::usage, "file_exists",
                       options.file + " is there already; choose another name or remove it"});
    Config config;
    config.node = options.node;
    config.data = options.data;
    config.genesis = "genesis";
    config.log_key = "log.jwk";
    config.cosigner_key = "cosigner.jwk";
    config.node_key = "node.jwk";
    config.tls_key = "tls.jwk";
    config.api_port = options.api_port;
    config.peer_port = options.peer_port;
    if (!options.genesis.empty())
        if (const auto taken = take_genesis(options, config); !taken) return report(taken.error());
    if (const auto written = write_file(options.file, config_text(config), 0644); !written)
        return report(written.error());
    std::cout << "wrote " << options.file << "; next: ";
    if (options.genesis.empty())
        std::cout << "put the genesis, its hash, the keys and the peers there";
    else
        std::cout << "put the keys there and correct where the peers listen";
    std::cout << ", then `socai node check --config " << options.file << "`" << std::endl;
    return Exit::done;
}

Exit run_check(const NodeOptions& options) {
    ConfigReading reading = read_config(options.file);
    if (!reading.faults.empty() && reading.faults.front().exit == Exit::unreachable)
        return report(reading.faults.front());
    if (reading.faults.empty()) reading.faults = check_config(reading.config);
    Exit worst = Exit::done;
    for (const Error& fault : reading.faults) {
        report(fault);
        worst = Exit::usage;
    }
    if (worst == Exit::done)
        std::cout << options.file << " is in order: node " << reading.config.node << " of the genesis "
                  << reading.config.genesis_hash << std::endl;
    return worst;
}

Exit run_run(const NodeOptions& options) {
    const Result<Config> config = load_config(options.file);
    if (!config) return report(config.error());
    const Result<void> done = run_node(*config);
    return done ? Exit::done : report(done.error());
}

// Clients believe the node by it; the ledger's policy is compared in the same way, by telephone.
Exit run_anchor(const NodeOptions& options) {
    const Result<Config> config = load_config(options.file);
    if (!config) return report(config.error());
    const auto genesis = read_genesis(*config);
    if (!genesis) return report(genesis.error());
    const auto key = read_key_file(config->tls_key);
    if (!key) return report(key.error());
    std::cout << tls::to_pem(*tls::make_anchor(key->key, config->node, genesis->genesis.origin))
              << std::flush;
    return Exit::done;
}

}  // namespace

void register_node(CLI::App& app, Chosen& chosen) {
    const auto options = std::make_shared<NodeOptions>();
    CLI::App* node = app.add_subcommand("node", "One node: its configuration, and running it");
    node->require_subcommand(1);
    const auto add = [&](const char* name, const char* description, Exit (*run)(const NodeOptions&)) {
        CLI::App* verb = node->add_subcommand(name, description);
        verb->add_option("--config", options->file, "The configuration file")->required();
        verb->callback([options, run, &chosen] { chosen.run = [options, run] { return run(*options); }; });
        return verb;
    };
    CLI::App* init = add("init", "Write a commented configuration", run_init);
    init->add_option("--node", options->node, "The node's name in the genesis")->capture_default_str();
    init->add_option("--genesis", options->genesis, "The genesis file: fills in its hash and the peers");
    init->add_option("--data", options->data, "Folder of the databases")->capture_default_str();
    init->add_option("--api-port", options->api_port, "Port for clients")->capture_default_str();
    init->add_option("--peer-port", options->peer_port, "Port for other nodes")->capture_default_str();
    add("check", "Tell every fault of a configuration and of what it names", run_check);
    add("anchor", "Print the certificate by which clients believe this node, PEM (--ca, curl --cacert)",
        run_anchor);
    add("run", "Run the node until SIGINT or SIGTERM", run_run);
}

}  // namespace socai::node::cli
