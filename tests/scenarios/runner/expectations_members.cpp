// Expectations about configurations, their changes, leadership handed over, and answers to the host.
#include <algorithm>
#include <array>
#include <map>

#include "consensus/quorum.hpp"
#include "tests/scenarios/runner/verbs.hpp"

namespace socai::scenario {

using namespace consensus;

namespace {

std::string text(const Configuration& configuration) {
    std::string all = "voters=" + scenario::text(configuration.voters);
    if (configuration.joint()) all += " outgoing=" + scenario::text(configuration.outgoing);
    if (!configuration.learners.empty()) all += " learners=" + scenario::text(configuration.learners);
    return all;
}

// A word out of a table, its dashes and underscores alike.
template <class Value>
Value word_of(const std::map<std::string, Value>& known, std::string word) {
    std::replace(word.begin(), word.end(), '_', '-');
    if (const auto found = known.find(word); found != known.end()) return found->second;
    std::string names;
    for (const auto& [name, value] : known) names += (names.empty() ? "" : ", ") + name;
    throw SyntaxError("'" + word + "' is none of: " + names);
}

template <class Value>
std::string name_of(const std::map<std::string, Value>& known, Value value) {
    for (const auto& [name, other] : known) {
        if (other == value) return name;
    }
    return "";
}

std::vector<NodeId> list(const Cluster& cluster, const std::string& word) {
    return sorted_nodes(word, cluster.ids().size());
}

void expect_config(Cluster& cluster, Words words) {
    Configuration wanted;
    for (const std::string& word : words.subspan(1)) {
        const std::size_t nodes = cluster.ids().size();
        if (const auto voters = value_of(word, "voters")) {
            wanted.voters = sorted_nodes(*voters, nodes);
        } else if (const auto outgoing = value_of(word, "outgoing")) {
            wanted.outgoing = sorted_nodes(*outgoing, nodes);
        } else if (const auto learners = value_of(word, "learners")) {
            wanted.learners = sorted_nodes(*learners, nodes);
        } else {
            throw SyntaxError("'" + word + "' does not belong");
        }
    }
    if (wanted.voters.empty()) throw SyntaxError("voters= is missing");
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        const Configuration actual = running(cluster, id).status().configuration;
        if (actual == wanted) continue;
        throw Failure("configuration of node " + std::to_string(id.value) + " is " + text(actual) +
                      ", expected " + text(wanted));
    }
}

void compare_lists(const std::string& what, const std::vector<NodeId>& actual,
                   const std::vector<NodeId>& wanted) {
    if (actual != wanted) {
        throw Failure(what + " are " + scenario::text(actual) + ", expected " + scenario::text(wanted));
    }
}

void expect_members(Cluster& cluster, Words words) {
    const std::vector<NodeId> wanted = list(cluster, words[1]);
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        compare_lists("the members that node " + std::to_string(id.value) + " knows",
                      members(running(cluster, id).status().configuration), wanted);
    }
}

void expect_joint(Cluster& cluster, Words words) {
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        compare_answer("joint at node " + std::to_string(id.value),
                       running(cluster, id).status().configuration.joint(), words[1]);
    }
}

void expect_config_committed(Cluster& cluster, Words words) {
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        compare_answer("configuration known committed at node " + std::to_string(id.value),
                       running(cluster, id).status().configuration_committed, words[1]);
    }
}

std::vector<NodeId> peers_of(Cluster& cluster, const std::string& leader, bool departing_only) {
    const NodeId id = parse_node(cluster, leader);
    const Status status = running(cluster, id).status();
    if (status.role != Role::leader) throw Failure("node " + leader + " does not lead");
    std::vector<NodeId> ids;
    for (const PeerStatus& peer : status.peers) {
        if (peer.departing || !departing_only) ids.push_back(peer.id);
    }
    return ids;
}

// "1,2", "1 2" or "none".
std::vector<NodeId> listed(Cluster& cluster, Words words) {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : ",") + word;
    return list(cluster, all);
}

void expect_departing(Cluster& cluster, Words words) {
    compare_lists("the departing peers", peers_of(cluster, words[0], true),
                  listed(cluster, words.subspan(1)));
}

void expect_peers(Cluster& cluster, Words words) {
    compare_lists("the peers", peers_of(cluster, words[0], false), listed(cluster, words.subspan(1)));
}

void expect_switch_off(Cluster& cluster, Words words) {
    const NodeId id = parse_node(cluster, words[0]);
    const Host* leader = cluster.leader();
    if (leader == nullptr)
        throw Failure("nobody leads, so nobody knows whether node " + words[0] + " is needed");
    compare_answer("may node " + words[0] + " be switched off", may_switch_off(leader->status(), id),
                   words[1]);
}

