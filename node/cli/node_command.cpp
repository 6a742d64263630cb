// `socai node init | describe | check | anchor | run`.
#include <algorithm>
#include <boost/json/array.hpp>
#include <filesystem>
#include <iostream>

#include "ledger/genesis.hpp"
#include "ledger/genesis_part.hpp"
#include "ledger/hash.hpp"
#include "ledger/ijson.hpp"
#include "ledger/jwk.hpp"
#include "ledger/json_members.hpp"
#include "node/bootstrap.hpp"
#include "node/cli/command.hpp"
#include "node/cli/genesis_report.hpp"
#include "node/cli/output.hpp"
#include "node/client/cluster_nodes.hpp"
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
    std::string genesis_hash;
    std::string keys;
    std::vector<std::string> peers;
    std::string members;  // what cluster.members answered, a file
    std::string agency;  // of a node that joins by vote, with its number
    std::uint64_t raft_id = 0;
    std::string data = "data";
    std::string api_host = "127.0.0.1";
    std::string peer_host = "127.0.0.1";
    std::uint16_t api_port = 7401;
    std::uint16_t peer_port = 7402;
};

std::string absolute(const std::string& path) {
    return std::filesystem::absolute(path).lexically_normal().string();
}

// "most-1=10.20.1.11:7402".
Result<PeerConfig> read_peer(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string address = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (!ledger::is_peer_address(address))
        return Error{Exit::usage, "bad_address",
                     "--peer " + text + " must be NODE=HOST:PORT, such as most-1=10.20.1.11:7402"};
    const std::size_t colon = address.rfind(':');
    std::string host = address.substr(0, colon);
    if (host.front() == '[') host = host.substr(1, host.size() - 2);
    return PeerConfig{text.substr(0, equals), host,
                      static_cast<std::uint16_t>(std::stoul(address.substr(colon + 1)))};
}

// The nodes that the ledger has now, from the file `socai governance nodes --json` printed; without it those of the genesis.
Result<std::vector<ledger::GenesisNode>> nodes_now(const NodeOptions& options, const ledger::Genesis& genesis) {
    if (options.members.empty()) return genesis.nodes;
    const auto text = read_file(options.members, ledger::max_entry_bytes);
    if (!text) return text.error();
    const auto answer = ledger::parse_ijson(*text);
    const auto nodes = answer && answer->is_object() ? client::nodes_in(answer->get_object())
                                                     : Result<std::vector<client::ClusterNode>>(Error{});
    if (!nodes)
        return Error{Exit::usage, "wrong_peers",
                     options.members + " is no list of nodes; make it with `socai governance nodes --json >" +
                         options.members + "`"};
    std::vector<ledger::GenesisNode> now;
    for (const client::ClusterNode& each : *nodes)
        if (each.role == "voter" || each.role == "learner") now.push_back(each.node);
    return now;
}

// Where each of them is reached: as --peer says, or as its agency's part of the genesis proposed. Where a node that joined
// later listens the ledger tells, and whoever needs it sooner is told here; of one of the genesis the port is a guess to be
// corrected.
Result<std::vector<PeerConfig>> peers_of(const NodeOptions& options, const ledger::Genesis& genesis) {
    const auto nodes = nodes_now(options, genesis);
    if (!nodes) return nodes.error();
    std::vector<PeerConfig> given;
    for (const std::string& text : options.peers) {
        const Result<PeerConfig> peer = read_peer(text);
        if (!peer) return peer.error();
        if (std::ranges::find(*nodes, peer->node, &ledger::GenesisNode::name) == nodes->end())
            return Error{Exit::usage, "wrong_peers",
                         "--peer " + text + ": " + peer->node + " is not in " +
                             (options.members.empty() ? options.genesis + "; of nodes that joined later tell --members"
                                                      : options.members)};
        given.push_back(*peer);
    }
    for (const ledger::Consent& consent : genesis.consents)
        for (const auto& [node, address] : consent.addresses)
            if (std::ranges::find(given, node, &PeerConfig::node) == given.end())
                given.push_back(read_peer(node + "=" + address).value());
    std::vector<PeerConfig> peers;
    for (const ledger::GenesisNode& node : *nodes) {
        if (node.name == options.node) continue;
        const bool founder = std::ranges::find(genesis.nodes, node.name, &ledger::GenesisNode::name) != genesis.nodes.end();
        const auto known = std::ranges::find(given, node.name, &PeerConfig::node);
        if (known == given.end() && !founder) continue;
        PeerConfig peer = known != given.end() ? *known : PeerConfig{node.name, "127.0.0.1", options.peer_port};
        if (!founder) {
            peer.raft_id = node.raft_id;
            peer.tls_key = ledger::key_text(node.tls_key);
        }
        peers.push_back(std::move(peer));
    }
    return peers;
}

