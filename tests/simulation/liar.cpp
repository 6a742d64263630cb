#include "tests/simulation/liar.hpp"

#include <algorithm>
#include <string>

#include "consensus/chain.hpp"
#include "consensus/membership.hpp"
#include "ledger/entry.hpp"
#include "ledger/merkle_tree.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/node.hpp"

namespace socai::simulation {

using namespace consensus;

namespace {

constexpr std::size_t first_alternative = 1 << 20;  // statements that no client of a run uses
constexpr std::int64_t back_dating_ms = 3'600'000;

// The same entries after other ids: the chain recomputed from `first` on.
void rechain(AppendRequest& request, std::size_t first) {
    for (std::size_t i = first; i < request.entries.size(); ++i) {
        const Entry& old = *request.entries[i];
        const EntryId& previous = i == 0 ? request.previous : request.entries[i - 1]->id;
        request.entries[i] = make_entry(previous, old.id.term, old.kind, old.digest, old.mark, old.payload);
    }
}

void replace(AppendRequest& request, std::size_t at, std::string payload, const Digest& digest,
             std::optional<Digest> mark) {
    const Entry& old = *request.entries[at];
    const EntryId& previous = at == 0 ? request.previous : request.entries[at - 1]->id;
    request.entries[at] = make_entry(previous, old.id.term, old.kind, digest, mark, std::move(payload));
    rechain(request, at + 1);
}

void replace(AppendRequest& request, std::size_t at, std::string payload) {
    const Digest digest = ledger::leaf_hash(payload);
    replace(request, at, std::move(payload), digest, std::nullopt);
}

}  // namespace

Liar::Liar(World& world, NodeId id) : world_(world), id_(id), next_alternative_(first_alternative) {
    boldness_ = 20'000 + world_.dice.below(600'000);
    equivocates_ = world_.mix.has(Fault::lying_leader) && world_.dice.chance(400'000);
    for (const auto& node : world_.nodes) {
        if (node->id() != id && world_.dice.chance(500'000)) other_half_.insert(node->id());
    }
}

void Liar::tell(Node& node, NodeId to, Message message) {
    if (world_.trace.on())
        world_.trace.line(world_.now(), node.id(), "lies to " + text(to) + ": " + text(message));
    world_.network->send(node.id(), to, std::move(message));
}

void Liar::send(Node& node, const Send& message) {
    const bool bold = world_.dice.chance(boldness_);
    const bool leads = node.leads() && world_.mix.has(Fault::lying_leader);
    const bool follows = !node.leads() && world_.mix.has(Fault::lying_follower);
    if (const auto* append = std::get_if<AppendRequest>(&message.message); append != nullptr && leads) {
        return send_append(node, message.to, *append);
    }
    if (const auto* beat = std::get_if<Heartbeat>(&message.message); beat != nullptr && leads && bold) {
        Heartbeat lie = *beat;
        lie.commit.value += world_.dice.below(6);
        world_.count(Fault::lying_leader);
        return tell(node, message.to, lie);
    }
    if (follows && bold) {
        if (const auto* reply = std::get_if<VoteReply>(&message.message)) {
            world_.count(Fault::lying_follower);
            return tell(node, message.to, VoteReply{.term = reply->term, .granted = !reply->granted});
        }
        if (const auto* reply = std::get_if<AppendReply>(&message.message)) {
            AppendReply lie = *reply;
            switch (world_.dice.below(4)) {
                case 0:
                    lie.accepted = true;
                    lie.index.value += world_.dice.below(5);
                    break;
                case 1:
                    lie.accepted = false;
                    lie.hint.value = world_.dice.below(lie.index.value + 1);
                    break;
                case 2:
                    lie.accepted = false;
                    lie.lost = true;
                    lie.index.value = world_.dice.below(lie.index.value + 1);
                    break;
                default:
                    lie.index.value = world_.dice.below(lie.index.value + 3);
                    break;
            }
            world_.count(Fault::lying_follower);
            return tell(node, message.to, lie);
        }
        if (const auto* reply = std::get_if<HeartbeatReply>(&message.message)) {
            world_.count(Fault::lying_follower);
            HeartbeatReply lie = *reply;
            lie.read.value += world_.dice.below(4);
            lie.commit.value += world_.dice.below(10);
            return tell(node, message.to, lie);
        }
        if (const auto* reply = std::get_if<FetchReply>(&message.message);
            reply != nullptr && !reply->entries.empty()) {
            FetchReply lie = *reply;
            auto altered = std::make_shared<Entry>(*lie.entries.front());
            if (!altered->payload.empty()) altered->payload.back() ^= 1;
            lie.entries.front() = std::move(altered);
            world_.count(Fault::lying_follower);
            return tell(node, message.to, lie);
        }
    }
    world_.network->send(node.id(), message.to, message.message);
}

// Votes for everybody, and for logs that it should not vote for; acknowledges what it does not have.
void Liar::heard(Node& node, NodeId from, const Message& message) {
    if (node.leads() || !world_.mix.has(Fault::lying_follower) || !world_.dice.chance(boldness_)) return;
    if (const auto* request = std::get_if<VoteRequest>(&message)) {
        world_.count(Fault::lying_follower);
        tell(node, from, VoteReply{.term = request->term, .granted = true});
    } else if (const auto* pre_request = std::get_if<PreVoteRequest>(&message)) {
        world_.count(Fault::lying_follower);
        tell(node, from, PreVoteReply{.term = pre_request->term, .granted = true});
    } else if (const auto* append = std::get_if<AppendRequest>(&message)) {
        world_.count(Fault::lying_follower);
        tell(node, from,
             AppendReply{.term = append->term,
                         .accepted = true,
                         .index = append->previous.index + append->entries.size()});
    }
}

void Liar::send_append(Node& node, NodeId to, AppendRequest request) {
    if (equivocates_ && other_half_.contains(to)) {
        fork(node, request);
    } else if (world_.dice.chance(boldness_)) {
        const auto drawn = static_cast<Lie>(world_.dice.below(lie_count));
        if (drawn == Lie::dropped) return;
        if (lie(node, request, drawn)) {
            world_.count(Fault::lying_leader);
            return tell(node, to, std::move(request));
        }
    }
    world_.network->send(node.id(), to, std::move(request));
}

bool Liar::lie(Node& node, AppendRequest& request, Lie lie) {
    std::vector<std::size_t> leaves;
    for (std::size_t i = 0; i < request.entries.size(); ++i) {
        if (request.entries[i]->kind == EntryKind::payload) leaves.push_back(i);
    }
    if (lie == Lie::false_commit) {
        request.commit.value += world_.dice.below(8);
        return true;
    }
    if (lie == Lie::bad_configuration) {
        static const std::vector<Configuration> bad{
            {}, {.voters = {{77}, {78}, {79}}}, {.voters = {{3}, {2}}}};
        const EntryId& previous = request.entries.empty() ? request.previous : request.entries.back()->id;
        request.entries.push_back(make_configuration(previous, request.term, world_.dice.pick(bad), "lie"));
        return true;
    }
    if (leaves.empty()) return false;
    const std::size_t at = world_.dice.pick(leaves);
    const Entry& old = *request.entries[at];
    const auto split = ledger::split_entry(old.payload);
    switch (lie) {
        case Lie::inadmissible: {
            const auto forged = world_.statements.forged(
                static_cast<Forgery>(world_.dice.below(forgery_count)), next_alternative_++);
            replace(request, at, ledger::make_entry(split->time_ms, forged->text));
            return true;
        }
        case Lie::duplicate: {
            const auto& stands = node.state().leaves();
            if (stands.size() < 2) return false;
            const Leaf& leaf = stands[1 + world_.dice.below(stands.size() - 1)];
            replace(request, at, ledger::make_entry(split->time_ms, leaf.statement->text));
            return true;
        }
        case Lie::altered:
        case Lie::altered_digest: {
            std::string payload = old.payload;
            char& byte = payload[world_.dice.below(payload.size())];
            byte = byte == 'A' ? 'B' : 'A';
            if (lie == Lie::altered) {
                replace(request, at, std::move(payload));
            } else {
                replace(request, at, std::move(payload), old.digest, old.mark);
            }
            return true;
        }
        case Lie::broken_chain: {
            auto broken = std::make_shared<Entry>(old);
            broken->id.hash[0] ^= 1;
            request.entries[at] = std::move(broken);
            return true;
        }
        case Lie::reordered: {
            if (leaves.size() < 2) return false;
            std::string first = request.entries[leaves[0]]->payload;
            std::string second = request.entries[leaves[1]]->payload;
            if (first == second) return false;
            replace(request, leaves[0], std::move(second));
            replace(request, leaves[1], std::move(first));
            return true;
        }
        case Lie::back_dated:
            replace(request, at, ledger::make_entry(split->time_ms - back_dating_ms, split->statement));
            return true;
        case Lie::wrong_root: {
            Digest mark = old.mark.value_or(Digest{});
            mark[5] ^= 1;
            replace(request, at, old.payload, old.digest, mark);
            return true;
        }
        default:
            return false;
    }
}

// The other history: from the first leaf that the other half is sent on, another good statement stands in each leaf's
// place, and no roots are claimed.
void Liar::fork(Node&, AppendRequest& request) {
    const auto key = [](const EntryId& id) { return std::pair(id.term, id.index); };
    if (const auto previous = other_.find(key(request.previous)); previous != other_.end()) {
        request.previous = previous->second->id;
    } else if (!other_.empty() && key(request.previous) > other_.begin()->first) {
        other_.clear();  // another term's log: the lie ends here
        return;
    }
    bool forked = other_.contains(key(request.previous));
    for (std::size_t i = 0; i < request.entries.size(); ++i) {
        const EntryPtr original = request.entries[i];
        const auto known = other_.find(key(original->id));
        if (known != other_.end()) {
            request.entries[i] = known->second;
            forked = true;
            continue;
        }
        const EntryId& previous = i == 0 ? request.previous : request.entries[i - 1]->id;
        std::string payload = original->payload;
        Digest digest = original->digest;
        if (original->kind == EntryKind::payload) {
            const auto split = ledger::split_entry(original->payload);
            payload = ledger::make_entry(
                split->time_ms, world_.statements.good(next_alternative_ - next_alternative_ % 4 + 4)->text);
            next_alternative_ += 4;
            digest = ledger::leaf_hash(payload);
            forked = true;
            world_.count(Fault::lying_leader);
        }
        if (!forked) continue;
        request.entries[i] =
            make_entry(previous, original->id.term, original->kind, digest, std::nullopt, std::move(payload));
        other_.emplace(key(original->id), request.entries[i]);
    }
}

}  // namespace socai::simulation
