#include "tests/simulation/administrator.hpp"

#include <algorithm>
#include <utility>

#include "consensus/quorum.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/node.hpp"

namespace socai::simulation {

using namespace consensus;

namespace {

constexpr std::size_t most_members = 8;
constexpr std::size_t most_voters = 7;
constexpr std::uint64_t caught_up = 6;  // entries behind, at most

bool contains(const std::vector<NodeId>& list, NodeId id) {
    return std::find(list.begin(), list.end(), id) != list.end();
}

void add(std::vector<NodeId>& list, NodeId id) {
    list.insert(std::lower_bound(list.begin(), list.end(), id), id);
}

}  // namespace

Administrator::Administrator(World& world, const Atlas& atlas, Configuration first)
    : world_(world), atlas_(atlas), first_(std::move(first)) {
    pace_ = world_.dice.between(400'000, 3'000'000);
}

void Administrator::start() {
    world_.events.after(world_.dice.exponential(pace_) + 10'000, [this] {
        act();
        start();
    });
}

// Any that believes to lead, rightly or not.
Node* Administrator::leader() {
    std::vector<Node*> leading;
    for (const auto& node : world_.nodes) {
        if (node->running() && node->leads() && !node->paused() && !node->lies())
            leading.push_back(node.get());
    }
    return leading.empty() ? nullptr : world_.dice.pick(leading);
}

void Administrator::act() {
    Node* at = leader();
    if (at == nullptr) return;
    const Status status = at->status();
    for (const MembershipAnswer& answer : std::exchange(at->answers, {})) {
        if (answer.outcome != MembershipAnswer::Outcome::appended) continue;
        ++world_.counts.changes;
        world_.count(Fault::membership);
    }
    switch_off(*at, status);
    const std::vector<NodeId> all = members(status.configuration);
    const bool some_lost =
        std::any_of(all.begin(), all.end(), [&](NodeId id) { return world_.node(id).gone(); });
    if (some_lost) return replace_lost(*at, status);
    if (!world_.healing && world_.mix.has(Fault::membership)) change_at_random(*at, status);
}

NodeId Administrator::new_node() {
    if (world_.nodes.size() >= max_nodes) return {};
    const NodeId id{world_.nodes.size() + 1};
    world_.nodes.push_back(std::make_unique<Node>(world_, id, first_));
    world_.node(id).start();
    return id;
}

// First a learner under a new id; once it has caught up, it takes the lost node's place, in one change.
void Administrator::replace_lost(Node& at, const Status& status) {
    Configuration wanted = status.configuration;
    if (wanted.joint()) return;
    const auto is_lost = [&](NodeId id) { return world_.node(id).gone(); };
    std::erase_if(wanted.learners, is_lost);
    const auto lost = std::find_if(wanted.voters.begin(), wanted.voters.end(), is_lost);
    if (lost == wanted.voters.end()) return propose(at, std::move(wanted));
    if (wanted.learners.empty()) {
        const NodeId id = new_node();
        if (id == NodeId{}) return;
        add(wanted.learners, id);
        return propose(at, std::move(wanted));
    }
    for (const PeerStatus& peer : status.peers) {
        if (!contains(wanted.learners, peer.id) || peer.match.value + caught_up < status.last.index.value)
            continue;
        wanted.voters.erase(lost);
        std::erase(wanted.learners, peer.id);
        add(wanted.voters, peer.id);
        return propose(at, std::move(wanted));
    }
}

void Administrator::change_at_random(Node& at, const Status& status) {
    Configuration wanted = status.configuration;
    if (wanted.joint() && !world_.dice.chance(50'000)) return;  // now and then too early: it must be refused
    wanted.outgoing.clear();
    std::erase_if(wanted.learners, [&](NodeId id) { return contains(wanted.voters, id); });
    for (std::uint64_t changes = 1 + (world_.dice.chance(300'000) ? world_.dice.below(3) : 0); changes > 0;
         --changes) {
        switch (world_.dice.below(4)) {
            case 0:
                if (wanted.voters.size() + wanted.learners.size() >= most_members) break;
                if (const NodeId id = new_node(); id != NodeId{}) add(wanted.learners, id);
                break;
            case 1:
                if (!wanted.learners.empty() && wanted.voters.size() < most_voters) {
                    const NodeId id = world_.dice.pick(wanted.learners);
                    std::erase(wanted.learners, id);
                    add(wanted.voters, id);
                }
                break;
            case 2:
                if (wanted.voters.size() > 3) {
                    const NodeId id = world_.dice.pick(wanted.voters);
                    std::erase(wanted.voters, id);
                    if (world_.dice.chance(500'000)) add(wanted.learners, id);
                }
                break;
            default:
                if (!wanted.learners.empty())
                    wanted.learners.erase(
                        wanted.learners.begin() +
                        static_cast<std::ptrdiff_t>(world_.dice.below(wanted.learners.size())));
                break;
        }
    }
    if (wanted.voters.empty() || !atlas_.is_sound(wanted)) return;
    for (const NodeId id : members(status.configuration)) {
        const Disk& disk = world_.node(id).disk();
        const bool stays = contains(wanted.voters, id) || contains(wanted.learners, id);
        if (!stays && !atlas_.may_drop(id, disk.base().index + 1, disk.last().index)) return;
    }
    propose(at, std::move(wanted));
}

// Whom the leader of now does not need: the leader proves that it leads, and is asked.
void Administrator::switch_off(Node& at, const Status& status) {
    for (const auto& node : world_.nodes) {
        const NodeId id = node->id();
        if (!node->running() || node->lies() || !may_switch_off(status, id) || !world_.dice.chance(300'000))
            continue;
        at.read([this, leader = at.id(), life = at.life(), id](const std::optional<Seen>& seen) {
            Node& proven = world_.node(leader);
            if (!seen || !proven.running() || proven.life() != life || !world_.node(id).running()) return;
            // What only this disk can still give to repair another must not go (atlas.hpp).
            const Disk& disk = world_.node(id).disk();
            if (!atlas_.may_drop(id, disk.base().index + 1, disk.last().index)) return;
            if (!may_switch_off(proven.status(), id)) return;
            if (world_.trace.on()) world_.trace.line(world_.now(), id, "is switched off for good");
            ++world_.counts.switched_off;
            // Not within the call: it may be this very node that answers.
            world_.events.after(0, [this, id] { world_.node(id).end(); });
        });
        return;
    }
}

void Administrator::propose(Node& at, Configuration wanted) {
    if (wanted.voters.empty()) return;
    at.step(ChangeMembership{.voters = std::move(wanted.voters),
                             .learners = std::move(wanted.learners),
                             .note = "",
                             .joint = world_.dice.chance(200'000),
                             .context = ++last_context_});
}

}  // namespace socai::simulation
