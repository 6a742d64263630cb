#include "ledger/epochs.hpp"
#include "node/cluster/settings.hpp"

#include <algorithm>
#include <boost/describe/class.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <set>

#include "node/cluster/registry_file.hpp"
#include "node/files.hpp"
#include "node/member.hpp"
#include "node/ports.hpp"

namespace socai::node::cluster {

BOOST_DESCRIBE_STRUCT(NodeSettings, (), (node, agency, api_port, peer_port, joined, raft_id, removed))
BOOST_DESCRIBE_STRUCT(LinkSettings, (), (from, to, port))
BOOST_DESCRIBE_STRUCT(Settings, (),
                      (format, origin, agencies, registry, registry_hash, base_port, historical_import,
                       open_bundles, votes, tls, nodes, control_port, links))

namespace {

constexpr const char* format_name = "socai-cluster-1";
constexpr const char* default_origin = "ledger.example.vn/ktcn";

Error usage(std::string reason, std::string detail) {
    return {Exit::usage, std::move(reason), std::move(detail)};
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
    return text;
}

// C2SP signed-note: a key name is not empty and holds neither spaces nor '+'; we keep to what a schema-less
// URL holds.
bool is_origin(std::string_view origin) {
    return !origin.empty() && origin.size() <= 128 && std::all_of(origin.begin(), origin.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-' || c == '_' || c == '/';
    });
}

// Member agencies that host nodes, in the order asked for.
Result<std::vector<std::string>> choose_agencies(const Wishes& wishes, const ledger::Registry& registry) {
    const std::vector<std::string> agencies =
        wishes.agencies.value_or(std::vector<std::string>{"customs", "most", "mard", "moit"});
    if (agencies.empty())
        return usage("bad_agencies", "--agencies is empty; name at least one member agency");
    std::set<std::string> seen;
    for (const std::string& code : agencies) {
        const ledger::Agency* agency = registry.agency(code);
        if (agency == nullptr || !agency->has_role("member")) {
            std::vector<std::string> members;
            for (const auto& [name, entry] : registry.agencies())
                if (entry.has_role("member")) members.push_back(name);
            return usage("bad_agencies", "--agencies names `" + code +
                                             "`, which is no member agency of the registry; choose from " +
                                             joined(members));
        }
        if (!seen.insert(code).second)
            return usage("bad_agencies",
                         "--agencies names `" + code + "` twice; use --nodes for more nodes an agency");
    }
    return agencies;
}

void deal_nodes(Settings& settings, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::string& agency = settings.agencies[i % settings.agencies.size()];
        const std::size_t round = i / settings.agencies.size() + 1;
        settings.nodes.push_back({.node = agency + "-" + std::to_string(round), .agency = agency});
    }
}

Result<void> assign_ports(Settings& settings) {
    const std::size_t count = settings.nodes.size();
    const std::size_t wanted = 2 * count + 1 + count * (count - 1);
    std::uint16_t next = 0;
    if (settings.base_port) {
        if (*settings.base_port == 0 || *settings.base_port + wanted - 1 > 65'535)
            return usage("bad_address", "--base-port " + std::to_string(*settings.base_port) +
                                            " leaves no room for " + std::to_string(wanted) +
                                            " ports up to 65535; choose a lower one, above 1023");
        next = *settings.base_port;
    } else {
        const Result<std::uint16_t> found = find_free_ports(wanted);
        if (!found) return found.error();
        next = *found;
    }
    for (NodeSettings& node : settings.nodes) node.api_port = next++;
    for (NodeSettings& node : settings.nodes) node.peer_port = next++;
    settings.control_port = next++;
    for (const NodeSettings& from : settings.nodes)
        for (const NodeSettings& to : settings.nodes)
            if (from.node != to.node) settings.links.push_back({from.node, to.node, next++});
    if (!settings.base_port) return {};
    for (std::size_t i = 0; i < wanted; ++i)
        if (const auto free = check_port("127.0.0.1", static_cast<std::uint16_t>(*settings.base_port + i),
                                         "--base-port " + std::to_string(*settings.base_port));
            !free)
            return free.error();
    return {};
}

}  // namespace

const NodeSettings* Settings::node(std::string_view name) const {
    const auto found =
        std::find_if(nodes.begin(), nodes.end(), [&](const NodeSettings& n) { return n.node == name; });
    return found == nodes.end() ? nullptr : &*found;
}

std::string Settings::node_names() const {
    std::string names;
    for (const NodeSettings& entry : nodes)
        if (!entry.removed) names += (names.empty() ? "" : ", ") + entry.node;
    return names;
}

