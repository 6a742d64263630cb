#include "own_node.hpp"

#include <csignal>
#include <filesystem>
#include <stdexcept>

#include "node/cluster/cluster_file.hpp"
#include "node/cluster/process.hpp"
#include "node/ports.hpp"
#include "process.hpp"

namespace socai::cluster_tests {
namespace {

std::string must(const Names& command) {
    const ProgramResult done = run_program(command);
    if (done.exit_status != 0) throw std::runtime_error(command.at(1) + " " + command.at(2) + ": " + done.output);
    return done.output;
}

}  // namespace

class OwnNode::Process {
  public:
    Process(const std::string& config, const std::string& log)
        : id_(node::cluster::start_process({program(), "node", "run", "--config", config}, log).value()) {}
    ~Process() {
        node::cluster::send_signal(id_, SIGTERM);
        if (!node::cluster::wait_gone(id_, patience)) node::cluster::send_signal(id_, SIGKILL);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

  private:
    node::cluster::ProcessId id_;
};

OwnNode::OwnNode(const LocalCluster& cluster, std::string name, std::string agency)
    : cluster_(cluster),
      name_(std::move(name)),
      agency_(std::move(agency)),
      folder_(cluster.dir() + "/own/" + name_),
      port_(node::find_free_ports(2).value()) {
    std::filesystem::create_directories(folder_);
    for (const std::string purpose : {"log", "cosigner", "node", "tls"})
        must({program(), "key", "new", "--kid", agency_ + "/" + name_ + "-" + purpose, "--out", folder_ + "/" + purpose + ".jwk"});
}

OwnNode::~OwnNode() = default;

std::string OwnNode::change() const {
    return must({program(), "node", "describe", "--node", name_, "--agency", agency_, "--keys", folder_, "--peer-host", "127.0.0.1",
                 "--peer-port", std::to_string(port_)});
}

std::string OwnNode::configure(std::uint64_t raft_id, const std::vector<const OwnNode*>& others) const {
    const std::string members = folder_ + "/members.json";
    const std::string listed = must({program(), "governance", "nodes", "--json", "--dir", cluster_.dir()});
    write_text(members, listed);
    Names init{program(),   "node",      "init",         "--config",  folder_ + "/node.toml",
               "--node",    name_,       "--raft-id",    std::to_string(raft_id), "--agency",
               agency_,     "--genesis", cluster_.dir() + "/genesis", "--members", members,
               "--keys",    folder_,     "--data",       folder_ + "/data", "--peer-port",
               std::to_string(port_),    "--api-port",   std::to_string(port_ + 1)};
    const std::string path = cluster_.dir() + "/cluster.json";
    for (const auto& node : node::cluster::parse_cluster_file(read_text(path), path).value().nodes)
        if (listed.find("\"" + node.node + "\"") != std::string::npos) init.insert(init.end(), {"--peer", node.node + "=" + node.peer});
    for (const OwnNode* other : others)
        init.insert(init.end(), {"--peer", other->name_ + "=127.0.0.1:" + std::to_string(other->port_)});
    for (const Names& command : {init, Names{program(), "node", "check", "--config", folder_ + "/node.toml"}})
        if (const ProgramResult done = run_program(command); done.exit_status != 0) return done.output;
    return {};
}

void OwnNode::start() {
    process_ = std::make_unique<Process>(folder_ + "/node.toml", log());
}

Endpoint OwnNode::endpoint() const {
    const std::string ca = folder_ + "/ca.pem";
    write_text(ca, must({program(), "node", "anchor", "--config", folder_ + "/node.toml"}));
    return node::client::parse_endpoint("wss://127.0.0.1:" + std::to_string(port_ + 1), node::client::Trust::make(ca, {}).value())
        .value();
}

}  // namespace socai::cluster_tests
