// What the lines of a scenario do: a function a verb (tests/scenarios/README.md). Each throws SyntaxError when the words
// are not of the language, Failure when what they ask for cannot be.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/scenarios/runner/cluster.hpp"

namespace socai::scenario {

using Words = std::span<const std::string>;

struct Verb {
    std::string_view name;
    std::string_view usage;  // the words after the name
    std::size_t least = 0;   // words after the name
    std::size_t most = 0;
    void (*run)(Cluster& cluster, Words words);
};

// verbs_events.cpp: time, elections, clients, membership, leadership.
std::span<const Verb> event_verbs();
// verbs_disks.cpp: crashes, storage jobs, validation, losses on disk.
std::span<const Verb> disk_verbs();
// verbs_network.cpp: messages and links.
std::span<const Verb> network_verbs();

// expectations.cpp: what stands after "expect".
void expect(Cluster& cluster, Words words);
struct Expectation {
    std::string_view name;
    std::string_view usage;
    std::size_t least = 0;
    std::size_t most = 0;
    void (*check)(Cluster& cluster, Words words);
};
// expectations_logs.cpp, expectations_members.cpp.
std::span<const Expectation> log_expectations();
std::span<const Expectation> member_expectations();

// words.cpp: "all" or "1,2,3"; exactly one node; a filter or a rule whose nodes exist; "A:10", padded with dots to
// 10 bytes.
std::vector<consensus::NodeId> parse_node_list(const Cluster& cluster, const std::string& word);
consensus::NodeId parse_node(const Cluster& cluster, const std::string& word);
Filter parse_filter(const Cluster& cluster, Words words);
Filter parse_rule(const Cluster& cluster, Words words);
std::string parse_payload(const std::string& word);
// The host of a node that must be running for what an expectation asks.
Host& running(Cluster& cluster, consensus::NodeId id);
// Throws Failure unless `actual` is as `wanted` says.
void compare(const std::string& what, consensus::NodeId id, std::uint64_t actual, const std::string& wanted);
// "yes" or "no" against `actual`.
void compare_answer(const std::string& what, bool actual, const std::string& wanted);

// forge.cpp: the message that the words after "inject" describe.
Flight forge(const Cluster& cluster, Words words);

// options.cpp: what stands after "nodes", and what "restart" may change.
ClusterOptions parse_cluster_options(Words words);
bool apply_core_option(consensus::Options& options, const std::string& word);
// Names of those, for messages.
inline constexpr std::string_view core_options =
    "prevote=, checkquorum=, autoleave=, bases=, election=, entries=, bytes=, window=, window-bytes=, "
    "uncommitted=, "
    "cache=, catch-up=";
// A sorted list of nodes out of 1..nodes, or "none".
std::vector<consensus::NodeId> sorted_nodes(std::string_view text, std::size_t nodes);

}  // namespace socai::scenario
