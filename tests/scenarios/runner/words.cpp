#include <algorithm>

#include "tests/scenarios/runner/verbs.hpp"

namespace socai::scenario {

using namespace consensus;

std::vector<NodeId> parse_node_list(const Cluster& cluster, const std::string& word) {
    const std::vector<NodeId> known = cluster.ids();
    if (word == "all") return known;
    std::vector<NodeId> ids;
    for (const std::string& part : split(word, ',')) {
        const NodeId id{parse_number(part)};
        if (std::find(known.begin(), known.end(), id) == known.end())
            throw SyntaxError("there is no node " + part);
        ids.push_back(id);
    }
    return ids;
}

NodeId parse_node(const Cluster& cluster, const std::string& word) {
    const std::vector<NodeId> ids = word == "all" ? std::vector<NodeId>{} : parse_node_list(cluster, word);
    if (ids.size() != 1) throw SyntaxError("one node is wanted, not '" + word + "'");
    return ids.front();
}

namespace {

Filter checked(const Cluster& cluster, Filter filter) {
    const std::vector<NodeId> known = cluster.ids();
    for (const NodeId id : filter.nodes()) {
        if (std::find(known.begin(), known.end(), id) == known.end()) {
            throw SyntaxError("there is no node " + std::to_string(id.value));
        }
    }
    return filter;
}

}  // namespace

Filter parse_filter(const Cluster& cluster, Words words) {
    return checked(cluster, Filter::parse(words));
}

Filter parse_rule(const Cluster& cluster, Words words) {
    return checked(cluster, Filter::parse_rule(words));
}

std::string parse_payload(const std::string& word) {
    const std::size_t colon = word.find(':');
    std::string value = word.substr(0, colon);
    if (value.empty()) throw SyntaxError("'" + word + "' has no value");
    if (colon == std::string::npos) return value;
    const std::size_t size = parse_number(word.substr(colon + 1));
    if (size > 100'000'000) throw SyntaxError("a payload is at most 100,000,000 bytes");
    if (value.size() < size) value.append(size - value.size(), '.');
    return value;
}

Host& running(Cluster& cluster, NodeId id) {
    Host& host = cluster.host(id);
    if (!host.running()) throw Failure("node " + std::to_string(id.value) + " is not running");
    return host;
}

void compare(const std::string& what, NodeId id, std::uint64_t actual, const std::string& wanted) {
    if (parse_comparison(wanted).holds(actual)) return;
    throw Failure(what + " of node " + std::to_string(id.value) + " is " + std::to_string(actual) +
                  ", expected " + wanted);
}

void compare_answer(const std::string& what, bool actual, const std::string& wanted) {
    if (wanted != "yes" && wanted != "no") throw SyntaxError("'" + wanted + "' is neither yes nor no");
    if (actual != (wanted == "yes"))
        throw Failure(what + ": " + (actual ? "yes" : "no") + ", expected " + wanted);
}

}  // namespace socai::scenario
