// Changes of the membership that somebody asked this node for, and transfers of leadership, from the call to its
// answer. Only the leader's node takes them, one at a time; which change is allowed when, the core decides
// (consensus/members.cpp).
//
// Thread-safe. Callbacks are called exactly once, on any thread.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>

#include "api/backend.hpp"
#include "consensus/core.hpp"
#include "ledger/registry.hpp"
#include "node/members.hpp"

namespace socai::node {

class MembershipChanges {
  public:
    struct Hooks {
        std::function<void(consensus::Event)> post;  // to the consensus thread
        std::function<consensus::Status()> status;
    };
    using Changed = std::function<void(api::Result<api::MembershipChanged>)>;
    using Transferred = std::function<void(api::Result<api::Transferred>)>;

    // Both outlive this object.
    MembershipChanges(const Members& members, const ledger::Registry& registry, Hooks hooks);

    // Answered once the change is committed, refused, or `timeout_ms` has passed. Repeating a change that stands is
    // harmless: it answers as unchanged.
    void change(const api::MembershipRequest& request, Changed done);
    // Answered once this node leads no longer, or refused.
    void transfer(const api::TransferRequest& request, Transferred done);

    // What the consensus thread learns.
    void answered(const consensus::MembershipAnswer& answer);
    void ended(const consensus::TransferEnded& ended);
    void committed(consensus::Index index);
    void role_changed(const consensus::Status& status);
    // Gives up what is out of time. To be called a few times a second.
    void expire();
    void stop();

  private:
    using Clock = std::chrono::steady_clock;
    struct Pending {
        std::uint64_t context = 0;
        consensus::NodeId node;
        Clock::time_point deadline;
        std::optional<consensus::Index> appended;
        Changed done;
    };
    struct Handover {
        consensus::NodeId to;  // 0: whom the core chooses
        Clock::time_point deadline;
        Transferred done;
    };
    std::optional<api::Error> not_leading() const;
    void finish(api::Result<api::MembershipChanged> result);

    const Members& members_;
    const ledger::Registry& registry_;
    const Hooks hooks_;
    std::mutex mutex_;  // guards all below; never held while a callback or hook runs
    std::uint64_t next_context_ = 1;
    std::optional<Pending> pending_;
    std::optional<Handover> handover_;
    bool stopped_ = false;
};

}  // namespace socai::node
