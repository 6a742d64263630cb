// The ledger of a node that does not run, as its data folder holds it to the end of the log, committed or not: what a
// recovery from the loss of the majority starts from. One thread; holds the folder's lock while it lives.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/kinds.hpp"
#include "ledger/admission.hpp"
#include "ledger/epochs.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/statement.hpp"
#include "node/bootstrap.hpp"
#include "node/config.hpp"
#include "node/error.hpp"
#include "node/ledger_loop.hpp"
#include "node/member.hpp"
#include "storage/log_store.hpp"
#include "storage/state_store.hpp"

namespace socai::node::recover {

class StoppedLedger : public ledger::NodeReader {
  public:
    // Opens the data folder that `config` names, and brings its state up to what the log knows to be committed. Errors: those
    // of the genesis, the folder and the log; locked (the node runs); no_log (the folder holds no log); damaged_log (the log
    // has lost what it acknowledged).
    static Result<std::unique_ptr<StoppedLedger>> open(const Config& config);
    ~StoppedLedger() override;

    const Config& config() const { return config_; }
    const ledger::Genesis& genesis() const { return genesis_.genesis; }
    const Member& self() const { return self_; }
    storage::LogStore& log() { return *log_; }
    const storage::LogStart& start() const { return log_->start(); }
    consensus::Index applied() const { return state_->position().raft_index; }

    // All leaves of the log.
    const ledger::Tail& leaves() const { return loop_->replayed(); }
    // The same, to try on them what the log does not hold: nothing of that is written. Afterwards open() the folder again.
    ledger::Tail& trial() { return loop_->replayed(); }
    const ledger::Context& context() const { return context_; }
    std::shared_ptr<const ledger::Registry> registry() const;
    const std::string& origin() const { return origin_; }  // of the epoch that the last leaf is of
    // Whom the log says the members are.
    const MemberNote& members() const { return members_; }
    // The policy that governs heads of `origin`, of `size` leaves. Precondition: an epoch of this ledger is called so.
    Result<ledger::PolicyLeaf> policy_at(std::string_view origin, std::uint64_t size) const;
    // The head that the node kept as final, a signed note; nothing: none.
    std::optional<std::string> final_head() const;

    // ledger::NodeReader, over all leaves.
    std::optional<ledger::Hash> node(std::uint32_t level, std::uint64_t index) const override;

  private:
    StoppedLedger(Config config, GenesisFile genesis, Member self);
    Result<void> open_stores();
    std::optional<ledger::Statement> statement_of(std::uint64_t leaf) const;
    Result<ledger::PolicyLeaf> first_policy(const ledger::Epoch& epoch) const;

    const Config config_;
    const GenesisFile genesis_;
    const Member self_;
    const inspection::KindRules rules_;
    const ledger::Context context_;
    std::unique_ptr<storage::LogStore> log_;
    std::unique_ptr<storage::StateStore> state_;
    std::unique_ptr<LedgerLoop> loop_;
    std::optional<Error> fatal_;  // what the replay met
    std::string origin_;
    MemberNote members_;
};

}  // namespace socai::node::recover
