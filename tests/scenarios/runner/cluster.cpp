#include "tests/scenarios/runner/cluster.hpp"

#include <algorithm>
#include <limits>

#include "consensus/quorum.hpp"

namespace socai::scenario {

using namespace consensus;

namespace {

constexpr std::size_t max_deliveries = 200'000;  // in one go; beyond, the nodes talk in circles
constexpr std::size_t max_rounds = 2'000;        // ticks of everyone until convergence

std::string text(const EntryId& id) {
    return std::to_string(id.index.value) + "(" + std::to_string(id.term.value) + ")";
}

const char* text(Role role) {
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

}  // namespace

Cluster::Cluster(const ClusterOptions& options) : options_(options) {
    EntryId base{options.base_term, options.base, {}};
    base.hash.fill(0xba);
    for (std::uint64_t i = 1; i <= options.nodes; ++i) {
        Disk disk{.hard = {.term = options.base_term, .vote = {}, .configuration = {}},
                  .base = base,
                  .base_configuration = {base, options.configuration, {}},
                  .commit = base.index};
        auto host = std::make_unique<Host>(NodeId{i}, options.core, disk, options.seed);
        host->hold_storage = options.hold_storage;
        host->hold_validation = options.hold_validation;
        hosts_.emplace(NodeId{i}, std::move(host));
    }
    check();
}

Host& Cluster::host(NodeId id) {
    const auto found = hosts_.find(id);
    if (found == hosts_.end()) throw SyntaxError("there is no node " + std::to_string(id.value));
    return *found->second;
}

std::vector<NodeId> Cluster::ids() const {
    std::vector<NodeId> ids;
    for (const auto& [id, host] : hosts_) ids.push_back(id);
    return ids;
}

EntryPtr Cluster::find(const IndexTerm& wanted) const {
    const EntryId& base = hosts_.begin()->second->disk().base;
    if (wanted == IndexTerm{base.index, base.term}) {
        auto entry = std::make_shared<Entry>();
        entry->id = base;
        return entry;
    }
    return invariants_.find(wanted.term, wanted.index);
}

void Cluster::at(NodeId id, const std::function<void(Host&)>& act) {
    Host& node = host(id);
    if (!node.running()) throw SyntaxError("node " + std::to_string(id.value) + " is not running");
    act(node);
    pump(node);
}

void Cluster::pump(Host& node) {
    for (Send& send : node.take_outbox()) network_.send({node.id(), send.to, std::move(send.message)});
    collect(node);
    check();
}

void Cluster::collect(Host& node) {
    for (const ReadAnswer& answer : std::exchange(node.read_answers, {})) {
        PendingRead& read = reads_.at(answer.context);
        if (read.node != node.id()) throw Failure("a read was answered at the wrong node");
        if (!answer.index) {
            ++read.state.refusals;
            continue;
        }
        ++read.state.answers;
        read.state.index = *answer.index;
        if (*answer.index < read.committed) {
            throw Failure("stale read " + read.context + " at node " + std::to_string(node.id().value) +
                          ": " + std::to_string(answer.index->value) + " although " +
                          std::to_string(read.committed.value) + " was committed when it began");
        }
    }
    for (const PendingRead& read : reads_) {
        if (read.state.answers + read.state.refusals > 1) {
            throw Failure("read " + read.context + " was answered more than once");
        }
    }
    refused_[node.id()] += std::exchange(node.refused, {}).size();
    accused_[node.id()] += std::exchange(node.accusations, {}).size();
    if (!forged_ && accused_[node.id()] > 0) {
        throw Failure("node " + std::to_string(node.id().value) + " accuses an honest leader");
    }
}

void Cluster::tick(NodeId id) {
    at(id, [](Host& node) {
        node.advance(node.options().heartbeat_interval);
        node.step(Tick{});
    });
}

std::size_t Cluster::deliver(const Filter& filter, bool once) {
    const bool bounded = once || filter.picks_one();
    std::size_t among = bounded ? network_.size() : std::numeric_limits<std::size_t>::max();
    std::size_t delivered = 0;
    while (auto flight = network_.take(filter, among)) {
        if (bounded) --among;
        if (++delivered > max_deliveries) throw Failure("the nodes never fall silent");
        Host& node = host(flight->to);
        if (node.running()) {
            node.step(Receive{flight->from, std::move(flight->message)});
            pump(node);
        }
        if (filter.picks_one()) break;
    }
    return delivered;
}

void Cluster::crash(NodeId id) {
    Host& node = host(id);
    if (!node.running()) throw SyntaxError("node " + std::to_string(id.value) + " is not running");
    node.crash();
    check();
}

void Cluster::restart(NodeId id) {
    Host& node = host(id);
    if (node.running()) node.crash();
    node.start();
    pump(node);
}

void Cluster::read(NodeId id, const std::string& context) {
    reads_.push_back({id, context, invariants_.committed(), {}});
    at(id, [&](Host& node) { node.step(Read{reads_.size() - 1}); });
}

Cluster::ReadState Cluster::read_state(NodeId id, const std::string& context) const {
    const auto read = std::find_if(reads_.rbegin(), reads_.rend(), [&](const PendingRead& r) {
        return r.node == id && r.context == context;
    });
    if (read == reads_.rend()) throw SyntaxError("no read " + context + " was made at that node");
    return read->state;
}

std::size_t Cluster::count_refused(NodeId id) const {
    const auto found = refused_.find(id);
    return found == refused_.end() ? 0 : found->second;
}

std::size_t Cluster::count_accused(NodeId id) const {
    const auto found = accused_.find(id);
    return found == accused_.end() ? 0 : found->second;
}

void Cluster::clear() {
    network_.clear_count();
    refused_.clear();
    accused_.clear();
}

void Cluster::check() {
    std::vector<NodeSnapshot> snapshots;
    for (const auto& [id, host] : hosts_) {
        if (host->breach) throw Failure(*host->breach);
        snapshots.push_back(host->snapshot());
    }
    if (const auto breach = invariants_.check(snapshots)) throw Failure(*breach);
}

bool Cluster::converged() const {
    const Host* leader = nullptr;
    for (const auto& [id, host] : hosts_) {
        if (host->status().role != Role::leader) continue;
        if (leader != nullptr) return false;
        leader = host.get();
    }
    if (leader == nullptr) return false;
    const Status wanted = leader->status();
    if (wanted.commit != wanted.last.index) return false;
    for (const NodeId id : members(wanted.configuration)) {
        const Status status = hosts_.at(id)->status();
        if (status.term != wanted.term || status.leader != wanted.self || status.last != wanted.last ||
            status.commit != wanted.commit || status.durable != wanted.last.index) {
            return false;
        }
    }
    return true;
}

void Cluster::converge() {
    network_.release("");
    network_.heal_all();
    for (const auto& [id, host] : hosts_) {
        host->hold_storage = false;
        host->hold_validation = false;
        if (!host->running()) host->start();
        while (host->finish_job()) {
        }
        while (host->end_validation(Verdict::valid)) {
        }
        pump(*host);
    }
    for (std::size_t round = 0; round < max_rounds; ++round) {
        deliver({}, false);
        if (converged()) return;
        for (const auto& [id, host] : hosts_) tick(id);
    }
    throw Failure("the cluster does not converge after everything was healed");
}

std::string Cluster::states() const {
    std::string all;
    for (const auto& [id, host] : hosts_) {
        all += "  node " + std::to_string(id.value) + ": ";
        if (!host->running()) {
            all += "stopped; on disk term " + std::to_string(host->disk().hard.term.value) + " vote " +
                   std::to_string(host->disk().hard.vote.value) + " log";
            for (const EntryPtr& entry : host->disk().log) all += " " + text(entry->id);
            all += "\n";
            continue;
        }
        const Status status = host->status();
        all += std::string(text(status.role)) + " term " + std::to_string(status.term.value) + " vote " +
               std::to_string(status.vote.value) + " leader " + std::to_string(status.leader.value) +
               " commit " + std::to_string(status.commit.value) + " durable " +
               std::to_string(status.durable.value) + " jobs " + std::to_string(host->jobs()) +
               " validations " + std::to_string(host->validations()) + " log";
        for (const EntryPtr& entry : host->log()) all += " " + text(entry->id);
        for (const PeerStatus& peer : status.peers) {
            all += "\n      peer " + std::to_string(peer.id.value) + ": match " +
                   std::to_string(peer.match.value) + " next " + std::to_string(peer.next.value) +
                   (peer.probing ? " probe" : " replicate") + " inflight " +
                   std::to_string(peer.inflight_appends);
        }
        all += "\n";
    }
    if (network_.size() > 0) all += "  under way:\n";
    for (const Flight& flight : network_.under_way()) all += "    " + describe(flight) + "\n";
    return all;
}

}  // namespace socai::scenario
