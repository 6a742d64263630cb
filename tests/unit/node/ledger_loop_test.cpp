#include "node/ledger_loop.hpp"

#include <gtest/gtest.h>

#include <condition_variable>

#include "ledger/remains.hpp"
#include "node/member.hpp"
#include "node/withdrawals.hpp"
#include "small_ledger.hpp"

namespace socai::node {
namespace {

using test::as_founded;
using test::SmallLedger;
using test::TemporaryFolder;

// Those of a program that the record "activation" outgrows. Where the members decide over it, any of them can.
struct OldRules : SmallLedger::EveryRecord {
    std::string_view matter;
    std::string_view matter_of(std::string_view) const override { return matter; }
    ledger::Result<void> take(const ledger::Coming& coming, ledger::FactDraft& facts) const override {
        if (coming.record.id == "activation") facts.put("new rules", "2");
        return {};
    }
    std::optional<std::string> outgrown(const ledger::Facts& facts) const override {
        return facts.get("new rules") ? std::optional<std::string>("The ledger has rules 2, this program 1.")
                                      : std::nullopt;
    }
};

// The ledger thread alone: the test plays the consensus thread.
class LedgerLoopTest : public ::testing::Test {
  protected:
    LedgerLoopTest() : context_{ledger_.genesis, rules_} {
        log_ = storage::LogStore::open(folder_.path(), ledger_.identity()).value();
        consensus::StorageJob first;
        first.hard = consensus::HardState{{1}, {}, {}};
        first.append.push_back(genesis_log_entry(ledger_.entry));
        log_->write({&first, 1}).value();
        state_ = ledger_.open_state(folder_.path());
        last_ = first.append.front()->id;
        loop_ = std::make_unique<LedgerLoop>(
            context_, *log_, *state_, 1'000'000,
            LedgerLoop::Hooks{
                [this](consensus::Event event) { keep(events_, std::move(event)); },
                [this](std::function<void(bool)> done) { keep(confirmations_, std::move(done)); },
                [this](consensus::Index, std::uint64_t size) {
                    const std::lock_guard lock(mutex_);
                    applied_size_ = size;
                    changed_.notify_all();
                },
                [this](std::string reason, std::string) { keep(faults_, std::move(reason)); },
                [this] { return now_ms_; }, [] { return std::optional<Attempt::End>(); }});
        loop_->replay({1}, {1}, [](std::uint64_t, std::uint64_t) {}).value();
        loop_->start();
    }
    ~LedgerLoopTest() override { loop_->stop(); }

    template <class T>
    void keep(std::vector<T>& list, T item) {
        const std::lock_guard lock(mutex_);
        list.push_back(std::move(item));
        changed_.notify_all();
    }
    // Takes the first item of `list`, waiting for it.
    template <class T>
    T take(std::vector<T>& list) {
        std::unique_lock lock(mutex_);
        const bool came = changed_.wait_for(lock, std::chrono::seconds(20), [&] { return !list.empty(); });
        if (!came) throw std::runtime_error("nothing came within 20 s");
        T item = std::move(list.front());
        list.erase(list.begin());
        return item;
    }
    template <class T>
    T take_event() {
        return std::get<T>(take(events_));
    }

    void lead(std::uint64_t term) {
        LogChange change;
        change.leadership.emplace().leads = consensus::Term{term};
        loop_->log_changed(std::move(change));
    }
    void follow() {
        LogChange change;
        change.leadership.emplace();
        loop_->log_changed(std::move(change));
    }
    void submit(std::vector<StatementPtr> statements) {
        loop_->submit(std::move(statements),
                      [this](Attempt attempt) { keep(attempts_, std::move(attempt)); });
    }

