#include "tests/simulation/network.hpp"

#include <algorithm>
#include <utility>

#include "tests/simulation/node.hpp"

namespace socai::simulation {
namespace {

constexpr Micros least_delay = 150;
constexpr Micros longest_replay = 2'000'000;
constexpr std::uint64_t noticed = 200'000;  // a lost message tells the sender that its connection is gone

}  // namespace

Micros Network::delay() {
    return least_delay + (healed_ ? 350 : world_.dice.exponential(world_.mix.delay));
}

void Network::send(consensus::NodeId from, consensus::NodeId to, consensus::Message message) {
    ++world_.counts.messages;
    if (to.value == 0 || to.value > world_.nodes.size()) return;
    Link& way = link(from, to);
    const Micros now = world_.now();
    const bool is_cut = way.cut_until > now;
    const bool is_lost = !healed_ && world_.dice.chance(world_.mix.loss);
    if (is_cut || is_lost) {
        if (is_lost) world_.count(Fault::loss);
        if (world_.dice.chance(noticed)) {
            world_.node(from).later(delay(), [to](Node& node) { node.step(consensus::Unreachable{to}); });
        }
        return;
    }
    Micros at = std::max(now + delay(), way.clogged_until);
    if (!healed_ && world_.dice.chance(world_.mix.reorder)) {
        world_.count(Fault::reorder);
    } else {
        at = std::max(at, way.last_arrival);
        way.last_arrival = at;
    }
    if (!healed_ && world_.dice.chance(world_.mix.duplicate)) {
        world_.count(Fault::duplicate);
        deliver(from, to, message, at + world_.dice.between(0, longest_replay));
    }
    deliver(from, to, std::move(message), at);
}

void Network::deliver(consensus::NodeId from, consensus::NodeId to, consensus::Message message, Micros at) {
    Node& receiver = world_.node(to);
    world_.events.at(at, [&receiver, from, message = std::move(message)]() mutable {
        receiver.receive(from, std::move(message));
    });
}

void Network::cut(consensus::NodeId from, consensus::NodeId to, Micros until) {
    Micros& cut_until = link(from, to).cut_until;
    cut_until = std::max(cut_until, until);
}

void Network::clog(consensus::NodeId from, consensus::NodeId to, Micros until) {
    Micros& clogged_until = link(from, to).clogged_until;
    clogged_until = std::max(clogged_until, until);
}

void Network::heal() {
    healed_ = true;
    for (auto& row : links_) {
        for (Link& each : row) each.cut_until = each.clogged_until = 0;
    }
}

}  // namespace socai::simulation
