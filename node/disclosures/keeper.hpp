// What this node holds of confidential members: it takes what others offer, seeks from the others what it may hold and
// lacks, gives them what they may hold, and deletes what an erasure ended (inspection/confidential/commitments.hpp).
//
// Thread-safe. Hooks are called without its lock. Reads and writes of its store go to the verifier's pool.
#pragma once

#include <atomic>
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
        std::function<std::vector<Member>()> others;                  // the members but this node
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

    // Durable when it returns nothing; blocks for the disk.
    std::optional<api::Error> keep(const std::vector<ledger::Disclosure>& disclosures);
    // A statement that was not told with its disclosures: refused, unless all its records that commit stand already.
    std::optional<api::Error> lacking(const ledger::Statement& statement) const;
    // The disclosure's text, where it is here. Errors: the disk's.
    api::Result<std::optional<std::string>> find(const ledger::Hash& commitment) const;

    void offered(consensus::NodeId from, DisclosuresOffered offered);
    void asked(consensus::NodeId from, DisclosuresQuestion question);
    void answered(consensus::NodeId from, DisclosuresAnswer answer);
    // Deletes and seeks. To be called now and then.
    void look();
    Figures figures() const;

  private:
    storage::Result<void> add(std::vector<ledger::Disclosure> disclosures);
    void tidy();
    void erase_what_ended(const ledger::Facts& facts);
    void find_what_is_missing(const ledger::Facts& facts);
    void sweep(const ledger::Facts& facts);
    void ask_somebody();
    std::optional<api::Error> failed(const storage::Error& error) const;

    const std::unique_ptr<storage::DisclosureStore> store_;
    const std::string agency_;
    Verifier& verifier_;
    const inspection::KindRules& rules_;
    const Hooks hooks_;
    std::atomic<bool> tidying_{false};
    std::atomic<std::uint64_t> erased_{0};
    // The tidying task only: how far it has looked; the next is not before these.
    ledger::Address erased_to_, sought_to_, placed_to_;
    std::uint64_t rounds_ = 0;
    // Held from the look at what was erased to the write, and while something is erased: nothing comes back behind it.
    std::mutex writing_;

    mutable std::mutex mutex_;  // guards all below
    std::set<ledger::Hash> missing_;
    ledger::Hash asked_to_{};           // the last that was asked for: the next go on behind it
    std::size_t next_other_ = 0;        // whom to ask next
    std::uint64_t unplaced_bytes_ = 0;  // kept, and of no record that stands: about
};

}  // namespace socai::node
