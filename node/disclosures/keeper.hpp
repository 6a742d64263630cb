// What this node holds of confidential members: it takes what others offer, seeks from the others what it may hold and
// lacks, gives them what they may hold, and deletes what an erasure ended (inspection/confidential/commitments.hpp).
//
// Thread-safe. Hooks are called without its lock. What may take long has a thread of its own.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "api/backend.hpp"
#include "consensus/types.hpp"
#include "ledger/facts.hpp"
#include "network/frame.hpp"
#include "node/disclosures/matching.hpp"
#include "node/disclosures/parcels.hpp"
#include "node/member.hpp"
#include "node/verifier.hpp"
#include "storage/disclosure_store.hpp"

namespace socai::node {

class DisclosureKeeper {
  public:
    struct Hooks {
        std::function<std::shared_ptr<const ledger::Registry>()> registry;
        std::function<std::shared_ptr<const ledger::Facts>()> facts;  // as applied
        std::function<bool()> caught_up;                              // has applied what it knows committed, and lacks nothing
        std::function<bool(std::string_view source, std::string_view id)> promised;  // the record waits in this node's outbox
        std::function<bool(std::uint64_t leaf)> withdrawn;  // of the leaf only remains are here
        std::function<std::vector<Member>()> others;        // the members but this node
        std::function<bool(consensus::NodeId to, network::Parcel)> send;
        std::function<std::int64_t()> now_ms;
        std::function<void(std::string reason, std::string detail)> fatal;  // the node must stop
    };
    struct Figures {
        std::uint64_t held = 0, bytes = 0;  // disclosures
        std::uint64_t missing = 0;          // that this node may hold and has not found yet
        std::uint64_t erased = 0;           // since start
    };

    // `agency`: of this node. The verifier and the rules outlive this object.
    DisclosureKeeper(std::unique_ptr<storage::DisclosureStore> store, std::string agency, Verifier& verifier,
                     const inspection::KindRules& rules, Hooks hooks);
    ~DisclosureKeeper();
    // Ends what is under way; before the verifier stops.
    void stop();

    // Durable when it returns nothing; blocks for the disk.
    std::optional<api::Error> keep(std::vector<storage::ToldFor> told);
    // May this node hold what the statement's records keep confidential?
    bool may_hold(const ledger::Statement& statement) const;
    // Do all its records that commit stand in the ledger? Then it needs no disclosures.
    bool stands(const ledger::Statement& statement) const;
    // The disclosure's text, where it is here. Errors: the disk's.
    api::Result<std::optional<std::string>> find(std::string_view source, std::string_view id,
                                                 const ledger::Hash& commitment) const;

    void offered(consensus::NodeId from, DisclosuresOffered offered);
    void asked(consensus::NodeId from, DisclosuresQuestion question);
    void answered(consensus::NodeId from, DisclosuresAnswer answer);
    // Deletes what the statement's records kept confidential: the members withdrew the leaf.
    void forget(const ledger::Statement& statement);
    // Deletes and seeks. To be called now and then.
    void look();
    // Waits until nothing is under way, for tests.
    void await_idle();
    Figures figures() const;

  private:
    bool is_erased(const ledger::Facts& facts, std::string_view source, std::string_view id) const;
    storage::Result<std::uint64_t> add(std::vector<storage::ToldFor> told);
    bool run(std::size_t bytes, std::function<void()> work);
    void tidy();
    void erase_what_ended();
    void find_what_is_missing(const ledger::Facts& facts);
    void sweep();
    void ask_somebody();
    std::optional<api::Error> failed(const storage::Error& error) const;

    const std::unique_ptr<storage::DisclosureStore> store_;
    const std::string agency_;
    Verifier& verifier_;
    const inspection::KindRules& rules_;
    const Hooks hooks_;
    std::atomic<std::size_t> from_others_{0};  // bytes of parcels that wait for a thread
    std::atomic<bool> tidying_{false};
    std::atomic<std::uint64_t> erased_{0};
    // The tidying task only: how far it has looked; the next is not before these.
    ledger::Address erased_to_, sought_to_;
    std::uint64_t settled_rounds_ = 0;  // in a row that it had caught up
    std::atomic<bool> sweep_wanted_{false};
    // Held from the look at what was erased to the write, and while something is erased: nothing comes back behind it.
    std::mutex writing_;

    mutable std::mutex mutex_;  // guards all below
    std::set<ledger::Hash> missing_;
    ledger::Hash asked_to_{};           // the last that was asked for: the next go on behind it
    std::size_t asked_ = 0;             // since something was last found
    std::size_t next_other_ = 0;        // whom to ask next
    std::uint64_t unplaced_bytes_ = 0;  // kept, and of no record that stood: no less than there are

    boost::asio::thread_pool disk_{1};  // last: what runs there uses all of the above
};

}  // namespace socai::node