    consensus::EntryPtr next_entry(consensus::EntryId previous, std::uint64_t term,
                                   const std::string& payload,
                                   std::optional<consensus::Digest> mark = std::nullopt) const {
        auto entry = std::make_shared<consensus::Entry>();
        entry->kind = payload.empty() ? consensus::EntryKind::noop : consensus::EntryKind::payload;
        entry->payload = payload;
        entry->digest = payload.empty() ? ledger::sha256("") : ledger::leaf_hash(payload);
        entry->mark = mark;
        entry->id.term = {term};
        entry->id.index = previous.index + 1;
        entry->id.hash = consensus::chain_hash(previous.hash, entry->id.term, entry->id.index, entry->kind,
                                               entry->digest, mark);
        return entry;
    }
    // What the core does with a leader's proposal: appends, and commits when `commit`.
    void append(const consensus::Propose& proposal, bool commit) {
        LogChange change;
        for (std::size_t i = 0; i < proposal.items.size(); ++i) {
            const bool last = i + 1 == proposal.items.size();
            change.appended.push_back(next_entry(last_, proposal.term.value, proposal.items[i].payload,
                                                 last ? std::optional(proposal.mark) : std::nullopt));
            last_ = change.appended.back()->id;
        }
        if (commit) change.committed = last_.index;
        loop_->log_changed(std::move(change));
    }
    consensus::Verdict judge(consensus::EntryId previous, std::vector<consensus::EntryPtr> entries) {
        Verifier verifier(context_.genesis, as_founded(context_.genesis), 1);
        consensus::ValidateJob job{++job_, {5}, {2}, previous, entries};
        verifier.verify_entries(std::move(entries),
                                [&](Verifier::Prepared prepared) { loop_->judge(job, std::move(prepared)); });
        const auto validated = take_event<consensus::Validated>();
        EXPECT_EQ(validated.job, job_);
        return validated.verdict;
    }
    void wait_applied(std::uint64_t size) {
        std::unique_lock lock(mutex_);
        ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [&] { return applied_size_ >= size; }));
    }
    std::string entry_of(const std::string& id, std::int64_t time_ms = test::genesis_time_ms + 1) const {
        return ledger::make_entry(time_ms, ledger_.statement_text(id));
    }
    // Root of the genesis and these entries.
    ledger::Hash root_of(const std::vector<std::string>& entries) const {
        ledger::Frontier tree;
        tree.append(ledger::leaf_hash(ledger_.entry));
        for (const auto& entry : entries) tree.append(ledger::leaf_hash(entry));
        return tree.root();
    }

    SmallLedger ledger_;
    OldRules rules_;
    TemporaryFolder folder_;
    ledger::Context context_;
    std::int64_t now_ms_ = test::genesis_time_ms + 1'000;
    std::unique_ptr<storage::LogStore> log_;
    std::unique_ptr<storage::StateStore> state_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<consensus::Event> events_;
    std::vector<std::function<void(bool)>> confirmations_;
    std::vector<std::string> faults_;
    std::vector<Attempt> attempts_;
    std::uint64_t applied_size_ = 0;
    std::uint64_t job_ = 0;
    consensus::EntryId last_;
    std::unique_ptr<LedgerLoop> loop_;
};

TEST_F(LedgerLoopTest, WhoDoesNotLeadTakesNothing) {
    submit({ledger_.statement("a")});
    EXPECT_EQ(take(attempts_).end, Attempt::End::not_leader);
    EXPECT_TRUE(events_.empty());
}

TEST_F(LedgerLoopTest, TheLeaderAnswersWhenApplied) {
    lead(2);
    submit({ledger_.statement("a"), ledger_.statement("b")});
    const auto proposal = take_event<consensus::Propose>();
    ASSERT_EQ(proposal.items.size(), 2u);
    EXPECT_EQ(proposal.mark, root_of({proposal.items[0].payload, proposal.items[1].payload}));
    append(proposal, false);
    EXPECT_TRUE(attempts_.empty());
    append({proposal.term, 0, {}, {}}, true);
    const Attempt attempt = take(attempts_);
    ASSERT_EQ(attempt.end, Attempt::End::decided);
    EXPECT_EQ(attempt.decisions[0]->address, (ledger::Address{1, 0}));
    EXPECT_EQ(attempt.decisions[1]->address, (ledger::Address{2, 0}));
    EXPECT_EQ(attempt.decisions[1]->time_ms, now_ms_);
    EXPECT_EQ(state_->size(), 3u);
}

