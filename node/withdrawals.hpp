// What this node does about leaves whose bytes the members withdrew (ledger/governance/withdrawal.hpp): once the deciding vote is
// final, what remains takes the place of the bytes, in the log, in the indexes and in RocksDB's files; and what this node was
// itself given without bytes is relied on only once the vote stands here.
//
// What is voted for is looked at again before anything is deleted: it must be what remains of these very bytes, and lead from the
// digest of the facts before the leaf to the one after it, as this node has derived them. Each step is durable before the next,
// and all of it may happen again: indexes, then the log, then its files.
//
// Any thread; the work is done on a thread of its own.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ledger/governance/withdrawal.hpp"
#include "storage/log_store.hpp"
#include "storage/state_store.hpp"

namespace socai::node {

// So old is a leaf, by its accepted time, before its bytes go; and before a node takes from a leader what remains of it: a
// vote takes longer than that, so that what is offered sooner was made up. Far enough apart for clocks that differ.
inline constexpr std::int64_t withdrawn_after_ms = 20LL * 60 * 1'000;
inline constexpr std::int64_t remains_taken_after_ms = withdrawn_after_ms / 2;

class Withdrawals {
  public:
    struct Hooks {
        std::function<std::shared_ptr<const ledger::Facts>()> facts;  // as applied
        std::function<std::uint64_t()> final_size;
        // LogWriter::withdraw.
        std::function<void(std::vector<consensus::EntryPtr>, std::function<void(storage::Result<void>)>)> write;
        // The confidential members of the leaf's records go with it.
        std::function<void(const ledger::Statement&)> forget_disclosures;
        // What this node took on its own word leaves its files, with what has been decided of it.
        std::function<void()> rewrite_outbox;
        std::function<std::int64_t()> now_ms;
        std::function<void(std::string reason, std::string detail)> fatal;  // the node must stop
    };
    Withdrawals(storage::LogStore& log, storage::StateStore& state, Hooks hooks);
    ~Withdrawals();
    void stop();  // what is under way goes on at the next start

    // Carries out what was voted and is final, if anything is left to do; returns at once.
    void look();
    // Leaves that this node has from what remained of them alone, and of which no vote stands here that says so. Until there are
    // none, it signs no head and is not ready.
    std::vector<std::uint64_t> unproven() const;
    // May the content of an entry that this disk has lost come back as this? What remains of an applied leaf only by its vote.
    bool may_repair(const consensus::Entry& entry) const;
    // Is only what remains of the leaf here, by a vote? After a start, from the first look on.
    bool is_gone(std::uint64_t leaf) const;
    // {voted, carried_out, unproven}
    boost::json::object json() const;
    std::uint64_t rounds() const { return rounds_; }  // of looks that have ended
    // Votes that cannot be carried out, or not to their end, as node.status lists alarms.
    boost::json::array alarms() const;

  private:
    using Vote = std::pair<std::uint64_t, ledger::Hash>;  // leaf, SHA-256 of what is to remain of it
    void work();
    void carry_out(const ledger::VotedWithdrawal& voted);
    storage::Result<consensus::EntryPtr> entry_of(std::uint64_t leaf) const;
    std::optional<std::string> fault_of(const ledger::VotedWithdrawal& voted, const std::string& entry) const;
    void rewrite();
    void tell(const std::string& what);
    void settle_as_gone(const Vote& vote);
    void settle(const Vote& vote, std::optional<std::string> fault);

    storage::LogStore& log_;
    storage::StateStore& state_;
    const Hooks hooks_;
    std::atomic<bool> working_{false};
    std::atomic<std::uint64_t> rounds_{0};
    std::atomic<bool> outbox_due_{false};  // also after a start: the last one may have ended before it

    mutable std::mutex mutex_;  // guards the rest
    std::set<Vote> done_;
    std::map<Vote, std::string> faults_;
    std::set<std::string> told_;
    std::string files_fault_;
    std::size_t voted_ = 0;
    mutable std::set<Vote> proven_;

    boost::asio::thread_pool worker_{1};
};

}  // namespace socai::node
