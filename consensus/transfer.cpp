// Handing leadership over (thesis §3.10), when asked or because this node should not lead.
#include <cassert>
#include <tuple>

#include "consensus/core_impl.hpp"

namespace socai::consensus {

void Core::Impl::on(const Transfer& transfer) {
    using Outcome = TransferEnded::Outcome;
    const auto refuse = [&](Outcome why) { out_.transfers_ended.push_back({transfer.to, why}); };
    const auto* leading = std::get_if<Leader>(&role_);
    if (leading == nullptr) return refuse(Outcome::not_leader);
    if (leading->handover) return refuse(Outcome::busy);
    const NodeId to = transfer.to != NodeId{} ? transfer.to : best_successor();
    if (to == NodeId{} || to == self_ || !is_voter(configuration(), to)) return refuse(Outcome::no_target);
    hand_over(to);
}

// The voter that holds most, of those lately heard from: it needs the least before it can lead. First those that did
// not let a handover go by, then the one whose turn is longest ago.
NodeId Core::Impl::best_successor() const {
    const auto& leading = std::get<Leader>(role_);
    NodeId best;
    std::tuple<Micros, Index, Micros> most;
    for (const NodeId id : configuration().voters) {
        if (id == self_) continue;
        const Progress& peer = leading.peers.at(id);
        if (now_ - peer.contact >= options_.election_timeout) continue;
        const std::tuple<Micros, Index, Micros> has{-peer.declined, peer.match(), peer.contact};
        if (best != NodeId{} && has <= most) continue;
        best = id;
        most = has;
    }
    return best;
}

void Core::Impl::hand_over(NodeId to) {
    auto& leading = std::get<Leader>(role_);
    assert(!leading.handover && to != self_);
    leading.handover = Handover{.to = to, .deadline = now_ + options_.election_timeout};
    urge(to, leading.peers.at(to));
}

// Tells the target to campaign once it holds everything; again with each of its answers, as the message may be
// lost.
void Core::Impl::urge(NodeId to, const Progress& peer) {
    const auto& leading = std::get<Leader>(role_);
    if (!leading.handover || leading.handover->to != to || peer.match() != log_.last().index) return;
    send(to, TimeoutNow{.term = hard_.term});
}

void Core::Impl::check_handover() {
    auto& leading = std::get<Leader>(role_);
    if (leading.handover) {
        if (now_ < leading.handover->deadline) return;
        const auto target = leading.peers.find(leading.handover->to);
        if (target != leading.peers.end()) target->second.declined = now_;
        end_handover(TransferEnded::Outcome::timed_out);
        if (!fitness_.may_lead) return become_follower(hard_.term, {});
        configuration_committed();  // what waited for the handover
    }
    if (std::holds_alternative<Leader>(role_)) relieve();
}

// A leader that is not fit hands over, again and again until somebody takes it; one that must not lead steps down
// where there is nobody. A new one first brings the others what it holds (it may lead for that alone:
// is_last_resort()): until it commits, or nothing comes of it for a relief_interval().
void Core::Impl::relieve() {
    auto& leading = std::get<Leader>(role_);
    if (leading.handover || (fitness_.may_lead && fitness_.may_append) || now_ < leading.next_try) return;
    leading.next_try = now_ + relief_interval();
    // Without room it can still answer reads. A successor that needs it for each commit could not even do that.
    if (fitness_.may_lead && !others_suffice()) return;
    if (const NodeId to = best_successor(); to != NodeId{}) return hand_over(to);
    if (!fitness_.may_lead) become_follower(hard_.term, {});
}

void Core::Impl::try_relief() {
    std::get<Leader>(role_).next_try = now_;
    relieve();
}

// The others that were lately heard from are a quorum without this node.
bool Core::Impl::others_suffice() const {
    return now_ - quorum_contact(0) < options_.election_timeout;
}

void Core::Impl::end_handover(TransferEnded::Outcome outcome) {
    auto& leading = std::get<Leader>(role_);
    if (!leading.handover) return;
    out_.transfers_ended.push_back({leading.handover->to, outcome});
    leading.handover.reset();
}

void Core::Impl::on(const Fitness& fitness) {
    fitness_ = fitness;
    withdraw();
    if (std::holds_alternative<Leader>(role_)) try_relief();
}

}  // namespace socai::consensus
