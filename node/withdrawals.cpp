#include "node/withdrawals.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "ledger/remains.hpp"
#include "storage/log_database.hpp"
#include "storage/state_database.hpp"

namespace socai::node {

Withdrawals::Withdrawals(storage::LogStore& log, storage::StateStore& state, Hooks hooks)
    : log_(log), state_(state), hooks_(std::move(hooks)) {}

Withdrawals::~Withdrawals() {
    stop();
}

void Withdrawals::stop() {
    worker_.stop();
    worker_.join();
}

void Withdrawals::look() {
    if (working_.exchange(true)) return;
    boost::asio::post(worker_, [this] {
        work();
        working_ = false;
        ++rounds_;
    });
}

void Withdrawals::work() {
    const std::uint64_t final_size = hooks_.final_size();
    std::vector<ledger::VotedWithdrawal> due;
    std::size_t voted = 0;
    ledger::each_withdrawal(*hooks_.facts(), [&](const ledger::VotedWithdrawal& each) {
        ++voted;
        const Vote vote{each.index, ledger::sha256(each.remains)};
        const std::lock_guard lock(mutex_);
        if (each.at.index < final_size && !done_.contains(vote) && !faults_.contains(vote)) due.push_back(each);
        return true;
    });
    {
        const std::lock_guard lock(mutex_);
        voted_ = voted;
    }
    for (const auto& each : due) carry_out(each);
    rewrite();
}

storage::Result<consensus::EntryPtr> Withdrawals::entry_of(std::uint64_t leaf) const {
    const auto index = state_.raft_index_of(leaf);
    if (!index) return storage::Error{"corrupt_log", "leaf " + std::to_string(leaf) + " is not applied"};
    auto entries = log_.read(*index, *index, 1);
    if (!entries) return entries.error();
    if (entries->empty()) return storage::Error{"corrupt_log", "the log lacks leaf " + std::to_string(leaf)};
    return entries->front();
}

void Withdrawals::carry_out(const ledger::VotedWithdrawal& voted) {
    const Vote vote{voted.index, ledger::sha256(voted.remains)};
    const auto entry = entry_of(voted.index);
    if (!entry) return;  // content that the disk has lost comes back first, or comes back as what remains
    if ((*entry)->payload == voted.remains) return settle_as_gone(vote);
    // By another vote over the same leaf.
    if (ledger::is_remains((*entry)->payload)) return;
    if (auto fault = fault_of(voted, (*entry)->payload)) return settle(vote, std::move(fault));
    const auto whole = ledger::read_leaf((*entry)->payload);
    if (hooks_.now_ms() - whole->time_ms < withdrawn_after_ms) return;
    if (const auto sound = log_.database().check_undamaged(); !sound) return tell(sound.error().detail);
    const auto remains = ledger::parse_remains(voted.remains);
    if (auto gone = state_.forget_content(voted.index, whole->statement, remains->statement, vote.second); !gone) {
        hooks_.fatal(gone.error().reason, gone.error().detail);
        return;
    }
    hooks_.forget_disclosures(whole->statement);
    auto left = std::make_shared<consensus::Entry>(**entry);
    left->payload = voted.remains;
    hooks_.write({std::move(left)}, [this, vote](storage::Result<void> written) {
        // A disk that does not keep what it was given ends the node by the writer's own word.
        if (!written) return tell(written.error().detail);
        settle(vote, std::nullopt);
        spdlog::info("withdrawals: the bytes of leaf {} are gone, by the members' vote", vote.first);
        look();
    });
}

// It stands in the log already: since an earlier start, or because the bytes were lost and came back so. Then the indexes, which
// were made of the bytes, know more than remains.
void Withdrawals::settle_as_gone(const Vote& vote) {
    const auto bare = state_.applied_as_remains();
    if (std::ranges::find(bare, vote) == bare.end()) {
        state_.doubt("leaf " + std::to_string(vote.first) + " was withdrawn, and its bytes are in the indexes still.");
        tell("leaf " + std::to_string(vote.first) + " was withdrawn while its bytes were lost here: the next start makes the state "
             "anew, without them");
    }
    settle(vote, std::nullopt);
}

bool Withdrawals::may_repair(const consensus::Entry& entry) const {
    if (!ledger::is_remains(entry.payload)) return true;
    const auto remains = ledger::parse_remains(entry.payload);
    if (!remains) return false;
    if (entry.id.index > state_.position().raft_index)
        return remains->time_ms <= hooks_.now_ms() - remains_taken_after_ms;  // as from a leader
    return ledger::voted_withdrawal(*hooks_.facts(), remains->index, ledger::sha256(entry.payload)).has_value();
}

bool Withdrawals::is_gone(std::uint64_t leaf) const {
    const std::lock_guard lock(mutex_);
    const auto done = done_.lower_bound({leaf, ledger::Hash{}});
    return done != done_.end() && done->first == leaf;
}

std::optional<std::string> Withdrawals::fault_of(const ledger::VotedWithdrawal& voted, const std::string& entry) const {
    const auto remains = ledger::parse_remains(voted.remains);
    if (!remains) return remains.error().detail;
    if (auto fits = ledger::check_remains(*remains, entry); !fits) return fits.error().detail;
    const bool follows =
        state_.facts_mark(voted.index) == storage::digest_mark(remains->before) &&
        state_.facts_mark(voted.index + 1) == storage::digest_mark(ledger::digest_after(remains->before, remains->changes));
    if (follows) return std::nullopt;
    return "what the members voted to remain of leaf " + std::to_string(voted.index) +
           " is not what follows from it by this node's rules";
}

// Only after the log holds what remains: a crash in between does it again.
void Withdrawals::rewrite() {
    if (outbox_due_.exchange(false)) hooks_.rewrite_outbox();
    const auto done = log_.rewrite_withdrawn();
    const std::string fault = done ? std::string() : done.error().detail;
    const std::lock_guard lock(mutex_);
    if (fault == files_fault_) return;
    files_fault_ = fault;
    if (!done) spdlog::error("withdrawals: withdrawn bytes still lie in this node's files: {}", fault);
}

// What stands in the way, once.
void Withdrawals::tell(const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (told_.insert(what).second) spdlog::error("withdrawals: {}", what);
}

void Withdrawals::settle(const Vote& vote, std::optional<std::string> fault) {
    const std::lock_guard lock(mutex_);
    if (!fault) {
        done_.insert(vote);
        outbox_due_ = true;
        // Votes before, over what does not remain of the leaf, have come to nothing.
        std::erase_if(faults_, [&](const auto& each) { return each.first.first == vote.first; });
        return;
    }
    spdlog::error("withdrawals: the vote over leaf {} is not carried out: {}", vote.first, *fault);
    faults_.emplace(vote, *std::move(fault));
}

std::vector<std::uint64_t> Withdrawals::unproven() const {
    std::vector<std::uint64_t> leaves;
    const auto applied = state_.applied_as_remains();
    if (applied.empty()) return leaves;
    std::shared_ptr<const ledger::Facts> facts;
    const std::lock_guard lock(mutex_);
    for (const Vote& each : applied) {
        if (proven_.contains(each)) continue;
        if (!facts) facts = hooks_.facts();
        if (ledger::voted_withdrawal(*facts, each.first, each.second))
            proven_.insert(each);
        else
            leaves.push_back(each.first);
    }
    return leaves;
}

boost::json::object Withdrawals::json() const {
    const std::size_t unproven = this->unproven().size();
    const std::lock_guard lock(mutex_);
    return {{"voted", voted_}, {"carried_out", done_.size()}, {"unproven", unproven}};
}

boost::json::array Withdrawals::alarms() const {
    const std::lock_guard lock(mutex_);
    boost::json::array alarms;
    const auto add = [&alarms](const char* kind, const std::string& what) {
        alarms.emplace_back(boost::json::object{{"kind", kind}, {"file", ""}, {"what", what}, {"proven", false}});
    };
    for (const auto& [vote, fault] : faults_) add("withdrawal_differs", fault);
    for (const std::string& each : told_) add("withdrawal_unfinished", each);
    if (!files_fault_.empty()) add("withdrawal_unfinished", files_fault_);
    return alarms;
}

}  // namespace socai::node
