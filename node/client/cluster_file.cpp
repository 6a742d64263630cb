#include "node/client/cluster_file.hpp"

#include <boost/json/parse.hpp>
#include <filesystem>

#include "node/client/text_file.hpp"

namespace socai::node::client {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

Error bad_file(const std::string& path, const std::string& fault) {
    return {Exit::usage, "bad_cluster_file",
            path + ": " + fault + "; it should be the cluster.json that 'socai cluster up' wrote"};
}

// The string member `name`, or null.
const json::string* string_member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value == nullptr ? nullptr : value->if_string();
}

}  // namespace

Result<ClusterFile> parse_cluster_file(std::string_view text, const std::string& path) {
    json::error_code error;
    const json::value parsed = json::parse(text, error);
    if (error || !parsed.is_object()) return bad_file(path, "not a JSON object");
    const json::object& members = parsed.get_object();

    ClusterFile file;
    const auto* origin = string_member(members, "origin");
    if (origin == nullptr) return bad_file(path, "'origin' is missing");
    file.origin = *origin;

    const auto* nodes = members.if_contains("nodes");
    if (nodes == nullptr || !nodes->is_array() || nodes->get_array().empty())
        return bad_file(path, "'nodes' is missing or empty");
    for (const json::value& value : nodes->get_array()) {
        const auto* node = value.if_object();
        const auto* name = node == nullptr ? nullptr : string_member(*node, "node");
        const auto* agency = node == nullptr ? nullptr : string_member(*node, "agency");
        const auto* api = node == nullptr ? nullptr : string_member(*node, "api");
        if (name == nullptr || agency == nullptr || api == nullptr)
            return bad_file(path, "a node lacks 'agency', 'node' or 'api'");
        file.nodes.push_back({std::string(*agency), std::string(*name), std::string(*api)});
    }

    const auto* keys = members.if_contains("keys");
    if (keys == nullptr || !keys->is_object()) return bad_file(path, "'keys' is missing");
    const fs::path folder = fs::path(path).parent_path();
    for (const auto& [kid, value] : keys->get_object()) {
        if (!value.is_string()) return bad_file(path, "'keys' holds something that is not a path");
        const fs::path key{std::string(value.get_string())};
        file.keys.emplace(std::string(kid), key.is_absolute() ? key.string() : (folder / key).string());
    }
    return file;
}

Result<ClusterFile> read_cluster_file(const std::string& path) {
    std::error_code ignored;
    const std::string file =
        fs::is_directory(path, ignored) ? (fs::path(path) / "cluster.json").string() : path;
    auto text = read_text_file(file);
    if (!text) return text.error();
    return parse_cluster_file(*text, file);
}

}  // namespace socai::node::client
