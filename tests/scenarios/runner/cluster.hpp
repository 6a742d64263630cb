// The nodes of a scenario, the network between them, and the invariants over all of it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "consensus/invariants.hpp"
#include "tests/scenarios/runner/host.hpp"
#include "tests/scenarios/runner/network.hpp"

namespace socai::scenario {

struct ClusterOptions {
    std::size_t nodes = 3;
    consensus::Configuration configuration;
    consensus::Index base{10};  // logs begin compacted here (raft.md §3.6)
    consensus::Term base_term{1};
    std::uint64_t seed = 1;
    bool hold_storage = false;
    bool hold_validation = false;
    consensus::Options core;
};

class Cluster {
  public:
    explicit Cluster(const ClusterOptions& options);

    Host& host(consensus::NodeId id);
    const Host& host(consensus::NodeId id) const;
    std::vector<consensus::NodeId> ids() const;
    Network& network() { return network_; }
    // An entry that some log once held, or the base (without content).
    consensus::EntryPtr find(const IndexTerm& wanted) const;

    // Something happens at a running node; what it sends goes under way.
    void at(consensus::NodeId id, const std::function<void(Host&)>& act);
    // The same where the node may as well be stopped.
    void on_disk(consensus::NodeId id, const std::function<void(Host&)>& act);
    void tick(consensus::NodeId id);
    // Until nothing that `filter` allows is under way; with `once`, only what is under way now. Returns how
    // many.
    std::size_t deliver(const Filter& filter, bool once);
    void crash(consensus::NodeId id);
    void restart(consensus::NodeId id);

    void read(consensus::NodeId id, const std::string& context);
    struct ReadState {
        std::size_t answers = 0;  // with an index
        std::size_t refusals = 0;
        consensus::Index index;  // of the latest answer
    };
    ReadState read_state(consensus::NodeId id, const std::string& context) const;
    std::size_t count_refused(consensus::NodeId id) const;
    std::size_t count_accused(consensus::NodeId id) const;
    // The latest of each at a node; nothing: none since clear.
    std::optional<consensus::ProposalRefused> last_refused(consensus::NodeId id) const;
    std::optional<consensus::Accusation> last_accused(consensus::NodeId id) const;
    std::optional<consensus::MembershipAnswer> last_change(consensus::NodeId id) const;
    std::optional<consensus::TransferEnded> last_transfer(consensus::NodeId id) const;
    void forget_transfer(consensus::NodeId id) { transfers_.erase(id); }
    void clear();

    // The running leader of the newest term; null: nobody leads.
    const Host* leader() const;
    // In force at `index`, by what was committed.
    consensus::ConfigurationEntry configuration_at(consensus::Index index) const;
    // The state machine of one that applied everything to `index`.
    Values values_at(consensus::Index index) const;

    // Throws Failure on a breach. Accusations are a breach unless the scenario forged messages.
    void check();
    void allow_accusations() { forged_ = true; }
    // Those of `entries` that no log ever held are a liar's: a node that believes him may hold another content of the
    // same index and term than the others, as long as nobody commits both.
    void note_lies(const std::vector<consensus::EntryPtr>& entries);
    // Heals, releases and restarts everything, then ticks until one leader's log is committed, whole and
    // durable on every member, and whoever was removed knows it.
    void converge();
    // Heals the same way, and fails if anybody leads or commits.
    void stand_still();
    std::string states() const;

  private:
    void pump(Host& host);
    void collect(Host& host);
    void heal_everything();
    void remember_committed();
    bool converged() const;

    ClusterOptions options_;
    std::map<consensus::NodeId, std::unique_ptr<Host>> hosts_;
    Network network_;
    consensus::Invariants invariants_;
    bool forged_ = false;
    consensus::EntryId base_;                     // where every log began
    std::vector<consensus::EntryPtr> committed_;  // of base_ + 1 onward

    struct PendingRead {
        consensus::NodeId node;
        std::string context;
        consensus::Index committed;  // anywhere, when the read began: no answer may be below
        ReadState state;
    };
    std::vector<PendingRead> reads_;  // the core's context is the position here
    std::map<consensus::NodeId, std::vector<consensus::ProposalRefused>> refused_;
    std::map<consensus::NodeId, std::vector<consensus::Accusation>> accused_;
    std::map<consensus::NodeId, consensus::MembershipAnswer> changes_;
    std::map<consensus::NodeId, consensus::TransferEnded> transfers_;
};

}  // namespace socai::scenario
