#include "node/cli/target.hpp"

#include "node/cli/cluster_folder.hpp"

namespace socai::node::cli {
namespace {

constexpr std::int64_t max_timeout_ms = 60'000;
constexpr std::chrono::milliseconds patience{5'000};

}  // namespace

void Target::add_to(CLI::App& verb, const std::string& json_help, const std::string& nodes) {
    verb.add_option(nodes, to, "Nodes to ask; the first that answers is used")
        ->type_name("URL[,URL]")
        ->delimiter(',')
        ->allow_extra_args(false);  // what follows is the verb's own argument
    verb.add_option("--dir", dir,
                    "Folder of a cluster: its nodes, unless " + nodes + " names others; also its keys")
        ->type_name("D");
    trust.add_to(verb);
    verb.add_option("--timeout", timeout_ms, "Milliseconds that a node may take for an answer")
        ->type_name("MS")
        ->check(CLI::Range(std::int64_t{1}, max_timeout_ms))
        ->capture_default_str();
    verb.add_flag("--json", json, json_help);
}

Result<std::vector<client::Endpoint>> Target::endpoints() const {
    std::vector<std::string> urls = to;
    std::string usual;
    if (!dir.empty()) {
        const auto cluster = read_cluster(dir);
        if (!cluster) return cluster.error();
        usual = cluster->ca.value_or("");
        if (to.empty())
            for (const auto& node : cluster->nodes) urls.push_back(node.api);
    }
    const auto believed = trust.make(usual);
    if (!believed) return believed.error();
    return client::parse_endpoints(urls, *believed);
}

client::Timeouts Target::timeouts() const {
    client::Timeouts timeouts;
    timeouts.answer = std::chrono::milliseconds(timeout_ms) + patience;
    return timeouts;
}

void Freshness::add_to(CLI::App& verb) {
    verb.add_option("--read", read, "local: what the node has; linearizable: what the whole ledger has now")
        ->check(CLI::IsMember({"local", "linearizable"}))
        ->capture_default_str();
    verb.add_option("--min-size", min_size, "Wait until the node has that many leaves (read your writes)")
        ->type_name("SIZE");
}

void Freshness::add_to(boost::json::object& params, const Target& target) const {
    if (read != "local") params["read"] = read;
    if (min_size) params["min_size"] = *min_size;
    params["timeout_ms"] = target.timeout_ms;
}

}  // namespace socai::node::cli
