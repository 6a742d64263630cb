// What this node's disk lost, and how it comes back from the other nodes: the host's side of protocol-aware
// recovery (consensus/recovery.cpp). Damage is found at start (storage) or when an entry is read; the core then
// asks others for its content, which is written here and told to the ledger thread and the core.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "consensus/core.hpp"
#include "node/verifier.hpp"
#include "storage/log_store.hpp"
#include "storage/log_writer.hpp"

namespace socai::node {

class Recovery {
  public:
    struct Hooks {
        std::function<void(consensus::Event)> post;  // to the consensus thread
        std::function<void(consensus::NodeId to, consensus::Message)> send;
        std::function<void(std::vector<consensus::Index>)> repaired;  // before the core is told
        std::function<void(std::string reason, std::string detail)> fatal;
        std::function<std::string(consensus::NodeId)> name;
    };
    struct Figures {
        std::uint64_t found = 0;     // entries that lost their content, since start
        std::uint64_t repaired = 0;  // of them, whole again
        std::uint64_t served = 0;    // entries given to other nodes for their repair
    };

    // Both outlive this object.
    Recovery(const storage::LogStore& log, Verifier& pool, Hooks hooks);

    // Tells the operator what the start found.
    void report(const storage::LogStart& start, const std::vector<consensus::DamagedEntry>& damaged);
    // A read of these entries failed: looks which are damaged, off the calling thread, and tells the core.
    void suspect(consensus::Index first, consensus::Index last);
    // These have lost their content, as somebody found who looked: they are fetched.
    void lost(std::vector<consensus::DamagedEntry> damaged);
    // The core asks `to` for content (for the log line).
    void asked(consensus::NodeId to, const consensus::FetchRequest& request);
    // Another node asks for content.
    void serve(consensus::ServeFetch serve);
    // Content that came. `writer` outlives the call's work.
    void repair(storage::LogWriter& writer, std::vector<consensus::EntryPtr> entries);

    Figures figures() const;

  private:
    void found(const std::vector<consensus::DamagedEntry>& damaged);

    const storage::LogStore& log_;
    Verifier& pool_;
    const Hooks hooks_;
    mutable std::mutex mutex_;  // guards all below
    std::set<consensus::Index> damaged_;
    std::set<consensus::Index> suspected_;  // being looked at
    std::size_t asked_for_ = 0;             // entries missing when a request was last logged
    Figures figures_;
};

}  // namespace socai::node
