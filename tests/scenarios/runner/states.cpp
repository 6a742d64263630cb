// What is shown of all nodes when a scenario fails.
#include "tests/scenarios/runner/cluster.hpp"

namespace socai::scenario {

using namespace consensus;

namespace {

const char* name_of(Role role) {
    switch (role) {
        case Role::follower:
            return "follower";
        case Role::pre_candidate:
            return "pre-candidate";
        case Role::candidate:
            return "candidate";
        case Role::leader:
            return "leader";
    }
    return "";
}

std::string state_of(const Host& host) {
    const Disk& disk = host.disk();
    std::string line;
    if (!host.running()) {
        line = "stopped; on disk term " + std::to_string(disk.hard.term.value) + " vote " +
               std::to_string(disk.hard.vote.value) + " base " + text(disk.base);
    } else {
        const Status status = host.status();
        line = std::string(name_of(status.role)) + " term " + std::to_string(status.term.value) + " vote " +
               std::to_string(status.vote.value) + " leader " + std::to_string(status.leader.value) +
               " commit " + std::to_string(status.commit.value) + " durable " +
               std::to_string(status.durable.value) + " jobs " + std::to_string(host.jobs()) +
               " validations " + std::to_string(host.validations()) + " base " + text(status.base);
    }
    line += " log";
    for (const EntryPtr& entry : host.running() ? host.log() : disk.log) line += " " + text(entry->id);
    for (const Index index : disk.damaged) line += " damaged " + std::to_string(index.value);
    if (disk.promised != EntryId{}) line += " promised " + text(disk.promised);
    if (!host.running()) return line + "\n";
    const Status status = host.status();
    if (!host.fitness().may_lead) line += " lead=off";
    if (!host.fitness().may_append) line += " append=off";
    line += "\n      configuration of " + text(status.configuration_id) +
            (status.configuration_committed ? ", committed:" : ", not committed:");
    line += " voters=" + text(status.configuration.voters);
    if (status.configuration.joint()) line += " outgoing=" + text(status.configuration.outgoing);
    if (!status.configuration.learners.empty()) line += " learners=" + text(status.configuration.learners);
    if (status.transfer_to != NodeId{})
        line += "; handing over to " + std::to_string(status.transfer_to.value);
    for (const PeerStatus& peer : status.peers) {
        line += "\n      peer " + std::to_string(peer.id.value) + ": match " +
                std::to_string(peer.match.value) + " next " + std::to_string(peer.next.value) +
                (peer.probing ? " probe" : " replicate") + " inflight " +
                std::to_string(peer.inflight_appends) + (peer.departing ? " departing" : "");
    }
    return line + "\n";
}

}  // namespace

std::string Cluster::states() const {
    std::string all;
    for (const auto& [id, host] : hosts_) {
        all += "  node " + std::to_string(id.value) + ": " + state_of(*host);
    }
    if (network_.size() > 0) all += "  under way:\n";
    for (const Flight& flight : network_.under_way()) all += "    " + scenario::describe(flight) + "\n";
    return all;
}

}  // namespace socai::scenario
