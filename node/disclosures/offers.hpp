// Submissions with confidential members, before they go the way of all others: what is told is made durable here and at one
// other node that may hold it, and only then does the statement move on. Nothing of it is lost with one disk, and no statement
// stands whose confidential part is nowhere.
//
// Thread-safe. Hooks are called without its lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "api/backend.hpp"
#include "consensus/types.hpp"
#include "network/frame.hpp"
#include "node/disclosures/matching.hpp"
#include "node/disclosures/parcels.hpp"
#include "node/member.hpp"
#include "node/verifier.hpp"

namespace socai::node {

class DisclosureOffers {
  public:
    using Done = std::function<void(api::SubmitResults)>;
    struct Hooks {
        std::function<std::shared_ptr<const ledger::Registry>()> registry;
        std::function<std::vector<Member>()> others;  // the members but this node
        std::function<bool(consensus::NodeId to, network::Parcel)> send;
        // Makes them durable here; the error says why not.
        std::function<std::optional<api::Error>(std::vector<storage::ToldFor>)> keep;
        std::function<bool(const ledger::Statement&)> may_hold;  // may this node?
        std::function<bool(const ledger::Statement&)> stands;    // in the ledger, so that it needs no disclosures
        std::function<void(api::SubmitRequest, Done)> submit;  // the way of all others
    };

    // They outlive this object.
    DisclosureOffers(Verifier& verifier, const inspection::KindRules& rules, Hooks hooks);

    // `done` once, any thread.
    void submit(api::SubmitRequest request, Done done);
    // Another node holds what it was offered.
    void held(consensus::NodeId by, const DisclosuresHeld& held);
    // Offers again what nobody holds yet, and answers what is out of time. To be called now and then.
    void look();
    // Answers everything that waits; later submissions are `unavailable`.
    void stop();
    std::size_t waiting() const;

  private:
    using Clock = std::chrono::steady_clock;
    struct Item {
        StatementPtr statement;
        std::size_t position = 0;  // in the request
        std::vector<storage::ToldFor> told;
        std::set<ledger::Hash> unsafe;  // commitments that no other node holds yet
    };
    struct Call {
        std::uint64_t id = 0;
        api::SubmitRequest request;
        std::vector<std::optional<api::Result<api::Submitted>>> results;
        std::vector<Item> items;               // statements that commit and passed
        std::vector<std::size_t> clear;        // positions of those that do not commit
        Done done;
        std::size_t bytes = 0;
        Clock::time_point deadline;
        Clock::time_point offer_at{};  // again, if it still waits then
        Clock::duration pause{};       // until then; grows
    };
    using CallPtr = std::shared_ptr<Call>;

    // What a call comes to, before others know of it.
    struct Sorted {
        std::vector<std::optional<api::Result<api::Submitted>>> results;
        std::vector<Item> items;
        std::vector<std::size_t> clear;
    };
    void prepare(const CallPtr& call, DisclosuresByCommitment told, Verifier::Prepared prepared);
    api::Result<Item> take(const StatementPtr& statement, std::size_t position,
                           const DisclosuresByCommitment& told, const ledger::Registry& registry,
                           const std::vector<Member>& others) const;
    void offer(const CallPtr& call);
    bool wait_for_others(const CallPtr& call);
    void pass_on(const CallPtr& call);
    CallPtr claim(std::uint64_t id);
    static void refuse_all(Call& call, const api::Error& error);
    static void answer(Call& call);

    Verifier& verifier_;
    const inspection::KindRules& rules_;
    const Hooks hooks_;
    mutable std::mutex mutex_;  // guards all below, and the items of calls that wait
    std::map<std::uint64_t, CallPtr> calls_;
    std::uint64_t next_id_ = 1;
    std::size_t bytes_ = 0;
    bool stopped_ = false;
};

}  // namespace socai::node