std::vector<NodeSettings> Settings::founders() const {
    std::vector<NodeSettings> founders;
    for (const NodeSettings& entry : nodes)
        if (!entry.joined) founders.push_back(entry);
    return founders;
}

namespace {

std::string smallest_agency(const Settings& settings) {
    std::string smallest;
    std::size_t fewest = settings.nodes.size() + 1;
    for (const std::string& agency : settings.agencies) {
        const auto has = static_cast<std::size_t>(
            std::count_if(settings.nodes.begin(), settings.nodes.end(),
                          [&](const NodeSettings& node) { return !node.removed && node.agency == agency; }));
        if (has >= fewest) continue;
        fewest = has;
        smallest = agency;
    }
    return smallest;
}

std::string next_name(const Settings& settings, const std::string& agency) {
    for (std::size_t number = 1;; ++number) {
        std::string name = agency + "-" + std::to_string(number);
        if (settings.node(name) == nullptr) return name;
    }
}

// A block of ports that none of this cluster's nodes has, stopped ones included.
Result<std::uint16_t> free_ports(const Settings& settings, std::size_t count) {
    std::set<std::uint16_t> used{settings.control_port};
    for (const NodeSettings& node : settings.nodes) used.insert({node.api_port, node.peer_port});
    for (const LinkSettings& link : settings.links) used.insert(link.port);
    constexpr int tries = 100;
    for (int i = 0; i < tries; ++i) {
        const Result<std::uint16_t> first = find_free_ports(count);
        if (!first) return first;
        const auto taken = used.lower_bound(*first);
        if (taken == used.end() || *taken >= *first + count) return first;
    }
    return Error{Exit::unreachable, "no_free_ports", "found no free ports for another node; stop something"};
}

}  // namespace

Result<NodeSettings> plan_node(Settings& settings, const std::string& wanted_agency,
                               const std::string& wanted) {
    std::vector<std::string> others;
    for (const NodeSettings& node : settings.nodes)
        if (!node.removed) others.push_back(node.node);
    if (others.size() >= max_nodes)
        return usage("bad_node_count", "a local cluster has at most " + std::to_string(max_nodes) + " nodes");
    NodeSettings added;
    added.joined = true;
    added.agency = wanted_agency.empty() ? smallest_agency(settings) : wanted_agency;
    added.node = wanted.empty() ? next_name(settings, added.agency) : wanted;
    if (!is_node_name(added.node))
        return usage("bad_node_name",
                     "`" + added.node + "` is no node name; use 1 to 64 of a-z, 0-9, '-' and '.'");
    if (settings.node(added.node) != nullptr)
        return usage("node_exists", "this cluster has, or had, a node `" + added.node +
                                        "`; names are not used twice: choose another, or leave it out");
    const Result<std::uint16_t> first = free_ports(settings, 2 + 2 * others.size());
    if (!first) return first.error();
    std::uint16_t next = *first;
    added.api_port = next++;
    added.peer_port = next++;
    settings.nodes.push_back(added);
    for (const std::string& other : others) {
        settings.links.push_back({added.node, other, next++});
        settings.links.push_back({other, added.node, next++});
    }
    return added;
}

void retire_node(Settings& settings, std::string_view node) {
    for (NodeSettings& entry : settings.nodes)
        if (entry.node == node) entry.removed = true;
    std::erase_if(settings.links,
                  [&](const LinkSettings& link) { return link.from == node || link.to == node; });
}

Result<Settings> plan(const Wishes& wishes) {
    Settings settings;
    settings.format = format_name;
    settings.origin = wishes.origin.value_or(default_origin);
    if (!is_origin(settings.origin) || !ledger::is_founding_origin(settings.origin))
        return usage("bad_origin",
                     "--origin `" + settings.origin +
                         "` is not a ledger name; use letters, digits, '.', '-', '_' and '/', such as " +
                         default_origin);
    settings.historical_import = wishes.historical_import.value_or(false);
    settings.open_bundles = wishes.open_bundles.value_or(true);
    settings.votes = wishes.votes.value_or(false);
    settings.tls = wishes.tls.value_or(true);
    settings.base_port = wishes.base_port;

    const Result<std::string> registry_path = find_registry(wishes.registry);
    if (!registry_path) return registry_path.error();
    const Result<RegistryFile> registry = read_registry_file(*registry_path);
    if (!registry) return registry.error();
    settings.registry = *registry_path;
    settings.registry_hash = registry->hash;

    Result<std::vector<std::string>> agencies = choose_agencies(wishes, registry->registry);
    if (!agencies) return agencies.error();
    settings.agencies = std::move(*agencies);
    const std::uint32_t count = wishes.nodes.value_or(static_cast<std::uint32_t>(settings.agencies.size()));
    if (count < 1 || count > max_nodes)
        return usage("bad_node_count", "--nodes " + std::to_string(count) + " is out of range; 1 to " +
                                           std::to_string(max_nodes));
    if (count < settings.agencies.size())
        return usage("bad_node_count",
                     "--nodes " + std::to_string(count) + " is fewer than the " +
                         std::to_string(settings.agencies.size()) +
                         " agencies; each needs a node: ask for more nodes or name fewer --agencies");
    deal_nodes(settings, count);
    if (const auto assigned = assign_ports(settings); !assigned) return assigned.error();
    return settings;
}

