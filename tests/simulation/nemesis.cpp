#include "tests/simulation/nemesis.hpp"

#include <algorithm>
#include <string>

#include "tests/simulation/history.hpp"
#include "tests/simulation/liar.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/node.hpp"

namespace socai::simulation {

using namespace consensus;

namespace {

// Those that the nemesis does; the others belong to the models of network and disk, or to the administrator.
constexpr Fault acts[] = {Fault::cut,         Fault::partition,      Fault::clog,
                          Fault::crash,       Fault::boundary_crash, Fault::power_loss,
                          Fault::pause,       Fault::slow_node,      Fault::fsync_error,
                          Fault::full_disk,   Fault::bit_flip,       Fault::misdirected_write,
                          Fault::lost_tail,   Fault::lost_disk,      Fault::clock,
                          Fault::transfer,    Fault::campaign,       Fault::prune,
                          Fault::lying_leader};

constexpr Micros second = 1'000'000;
constexpr Micros longest_cut = 5 * second;
constexpr Micros longest_clog = 2 * second;
constexpr Micros longest_pause = 3 * second;
constexpr Micros longest_slowness = 5 * second;
constexpr Micros longest_full_disk = 5 * second;
constexpr Micros longest_unnoticed = 3 * second;
constexpr std::int64_t most_gain_per_million = 50'000;
constexpr std::int64_t most_offset_ms = 3'000;
constexpr std::size_t most_lost_entries = 5;

}  // namespace

void Nemesis::start() {
    for (const Fault fault : acts) {
        if (world_.mix.has(fault)) acts_.push_back(fault);
    }
    if (!acts_.empty()) plan();
}

void Nemesis::plan() {
    world_.events.after(1'000 + world_.dice.exponential(world_.mix.between_faults), [this] {
        if (stopped_) return;
        act(world_.dice.pick(acts_));
        plan();
    });
}

Node& Nemesis::any() {
    return world_.node({1 + world_.dice.below(world_.nodes.size())});
}

Node* Nemesis::any_running() {
    std::vector<Node*> running;
    for (const auto& node : world_.nodes) {
        if (node->running()) running.push_back(node.get());
    }
    return running.empty() ? nullptr : world_.dice.pick(running);
}

void Nemesis::note(const Node& node, Fault fault) {
    world_.count(fault);
    if (world_.trace.on())
        world_.trace.line(world_.now(), node.id(), "fault: " + std::string(name_of(fault)));
}

