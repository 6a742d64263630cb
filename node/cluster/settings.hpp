// What a cluster was asked to be the first time, and the ports that it keeps: D/settings.json. Fixed for the
// cluster's life, so that it comes back as the same cluster after every stop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "node/cluster/folder.hpp"
#include "node/error.hpp"

namespace socai::node::cluster {

inline constexpr std::uint32_t max_nodes = 32;

// Options of `cluster up` as given on the command line; what is absent is as the first time, or the default.
struct Wishes {
    std::optional<std::vector<std::string>> agencies;
    std::optional<std::string> registry;
    std::optional<std::uint32_t> nodes;
    std::optional<std::uint16_t> base_port;
    std::optional<std::string> origin;
    std::optional<bool> historical_import;
    std::optional<bool> open_bundles;
    std::optional<bool> tls;
};

struct NodeSettings {
    std::string node;
    std::string agency;
    std::uint16_t api_port = 0;
    std::uint16_t peer_port = 0;
    bool joined = false;        // after the genesis, by `cluster add-node`
    std::uint64_t raft_id = 0;  // of one that joined, once the cluster gave it one
    bool removed = false;       // by `cluster remove-node`; its name is not used again
};

// The proxy listens on `port` for what `from` sends to `to`.
struct LinkSettings {
    std::string from;
    std::string to;
    std::uint16_t port = 0;
};

struct Settings {
    std::string format;
    std::string origin;
    std::vector<std::string> agencies;
    std::string registry;       // path, for messages
    std::string registry_hash;  // hex SHA-256 of the file
    std::optional<std::uint16_t> base_port;
    bool historical_import = false;
    bool open_bundles = true;
    bool tls = true;  // on both ports of every node
    std::vector<NodeSettings> nodes;
    std::uint16_t control_port = 0;  // of the proxy
    std::vector<LinkSettings> links;

    const NodeSettings* node(std::string_view name) const;
    // "customs-1, most-1, …", without those that were removed.
    std::string node_names() const;
    // Those of the genesis, removed ones included, in its order.
    std::vector<NodeSettings> founders() const;
};

// Ports and links for one more node: `name`, or the next free name of `agency`, which is the one with the fewest nodes
// when empty. Errors: unknown_agency, bad_node_name, node_exists, bad_node_count, no_free_ports.
Result<NodeSettings> plan_node(Settings& settings, const std::string& agency, const std::string& name);
// The node leaves: its links go, its name stays taken.
void retire_node(Settings& settings, std::string_view node);

// Names and ports for a new cluster: nodes are dealt round-robin over the agencies (customs-1, most-1, …,
// customs-2), ports are consecutive: APIs, peers, the proxy's control port, its links. Errors: bad_agencies,
// bad_node_count, bad_origin, port_in_use, no_free_ports, registry faults (registry_file.hpp).
Result<Settings> plan(const Wishes& wishes);

// What differs between `settings` and the wishes given, or nothing: error different_options, which names
// each.
Result<void> agree(const Settings& settings, const Wishes& wishes, const std::string& dir);

// Errors: file_unreadable, not_a_cluster (of another program or version, or damaged).
Result<Settings> load_settings(const Folder& folder);
Result<void> save_settings(const Folder& folder, const Settings& settings);

}  // namespace socai::node::cluster