Result<void> take_genesis(const NodeOptions& options, Config& config) {
    const Result<std::string> bytes = read_file(options.genesis, ledger::max_entry_bytes);
    if (!bytes) return bytes.error();
    const auto genesis = ledger::parse_genesis(*bytes);
    if (!genesis)
        return Error{Exit::usage, "invalid_genesis",
                     options.genesis + " is no valid genesis: " + genesis.error().detail +
                         "; use the file that the members agreed on"};
    config.genesis = absolute(options.genesis);
    config.genesis_hash = ledger::to_hex(ledger::sha256(*bytes));
    if (!options.genesis_hash.empty() && plain_hash(options.genesis_hash) != config.genesis_hash)
        return Error{Exit::usage, "genesis_mismatch",
                     "the SHA-256 of " + options.genesis + " is " + config.genesis_hash + ", not " +
                         options.genesis_hash + "; get the file that the members agreed on"};
    auto peers = peers_of(options, *genesis);
    if (!peers) return peers.error();
    config.peers = *std::move(peers);
    if (std::ranges::find(genesis->nodes, options.node, &ledger::GenesisNode::name) != genesis->nodes.end())
        return {};
    if (options.raft_id != 0) {
        config.raft_id = options.raft_id;
        config.agency = options.agency;
        return {};
    }
    std::string names;
    for (const ledger::GenesisNode& node : genesis->nodes) names += (names.empty() ? "" : ", ") + node.name;
    return Error{Exit::usage, "unknown_node",
                 "--node " + options.node + " is not in " + options.genesis + "; its nodes are " + names +
                     ". A node that joins by vote needs --raft-id and --agency, as the vote gave them"};
}

Exit run_init(const NodeOptions& options) {
    if (std::filesystem::exists(options.file))
        return report({Exit::usage, "file_exists",
                       options.file + " is there already; choose another name or remove it"});
    Config config;
    config.node = options.node;
    config.data = options.data;
    config.genesis = "genesis";
    const std::string keys = options.keys.empty() ? "" : absolute(options.keys) + "/";
    config.log_key = keys + "log.jwk";
    config.cosigner_key = keys + "cosigner.jwk";
    config.node_key = keys + "node.jwk";
    config.tls_key = keys + "tls.jwk";
    config.api_host = options.api_host;
    config.peer_host = options.peer_host;
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
        std::cout << "see that keys and peers are right";
    std::cout << ", then `socai node check --config " << options.file << "`" << std::endl;
    return Exit::done;
}

// What a proposal over "nodes" says of a node that is to join: where it listens, and the public halves of its keys.
Exit run_describe(const NodeOptions& options) {
    boost::json::object node{{"name", options.node},
                             {"agency", options.agency},
                             {"host", options.peer_host},
                             {"port", options.peer_port}};
    for (const char* purpose : {"log", "cosigner", "node", "tls"}) {
        const auto key = read_key_file(options.keys + "/" + purpose + ".jwk");
        if (!key) return report(key.error());
        node[std::string(purpose) + "_key"] = ledger::key_text(key->key.public_key());
    }
    print_json(boost::json::object{{"add", boost::json::array{std::move(node)}}, {"remove", boost::json::array()}});
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
    init->add_option("--genesis-hash", options->genesis_hash,
                     "The hash that the members agreed on: refuses another file")
        ->type_name("H");
    init->add_option("--keys", options->keys,
                     "Folder of the node's keys, as `socai genesis join` makes it: DIR/nodes/NODE")
        ->type_name("D");
    init->add_option("--peer", options->peers,
                     "Where another node is reached, NODE=HOST:PORT; repeat it. By default as its agency's "
                     "part proposed")
        ->type_name("P")
        ->allow_extra_args(false);
    init->add_option("--members", options->members,
                     "The ledger's nodes of now, as `socai governance nodes --json` prints them: needed where some joined "
                     "after the genesis")
        ->type_name("FILE");
    auto* number = init->add_option("--raft-id", options->raft_id,
                                    "Of a node that joins by vote: its number, as socai governance show says")
                       ->type_name("N");
    init->add_option("--agency", options->agency, "Of a node that joins by vote: its agency")
        ->type_name("CODE")
        ->needs(number);
    number->needs("--agency");
    init->add_option("--data", options->data, "Folder of the databases")->capture_default_str();
    init->add_option("--api-host", options->api_host, "Address for clients to reach")->capture_default_str();
    init->add_option("--api-port", options->api_port, "Port for clients")->capture_default_str();
    init->add_option("--peer-host", options->peer_host, "Address for other nodes to reach")
        ->capture_default_str();
    init->add_option("--peer-port", options->peer_port, "Port for other nodes")->capture_default_str();
    init->footer(
        "Example:\n"
        "  socai node init --config node.toml --node most-1 --genesis genesis --genesis-hash 3f9a… \\\n"
        "    --keys keys/nodes/most-1 --peer-host 10.20.1.11");
    CLI::App* describe =
        node->add_subcommand("describe", "Print the change that proposes this node to the members: its public keys and where it listens");
    describe->add_option("--node", options->node, "The node's name, which no node of the ledger ever had")->required();
    describe->add_option("--agency", options->agency, "The member that runs it")->type_name("CODE")->required();
    describe->add_option("--keys", options->keys, "Folder of its four keys: log.jwk, cosigner.jwk, node.jwk, tls.jwk")
        ->type_name("D")
        ->required();
    describe->add_option("--peer-host", options->peer_host, "Address for other nodes to reach")->required();
    describe->add_option("--peer-port", options->peer_port, "Port for other nodes")->capture_default_str();
    describe->footer(
        "Private keys are not printed.\nExample:\n"
        "  socai node describe --node most-2 --agency most --keys keys/most-2 --peer-host 10.20.1.12 >change.json\n"
        "  socai governance propose nodes --title 'most-2' --change @change.json --key registrar.jwk --dir /tmp/socai");
    describe->callback([options, &chosen] { chosen.run = [options] { return run_describe(*options); }; });
    add("check", "Tell every fault of a configuration and of what it names", run_check);
    add("anchor", "Print the certificate by which clients believe this node, PEM (--ca, curl --cacert)",
        run_anchor);
    add("run", "Run the node until SIGINT or SIGTERM", run_run);
}

}  // namespace socai::node::cli
