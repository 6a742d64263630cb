#include "tests/scenarios/runner/interpreter.hpp"

#include <algorithm>
#include <array>

#include "tests/scenarios/runner/verbs.hpp"

namespace socai::scenario {

using namespace consensus;

namespace {

constexpr std::string_view nodes_usage = "nodes N [OPTION...]";

const Verb* find_verb(std::string_view name) {
    for (const auto verbs : {event_verbs(), disk_verbs(), network_verbs()}) {
        const auto found =
            std::find_if(verbs.begin(), verbs.end(), [&](const Verb& v) { return v.name == name; });
        if (found != verbs.end()) return &*found;
    }
    return nullptr;
}

std::string known_verbs() {
    std::string names = "nodes, expect, clear, stands-still";
    for (const auto verbs : {event_verbs(), disk_verbs(), network_verbs()}) {
        for (const Verb& verb : verbs) names += ", " + std::string(verb.name);
    }
    return names;
}

}  // namespace

Result Interpreter::run(std::istream& scenario) {
    cluster_.reset();
    stood_still_ = false;
    Result result;
    std::string line;
    try {
        while (std::getline(scenario, line)) {
            ++result.line;
            const std::vector<std::string> words = split_words(line);
            if (words.empty()) continue;
            execute(words);
            if (cluster_) cluster_->check();
        }
        if (!cluster_)
            throw SyntaxError("the scenario makes no nodes; expected: " + std::string(nodes_usage));
        ++result.line;
        if (!stood_still_) cluster_->converge();
    } catch (const SyntaxError& error) {
        result.kind = Result::Kind::bad_syntax;
        result.message = error.what();
    } catch (const Failure& failure) {
        result.kind = Result::Kind::failed;
        result.message = failure.what();
        if (cluster_) result.states = cluster_->states();
    }
    return result;
}

void Interpreter::execute(const std::vector<std::string>& words) {
    const std::string& name = words.front();
    const Words rest = Words(words).subspan(1);
    if (stood_still_) throw SyntaxError("stands-still is the last line of a scenario");
    if (name == "nodes") {
        if (cluster_) throw SyntaxError("nodes: once a scenario");
        cluster_ = std::make_unique<Cluster>(parse_cluster_options(rest));
        return;
    }
    if (!cluster_) throw SyntaxError("the first line must be: " + std::string(nodes_usage));
    if (name == "expect") return expect(*cluster_, rest);
    if (name == "clear") {
        if (!rest.empty()) throw SyntaxError("clear stands alone");
        return cluster_->clear();
    }
    if (name == "stands-still") {
        if (!rest.empty()) throw SyntaxError("stands-still stands alone");
        stood_still_ = true;
        return cluster_->stand_still();
    }
    const Verb* verb = find_verb(name);
    if (verb == nullptr) throw SyntaxError("unknown verb '" + name + "'; expected one of: " + known_verbs());
    const std::string usage = " (expected: " + name + " " + std::string(verb->usage) + ")";
    if (rest.size() < verb->least) throw SyntaxError("too few words" + usage);
    if (rest.size() > verb->most) throw SyntaxError("too many words" + usage);
    try {
        verb->run(*cluster_, rest);
    } catch (const SyntaxError& error) {
        throw SyntaxError(error.what() + usage);
    }
}

}  // namespace socai::scenario
