#include "node/cluster/cluster_file.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace socai::node::cluster {

namespace json = boost::json;

namespace {

bool take_text(const json::object& object, std::string_view name, std::string& out) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return false;
    out = std::string(value->get_string());
    return true;
}

bool take_node(const json::value& value, ClusterNode& out) {
    const json::object* object = value.if_object();
    if (object == nullptr) return false;
    const json::value* pid = object->if_contains("pid");
    if (pid == nullptr || !(pid->is_null() || pid->is_int64())) return false;
    if (pid->is_int64()) out.pid = static_cast<pid_t>(pid->get_int64());
    return take_text(*object, "agency", out.agency) && take_text(*object, "node", out.node) &&
           take_text(*object, "api", out.api) && take_text(*object, "peer", out.peer) &&
           take_text(*object, "data", out.data) && take_text(*object, "log", out.log);
}

bool take_file(const json::value& value, ClusterFile& out) {
    const json::object* object = value.if_object();
    if (object == nullptr || !take_text(*object, "origin", out.origin) ||
        !take_text(*object, "policy", out.policy))
        return false;
    if (object->contains("ca") && !take_text(*object, "ca", out.ca.emplace())) return false;
    const json::value* nodes = object->if_contains("nodes");
    if (nodes == nullptr || !nodes->is_array()) return false;
    for (const json::value& node : nodes->get_array())
        if (!take_node(node, out.nodes.emplace_back())) return false;
    const json::value* keys = object->if_contains("keys");
    if (keys == nullptr || !keys->is_object()) return false;
    for (const auto& [kid, path] : keys->get_object()) {
        if (!path.is_string()) return false;
        out.keys.emplace(kid, path.get_string());
    }
    return true;
}

}  // namespace

// One member a line down to the nodes: people read this file too.
std::string cluster_file_text(const ClusterFile& file) {
    const auto quoted = [](std::string_view text) { return json::serialize(json::string_view(text)); };
    std::string text =
        "{\n \"origin\": " + quoted(file.origin) + ",\n \"policy\": " + quoted(file.policy) + ",\n";
    if (file.ca) text += " \"ca\": " + quoted(*file.ca) + ",\n";
    text += " \"nodes\": [";
    for (std::size_t i = 0; i < file.nodes.size(); ++i) {
        const ClusterNode& node = file.nodes[i];
        json::object object = {{"agency", node.agency}, {"node", node.node}, {"pid", nullptr},
                               {"api", node.api},       {"peer", node.peer}, {"data", node.data},
                               {"log", node.log}};
        if (node.pid) object["pid"] = *node.pid;
        text += (i == 0 ? "\n  " : ",\n  ") + json::serialize(object);
    }
    text += "\n ],\n \"keys\": {";
    for (auto entry = file.keys.begin(); entry != file.keys.end(); ++entry)
        text += (entry == file.keys.begin() ? "\n  " : ",\n  ") + quoted(entry->first) + ": " +
                quoted(entry->second);
    return text + "\n }\n}\n";
}

Result<ClusterFile> parse_cluster_file(std::string_view text, const std::string& path) {
    json::error_code error;
    const json::value value = json::parse(text, error);
    ClusterFile file;
    if (error || !take_file(value, file))
        return Error{Exit::usage, "bad_cluster_file",
                     path + " is not a cluster.json" +
                         (error ? " (" + error.message() + ")" : std::string()) +
                         "; `socai cluster up --dir FOLDER` writes it anew"};
    return file;
}

}  // namespace socai::node::cluster
