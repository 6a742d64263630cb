#include "tests/scenarios/runner/cluster.hpp"

#include <algorithm>
#include <limits>

#include "consensus/membership.hpp"
#include "consensus/quorum.hpp"

namespace socai::scenario {

using namespace consensus;

namespace {

constexpr std::size_t max_deliveries = 200'000;  // in one go; beyond, the nodes talk in circles
constexpr std::size_t max_rounds = 2'000;        // ticks of everyone until convergence
constexpr std::size_t still_rounds = 200;        // in which nothing may happen

}  // namespace

Cluster::Cluster(const ClusterOptions& options)
    : options_(options), base_{options.base_term, options.base, {}} {
    base_.hash.fill(0xba);
    for (std::uint64_t i = 1; i <= options.nodes; ++i) {
        Disk disk{.hard = {.term = options.base_term, .vote = {}, .configuration = {}},
                  .base = base_,
                  .base_configuration = {base_, options.configuration, {}},
                  .commit = base_.index};
        auto host = std::make_unique<Host>(NodeId{i}, options.core, disk, options.seed);
        host->hold_storage = options.hold_storage;
        host->hold_validation = options.hold_validation;
        host->state_at = [this](const EntryId& base) { return values_at(base.index); };
        hosts_.emplace(NodeId{i}, std::move(host));
    }
    check();
}

Host& Cluster::host(NodeId id) {
    const auto found = hosts_.find(id);
    if (found == hosts_.end()) throw SyntaxError("there is no node " + std::to_string(id.value));
    return *found->second;
}

const Host& Cluster::host(NodeId id) const {
    return const_cast<Cluster*>(this)->host(id);
}

std::vector<NodeId> Cluster::ids() const {
    std::vector<NodeId> ids;
    for (const auto& [id, host] : hosts_) ids.push_back(id);
    return ids;
}

EntryPtr Cluster::find(const IndexTerm& wanted) const {
    if (wanted == IndexTerm{base_.index, base_.term}) {
        auto entry = std::make_shared<Entry>();
        entry->id = base_;
        return entry;
    }
    return invariants_.find(wanted.term, wanted.index);
}

void Cluster::note_lies(const std::vector<EntryPtr>& entries) {
    for (const EntryPtr& entry : entries) {
        const EntryPtr honest = find({entry->id.index, entry->id.term});
        if (!honest || honest->id != entry->id) invariants_.note_lie(entry->id);
    }
}

void Cluster::at(NodeId id, const std::function<void(Host&)>& act) {
    Host& node = host(id);
    if (!node.running()) throw SyntaxError("node " + std::to_string(id.value) + " is not running");
    act(node);
    pump(node);
}

void Cluster::on_disk(NodeId id, const std::function<void(Host&)>& act) {
    if (host(id).running()) return at(id, act);
    act(host(id));
    check();
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
    for (const ProposalRefused& refused : std::exchange(node.refused, {}))
        refused_[node.id()].push_back(refused);
    for (const Accusation& accused : std::exchange(node.accusations, {}))
        accused_[node.id()].push_back(accused);
    for (const MembershipAnswer& answer : std::exchange(node.membership_answers, {}))
        changes_[node.id()] = answer;
    for (const TransferEnded& ended : std::exchange(node.transfers_ended, {})) transfers_[node.id()] = ended;
    if (!forged_ && !accused_[node.id()].empty()) {
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
    return found == refused_.end() ? 0 : found->second.size();
}

std::size_t Cluster::count_accused(NodeId id) const {
    const auto found = accused_.find(id);
    return found == accused_.end() ? 0 : found->second.size();
}

std::optional<ProposalRefused> Cluster::last_refused(NodeId id) const {
    return count_refused(id) == 0 ? std::nullopt : std::optional(refused_.at(id).back());
}

std::optional<Accusation> Cluster::last_accused(NodeId id) const {
    return count_accused(id) == 0 ? std::nullopt : std::optional(accused_.at(id).back());
}

std::optional<MembershipAnswer> Cluster::last_change(NodeId id) const {
    const auto found = changes_.find(id);
    return found == changes_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<TransferEnded> Cluster::last_transfer(NodeId id) const {
    const auto found = transfers_.find(id);
    return found == transfers_.end() ? std::nullopt : std::optional(found->second);
}

void Cluster::clear() {
    network_.clear_count();
    refused_.clear();
    accused_.clear();
    changes_.clear();
    transfers_.clear();
}

void Cluster::check() {
    std::vector<NodeSnapshot> snapshots;
    for (const auto& [id, host] : hosts_) {
        if (host->breach) throw Failure(*host->breach);
        snapshots.push_back(host->snapshot());
    }
    if (const auto breach = invariants_.check(snapshots)) throw Failure(*breach);
    remember_committed();
}

// Whatever is committed first becomes known at a node that holds it.
void Cluster::remember_committed() {
    for (const auto& [id, host] : hosts_) {
        if (!host->running()) continue;
        const Index commit = host->status().commit;
        for (Index next = base_.index + committed_.size() + 1; next <= commit; next = next + 1) {
            if (next <= host->log_base().index) break;
            committed_.push_back(host->log()[next.value - host->log_base().index.value - 1]);
        }
    }
}

ConfigurationEntry Cluster::configuration_at(Index index) const {
    ConfigurationEntry found{base_, options_.configuration, {}};
    for (const EntryPtr& entry : committed_) {
        if (entry->id.index > index || entry->kind != EntryKind::configuration) continue;
        found = *decode_configuration(entry->payload);
        found.id = entry->id;
    }
    return found;
}

Values Cluster::values_at(Index index) const {
    Values values;
    for (const EntryPtr& entry : committed_) {
        if (entry->id.index <= index && entry->kind == EntryKind::payload) values.insert(entry->payload);
    }
    return values;
}

const Host* Cluster::leader() const {
    const Host* newest = nullptr;
    for (const auto& [id, host] : hosts_) {
        if (!host->running() || host->status().role != Role::leader) continue;
        if (newest == nullptr || host->status().term > newest->status().term) newest = host.get();
    }
    return newest;
}

bool Cluster::converged() const {
    const Host* host = leader();
    if (host == nullptr) return false;
    const Status wanted = host->status();
    if (wanted.commit != wanted.last.index || wanted.transfer_to != NodeId{}) return false;
    if (wanted.configuration.joint() && host->options().leave_joint) return false;
    for (const PeerStatus& peer : wanted.peers) {
        if (peer.departing) return false;
    }
    for (const NodeId id : members(wanted.configuration)) {
        const Status status = hosts_.at(id)->status();
        if (status.term != wanted.term || status.leader != wanted.self || status.last != wanted.last ||
            status.commit != wanted.commit || status.durable != wanted.last.index || status.damaged > 0 ||
            status.promised != EntryId{}) {
            return false;
        }
    }
    return true;
}

void Cluster::heal_everything() {
    network_.release_all();
    network_.heal_all();
    for (const auto& [id, host] : hosts_) {
        host->hold_storage = false;
        host->hold_validation = false;
        if (!host->running()) host->start();
        while (host->finish_job()) {
        }
        while (host->end_validation(Verdict::valid)) {
        }
        host->set_fitness({});
        pump(*host);
    }
}

void Cluster::converge() {
    heal_everything();
    for (std::size_t round = 0; round < max_rounds; ++round) {
        deliver({}, false);
        if (converged()) return;
        for (const auto& [id, host] : hosts_) tick(id);
    }
    throw Failure("the cluster does not converge after everything was healed");
}

void Cluster::stand_still() {
    const std::size_t committed = committed_.size();
    heal_everything();
    for (std::size_t round = 0; round < still_rounds; ++round) {
        deliver({}, false);
        if (const Host* host = leader()) {
            throw Failure("node " + std::to_string(host->id().value) + " leads, and none should");
        }
        if (committed_.size() != committed) throw Failure("more was committed, and nothing should be");
        for (const auto& [id, host] : hosts_) tick(id);
    }
}

}  // namespace socai::scenario
