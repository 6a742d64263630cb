#include <algorithm>

#include "tests/scenarios/runner/verbs.hpp"

namespace socai::scenario {

using namespace consensus;

namespace {

constexpr Micros heartbeat = 10'000;  // one tick

bool parse_held(std::string_view text) {
    if (text == "held") return true;
    if (text == "auto") return false;
    throw SyntaxError("'" + std::string(text) + "' is neither auto nor held");
}

}  // namespace

std::vector<NodeId> sorted_nodes(std::string_view text, std::size_t nodes) {
    std::vector<NodeId> ids;
    if (text == "none") return ids;
    for (const std::string& part : split(text, ',')) ids.push_back({parse_number(part)});
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    for (const NodeId id : ids) {
        if (id.value == 0 || id.value > nodes) {
            throw SyntaxError("node " + std::to_string(id.value) + " is not among the " +
                              std::to_string(nodes) + " nodes");
        }
    }
    return ids;
}

bool apply_core_option(Options& options, const std::string& word) {
    if (const auto prevote = value_of(word, "prevote")) {
        options.prevote = parse_switch(*prevote);
    } else if (const auto checkquorum = value_of(word, "checkquorum")) {
        options.checkquorum = parse_switch(*checkquorum);
    } else if (const auto leave = value_of(word, "autoleave")) {
        options.leave_joint = parse_switch(*leave);
    } else if (const auto election = value_of(word, "election")) {
        const std::uint64_t ticks = parse_number(*election);
        if (ticks < 2) throw SyntaxError("an election timeout is at least 2 ticks");
        options.election_timeout = static_cast<Micros>(ticks) * heartbeat;
    } else if (const auto entries = value_of(word, "entries")) {
        options.max_append_entries = std::max<std::uint64_t>(1, parse_number(*entries));
    } else if (const auto bytes = value_of(word, "bytes")) {
        options.max_append_bytes = parse_number(*bytes);
    } else if (const auto window = value_of(word, "window")) {
        options.window_appends = std::max<std::uint64_t>(1, parse_number(*window));
    } else if (const auto window_bytes = value_of(word, "window-bytes")) {
        options.window_bytes = parse_number(*window_bytes);
    } else if (const auto uncommitted = value_of(word, "uncommitted")) {
        options.max_uncommitted_bytes = parse_number(*uncommitted);
    } else if (const auto cache = value_of(word, "cache")) {
        options.cache_bytes = parse_number(*cache);
    } else if (const auto bases = value_of(word, "bases")) {
        options.install_bases = parse_switch(*bases);
    } else if (const auto catch_up = value_of(word, "catch-up")) {
        options.catch_up_bytes_per_second = parse_number(*catch_up) * (1'000'000 / heartbeat);
    } else {
        return false;
    }
    return true;
}

ClusterOptions parse_cluster_options(Words words) {
    if (words.empty()) throw SyntaxError("nodes: how many?");
    ClusterOptions options;
    options.nodes = parse_number(words[0]);
    if (options.nodes == 0 || options.nodes > 99) throw SyntaxError("between 1 and 99 nodes");
    options.core.heartbeat_interval = heartbeat;
    options.core.election_timeout = 10 * heartbeat;
    options.core.install_bases = true;
    for (const std::string& word : words.subspan(1)) {
        if (const auto voters = value_of(word, "voters")) {
            options.configuration.voters = sorted_nodes(*voters, options.nodes);
        } else if (const auto outgoing = value_of(word, "outgoing")) {
            options.configuration.outgoing = sorted_nodes(*outgoing, options.nodes);
        } else if (const auto learners = value_of(word, "learners")) {
            options.configuration.learners = sorted_nodes(*learners, options.nodes);
        } else if (const auto index = value_of(word, "index")) {
            options.base = {parse_number(*index)};
        } else if (const auto term = value_of(word, "term")) {
            options.base_term = {parse_number(*term)};
        } else if (const auto seed = value_of(word, "seed")) {
            options.seed = parse_number(*seed);
        } else if (const auto storage = value_of(word, "storage")) {
            options.hold_storage = parse_held(*storage);
        } else if (const auto validation = value_of(word, "validation")) {
            options.hold_validation = parse_held(*validation);
        } else if (!apply_core_option(options.core, word)) {
            throw SyntaxError("'" + word +
                              "' is not an option of nodes: those are voters=, outgoing=, learners=, " +
                              "index=, term=, seed=, storage=, validation=, " + std::string(core_options));
        }
    }
    auto& [voters, outgoing, learners] = options.configuration;
    if (voters.empty()) {
        for (std::uint64_t id = 1; id <= options.nodes; ++id) {
            if (!std::binary_search(learners.begin(), learners.end(), NodeId{id})) voters.push_back({id});
        }
    }
    for (const NodeId learner : learners) {
        if (std::binary_search(voters.begin(), voters.end(), learner)) {
            throw SyntaxError("node " + std::to_string(learner.value) + " cannot be both voter and learner");
        }
    }
    if (voters.empty()) throw SyntaxError("somebody must vote");
    return options;
}

}  // namespace socai::scenario
