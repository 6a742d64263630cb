// "expect": numbers of nodes and of messages; the other expectations are in expectations_logs.cpp and
// expectations_members.cpp.
#include <algorithm>
#include <array>
#include <map>

#include "tests/scenarios/runner/verbs.hpp"

namespace socai::scenario {

using namespace consensus;

namespace {

// expect NAME NODES COMPARISON
struct Measure {
    std::string_view name;
    std::uint64_t (*of)(Cluster&, NodeId);
};
constexpr std::array<Measure, 14> measures = {{
    {"term", [](Cluster& c, NodeId id) { return running(c, id).status().term.value; }},
    {"commit", [](Cluster& c, NodeId id) { return running(c, id).status().commit.value; }},
    {"vote", [](Cluster& c, NodeId id) { return running(c, id).status().vote.value; }},
    {"follows", [](Cluster& c, NodeId id) { return running(c, id).status().leader.value; }},
    {"durable", [](Cluster& c, NodeId id) { return running(c, id).status().durable.value; }},
    {"applicable", [](Cluster& c, NodeId id) { return running(c, id).applicable().value; }},
    {"handover", [](Cluster& c, NodeId id) { return running(c, id).status().transfer_to.value; }},
    {"jobs", [](Cluster& c, NodeId id) -> std::uint64_t { return running(c, id).jobs(); }},
    {"validations", [](Cluster& c, NodeId id) -> std::uint64_t { return running(c, id).validations(); }},
    {"refused", [](Cluster& c, NodeId id) -> std::uint64_t { return c.count_refused(id); }},
    {"accused", [](Cluster& c, NodeId id) -> std::uint64_t { return c.count_accused(id); }},
    {"damaged", [](Cluster& c, NodeId id) -> std::uint64_t { return running(c, id).status().damaged; }},
    {"disk-term", [](Cluster& c, NodeId id) { return c.host(id).disk().hard.term.value; }},
    {"disk-vote", [](Cluster& c, NodeId id) { return c.host(id).disk().hard.vote.value; }},
}};

// expect sent|under-way [FILTER] COMPARISON
std::size_t counted(Cluster& cluster, bool sent, Words words) {
    const Filter filter = parse_rule(cluster, words.subspan(0, words.size() - 1));
    return sent ? cluster.network().count_sent(filter) : cluster.network().count_under_way(filter);
}

void expect_count(Cluster& cluster, bool sent, Words words) {
    const Comparison wanted = parse_comparison(words.back());
    const std::size_t count = counted(cluster, sent, words);
    if (wanted.holds(count)) return;
    throw Failure(std::to_string(count) + " such messages " + (sent ? "were sent" : "are under way") +
                  ", expected " + words.back());
}

std::string known_expectations() {
    std::string names = "sent, under-way";
    for (const Measure& measure : measures) names += ", " + std::string(measure.name);
    for (const auto table : {log_expectations(), member_expectations()}) {
        for (const Expectation& known : table) names += ", " + std::string(known.name);
    }
    return names;
}

void expect_measure(Cluster& cluster, const Measure& measure, Words words) {
    if (words.size() != 2) throw SyntaxError("two words are wanted");
    parse_comparison(words[1]);
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        compare(std::string(measure.name), id, measure.of(cluster, id), words[1]);
    }
}

const Expectation* find_expectation(std::string_view name) {
    for (const auto table : {log_expectations(), member_expectations()}) {
        const auto found = std::find_if(table.begin(), table.end(),
                                        [&](const Expectation& known) { return known.name == name; });
        if (found != table.end()) return &*found;
    }
    return nullptr;
}

template <class Check>
void explained(const std::string& usage, const Check& check) {
    try {
        check();
    } catch (const SyntaxError& error) {
        throw SyntaxError(std::string(error.what()) + " (expected: expect " + usage + ")");
    }
}

}  // namespace

void expect(Cluster& cluster, Words words) {
    if (words.empty()) throw SyntaxError("expect what? One of: " + known_expectations());
    const std::string& name = words.front();
    const Words rest = words.subspan(1);
    if (name == "sent" || name == "under-way") {
        return explained(name + " [FILTER] COMPARISON", [&] {
            if (rest.empty()) throw SyntaxError("how many?");
            expect_count(cluster, name == "sent", rest);
        });
    }
    const auto measure = std::find_if(measures.begin(), measures.end(),
                                      [&](const Measure& known) { return known.name == name; });
    if (measure != measures.end()) {
        return explained(name + " NODES COMPARISON", [&] { expect_measure(cluster, *measure, rest); });
    }
    const Expectation* known = find_expectation(name);
    if (known == nullptr)
        throw SyntaxError("expect: unknown '" + name + "'; expected one of: " + known_expectations());
    explained(name + " " + std::string(known->usage), [&] {
        if (rest.size() < known->least) throw SyntaxError("too few words");
        if (rest.size() > known->most) throw SyntaxError("too many words");
        known->check(cluster, rest);
    });
}

}  // namespace socai::scenario
