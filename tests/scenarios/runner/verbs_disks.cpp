// Crashes, storage jobs, validation, and what a disk loses.
#include <array>
#include <limits>
#include <map>

#include "tests/scenarios/runner/verbs.hpp"

namespace socai::scenario {

using namespace consensus;

namespace {

constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

void crash(Cluster& cluster, Words words) {
    for (const NodeId id : parse_node_list(cluster, words[0])) cluster.crash(id);
}

void restart(Cluster& cluster, Words words) {
    bool lose_disk = false;
    for (const std::string& word : words.subspan(1)) {
        Options scratch;
        if (word == "lose-disk") {
            lose_disk = true;
        } else if (!apply_core_option(scratch, word)) {
            throw SyntaxError("'" + word + "' is not an option of restart: those are lose-disk, " +
                              std::string(core_options));
        }
    }
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        Host& host = cluster.host(id);
        if (host.running()) cluster.crash(id);
        Options options = host.options();
        for (const std::string& word : words.subspan(1)) apply_core_option(options, word);
        if (lose_disk) host.lose_disk();
        host.set_options(options);
        cluster.restart(id);
    }
}

bool parse_held(const std::string& word) {
    if (word != "held" && word != "auto") throw SyntaxError("'" + word + "' is neither held nor auto");
    return word == "held";
}

void storage(Cluster& cluster, Words words) {
    const bool held = parse_held(words[1]);
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        cluster.host(id).hold_storage = held;
        if (held || !cluster.host(id).running()) continue;
        cluster.at(id, [](Host& host) {
            while (host.finish_job()) {
            }
        });
    }
}

void finish(Cluster& cluster, Words words) {
    const bool all = words.size() == 2 && words[1] == "all";
    const std::uint64_t count = words.size() == 2 && !all ? parse_number(words[1]) : 1;
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        cluster.at(id, [&](Host& host) {
            for (std::uint64_t i = 0; all || i < count; ++i) {
                if (host.finish_job()) continue;
                if (all) return;
                throw Failure("finish: no storage job is under way at node " + std::to_string(id.value));
            }
        });
    }
}

void validation(Cluster& cluster, Words words) {
    const bool held = parse_held(words[1]);
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        cluster.host(id).hold_validation = held;
        if (held || !cluster.host(id).running()) continue;
        cluster.at(id, [](Host& host) {
            while (host.end_validation(Verdict::valid)) {
            }
        });
    }
}

void verdict(Cluster& cluster, Words words) {
    static const std::map<std::string, Verdict> verdicts = {{"valid", Verdict::valid},
                                                            {"wrong", Verdict::wrong},
                                                            {"not_yet", Verdict::not_yet},
                                                            {"not-yet", Verdict::not_yet}};
    const auto found = verdicts.find(words[1]);
    if (found == verdicts.end()) throw SyntaxError("'" + words[1] + "' is no verdict");
    cluster.at(parse_node(cluster, words[0]), [&](Host& host) {
        if (!host.end_validation(found->second)) throw Failure("verdict: nothing is being judged there");
    });
}

void prune(Cluster& cluster, Words words) {
    const Index index = parse_index(words[1]);
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        cluster.at(id, [&](Host& host) {
            if (host.prune(index)) return;
            throw Failure("prune: node " + std::to_string(id.value) +
                          " has not applied that, lacks it on its disk, or holds damage before it");
        });
    }
}

void corrupt(Cluster& cluster, Words words) {
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        for (const std::string& word : words.subspan(1)) {
            const Index index = parse_index(word);
            cluster.on_disk(id, [&](Host& host) {
                if (host.damage(index)) return;
                throw Failure("corrupt: the disk of node " + std::to_string(id.value) + " does not hold " +
                              word + ", or it is a configuration and the node is running");
            });
        }
    }
}

void tear(Cluster& cluster, Words words) {
    const Index index = parse_index(words[1]);
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        if (cluster.host(id).running())
            throw SyntaxError("node " + std::to_string(id.value) + " must be stopped: crash it first");
        cluster.on_disk(id, [&](Host& host) {
            if (!host.tear(index))
                throw Failure("tear: the disk of node " + std::to_string(id.value) + " does not hold " +
                              words[1]);
        });
    }
}

constexpr std::array<Verb, 11> verbs = {{
    {"crash", "NODES", 1, 1, crash},
    {"stop", "NODES", 1, 1, crash},
    {"restart", "NODES [lose-disk] [OPTION...]", 1, any_number, restart},
    {"start", "NODES [lose-disk] [OPTION...]", 1, any_number, restart},
    {"storage", "NODES held|auto", 2, 2, storage},
    {"finish", "NODES [COUNT|all]", 1, 2, finish},
    {"validation", "NODES held|auto", 2, 2, validation},
    {"verdict", "NODE valid|wrong|not_yet", 2, 2, verdict},
    {"prune", "NODES INDEX", 2, 2, prune},
    {"corrupt", "NODES INDEX...", 2, any_number, corrupt},
    {"tear", "NODES INDEX", 2, 2, tear},
}};

}  // namespace

std::span<const Verb> disk_verbs() {
    return verbs;
}

}  // namespace socai::scenario
