#include "tests/simulation/simulation.hpp"

#include <algorithm>
#include <vector>

#include "tests/simulation/administrator.hpp"
#include "tests/simulation/atlas.hpp"
#include "tests/simulation/checks.hpp"
#include "tests/simulation/clients.hpp"
#include "tests/simulation/history.hpp"
#include "tests/simulation/liar.hpp"
#include "tests/simulation/nemesis.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/node.hpp"

namespace socai::simulation {

using namespace consensus;

namespace {

constexpr Micros time_to_converge = 60'000'000;
constexpr Micros look_interval = 100'000;

class Simulation {
  public:
    Simulation(const RunOptions& options, Statements& statements);
    RunResult run();

  private:
    void draw_options();
    void found();
    bool run_until(Micros end);
    void heal();
    std::optional<std::string> unconverged() const;
    bool is_split() const;
    void compare_ends();

    const RunOptions& options_;
    World world_;
    Network network_;
    History history_;
    Checks checks_;
    Atlas atlas_;
    Nemesis nemesis_;
    std::optional<Liar> liar_;
    std::optional<Clients> clients_;
    std::optional<Administrator> administrator_;
};

Simulation::Simulation(const RunOptions& options, Statements& statements)
    : options_(options),
      world_{.dice = Dice(options.seed * 0x9e3779b97f4a7c15u + 0x51ed2701),
             .mix = {},
             .trace = Trace(options.trace),
             .statements = statements},
      network_(world_),
      history_(statements),
      checks_(world_),
      atlas_(world_),
      nemesis_(world_, atlas_) {
    world_.sabotage = options.sabotage;
    if (options.sabotage == Sabotage::unchecked_signature) statements.trust_everybody();
    world_.network = &network_;
    world_.history = &history_;
    world_.checks = &checks_;
}

// As the product has them (PreVote and CheckQuorum on); the sizes so small that every limit is met.
void Simulation::draw_options() {
    Dice& dice = world_.dice;
    Options& options = world_.options;
    options.heartbeat_interval = dice.between(80'000, 320'000);
    options.election_timeout = options.heartbeat_interval * dice.between(4, 9);
    options.max_append_entries = 1 + dice.below(dice.chance(500'000) ? 3 : 64);
    options.max_append_bytes = static_cast<std::size_t>(dice.between(500, 20'000));
    options.window_appends = 1 + dice.below(8);
    options.window_bytes = static_cast<std::size_t>(dice.between(1'000, 50'000));
    options.max_uncommitted_bytes = static_cast<std::size_t>(dice.between(10'000, 200'000));
    options.cache_bytes = dice.chance(500'000) ? dice.below(20'000) : 1'000'000;
    options.catch_up_bytes_per_second = dice.chance(300'000) ? 20'000 + dice.below(100'000) : 4'000'000;
    options.install_bases = true;
}

void Simulation::found() {
    world_.mix = draw_mix(world_.dice, options_.faults);
    if (world_.mix.has_liar()) {
        // Heads would be the only proof of an installed state, and the model takes states from the one history.
        for (const Fault fault : {Fault::prune, Fault::lost_disk, Fault::lost_tail, Fault::membership}) {
            world_.mix.on[static_cast<std::size_t>(fault)] = false;
        }
    }
    draw_options();
    if (world_.mix.has_liar()) world_.options.install_bases = false;
    const std::uint64_t count = 3 + world_.dice.below(5);
    Configuration first;
    for (std::uint64_t id = 1; id <= count; ++id) first.voters.push_back({id});
    if (count > 3 && world_.dice.chance(200'000)) {
        first.learners.push_back(first.voters.back());
        first.voters.pop_back();
    }
    for (std::uint64_t id = 1; id <= count; ++id) {
        world_.nodes.push_back(std::make_unique<Node>(world_, NodeId{id}, first));
    }
    if (world_.mix.has_liar()) {
        const NodeId who = world_.dice.pick(first.voters);
        liar_.emplace(world_, who);
        world_.liar = &*liar_;
        world_.node(who).set_liar(true);
    }
    checks_.everything();  // the base that all begin with
    for (const auto& node : world_.nodes) node->start();
    clients_.emplace(world_, 1 + world_.dice.below(3));
    administrator_.emplace(world_, atlas_, first);
    clients_->start();
    if (!world_.mix.has_liar()) administrator_->start();
    nemesis_.start();
}

bool Simulation::run_until(Micros end) {
    while (!world_.failure && !world_.split && world_.events.run_next(end)) {
    }
    return !world_.failure && !world_.split;
}

void Simulation::heal() {
    world_.healing = true;
    if (world_.trace.on()) world_.trace.line(world_.now(), {}, "heals");
    nemesis_.stop();
    clients_->stop();
    network_.heal();
    if (world_.liar != nullptr) world_.node(world_.liar->id()).end();
    for (const auto& node : world_.nodes) {
        if (node->gone()) continue;
        node->heal();
        if (!node->running()) node->start();
        node->scrub();
    }
    if (world_.sabotage == Sabotage::deaf_node) {
        for (const auto& node : world_.nodes)
            network_.cut(node->id(), {1}, world_.now() + 2 * time_to_converge);
    }
}

// Nothing when all members agree and nothing is left to do; else what is missing.
std::optional<std::string> Simulation::unconverged() const {
    const Node* leader = nullptr;
    for (const auto& node : world_.nodes) {
        if (!node->running() || !node->leads()) continue;
        if (leader != nullptr) return "more than one leader";
        leader = node.get();
    }
    if (leader == nullptr) return "no leader";
    const Status wanted = leader->status();
    if (wanted.configuration.joint()) return "the configuration is still joint";
    if (wanted.commit != wanted.last.index) return "the leader's log is not committed";
    std::size_t behind = 0;
    std::size_t all = 0;
    const auto is_member = [&](NodeId id) {
        const auto& voters = wanted.configuration.voters;
        const auto& learners = wanted.configuration.learners;
        return std::find(voters.begin(), voters.end(), id) != voters.end() ||
               std::find(learners.begin(), learners.end(), id) != learners.end();
    };
    std::string who;
    for (const auto& node : world_.nodes) {
        if (!is_member(node->id()) || node->gone()) continue;
        ++all;
        const Status has = node->status();
        const bool equal = has.term == wanted.term && has.leader == wanted.self && has.last == wanted.last &&
                           has.commit == wanted.commit && has.durable == wanted.last.index &&
                           node->state().applied() == wanted.commit && node->disk().sound();
        if (!equal) {
            ++behind;
            who += " " + std::to_string(node->id().value);
        }
    }
    // After a liar's work an honest node may know something to be committed that the others do not: it stands still,
    // as it must. The majority goes on.
    const std::size_t allowed =
        world_.liar == nullptr ? 0 : all - (wanted.configuration.voters.size() / 2 + 1);
    if (behind > allowed) return "behind the leader (node " + std::to_string(wanted.self.value) + "):" + who;
    if (!clients_->idle()) return "a client still waits";
    return std::nullopt;
}

// A liar made an honest node apply what the log of another contradicts: the split was found, as somebody was accused,
// and the cluster stands still.
bool Simulation::is_split() const {
    if (world_.liar == nullptr || world_.counts.accusations == 0) return false;
    for (const auto& one : world_.nodes) {
        for (const auto& other : world_.nodes) {
            if (!one->running() || !other->running()) continue;
            const auto theirs = other->id_at(one->state().applied());
            if (theirs && *theirs != one->state().applied_id()) return true;
        }
    }
    return false;
}

void Simulation::compare_ends() {
    if (world_.liar != nullptr) return;
    if (auto breach = clients_->operations().check(history_.state().leaves())) world_.fail(*breach);
    const std::string timelines = history_.state().timelines();
    for (const auto& node : world_.nodes) {
        if (!node->running() || node->state().applied() != history_.last()) continue;
        ++world_.counts.checks;
        if (node->state().timelines() != timelines) world_.fail(text(node->id()) + " shows other timelines");
        if (auto breach = history_.compare(history_.last(), node->state(), true)) {
            world_.fail(text(node->id()) + " " + *breach);
        }
    }
    checks_.everything();
}

RunResult Simulation::run() {
    found();
    if (run_until(options_.length)) {
        heal();
        bool probed = false;
        const Micros deadline = world_.now() + time_to_converge;
        while (run_until(world_.now() + look_interval)) {
            const auto missing = unconverged();
            if (!missing) {
                if (probed) {
                    compare_ends();
                    break;
                }
                probed = true;  // and the healed cluster must take one more
                clients_->probe();
            } else if (world_.now() >= deadline && is_split()) {
                world_.split = true;
            } else if (world_.now() >= deadline) {
                world_.fail("does not converge within a minute of healing: " + *missing);
            }
        }
    }
    world_.counts.splits += world_.split;
    world_.counts.events = world_.events.done();
    RunResult result{
        .failure = {}, .digest = world_.trace.digest(), .time = world_.now(), .counts = world_.counts};
    if (world_.failure) {
        result.failure = "at " + std::to_string(world_.now() / 1'000) + " ms: " + *world_.failure;
        if (world_.trace.on()) world_.trace.line(world_.now(), {}, "FAILURE: " + *world_.failure);
    }
    return result;
}

}  // namespace

RunResult run(const RunOptions& options, Statements& statements) {
    return Simulation(options, statements).run();
}

Counts& Counts::operator+=(const Counts& other) {
    for (std::size_t i = 0; i < fault_count; ++i) faults[i] += other.faults[i];
    events += other.events;
    steps += other.steps;
    messages += other.messages;
    commits += other.commits;
    leaves += other.leaves;
    elections += other.elections;
    checks += other.checks;
    commit_checks += other.commit_checks;
    acknowledged += other.acknowledged;
    refused += other.refused;
    unknown += other.unknown;
    reads += other.reads;
    changes += other.changes;
    bases += other.bases;
    repairs += other.repairs;
    switched_off += other.switched_off;
    splits += other.splits;
    accusations += other.accusations;
    refusals += other.refusals;
    return *this;
}

}  // namespace socai::simulation
