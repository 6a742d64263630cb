#include "node/membership_changes.hpp"

#include <algorithm>
#include <utility>

#include "consensus/quorum.hpp"

namespace socai::node {
namespace {

using What = api::MembershipRequest::What;

api::Error invalid_params(std::string reason, std::string detail) {
    return {api::Code::invalid_params, std::move(reason), std::move(detail), false};
}
api::Error refuse(std::string reason, std::string detail) {
    return {api::Code::unavailable, std::move(reason), std::move(detail), true};
}
api::Error in_doubt() {
    return {api::Code::outcome_unknown, "outcome_unknown",
            "The change entered the leader's log, and it is not known whether it is committed. Ask "
            "cluster.members, "
            "or ask for the same change again; a repeat is harmless.",
            true};
}
api::Error stopping() {
    return refuse("no_leader", "This node stops. Ask another.");
}

// The membership that was asked for, on top of the one that stands.
struct Wanted {
    consensus::NodeId node;
    consensus::Configuration configuration;
    MemberNote note;
};

void insert(std::vector<consensus::NodeId>& list, consensus::NodeId id) {
    const auto place = std::ranges::lower_bound(list, id);
    if (place == list.end() || *place != id) list.insert(place, id);
}

api::Result<Wanted> add(const api::MembershipRequest& request, Wanted wanted,
                        const ledger::Registry& registry) {
    if (const Member* known = wanted.note.find(request.node)) {
        const bool same = known->agency == request.agency && known->log_key == request.log_key &&
                          known->cosigner_key == request.cosigner_key &&
                          known->node_key == request.node_key && known->tls_key == request.tls_key;
        if (!same)
            return invalid_params(
                "name_taken", "A node called " + request.node +
                                  " is a member already, with other keys. Names are not used twice; choose "
                                  "another.");
        wanted.node = known->id;
        return wanted;
    }
    const ledger::Agency* agency = registry.agency(request.agency);
    if (agency == nullptr || !agency->has_role("member"))
        return invalid_params("unknown_agency",
                              "No member agency of this ledger is called " + request.agency + ".");
    if (!is_node_name(request.node))
        return invalid_params("malformed_value", "node must be 1 to 64 of a-z, 0-9, '-' and '.'.");
    if (wanted.note.members.size() >= max_note_members)
        return invalid_params("too_many_members", "The cluster has as many members as it may.");
    wanted.node = {++wanted.note.last_id};
    wanted.note.members.push_back({wanted.node, request.node, request.agency, request.host, request.port,
                                   request.log_key, request.cosigner_key, request.node_key, request.tls_key});
    insert(wanted.configuration.learners, wanted.node);
    return wanted;
}

api::Result<Wanted> plan(const api::MembershipRequest& request, const consensus::ConfigurationEntry& current,
                         const ledger::Registry& registry) {
    Wanted wanted{{}, current.configuration, *decode_note(current.note)};
    if (request.what == What::add) return add(request, std::move(wanted), registry);
    const Member* known = wanted.note.find(request.node);
    if (known == nullptr) {
        if (request.what == What::remove) return wanted;  // it is no member: nothing to do
        return api::Error{api::Code::not_found, "no_such_member",
                          "The cluster has no member called " + request.node + ".", false};
    }
    wanted.node = known->id;
    auto& [voters, outgoing, learners] = wanted.configuration;
    if (request.what == What::promote) {
        std::erase(learners, wanted.node);
        insert(voters, wanted.node);
        return wanted;
    }
    if (voters == std::vector<consensus::NodeId>{wanted.node})
        return invalid_params("last_voter",
                              request.node + " is the only one that votes; without it there is no cluster.");
    std::erase(voters, wanted.node);
    if (request.what == What::demote) {
        insert(learners, wanted.node);
        return wanted;
    }
    std::erase(learners, wanted.node);
    std::erase_if(wanted.note.members, [&](const Member& member) { return member.id == wanted.node; });
    return wanted;
}

}  // namespace

MembershipChanges::MembershipChanges(const Members& members, const ledger::Registry& registry, Hooks hooks)
    : members_(members), registry_(registry), hooks_(std::move(hooks)) {}

std::optional<api::Error> MembershipChanges::not_leading() const {
    const consensus::Status status = hooks_.status();
    if (status.role == consensus::Role::leader) return std::nullopt;
    if (status.leader.value == 0)
        return refuse("no_leader",
                      "No leader is known here. Ask again when a majority of nodes is reachable.");
    return refuse("not_leader",
                  "This node does not lead; " + members_.name(status.leader) + " does. Ask it.");
}

void MembershipChanges::change(const api::MembershipRequest& request, Changed done) {
    if (auto error = not_leading()) return done(*std::move(error));
    const consensus::ConfigurationEntry current = members_.current();
    if (current.configuration.joint())
        return done(
            refuse("change_in_progress", "Another change of the membership is under way. Ask again."));
    if (request.what == What::add && !decode_note(current.note)->find(request.node) &&
        members_.find(request.node))
        return done(invalid_params(
            "name_taken",
            "A node called " + request.node + " was a member. Names are not used twice; choose another."));
    auto wanted = plan(request, current, registry_);
    if (!wanted) return done(wanted.error());
    consensus::ChangeMembership change;
    change.voters = wanted->configuration.voters;
    change.learners = wanted->configuration.learners;
    change.note = encode_note(wanted->note);
    {
        std::unique_lock lock(mutex_);
        if (stopped_ || pending_) {
            lock.unlock();
            return done(stopped_ ? stopping()
                                 : refuse("change_in_progress",
                                          "Another change of the membership is under way. Ask again."));
        }
        change.context = next_context_++;
        pending_ = Pending{change.context, wanted->node,
                           Clock::now() + std::chrono::milliseconds(request.timeout_ms), std::nullopt,
                           std::move(done)};
    }
    hooks_.post(std::move(change));
}

void MembershipChanges::answered(const consensus::MembershipAnswer& answer) {
    using Outcome = consensus::MembershipAnswer::Outcome;
    consensus::NodeId node;
    {
        const std::lock_guard lock(mutex_);
        if (!pending_ || pending_->context != answer.context) return;
        if (answer.outcome == Outcome::appended) {
            pending_->appended = answer.index;
            return;
        }
        node = pending_->node;
    }
    switch (answer.outcome) {
        case Outcome::appended:
            return;
        case Outcome::unchanged:
            return finish(
                api::MembershipChanged{node.value, hooks_.status().configuration_id.index.value, false});
        case Outcome::not_leader:
            return finish(not_leading().value_or(refuse("not_leader", "The leader has changed. Ask again.")));
        case Outcome::not_ready:
        case Outcome::in_progress:
            return finish(refuse("change_in_progress",
                                 "An earlier change, or this leader's first entry, is not committed "
                                 "yet. Ask again."));
        case Outcome::transferring:
            return finish(refuse("transfer_in_progress", "Leadership is being handed over. Ask again."));
        case Outcome::malformed:
            return finish(
                invalid_params("malformed_change", "The membership would be too large, or have no voter."));
    }
}

void MembershipChanges::committed(consensus::Index index) {
    api::MembershipChanged changed;
    {
        const std::lock_guard lock(mutex_);
        if (!pending_ || !pending_->appended || *pending_->appended > index) return;
        changed = {pending_->node.value, pending_->appended->value, true};
    }
    finish(changed);
}

void MembershipChanges::role_changed(const consensus::Status& status) {
    if (status.role == consensus::Role::leader) return;
    bool appended = false;
    {
        const std::lock_guard lock(mutex_);
        appended = pending_ && pending_->appended;
    }
    if (appended) finish(in_doubt());
}

void MembershipChanges::finish(api::Result<api::MembershipChanged> result) {
    std::optional<Pending> finished;
    {
        const std::lock_guard lock(mutex_);
        finished = std::exchange(pending_, std::nullopt);
    }
    if (finished) finished->done(std::move(result));
}

void MembershipChanges::transfer(const api::TransferRequest& request, Transferred done) {
    if (auto error = not_leading()) return done(*std::move(error));
    consensus::NodeId to;
    if (!request.to.empty()) {
        const MemberNote note = members_.note();
        const Member* member = note.find(request.to);
        if (member == nullptr)
            return done(api::Error{api::Code::not_found, "no_such_member",
                                   "The cluster has no member called " + request.to + ".", false});
        to = member->id;
        if (!consensus::is_voter(members_.current().configuration, to))
            return done(invalid_params("not_a_voter",
                                       request.to + " does not vote, so it cannot lead. Promote it first."));
        const consensus::NodeId self = hooks_.status().self;
        if (to == self) return done(api::Transferred{request.to});
    }
    {
        std::unique_lock lock(mutex_);
        if (stopped_ || handover_) {
            lock.unlock();
            return done(stopped_
                            ? stopping()
                            : refuse("transfer_in_progress", "Leadership is being handed over. Ask again."));
        }
        handover_ =
            Handover{to, Clock::now() + std::chrono::milliseconds(request.timeout_ms), std::move(done)};
    }
    hooks_.post(consensus::Transfer{to});
}

void MembershipChanges::ended(const consensus::TransferEnded& ended) {
    using Outcome = consensus::TransferEnded::Outcome;
    std::optional<Handover> finished;
    {
        const std::lock_guard lock(mutex_);
        finished = std::exchange(handover_, std::nullopt);
    }
    if (!finished) return;
    switch (ended.outcome) {
        case Outcome::handed_over:
            return finished->done(api::Transferred{members_.name(ended.to)});
        case Outcome::timed_out:
            return finished->done(
                refuse("transfer_timed_out", members_.name(ended.to) +
                                                 " did not take over in time; this node leads on. "
                                                 "Ask again, or name another node."));
        case Outcome::not_leader:
            return finished->done(
                not_leading().value_or(refuse("not_leader", "The leader has changed. Ask again.")));
        case Outcome::no_target:
            return finished->done(
                refuse("no_successor", "No other node that votes is reachable, so none can lead."));
        case Outcome::busy:
            return finished->done(
                refuse("transfer_in_progress", "Leadership is being handed over. Ask again."));
    }
}

void MembershipChanges::expire() {
    std::optional<Pending> change;
    std::optional<Handover> handover;
    {
        const std::lock_guard lock(mutex_);
        const auto now = Clock::now();
        if (pending_ && pending_->deadline <= now) change = std::exchange(pending_, std::nullopt);
        if (handover_ && handover_->deadline <= now) handover = std::exchange(handover_, std::nullopt);
    }
    if (change) change->done(in_doubt());
    if (handover) {
        handover->done(refuse("transfer_timed_out", "Leadership was not handed over in time. Ask again."));
    }
}

void MembershipChanges::stop() {
    std::optional<Pending> change;
    std::optional<Handover> handover;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        change = std::exchange(pending_, std::nullopt);
        handover = std::exchange(handover_, std::nullopt);
    }
    if (change) change->done(in_doubt());
    if (handover) handover->done(stopping());
}

}  // namespace socai::node
