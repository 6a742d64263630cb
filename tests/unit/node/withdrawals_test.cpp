// Carrying out the members' votes that the bytes of leaves go; and relying on no leaf that came without bytes before its vote.
#include "node/withdrawals.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <chrono>
#include <thread>

#include "consensus/chain.hpp"
#include "ledger/remains.hpp"
#include "small_ledger.hpp"
#include "storage/log_database.hpp"

namespace socai::node {
namespace {

namespace json = boost::json;
using test::SmallLedger;

// Something follows from every record.
struct CountingRules : SmallLedger::EveryRecord {
    ledger::Result<void> take(const ledger::Coming& coming, ledger::FactDraft& facts) const override {
        facts.put("last", coming.record.id);
        facts.put("of/" + coming.record.id, std::to_string(coming.address.index));
        return {};
    }
};

class WithdrawalsTest : public testing::Test {
  protected:
    WithdrawalsTest() {
        log_ = storage::LogStore::open(folder_.path(), ledger_.identity()).value();
        write(genesis_log_entry(ledger_.entry));
        state_ = ledger_.open_state(folder_.path());
        for (const char* id : {"a", "b", "c"}) add(id);
        withdrawals_ = std::make_unique<Withdrawals>(
            *log_, *state_,
            Withdrawals::Hooks{[this] { return std::shared_ptr<const ledger::Facts>(std::shared_ptr<void>(), &votes_); },
                               [this] { return final_size_; },
                               [this](std::vector<consensus::EntryPtr> remains, auto done) {
                                   if (!disk_drops_) done(log_->withdraw(remains));
                               },
                               [this](const ledger::Statement& statement) {
                                   forgotten_.push_back(statement.records.front().id);
                               },
                               [this] { ++outbox_rewritten_; },
                               [this] { return now_ms_; },
                               [](std::string reason, std::string) { ADD_FAILURE() << reason; }});
    }
    ~WithdrawalsTest() override { withdrawals_->stop(); }