TEST_F(LedgerLoopTest, AcceptedTimesNeverFall) {
    lead(2);
    submit({ledger_.statement("a")});
    append(take_event<consensus::Propose>(), true);
    EXPECT_EQ(take(attempts_).decisions[0]->time_ms, now_ms_);
    const std::int64_t before = now_ms_;
    now_ms_ -= 500;
    submit({ledger_.statement("b")});
    append(take_event<consensus::Propose>(), true);
    EXPECT_EQ(take(attempts_).decisions[0]->time_ms, before);
}

TEST_F(LedgerLoopTest, ADuplicateOfTheUncommittedTailWaitsForIt) {
    lead(2);
    submit({ledger_.statement("a")});
    const auto proposal = take_event<consensus::Propose>();
    submit({ledger_.statement("a")});
    append(proposal, true);
    EXPECT_FALSE(take(attempts_).decisions[0]->duplicate);
    const Attempt second = take(attempts_);
    EXPECT_TRUE(second.decisions[0]->duplicate);
    EXPECT_EQ(second.decisions[0]->address.index, 1u);
}

TEST_F(LedgerLoopTest, ARefusalWaitsForTheProofOfLeadership) {
    lead(2);
    submit({ledger_.statement("a", R"([{"rel":"about","source":"customs","id":"nothing"}])")});
    take(confirmations_)(true);
    const Attempt attempt = take(attempts_);
    ASSERT_EQ(attempt.end, Attempt::End::decided);
    ASSERT_FALSE(attempt.decisions[0]);
    EXPECT_EQ(attempt.decisions[0].error().reason, "unknown_reference");
}

TEST_F(LedgerLoopTest, ARefusalOfALeaderDeposedMeanwhileIsNotGiven) {
    lead(2);
    submit({ledger_.statement("a", R"([{"rel":"about","source":"customs","id":"nothing"}])")});
    const auto confirm = take(confirmations_);
    follow();
    lead(4);  // leads again, but another term: it did not lead throughout
    confirm(true);
    EXPECT_EQ(take(attempts_).end, Attempt::End::lost);
}

TEST_F(LedgerLoopTest, LosingLeadershipAnswersLostAndForgetsWhatWasNotAppended) {
    lead(2);
    submit({ledger_.statement("a")});
    static_cast<void>(take_event<consensus::Propose>());  // refused by a core that no longer leads
    follow();
    EXPECT_EQ(take(attempts_).end, Attempt::End::lost);
    // The same record from the new leader is no duplicate here.
    const std::string entry = entry_of("a");
    EXPECT_EQ(judge(last_, {next_entry(last_, 5, entry, root_of({entry}))}), consensus::Verdict::valid);
}