using ChangeOutcome = MembershipAnswer::Outcome;
const std::map<std::string, ChangeOutcome> change_outcomes = {
    {"appended", ChangeOutcome::appended},       {"unchanged", ChangeOutcome::unchanged},
    {"not-leader", ChangeOutcome::not_leader},   {"not-ready", ChangeOutcome::not_ready},
    {"in-progress", ChangeOutcome::in_progress}, {"transferring", ChangeOutcome::transferring},
    {"malformed", ChangeOutcome::malformed},
};

void expect_change(Cluster& cluster, Words words) {
    const NodeId id = parse_node(cluster, words[0]);
    const ChangeOutcome wanted = word_of(change_outcomes, words[1]);
    const auto answer = cluster.last_change(id);
    if (!answer) throw Failure("no change was answered at node " + words[0]);
    if (answer->outcome != wanted) {
        throw Failure("the change at node " + words[0] + " was answered " +
                      name_of(change_outcomes, answer->outcome) + ", expected " + words[1]);
    }
    if (words.size() == 3) compare("index of the change", id, answer->index.value, words[2]);
}

using TransferOutcome = TransferEnded::Outcome;
const std::map<std::string, TransferOutcome> transfer_outcomes = {
    {"handed-over", TransferOutcome::handed_over},
    {"timed-out", TransferOutcome::timed_out},
    {"not-leader", TransferOutcome::not_leader},
    {"no-target", TransferOutcome::no_target},
    {"busy", TransferOutcome::busy},
};

void expect_transfer(Cluster& cluster, Words words) {
    const NodeId id = parse_node(cluster, words[0]);
    const auto ended = cluster.last_transfer(id);
    const std::string actual = ended ? name_of(transfer_outcomes, ended->outcome) : "none";
    if (words[1] == "none") {
        if (ended) throw Failure("a transfer ended at node " + words[0] + ": " + actual + ", expected none");
        return;
    }
    const TransferOutcome wanted = word_of(transfer_outcomes, words[1]);
    if (!ended || ended->outcome != wanted) {
        throw Failure("transfers ended at node " + words[0] + ": " + actual + ", expected " + words[1]);
    }
    if (words.size() < 3) return;
    const auto to = value_of(words[2], "to");
    if (!to) throw SyntaxError("'" + words[2] + "' does not belong");
    compare("target of the transfer", id, ended->to.value, std::string(*to));
}

void expect_refusal(Cluster& cluster, Words words) {
    using Why = ProposalRefused::Why;
    static const std::map<std::string, Why> reasons = {{"not-leader", Why::not_leader},
                                                       {"overloaded", Why::overloaded},
                                                       {"transferring", Why::transferring},
                                                       {"no-space", Why::no_space}};
    const Why wanted = word_of(reasons, words[1]);
    const auto refused = cluster.last_refused(parse_node(cluster, words[0]));
    if (!refused) throw Failure("no proposal was refused at node " + words[0]);
    if (refused->why != wanted) {
        throw Failure("the last refusal at node " + words[0] + " was " + name_of(reasons, refused->why) +
                      ", expected " + words[1]);
    }
}

void expect_accusation(Cluster& cluster, Words words) {
    using Why = Accusation::Why;
    static const std::map<std::string, Why> reasons = {{"broken-chain", Why::broken_chain},
                                                       {"contradicts-commit", Why::contradicts_commit},
                                                       {"two-leaders", Why::two_leaders_one_term},
                                                       {"bad-configuration", Why::bad_configuration}};
    const Why wanted = word_of(reasons, words[1]);
    const auto accused = cluster.last_accused(parse_node(cluster, words[0]));
    if (!accused) throw Failure("node " + words[0] + " accused nobody");
    if (accused->why != wanted) {
        throw Failure("the last accusation by node " + words[0] + " was " + name_of(reasons, accused->why) +
                      ", expected " + words[1]);
    }
}

constexpr std::array<Expectation, 11> expectations = {{
    {"config", "NODES voters=LIST [outgoing=LIST] [learners=LIST]", 2, 4, expect_config},
    {"members", "NODES LIST", 2, 2, expect_members},
    {"joint", "NODES yes|no", 2, 2, expect_joint},
    {"config-committed", "NODES yes|no", 2, 2, expect_config_committed},
    {"peers", "LEADER LIST|none", 2, 100, expect_peers},
    {"departing", "LEADER LIST|none", 2, 100, expect_departing},
    {"switch-off", "NODE yes|no", 2, 2, expect_switch_off},
    {"change", "NODE appended|unchanged|in-progress|not-ready|not-leader|transferring|malformed [INDEX]", 2,
     3, expect_change},
    {"transfer", "NODE handed-over|timed-out|no-target|busy|not-leader|none [to=NODE]", 2, 3,
     expect_transfer},
    {"refusal", "NODE not-leader|overloaded|transferring|no-space", 2, 2, expect_refusal},
    {"accusation", "NODE broken-chain|contradicts-commit|two-leaders|bad-configuration", 2, 2,
     expect_accusation},
}};

}  // namespace

std::span<const Expectation> member_expectations() {
    return expectations;
}

}  // namespace socai::scenario
