#include "tests/scenarios/runner/interpreter.hpp"

#include <algorithm>
#include <map>

namespace socai::scenario {

using namespace consensus;

namespace {

constexpr std::size_t elect_attempts = 5;

void require(Words words, std::size_t least, std::size_t most, const char* usage) {
    if (words.size() < least || words.size() > most) throw SyntaxError(std::string("usage: ") + usage);
}

// "A" or "A:1000" (padded to so many bytes).
std::string payload(const std::string& word) {
    const std::size_t colon = word.find(':');
    if (colon == std::string::npos) return word;
    std::string value = word.substr(0, colon);
    const std::size_t size = parse_number(word.substr(colon + 1));
    if (size > 100'000'000) throw SyntaxError("a payload is at most 100,000,000 bytes");
    if (value.size() < size) value.append(size - value.size(), '.');
    return value;
}

}  // namespace

std::vector<NodeId> parse_node_list(const Cluster& cluster, const std::string& word) {
    const std::vector<NodeId> known = cluster.ids();
    if (word == "all") return known;
    std::vector<NodeId> ids;
    for (const std::string& part : split(word, ',')) {
        const NodeId id{parse_number(part)};
        if (std::find(known.begin(), known.end(), id) == known.end()) {
            throw SyntaxError("there is no node " + part);
        }
        ids.push_back(id);
    }
    return ids;
}

std::vector<NodeId> Interpreter::node_list(const std::string& word) {
    return parse_node_list(*cluster_, word);
}

NodeId Interpreter::node(const std::string& word) {
    const std::vector<NodeId> ids = node_list(word);
    if (ids.size() != 1 || word == "all") throw SyntaxError("one node is wanted, not '" + word + "'");
    return ids.front();
}

Result Interpreter::run(std::istream& scenario) {
    cluster_.reset();
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
        if (!cluster_) throw SyntaxError("the scenario makes no nodes");
        ++result.line;
        cluster_->converge();
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
    const std::string& verb = words.front();
    const Words rest = Words(words).subspan(1);
    if (verb == "nodes") return nodes(rest);
    if (!cluster_) throw SyntaxError("the first line must be 'nodes'");

    using Verb = void (Interpreter::*)(Words);
    static const std::map<std::string, Verb> verbs = {
        {"campaign", &Interpreter::campaign},  {"elect", &Interpreter::elect},
        {"tick", &Interpreter::tick},          {"run", &Interpreter::run_rounds},
        {"propose", &Interpreter::propose},    {"deliver", &Interpreter::deliver},
        {"isolate", &Interpreter::isolate},    {"cut", &Interpreter::cut},
        {"heal", &Interpreter::heal},          {"crash", &Interpreter::crash},
        {"restart", &Interpreter::restart},    {"storage", &Interpreter::storage},
        {"validation", &Interpreter::storage}, {"finish", &Interpreter::finish},
        {"verdict", &Interpreter::verdict},    {"inject", &Interpreter::inject},
    };
    if (const auto found = verbs.find(verb); found != verbs.end()) {
        // "storage" and "validation" share a function that looks at the verb itself.
        return (this->*found->second)(found->second == &Interpreter::storage ? Words(words) : rest);
    }
    if (verb == "expect") return expect(*cluster_, rest);
    if (verb == "hold") return cluster_->network().hold(Filter::parse(rest));
    if (verb == "lose") return cluster_->network().lose(Filter::parse(rest));
    if (verb == "drop") return cluster_->network().drop(Filter::parse(rest));
    if (verb == "release") {
        if (!cluster_->network().release(Filter::parse(rest).text())) {
            throw SyntaxError("release: no rule was written like that");
        }
        return;
    }
    if (verb == "repeat") {
        if (cluster_->network().repeat(Filter::parse(rest)) == 0) {
            throw Failure("repeat: no such message was ever sent");
        }
        return;
    }
    if (verb == "read") {
        require(rest, 2, 2, "read NODE CONTEXT");
        return cluster_->read(node(rest[0]), rest[1]);
    }
    if (verb == "unreachable") {
        require(rest, 2, 2, "unreachable AT PEER");
        const NodeId peer = node(rest[1]);
        return cluster_->at(node(rest[0]), [&](Host& host) { host.step(Unreachable{peer}); });
    }
    if (verb == "clear") {
        require(rest, 0, 0, "clear");
        return cluster_->clear();
    }
    throw SyntaxError("unknown verb '" + verb + "'");
}

void Interpreter::nodes(Words words) {
    if (cluster_) throw SyntaxError("nodes: once a scenario");
    cluster_ = std::make_unique<Cluster>(parse_cluster_options(words));
}

void Interpreter::campaign(Words words) {
    require(words, 1, 1, "campaign NODE");
    cluster_->at(node(words[0]), [](Host& host) { host.step(Campaign{}); });
}

void Interpreter::elect(Words words) {
    require(words, 1, 1, "elect NODE");
    const NodeId id = node(words[0]);
    for (std::size_t i = 0; i < elect_attempts; ++i) {
        cluster_->at(id, [](Host& host) { host.step(Campaign{}); });
        cluster_->deliver({}, false);
        if (cluster_->host(id).status().role == Role::leader) return;
    }
    throw Failure("node " + words[0] + " does not win an election");
}

void Interpreter::tick(Words words) {
    require(words, 1, 2, "tick NODES [TIMES]");
    const std::uint64_t times = words.size() == 2 ? parse_number(words[1]) : 1;
    for (std::uint64_t i = 0; i < times; ++i) {
        for (const NodeId id : node_list(words[0])) {
            if (cluster_->host(id).running()) cluster_->tick(id);
        }
    }
}

void Interpreter::run_rounds(Words words) {
    require(words, 1, 1, "run ROUNDS");
    for (std::uint64_t i = parse_number(words[0]); i > 0; --i) {
        for (const NodeId id : cluster_->ids()) {
            if (cluster_->host(id).running()) cluster_->tick(id);
        }
        cluster_->deliver({}, false);
    }
}

void Interpreter::propose(Words words) {
    require(words, 2, 1'000, "propose NODE VALUE...");
    const NodeId id = node(words[0]);
    for (const std::string& word : words.subspan(1)) {
        const std::size_t star = word.find('*');
        if (star != std::string::npos) {
            for (std::uint64_t i = 1; i <= parse_number(word.substr(star + 1)); ++i) {
                cluster_->at(id,
                             [&](Host& host) { host.propose({word.substr(0, star) + std::to_string(i)}); });
            }
            continue;
        }
        std::vector<std::string> batch;
        for (const std::string& part : split(word, ',')) batch.push_back(payload(part));
        cluster_->at(id, [&](Host& host) { host.propose(batch); });
    }
}

void Interpreter::deliver(Words words) {
    const bool once = !words.empty() && words[0] == "once";
    const Filter filter = Filter::parse(once ? words.subspan(1) : words);
    const std::size_t delivered = cluster_->deliver(filter, once);
    if (filter.picks_one() && delivered == 0) throw Failure("deliver: no such message is under way");
}

void Interpreter::isolate(Words words) {
    require(words, 1, 1, "isolate NODES");
    for (const NodeId id : node_list(words[0])) {
        for (const NodeId other : cluster_->ids()) {
            cluster_->network().cut(id, other);
            cluster_->network().cut(other, id);
        }
    }
}

// cut A B · cut A B,C · cut A>B
void Interpreter::cut(Words words) {
    require(words, 1, 2, "cut A B or cut A>B");
    if (words.size() == 1) {
        const std::vector<std::string> ends = split(words[0], '>');
        if (ends.size() != 2) throw SyntaxError("usage: cut A B or cut A>B");
        for (const NodeId from : node_list(ends[0])) {
            for (const NodeId to : node_list(ends[1])) cluster_->network().cut(from, to);
        }
        return;
    }
    for (const NodeId a : node_list(words[0])) {
        for (const NodeId b : node_list(words[1])) {
            cluster_->network().cut(a, b);
            cluster_->network().cut(b, a);
        }
    }
}

void Interpreter::heal(Words words) {
    require(words, 0, 2, "heal, heal NODES or heal A B");
    if (words.empty()) return cluster_->network().heal_all();
    const std::vector<NodeId> others = words.size() == 2 ? node_list(words[1]) : cluster_->ids();
    for (const NodeId a : node_list(words[0])) {
        for (const NodeId b : others) {
            cluster_->network().heal(a, b);
            cluster_->network().heal(b, a);
        }
    }
}

void Interpreter::crash(Words words) {
    require(words, 1, 1, "crash NODES");
    for (const NodeId id : node_list(words[0])) cluster_->crash(id);
}

void Interpreter::restart(Words words) {
    require(words, 1, 20, "restart NODES [lose-disk] [OPTION...]");
    for (const NodeId id : node_list(words[0])) {
        Host& host = cluster_->host(id);
        if (host.running()) cluster_->crash(id);
        Options options = host.options();
        for (const std::string& word : words.subspan(1)) {
            if (word == "lose-disk") {
                host.lose_disk();
            } else if (!apply_core_option(options, word)) {
                throw SyntaxError("'" + word + "' is not an option of restart");
            }
        }
        host.set_options(options);
        cluster_->restart(id);
    }
}

// storage NODES held|auto · validation NODES held|auto
void Interpreter::storage(Words words) {
    require(words, 3, 3, "storage|validation NODES held|auto");
    if (words[2] != "held" && words[2] != "auto")
        throw SyntaxError("usage: storage|validation NODES held|auto");
    const bool held = words[2] == "held";
    for (const NodeId id : node_list(words[1])) {
        Host& host = cluster_->host(id);
        (words[0] == "storage" ? host.hold_storage : host.hold_validation) = held;
        if (held || !host.running()) continue;
        cluster_->at(id, [&](Host& node) {
            while (words[0] == "storage" ? node.finish_job() : node.end_validation(Verdict::valid)) {
            }
        });
    }
}

void Interpreter::finish(Words words) {
    require(words, 1, 2, "finish NODES [COUNT|all]");
    const bool all = words.size() == 2 && words[1] == "all";
    const std::uint64_t count = words.size() == 2 && !all ? parse_number(words[1]) : 1;
    for (const NodeId id : node_list(words[0])) {
        cluster_->at(id, [&](Host& host) {
            for (std::uint64_t i = 0; all || i < count; ++i) {
                if (host.finish_job()) continue;
                if (all) return;
                throw Failure("finish: no storage job is under way at that node");
            }
        });
    }
}

void Interpreter::verdict(Words words) {
    require(words, 2, 2, "verdict NODE valid|wrong|not_yet");
    static const std::map<std::string, Verdict> verdicts = {
        {"valid", Verdict::valid}, {"wrong", Verdict::wrong}, {"not_yet", Verdict::not_yet}};
    const auto found = verdicts.find(words[1]);
    if (found == verdicts.end()) throw SyntaxError("usage: verdict NODE valid|wrong|not_yet");
    cluster_->at(node(words[0]), [&](Host& host) {
        if (!host.end_validation(found->second)) throw Failure("verdict: nothing is being judged there");
    });
}

void Interpreter::inject(Words words) {
    Flight flight = forge(*cluster_, words);
    cluster_->host(flight.to);
    cluster_->allow_accusations();
    cluster_->network().put(std::move(flight));
}

}  // namespace socai::scenario