TEST_F(LedgerLoopTest, LimitsAnswerOverloaded) {
    lead(2);
    std::vector<StatementPtr> many;
    for (int i = 0; i < 2'500; ++i) many.push_back(ledger_.statement("r" + std::to_string(i)));
    submit(many);
    EXPECT_EQ(take(attempts_).end, Attempt::End::overloaded);
    EXPECT_TRUE(events_.empty());
}

TEST_F(LedgerLoopTest, AFollowerRefusesWhatItCanProveWrong) {
    const std::string good = entry_of("a");
    EXPECT_EQ(judge(last_, {next_entry(last_, 5, good, root_of({}))}), consensus::Verdict::wrong)
        << "another root";
    EXPECT_EQ(judge(last_, {next_entry(last_, 5, "17 not-a-statement")}), consensus::Verdict::wrong);
    EXPECT_EQ(judge(last_, {next_entry(last_, 5, entry_of("b", 5))}), consensus::Verdict::wrong)
        << "a time before the last";
    auto other_digest = std::make_shared<consensus::Entry>(*next_entry(last_, 5, good));
    other_digest->digest[0] ^= 1;
    EXPECT_EQ(judge(last_, {other_digest}), consensus::Verdict::wrong);
    consensus::EntryId other_history = last_;
    other_history.hash[0] ^= 1;
    EXPECT_EQ(judge(other_history, {next_entry(other_history, 5, good)}), consensus::Verdict::wrong);
    EXPECT_EQ(judge(last_, {next_entry(last_, 5, good, root_of({good}))}), consensus::Verdict::valid)
        << "and goes on";
}

TEST_F(LedgerLoopTest, AFollowerAppliesWhatItValidated) {
    const std::string first = entry_of("a");
    const std::string second = entry_of("b");
    const auto one = next_entry(last_, 5, first, root_of({first}));
    const auto noop = next_entry(one->id, 6, "");
    const auto two = next_entry(noop->id, 6, second, root_of({first, second}));
    EXPECT_EQ(judge(last_, {one, noop, two}), consensus::Verdict::valid);
    loop_->log_changed({{}, std::nullopt, {one, noop, two}, std::nullopt, two->id.index});
    wait_applied(3);
    EXPECT_EQ(state_->frontier().root(), root_of({first, second}));
    EXPECT_EQ(state_->position().raft_index, two->id.index);
}

TEST_F(LedgerLoopTest, ALeaderStopsBeforeItAdmitsUnderRulesItDoesNotKnow) {
    lead(2);
    submit({ledger_.statement("before"), ledger_.statement("activation"), ledger_.statement("after")});
    const auto proposal = take_event<consensus::Propose>();
    EXPECT_EQ(proposal.items.size(), 2u);
    EXPECT_EQ(take(faults_), "upgrade_required");
    EXPECT_EQ(take(attempts_).end, Attempt::End::lost);
}

TEST_F(LedgerLoopTest, ALeaderDoesNotWriteWhatWouldStopIt) {
    ledger_.genesis.parameters.passage["versions"] = "any";
    rules_.matter = "versions";
    lead(2);
    submit({ledger_.statement("before"), ledger_.statement("activation"), ledger_.statement("after")});
    const auto proposal = take_event<consensus::Propose>();
    EXPECT_EQ(proposal.items.size(), 2u);
    append(proposal, true);
    take(confirmations_)(true);
    const Attempt attempt = take(attempts_);
    ASSERT_EQ(attempt.decisions.size(), 3u);
    EXPECT_TRUE(attempt.decisions[0] && attempt.decisions[2]);
    ASSERT_FALSE(attempt.decisions[1]);
    EXPECT_EQ(attempt.decisions[1].error().reason, "upgrade_first");
    EXPECT_TRUE(faults_.empty());
}

TEST_F(LedgerLoopTest, AFollowerStopsWhereItCannotJudgeAndBlamesNobody) {
    const std::string first = entry_of("activation");
    const std::string second = entry_of("b");
    const auto one = next_entry(last_, 5, first);
    const auto two = next_entry(one->id, 5, second, root_of({first, second}));
    EXPECT_EQ(judge(last_, {one, two}), consensus::Verdict::not_yet);
    EXPECT_EQ(take(faults_), "upgrade_required");
}

TEST_F(LedgerLoopTest, AFollowerStopsOnceTheActivationIsApplied) {
    const std::string first = entry_of("activation");
    const auto one = next_entry(last_, 5, first, root_of({first}));
    EXPECT_EQ(judge(last_, {one}), consensus::Verdict::valid);
    loop_->log_changed({{}, std::nullopt, {one}, std::nullopt, one->id.index});
    EXPECT_EQ(take(faults_), "upgrade_required");
    loop_->stop();
    EXPECT_EQ(state_->size(), 2u);
    // And does not start again.
    LedgerLoop again(
        context_, *log_, *state_, 1'000'000,
        LedgerLoop::Hooks{[](consensus::Event) {}, [](std::function<void(bool)>) {},
                          [](consensus::Index, std::uint64_t) {},
                          [this](std::string reason, std::string) { keep(faults_, std::move(reason)); },
                          [this] { return now_ms_; }, [] { return std::optional<Attempt::End>(); }});
    const auto replayed = again.replay({2}, {2}, [](std::uint64_t, std::uint64_t) {});
    ASSERT_FALSE(replayed);
    EXPECT_EQ(replayed.error().reason, "upgrade_required");
}

TEST_F(LedgerLoopTest, AForgottenValidationLeavesTheLogAsItWas) {
    const std::string mine = entry_of("a");
    const std::string theirs = entry_of("b");
    const auto kept = next_entry(last_, 5, mine, root_of({mine}));
    ASSERT_EQ(judge(last_, {kept}), consensus::Verdict::valid);
    loop_->log_changed({{}, std::nullopt, {kept}, std::nullopt, std::nullopt});
    // A conflicting append is found valid in place of `kept`, but the core has moved on and does not append it.
    ASSERT_EQ(judge(last_, {next_entry(last_, 6, theirs, root_of({theirs}))}), consensus::Verdict::valid);
    // The log still holds `kept`: what follows it is judged on top of it, and it is what gets applied.
    const std::string next = entry_of("c");
    const auto after = next_entry(kept->id, 6, next, root_of({mine, next}));
    ASSERT_EQ(judge(kept->id, {after}), consensus::Verdict::valid);
    loop_->log_changed({{}, std::nullopt, {after}, std::nullopt, after->id.index});
    wait_applied(3);
    EXPECT_EQ(state_->frontier().root(), root_of({mine, next}));
}

TEST_F(LedgerLoopTest, ATruncatedTailIsReplaced) {
    const std::string mine = entry_of("a");
    const std::string theirs = entry_of("b");
    const auto dropped = next_entry(last_, 5, mine, root_of({mine}));
    ASSERT_EQ(judge(last_, {dropped}), consensus::Verdict::valid);
    loop_->log_changed({{}, std::nullopt, {dropped}, std::nullopt, std::nullopt});
    const auto kept = next_entry(last_, 6, theirs, root_of({theirs}));
    ASSERT_EQ(judge(last_, {kept}), consensus::Verdict::valid);
    loop_->log_changed({{}, dropped->id.index, {kept}, std::nullopt, kept->id.index});
    wait_applied(2);
    EXPECT_EQ(state_->frontier().root(), root_of({theirs}));
    EXPECT_FALSE(state_->find("customs", "a"));
    EXPECT_TRUE(state_->find("customs", "b"));
    EXPECT_TRUE(faults_.empty());
}

TEST_F(LedgerLoopTest, ARefusedProposalIsDroppedWithWhatRestsOnIt) {
    lead(2);
    submit({ledger_.statement("a")});
    const auto first = take_event<consensus::Propose>();
    append(first, false);
    submit({ledger_.statement("b")});
    const auto second = take_event<consensus::Propose>();
    submit({ledger_.statement("c")});
    const auto third = take_event<consensus::Propose>();
    EXPECT_EQ(third.first_position, second.first_position)
        << "rests on the second: both are refused together";
    LogChange change;
    change.refused.push_back({second.first_position, {2}, consensus::ProposalRefused::Why::transferring});
    loop_->log_changed(change);
    EXPECT_EQ(take(attempts_).end, Attempt::End::not_leader);
    EXPECT_EQ(take(attempts_).end, Attempt::End::not_leader);
    // It leads on: what stood in the log stands, and what was dropped is no duplicate.
    submit({ledger_.statement("b")});
    const auto again = take_event<consensus::Propose>();
    EXPECT_GT(again.first_position, second.first_position);
    EXPECT_EQ(again.mark, root_of({first.items[0].payload, again.items[0].payload}));
    append(again, true);
    const Attempt kept = take(attempts_);
    EXPECT_EQ(kept.decisions[0]->address, (ledger::Address{1, 0}));
    EXPECT_EQ(take(attempts_).decisions[0]->address, (ledger::Address{2, 0}));
    EXPECT_TRUE(faults_.empty());
}

TEST_F(LedgerLoopTest, WhyAProposalWasRefusedIsTold) {
    lead(2);
    for (const auto& [why, end] :
         {std::pair{consensus::ProposalRefused::Why::no_space, Attempt::End::no_space},
          std::pair{consensus::ProposalRefused::Why::overloaded, Attempt::End::overloaded}}) {
        submit({ledger_.statement("a")});
        LogChange change;
        change.refused.push_back({take_event<consensus::Propose>().first_position, {2}, why});
        loop_->log_changed(change);
        EXPECT_EQ(take(attempts_).end, end);
    }
}

TEST_F(LedgerLoopTest, AConfigurationMustSayWhoItsMembersAre) {
    const auto entry = [&](const std::string& note) {
        return consensus::make_configuration(last_, {5}, {.voters = {{1}}, .outgoing = {}, .learners = {}},
                                             note);
    };
    EXPECT_EQ(judge(last_, {entry("nonsense")}), consensus::Verdict::wrong);
    EXPECT_EQ(judge(last_, {entry(genesis_configuration(ledger_.genesis).note)}), consensus::Verdict::valid);
}

TEST_F(LedgerLoopTest, AnEntryFromTheFutureIsHeld) {
    const std::string early = entry_of("a", now_ms_ + 1'001);
    const auto entry = next_entry(last_, 5, early, root_of({early}));
    EXPECT_EQ(judge(last_, {entry}), consensus::Verdict::not_yet);
    now_ms_ += 1;
    EXPECT_EQ(judge(last_, {entry}), consensus::Verdict::valid);
}

// A vote takes longer than that: what a leader offers sooner without bytes, it has made up.
TEST_F(LedgerLoopTest, AFollowerTakesWhatRemainsOfAnOldLeafAlone) {
    const std::string entry = entry_of("a");
    auto verdict = ledger::admit(context_, *state_, ledger_.statement("a"), test::genesis_time_ms + 1, true);
    const auto remains = ledger::remains_of(rules_, std::get<ledger::Admitted>(verdict), state_->position().facts).value();
    const std::string text = ledger::to_text(remains);
    auto bare = std::make_shared<consensus::Entry>(*next_entry(last_, 5, entry, root_of({entry})));
    bare->payload = text;

    EXPECT_EQ(judge(last_, {bare}), consensus::Verdict::wrong) << "too young";
    now_ms_ += remains_taken_after_ms + 1'000;
    auto other = std::make_shared<consensus::Entry>(*bare);
    other->payload.replace(text.find("\"index\":1"), 9, "\"index\":2");
    EXPECT_EQ(judge(last_, {other}), consensus::Verdict::wrong);
    other = std::make_shared<consensus::Entry>(*bare);
    other->digest[0] ^= 1;
    EXPECT_EQ(judge(last_, {other}), consensus::Verdict::wrong);
    ASSERT_EQ(judge(last_, {bare}), consensus::Verdict::valid);

    LogChange change;
    change.appended = {bare};
    change.committed = bare->id.index;
    loop_->log_changed(std::move(change));
    wait_applied(2);
    ASSERT_EQ(state_->applied_as_remains().size(), 1U);
    EXPECT_EQ(state_->applied_as_remains().front(), (std::pair<std::uint64_t, ledger::Hash>{1, ledger::sha256(text)}));
    EXPECT_EQ(state_->frontier().root(), root_of({entry}));
    EXPECT_TRUE(state_->find("customs", "a"));
    // What follows it is judged as if it were whole.
    const std::string next = entry_of("b", now_ms_);
    EXPECT_EQ(judge(bare->id, {next_entry(bare->id, 5, next, root_of({entry, next}))}), consensus::Verdict::valid);
}

}  // namespace
}  // namespace socai::node