    void write(consensus::EntryPtr entry) {
        consensus::StorageJob job;
        job.hard = consensus::HardState{{1}, {}, {}};
        job.append.push_back(std::move(entry));
        log_->write({&job, 1}).value();
        last_ = job.append.front()->id;
    }
    // A leaf of one record, in the log and applied.
    void add(const std::string& id) {
        auto verdict = ledger::admit(context_, *state_, ledger_.statement(id), test::genesis_time_ms + 1, true);
        leaves_.push_back(std::get<ledger::Admitted>(verdict));
        before_.push_back(state_->position().facts);
        write(consensus::make_entry(last_, {1}, consensus::EntryKind::payload, leaves_.back().leaf, std::nullopt,
                                    leaves_.back().entry));
        const storage::Apply apply{last_, &leaves_.back()};
        state_->apply({&apply, 1}).value();
    }
    ledger::Remains remains_of(std::uint64_t leaf) const {
        return ledger::remains_of(rules_, leaves_[leaf - 1], before_[leaf - 1]).value();
    }
    // The members have voted, in the leaf `at`.
    void vote(std::uint64_t leaf, const std::string& remains, std::uint64_t at = 3) {
        const json::value change{{"index", static_cast<std::int64_t>(leaf)}, {"legal_basis", json::array{"Luật 91/2025/QH15"}}, {"remains", remains}};
        const std::function<ledger::Hash()> no_root = [] { return ledger::Hash{}; };
        ledger::FactDraft draft(votes_);
        ledger::RegistryDraft registry(ledger_.genesis.registry, draft);
        ledger::approve_withdrawal({context_, "withdrawal", change, {at, 0}, {at, 0}, now_ms_, no_root}, registry).value();
        votes_.apply(std::move(draft).take_changes());
    }
    // Looks, and waits until it has looked.
    void look() {
        const std::uint64_t before = looked();
        withdrawals_->look();
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (looked() == before && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::uint64_t looked() const { return withdrawals_->rounds(); }
    std::string payload(std::uint64_t leaf) const {
        const auto index = *state_->raft_index_of(leaf);
        return log_->read(index, index, 1).value().front()->payload;
    }
    std::uint64_t count(const char* what) const { return withdrawals_->json().at(what).to_number<std::uint64_t>(); }

    SmallLedger ledger_;
    CountingRules rules_;
    ledger::Context context_{ledger_.genesis, rules_};
    test::TemporaryFolder folder_;
    std::unique_ptr<storage::LogStore> log_;
    std::unique_ptr<storage::StateStore> state_;
    consensus::EntryId last_;
    std::deque<ledger::Admitted> leaves_;
    std::vector<ledger::Hash> before_;
    ledger::FactMap votes_;
    std::uint64_t final_size_ = 4;
    std::int64_t now_ms_ = test::genesis_time_ms + withdrawn_after_ms + 1'000;
    bool disk_drops_ = false;
    std::vector<std::string> forgotten_;
    int outbox_rewritten_ = 0;
    std::unique_ptr<Withdrawals> withdrawals_;
};

TEST_F(WithdrawalsTest, PutsWhatRemainsInTheLeafsPlace) {
    const std::string remains = ledger::to_text(remains_of(1));
    vote(1, remains);
    look();
    EXPECT_EQ(payload(1), remains);
    EXPECT_EQ(payload(2), leaves_[1].entry);
    EXPECT_EQ(forgotten_, std::vector<std::string>{"a"});
    EXPECT_EQ(outbox_rewritten_, 1);
    EXPECT_TRUE(withdrawals_->is_gone(1));
    EXPECT_FALSE(withdrawals_->is_gone(2));
    EXPECT_EQ(count("voted"), 1U);
    EXPECT_EQ(count("carried_out"), 1U);
    EXPECT_EQ(count("unproven"), 0U);
    EXPECT_TRUE(withdrawals_->alarms().empty());
    look();
    EXPECT_TRUE(log_->database().withdrawn_unwritten().value().empty());
    EXPECT_EQ(forgotten_.size(), 1U) << "done once";
}

TEST_F(WithdrawalsTest, WaitsUntilTheVoteIsFinalAndTheLeafOld) {
    const std::string remains = ledger::to_text(remains_of(1));
    vote(1, remains);
    final_size_ = 3;  // the deciding ballot is leaf 3
    look();
    EXPECT_EQ(payload(1), leaves_[0].entry);
    final_size_ = 4;
    now_ms_ = leaves_[0].time_ms + withdrawn_after_ms - 1;
    look();
    EXPECT_EQ(payload(1), leaves_[0].entry);
    EXPECT_TRUE(forgotten_.empty());
    now_ms_ += 1;
    look();
    EXPECT_EQ(payload(1), remains);
}

// Whoever voted may have been shown something else than what follows from the leaf. The bytes are looked at before they go.
TEST_F(WithdrawalsTest, DeletesNothingForWhatDoesNotRemain) {
    const ledger::Remains right = remains_of(2);
    std::vector<ledger::Remains> wrong(4, right);
    wrong[0].changes.push_back({"of/b", "7"});
    wrong[1].changes.clear();
    wrong[2].before[0] ^= 1;
    wrong[3].statement.records.front().digest[0] ^= 1;
    for (const ledger::Remains& each : wrong) vote(2, ledger::to_text(each));
    look();
    EXPECT_EQ(payload(2), leaves_[1].entry);
    EXPECT_EQ(withdrawals_->alarms().size(), wrong.size());
    EXPECT_EQ(count("carried_out"), 0U);
    EXPECT_TRUE(forgotten_.empty());
    // The members vote again.
    vote(2, ledger::to_text(right));
    look();
    EXPECT_EQ(payload(2), ledger::to_text(right));
    EXPECT_EQ(count("carried_out"), 1U);
    EXPECT_TRUE(withdrawals_->alarms().empty()) << "what came to nothing is settled with the leaf";
}

// The bytes were lost, and what came back is what remains, while the indexes were made of the bytes.
TEST_F(WithdrawalsTest, AStateThatKnowsMoreThanRemainsIsMadeAnew) {
    const std::string remains = ledger::to_text(remains_of(1));
    vote(1, remains);
    auto entry = std::make_shared<consensus::Entry>(*log_->read({2}, {2}, 1).value().front());
    entry->payload = remains;
    ASSERT_TRUE(log_->withdraw(std::vector<consensus::EntryPtr>{entry}));
    look();
    EXPECT_TRUE(withdrawals_->is_gone(1));
    ASSERT_EQ(withdrawals_->alarms().size(), 1U);
    EXPECT_EQ(withdrawals_->alarms().at(0).at("kind"), json::value("withdrawal_unfinished"));
    state_->flush().value();
    withdrawals_->stop();
    state_.reset();
    bool rebuilt = false;
    const auto again = storage::StateStore::open(
        folder_.path(), ledger_.identity(), [this](consensus::Index index) { return std::optional(log_->id_at(index).value()); },
        &rebuilt);
    ASSERT_TRUE(again);
    EXPECT_TRUE(rebuilt);
}

TEST_F(WithdrawalsTest, GoesOnAfterACrashBetweenItsSteps) {
    vote(1, ledger::to_text(remains_of(1)));
    disk_drops_ = true;  // the indexes have forgotten, the log has not
    look();
    EXPECT_EQ(payload(1), leaves_[0].entry);
    disk_drops_ = false;
    look();
    EXPECT_EQ(payload(1), ledger::to_text(remains_of(1)));
    inspection::Filter filter;
    filter.subject = "test";
    const auto fields = [](const ledger::Address&) { return std::optional<inspection::Fields>(); };
    const auto page = state_->query(filter, 1, false, 10, std::nullopt, fields);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->addresses, (std::vector<ledger::Address>{{2, 0}, {3, 0}}));
}

TEST_F(WithdrawalsTest, LostContentComesBackAsWhatRemainsOnlyByVote) {
    const std::string text = ledger::to_text(remains_of(2));
    consensus::Entry entry{*log_->read({3}, {3}, 1).value().front()};
    EXPECT_TRUE(withdrawals_->may_repair(entry));
    entry.payload = text;
    EXPECT_FALSE(withdrawals_->may_repair(entry));
    vote(2, text);
    EXPECT_TRUE(withdrawals_->may_repair(entry));
    // What is not applied yet is taken as from a leader: well made, and old.
    votes_ = {};
    entry.id.index = {99};
    EXPECT_TRUE(withdrawals_->may_repair(entry));
    now_ms_ = leaves_[1].time_ms + remains_taken_after_ms - 1;
    EXPECT_FALSE(withdrawals_->may_repair(entry));
    entry.payload += " ";
    EXPECT_FALSE(withdrawals_->may_repair(entry));
}

TEST_F(WithdrawalsTest, RelyOnNoLeafThatCameWithoutBytesBeforeItsVote) {
    const std::string text = ledger::to_text(remains_of(3));
    test::TemporaryFolder other;
    auto state = ledger_.open_state(other.path());
    ledger::Admitted bare = leaves_[2];
    bare.withdrawn = true;
    bare.entry = text;
    bare.statement = std::make_shared<const ledger::Statement>(ledger::read_leaf(text)->statement);
    std::uint64_t index = 2;
    for (const ledger::Admitted& leaf : {leaves_[0], leaves_[1], bare}) {
        const storage::Apply apply{log_->id_at({index++}).value(), &leaf};
        state->apply({&apply, 1}).value();
    }
    Withdrawals withdrawals(*log_, *state,
                            {[this] { return std::shared_ptr<const ledger::Facts>(std::shared_ptr<void>(), &votes_); },
                             {}, {}, {}, {}, {}, {}});
    EXPECT_EQ(withdrawals.unproven(), std::vector<std::uint64_t>{3});
    ledger::Remains other_remains = remains_of(3);
    other_remains.changes.clear();
    vote(3, ledger::to_text(other_remains), 4);
    EXPECT_EQ(withdrawals.unproven(), std::vector<std::uint64_t>{3}) << "the vote was over something else";
    vote(3, text, 5);
    EXPECT_TRUE(withdrawals.unproven().empty());
}

}  // namespace
}  // namespace socai::node
