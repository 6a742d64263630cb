// Messages under way, rules about them, and links.
#include <array>
#include <limits>
#include <optional>

#include "tests/scenarios/runner/verbs.hpp"

namespace socai::scenario {

using namespace consensus;

namespace {

constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

void deliver(Cluster& cluster, Words words) {
    const bool once = !words.empty() && words[0] == "once";
    const Filter filter = parse_filter(cluster, once ? words.subspan(1) : words);
    const std::size_t delivered = cluster.deliver(filter, once);
    if (filter.picks_one() && delivered == 0) throw Failure("deliver: no such message is under way");
}

void drop(Cluster& cluster, Words words) {
    const Filter filter = parse_filter(cluster, words);
    if (cluster.network().drop(filter) == 0 && filter.picks_one()) {
        throw Failure("drop: no such message is under way");
    }
}

void repeat(Cluster& cluster, Words words) {
    if (cluster.network().repeat(parse_filter(cluster, words)) == 0) {
        throw Failure("repeat: no such message was ever sent");
    }
}

void hold(Cluster& cluster, Words words) {
    cluster.network().hold(parse_rule(cluster, words));
}

void lose(Cluster& cluster, Words words) {
    cluster.network().lose(parse_rule(cluster, words));
}

void release(Cluster& cluster, Words words) {
    if (words.empty() || (words.size() == 1 && words[0] == "all")) return cluster.network().release_all();
    if (!cluster.network().release(parse_rule(cluster, words))) {
        throw SyntaxError("no rule was written with these words");
    }
}

using Ends = std::pair<std::vector<NodeId>, std::vector<NodeId>>;

// "A>B" or "A->B": from A to B only.
std::optional<Ends> one_way(const Cluster& cluster, const std::string& word) {
    const std::size_t arrow = word.find('>');
    if (arrow == std::string::npos || arrow == 0) return std::nullopt;
    const std::size_t end = word[arrow - 1] == '-' ? arrow - 1 : arrow;
    return Ends{parse_node_list(cluster, word.substr(0, end)),
                parse_node_list(cluster, word.substr(arrow + 1))};
}

void cut(Cluster& cluster, Words words) {
    Ends ends;
    if (words.size() == 1) {
        const auto found = one_way(cluster, words[0]);
        if (!found) throw SyntaxError("'" + words[0] + "' names one end only");
        ends = *found;
    } else {
        ends = {parse_node_list(cluster, words[0]), parse_node_list(cluster, words[1])};
    }
    for (const NodeId a : ends.first) {
        for (const NodeId b : ends.second) {
            cluster.network().cut(a, b);
            if (words.size() == 2) cluster.network().cut(b, a);
        }
    }
}

void isolate(Cluster& cluster, Words words) {
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        for (const NodeId other : cluster.ids()) {
            cluster.network().cut(id, other);
            cluster.network().cut(other, id);
        }
    }
}

void partition(Cluster& cluster, Words words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        for (std::size_t j = 0; j < words.size(); ++j) {
            if (i == j) continue;
            for (const NodeId a : parse_node_list(cluster, words[i])) {
                for (const NodeId b : parse_node_list(cluster, words[j])) {
                    if (a == b) throw SyntaxError("node " + std::to_string(a.value) + " is in two groups");
                    cluster.network().cut(a, b);
                }
            }
        }
    }
}

void heal(Cluster& cluster, Words words) {
    if (words.empty()) return cluster.network().heal_all();
    if (words.size() == 1) {
        if (const auto ends = one_way(cluster, words[0])) {
            for (const NodeId a : ends->first) {
                for (const NodeId b : ends->second) cluster.network().heal(a, b);
            }
            return;
        }
    }
    const std::vector<NodeId> others = words.size() == 2 ? parse_node_list(cluster, words[1]) : cluster.ids();
    for (const NodeId a : parse_node_list(cluster, words[0])) {
        for (const NodeId b : others) {
            cluster.network().heal(a, b);
            cluster.network().heal(b, a);
        }
    }
}

void inject(Cluster& cluster, Words words) {
    Flight flight = forge(cluster, words);
    cluster.allow_accusations();
    if (const auto* append = std::get_if<AppendRequest>(&flight.message)) cluster.note_lies(append->entries);
    cluster.network().put(std::move(flight));
}

// What the leader would send to a peer that lacks its base, whether or not this peer does.
void install(Cluster& cluster, Words words) {
    const NodeId leader = parse_node(cluster, words[0]);
    const NodeId to = parse_node(cluster, words[1]);
    const Host& host = running(cluster, leader);
    if (host.status().role != Role::leader) throw Failure("install: node " + words[0] + " does not lead");
    if (to == leader) throw SyntaxError("a node does not install at itself");
    EntryId base = host.log_base();
    if (words.size() == 3) {
        const auto named = value_of(words[2], "base");
        if (!named) throw SyntaxError("'" + words[2] + "' does not belong");
        const EntryPtr entry = cluster.find(parse_index_term(*named));
        if (!entry) throw SyntaxError("no log ever held " + std::string(*named));
        base = entry->id;
    }
    cluster.network().put(
        {leader, to, InstallBase{host.status().term, base, cluster.configuration_at(base.index)}});
}

constexpr std::array<Verb, 12> verbs = {{
    {"deliver", "[once] [FILTER]", 0, any_number, deliver},
    {"drop", "[FILTER]", 0, any_number, drop},
    {"repeat", "FILTER", 1, any_number, repeat},
    {"hold", "[FILTER]", 0, any_number, hold},
    {"lose", "[FILTER]", 0, any_number, lose},
    {"release", "[FILTER]", 0, any_number, release},
    {"cut", "A B, or cut A>B", 1, 2, cut},
    {"heal", "[NODES | A B | A>B]", 0, 2, heal},
    {"isolate", "NODES", 1, 1, isolate},
    {"partition", "NODES NODES...", 2, any_number, partition},
    {"inject", "KIND from=NODE to=NODE term=T FIELD...", 1, any_number, inject},
    {"install", "LEADER PEER [base=INDEX(TERM)]", 2, 3, install},
}};

}  // namespace

std::span<const Verb> network_verbs() {
    return verbs;
}

}  // namespace socai::scenario