void Nemesis::act(Fault fault) {
    switch (fault) {
        case Fault::cut:
            return cut();
        case Fault::partition:
            return partition();
        case Fault::clog:
            return clog();
        case Fault::crash:
            return crash();
        case Fault::bit_flip:
        case Fault::misdirected_write:
            return damage(fault);
        case Fault::lost_tail:
            return lose_tail();
        case Fault::lost_disk:
            return lose_disk();
        case Fault::clock:
            return set_clock();
        case Fault::transfer:
            return transfer();
        case Fault::prune:
            return prune();
        case Fault::power_loss:
            for (const auto& node : world_.nodes) {
                if (!node->running() || world_.dice.chance(200'000)) continue;
                note(*node, fault);
                node->crash();
            }
            return;
        case Fault::lying_leader:
            if (Node& node = world_.node(world_.liar->id()); node.running()) node.step(Campaign{});
            return;
        default:
            break;
    }
    Node* node = any_running();
    if (node == nullptr) return;
    switch (fault) {
        case Fault::boundary_crash:
            return node->crash_at(static_cast<Boundary>(1 + world_.dice.below(boundary_count - 1)));
        case Fault::pause:
            note(*node, fault);
            return node->pause(world_.now() + world_.dice.between(1, longest_pause));
        case Fault::slow_node:
            note(*node, fault);
            node->slow_down(world_.dice.between(2, 60));
            return world_.events.after(world_.dice.between(1, longest_slowness),
                                       [node] { node->slow_down(1); });
        case Fault::fsync_error:
            return node->fail_next_sync();
        case Fault::full_disk:
            note(*node, fault);
            node->set_fit_disk(false);
            return world_.events.after(world_.dice.between(1, longest_full_disk),
                                       [node] { node->set_fit_disk(true); });
        case Fault::campaign:
            note(*node, fault);
            return node->step(Campaign{});
        default:
            return;
    }
}

void Nemesis::cut() {
    const Node& a = any();
    const Node& b = any();
    if (&a == &b) return;
    note(a, Fault::cut);
    const Micros until = world_.now() + world_.dice.between(1, longest_cut);
    world_.network->cut(a.id(), b.id(), until);
    if (world_.dice.chance(500'000)) world_.network->cut(b.id(), a.id(), until);
}

// One node alone, or a random half; in both directions or only out of it, or only into it.
void Nemesis::partition() {
    std::vector<bool> inside(world_.nodes.size());
    if (world_.dice.chance(500'000)) {
        inside[world_.dice.below(inside.size())] = true;
    } else {
        for (std::size_t i = 0; i < inside.size(); ++i) inside[i] = world_.dice.chance(500'000);
    }
    world_.count(Fault::partition);
    if (world_.trace.on()) {
        std::string who;
        for (std::size_t i = 0; i < inside.size(); ++i) who += inside[i] ? " " + std::to_string(i + 1) : "";
        world_.trace.line(world_.now(), {}, "fault: partition of" + who);
    }
    const Micros until = world_.now() + world_.dice.between(1, longest_cut);
    const std::uint64_t direction = world_.dice.below(4);  // 0: out, 1: in, else both
    for (std::size_t a = 0; a < inside.size(); ++a) {
        for (std::size_t b = 0; b < inside.size(); ++b) {
            if (!inside[a] || inside[b]) continue;
            if (direction != 1) world_.network->cut({a + 1}, {b + 1}, until);
            if (direction != 0) world_.network->cut({b + 1}, {a + 1}, until);
        }
    }
}

void Nemesis::clog() {
    const Node& a = any();
    const Node& b = any();
    if (&a == &b) return;
    note(a, Fault::clog);
    world_.network->clog(a.id(), b.id(), world_.now() + world_.dice.between(1, longest_clog));
}

void Nemesis::crash() {
    Node* node = any_running();
    if (node == nullptr) return;
    note(*node, Fault::crash);
    node->crash();
}

void Nemesis::damage(Fault fault) {
    Node& node = any();
    const auto& log = node.disk().log();
    if (node.gone() || log.empty()) return;
    const Index first{node.disk().base().index.value + 1 + world_.dice.below(log.size())};
    // A write that went astray spoils two: where it landed, and where it should have been.
    const std::uint64_t entries = fault == Fault::misdirected_write ? 2 : 1;
    bool some = false;
    for (Index index = first; index < first + entries && index <= node.disk().last().index;
         index = index + 1) {
        if (!atlas_.may_damage(node.id(), index)) continue;
        node.disk().damage(index);
        some = true;
    }
    if (!some) return;
    note(node, fault);
    node.later(world_.dice.between(1, longest_unnoticed), [](Node& damaged) { damaged.scrub(); });
}

// Found when the node starts.
void Nemesis::lose_tail() {
    Node& node = any();
    const auto& log = node.disk().log();
    if (node.gone() || !atlas_.may_spoil(node.id())) return;
    const std::size_t count = 1 + world_.dice.below(most_lost_entries);
    // The genesis stays: without it there is no node.
    if (log.size() < count + (node.disk().base().index.value == 0 ? 1 : 0)) return;
    const Index last = node.disk().last().index;
    if (!atlas_.may_drop(node.id(), last - (count - 1), last)) return;
    node.crash();
    // What was under way may have changed the end.
    if (node.disk().log().size() < count + 1) return;
    note(node, Fault::lost_tail);
    node.disk().lose_tail(count);
    node.rewind_state();
}

// For good: the administrator puts another in its place.
void Nemesis::lose_disk() {
    Node& node = any();
    if (node.gone() || !atlas_.may_spoil(node.id())) return;
    if (world_.nodes.size() >= max_nodes) return;
    const Disk& disk = node.disk();
    if (!atlas_.may_drop(node.id(), disk.base().index + 1, disk.last().index)) return;
    note(node, Fault::lost_disk);
    node.end();
}

void Nemesis::set_clock() {
    Node& node = any();
    note(node, Fault::clock);
    node.clock().set(world_.now(), world_.dice.between(-most_gain_per_million, most_gain_per_million),
                     world_.dice.between(-most_offset_ms, most_offset_ms));
}

void Nemesis::transfer() {
    for (const auto& node : world_.nodes) {
        if (!node->running() || !node->leads()) continue;
        note(*node, Fault::transfer);
        const NodeId to = world_.dice.chance(500'000) ? NodeId{} : any().id();
        return node->step(Transfer{to});
    }
}

void Nemesis::prune() {
    Node* node = any_running();
    if (node == nullptr || node->state().applied().value < 2) return;
    const Index up_to{1 + world_.dice.below(node->state().applied().value)};
    for (const auto& other : world_.nodes) {
        const auto& damaged = other->disk().damaged();
        if (!other->gone() && !damaged.empty() && *damaged.begin() <= up_to)
            return;  // it may have to be given
    }
    node->prune(up_to);
}

}  // namespace socai::simulation
