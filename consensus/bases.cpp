// Logs that do not begin at the beginning: what the host pruned, and nodes that must begin anew after the leader's
// base (Raft §7, without the state).
#include <cassert>

#include "consensus/core_impl.hpp"

namespace socai::consensus {
namespace {

constexpr Index max_base{std::uint64_t{1} << 62};  // leaves room for every index to come

}  // namespace

void Core::Impl::on(const Pruned& pruned) {
    assert(pruned.base.index <= applicable_ && "only what was applied may be pruned");
    if (pruned.base.index <= log_.base().index) return;
    forget_damaged({}, pruned.base.index);
    memberships_.prune(pruned.base.index);
    log_.prune(pruned.base);
}

void Core::Impl::send_base(NodeId to, Progress& peer) {
    assert(log_.base().index <= commit_);
    peer.base_sent();
    send(to,
         InstallBase{
             .term = hard_.term, .base = log_.base(), .configuration = memberships_.at(log_.base().index)});
}

void Core::Impl::handle(NodeId from, const InstallBase& install) {
    assert(install.term == hard_.term);
    if (!options_.install_bases || !follow(from)) return;
    if (!is_well_formed(install.configuration.configuration) || install.base.term > install.term ||
        install.configuration.id.index > install.base.index || install.base.index > max_base) {
        return disbelieve(from, Accusation::Why::bad_base);
    }
    note_contact();
    const AppendReply reply{.term = hard_.term, .accepted = true, .index = install.base.index};
    if (install.base.index <= commit_) {  // an old one, or repeated
        const auto term = log_.term_at(install.base.index);
        if (term && *term != install.base.term) return disbelieve(from, Accusation::Why::contradicts_commit);
        return send_when_durable(from, reply);
    }
    if (log_.holds(install.base.index, install.base.term)) {
        const auto ours = log_.id_at(install.base.index);
        if (ours && *ours != install.base) return disbelieve(from, Accusation::Why::broken_chain);
        commit_to(install.base.index);
        return send_when_durable(from, reply);
    }
    auto& follower = std::get<Follower>(role_);
    follower.validating.reset();
    follower.queue.clear();
    follower.queue_bytes = 0;
    open_job();
    job_->install = StorageJob::Base{install.base, install.configuration};
    job_->truncate_from.reset();
    job_->append.clear();
    // What goes was acknowledged: it stays promised until the leader's log has passed it.
    if (!recovering() && log_.last().index > commit_) promised_ = log_.last();
    durability_.replaced(commit_);
    log_ = LogView(LogSummary{.base = install.base, .last = install.base, .runs = {}});
    damaged_.clear();
    memberships_ = Memberships({install.configuration});
    configuration_changed();
    out_.installed = install.base;
    commit_to(install.base.index);
    send_when_durable(from, reply);
}

}  // namespace socai::consensus