Result<void> agree(const Settings& settings, const Wishes& wishes, const std::string& dir) {
    std::vector<std::string> differences;
    const auto compare = [&](const char* option, const std::string& had, const std::string& asked) {
        if (had != asked) differences.push_back(std::string(option) + " was " + had + ", now " + asked);
    };
    const auto yes_no = [](bool value) { return std::string(value ? "yes" : "no"); };
    if (wishes.agencies) compare("--agencies", joined(settings.agencies), joined(*wishes.agencies));
    if (wishes.nodes)
        compare("--nodes", std::to_string(settings.founders().size()), std::to_string(*wishes.nodes));
    if (wishes.base_port)
        compare("--base-port",
                settings.base_port ? std::to_string(*settings.base_port) : "chosen by the program",
                std::to_string(*wishes.base_port));
    if (wishes.origin) compare("--origin", settings.origin, *wishes.origin);
    if (wishes.historical_import)
        compare("--historical-import", yes_no(settings.historical_import), yes_no(*wishes.historical_import));
    if (wishes.open_bundles)
        compare("--open-bundles", yes_no(settings.open_bundles), yes_no(*wishes.open_bundles));
    if (wishes.votes) compare("--votes", yes_no(settings.votes), yes_no(*wishes.votes));
    if (wishes.tls) compare("TLS", yes_no(settings.tls), yes_no(*wishes.tls));
    if (wishes.registry) {
        const Result<RegistryFile> registry = read_registry_file(*wishes.registry);
        if (!registry) return registry.error();
        if (registry->hash != settings.registry_hash)
            differences.push_back("--registry had other contents (then " + settings.registry + ")");
    }
    if (differences.empty()) return {};
    std::string list;
    for (const std::string& difference : differences) list += (list.empty() ? "" : "; ") + difference;
    return usage("different_options",
                 "the cluster in " + dir + " was made with other options: " + list +
                     ". They are fixed for its life: leave them out to start it as it is, or make "
                     "another cluster in another folder");
}

namespace {

// What an earlier version did not write.
void add_defaults(boost::json::object& settings) {
    boost::json::value* nodes = settings.if_contains("nodes");
    if (nodes == nullptr || !nodes->is_array()) return;
    for (boost::json::value& node : nodes->get_array()) {
        if (!node.is_object()) continue;
        node.get_object().emplace("joined", false);
        node.get_object().emplace("raft_id", 0);
        node.get_object().emplace("removed", false);
    }
}

}  // namespace

Result<Settings> load_settings(const Folder& folder) {
    const Result<std::string> text = read_file(folder.settings(), 4 * 1024 * 1024);
    if (!text) return text.error();
    boost::system::error_code error;
    boost::json::value value = boost::json::parse(*text, error);
    boost::json::object* object = error ? nullptr : value.if_object();
    const boost::json::value* format = object == nullptr ? nullptr : object->if_contains("format");
    if (format == nullptr || !format->is_string() || format->get_string() != format_name)
        return usage("not_a_cluster", folder.settings() +
                                          " is not the settings of a cluster that this program made; "
                                          "correct --dir, or use the program that made it");
    add_defaults(*object);
    auto settings = boost::json::try_value_to<Settings>(value);
    if (!settings)
        return usage("not_a_cluster",
                     folder.settings() + " is damaged (" + settings.error().message() +
                         "); bring the file back from a copy, or make a new cluster elsewhere");
    return std::move(*settings);
}

Result<void> save_settings(const Folder& folder, const Settings& settings) {
    return write_file(folder.settings(), boost::json::serialize(boost::json::value_from(settings)) + "\n",
                      0600);
}

}  // namespace socai::node::cluster
