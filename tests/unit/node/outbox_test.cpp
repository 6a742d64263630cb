#include "node/outbox/outbox.hpp"

#include <gtest/gtest.h>

#include <condition_variable>

#include "small_ledger.hpp"

namespace socai::node {
namespace {

using test::as_founded;
using test::SmallLedger;
using test::TemporaryFolder;

constexpr auto patience = std::chrono::seconds(30);

api::Result<api::Submitted> at(std::uint64_t index) {
    return api::Submitted{.address = {index, 0}, .time_ms = 9'000, .status = "committed"};
}
api::Error open_question() {
    return {api::Code::outcome_unknown, "outcome_unknown", "", true};
}
api::Error no_reference() {
    return {api::Code::invalid_statement, "unknown_reference", "", false};
}

// The outbox of node customs-1; the test plays the submissions, the ledger and its application.
class OutboxTest : public ::testing::Test {
  protected:
    struct Call {
        std::vector<std::string> statements;
        std::function<void(api::SubmitResults)> done;
    };

    OutboxTest()
        : context_{ledger_.genesis, ledger_.rules},
          verifier_(context_.genesis, as_founded(context_.genesis), 1) {
        start();
    }
    ~OutboxTest() override {
        outbox_.reset();
        verifier_.stop();
    }

    void start() {
        outbox_.reset();
        auto store = storage::OutboxStore::open(folder_.path(), ledger_.identity()).value();
        const std::lock_guard lock(mutex_);
        calls_.clear();
        outbox_ = std::make_unique<Outbox>(
            std::move(store), verifier_, PromiseMaker(SmallLedger::origin, "customs-1", node_key_), options_,
            Outbox::Hooks{
                [this](api::SubmitRequest request, std::function<void(api::SubmitResults)> done) {
                    const std::lock_guard inner(mutex_);
                    EXPECT_EQ(request.wait, api::Wait::committed);
                    calls_.push_back({std::move(request.statements), std::move(done)});
                    changed_.notify_all();
                },
                [this](const StatementPtr& statement, bool) -> Outbox::Judgement {
                    return judge(*statement);
                },
                [this] {
                    const std::lock_guard inner(mutex_);
                    return size_;
                },
                [this](std::string_view, std::string_view id) -> std::optional<ledger::KnownRecord> {
                    const std::lock_guard inner(mutex_);
                    const auto found = standing_.find(std::string(id));
                    if (found == standing_.end() || found->second.address.index >= size_) return std::nullopt;
                    return found->second;
                },
                [this] { return has_space_.load(); }, [this] { return now_ms_.load(); },
                [this](std::string reason, std::string) {
                    const std::lock_guard inner(mutex_);
                    fatal_.push_back(std::move(reason));
                },
                {},
                [](const ledger::Statement& statement) { return statement.records.front().id == "ballot"; }});
        outbox_->start();
    }
    Outbox::Judgement judge(const ledger::Statement& statement) {
        const std::lock_guard lock(mutex_);
        const auto& record = statement.records.front();
        if (const auto found = standing_.find(record.id);
            found != standing_.end() && found->second.address.index < size_) {
            if (found->second.digest == record.digest) return Outbox::Stands{found->second.address, 9'000};
            return Outbox::Inadmissible{{ledger::Fault::conflict, "other_content", "it stands otherwise"},
                                        size_};
        }
        if (missing_reference_ && !record.refs.empty())
            return Outbox::Inadmissible{{ledger::Fault::invalid_statement, "unknown_reference", "to nothing"},
                                        size_};
        return Outbox::Admissible{};
    }

    api::SubmitResults accept(std::vector<std::string> statements) {
        std::optional<api::SubmitResults> results;
        outbox_->accept({std::move(statements), api::Wait::accepted, 10'000},
                        [&](api::SubmitResults answered) {
                            const std::lock_guard lock(mutex_);
                            results = std::move(answered);
                            changed_.notify_all();
                        });
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, patience, [&] { return results.has_value(); }))
            throw std::runtime_error("no answer within 30 s");
        return *std::move(results);
    }
    std::string accept_one(const std::string& statement) {
        const auto results = accept({statement});
        EXPECT_TRUE(results.at(0)) << results.at(0).error().detail;
        return results.at(0)->promise;
    }
    Call take_call() {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, patience, [&] { return !calls_.empty(); }))
            throw std::runtime_error("nothing was submitted within 30 s");
        Call call = std::move(calls_.front());
        calls_.erase(calls_.begin());
        return call;
    }
    // The same, while the clock goes on by `step_ms` again and again: whatever the outbox noted late is old some time.
    Call take_call_as_time_passes(std::int64_t step_ms) {
        const bool came = eventually([&] {
            now_ms_ += step_ms;
            const std::lock_guard lock(mutex_);
            return !calls_.empty();
        });
        if (!came) throw std::runtime_error("nothing was submitted, however late it became");
        return take_call();
    }
    void apply(const std::string& id, const std::string& statement, std::uint64_t index) {
        {
            const std::lock_guard lock(mutex_);
            const auto parsed = ledger::parse_statement(statement).value();
            standing_[id] = {{index, 0}, parsed.records.front().digest};
            size_ = std::max(size_, index + 1);
        }
        outbox_->applied(index + 1);
    }
    std::string fate(const std::string& statement) {
        const auto found = outbox_->fate(ledger::sha256(statement));
        return found ? found->status : found.error().reason;
    }
    bool becomes(const std::string& statement, const std::string& status) {
        return eventually([&] { return fate(statement) == status; });
    }
    static bool eventually(const std::function<bool()>& condition) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        return true;
    }
    ledger::Promise promise_in(const std::string& note) const {
        const auto said =
            ledger::verify_node_statement(ledger::parse_note(note).value(), node_key_.public_key());
        EXPECT_TRUE(said) << said.error().detail;
        EXPECT_EQ(said->node, "customs-1");
        EXPECT_EQ(said->origin, SmallLedger::origin);
        return std::get<ledger::Promise>(said->fact);
    }

    SmallLedger ledger_;
    TemporaryFolder folder_;
    ledger::Context context_;
    ledger::KeyPair node_key_ = ledger::KeyPair::generate();
    OutboxOptions options_;
    std::atomic<bool> has_space_{true};
    std::atomic<std::int64_t> now_ms_{1'700'000'100'000};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Call> calls_;
    std::map<std::string, ledger::KnownRecord> standing_;
    std::uint64_t size_ = 1;
    bool missing_reference_ = true;
    std::vector<std::string> fatal_;
    Verifier verifier_;
    std::unique_ptr<Outbox> outbox_;
};

TEST_F(OutboxTest, PromisesAndBringsIn) {
    const std::string statement = ledger_.statement_text("a");
    const ledger::Promise promise = promise_in(accept_one(statement));
    EXPECT_EQ(promise.received_ms, now_ms_);
    EXPECT_EQ(promise.include_by_ms, now_ms_ + 86'400'000);
    EXPECT_EQ(promise.statement, ledger::sha256(statement));
    ASSERT_EQ(promise.records.size(), 1U);
    EXPECT_EQ(promise.records[0].id, "a");
    EXPECT_EQ(fate(statement), "accepted");

    Call call = take_call();
    EXPECT_EQ(call.statements, std::vector{statement});
    call.done({at(5)});
    // The leader's word alone settles nothing.
    EXPECT_EQ(accept({statement}).at(0)->status, "accepted");
    EXPECT_EQ(outbox_->figures().waiting, 1U);
    apply("a", statement, 5);
    ASSERT_TRUE(becomes(statement, "committed"));
    const auto found = outbox_->fate("customs", "a");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->address->index, 5U);
    EXPECT_EQ(found->time_ms, 9'000);
    EXPECT_TRUE(eventually([&] { return outbox_->figures().waiting == 0; }));
    EXPECT_EQ(outbox_->figures().included, 1U);

    // What stands is answered with its place.
    const auto again = accept({statement});
    EXPECT_EQ(again.at(0)->status, "committed");
    EXPECT_EQ(again.at(0)->address.index, 5U);
    EXPECT_TRUE(again.at(0)->duplicate);
}

TEST_F(OutboxTest, WhatLeadersMayDifferOverIsNotPromised) {
    const std::string taken = ledger_.statement_text("a");
    const auto results = accept({ledger_.statement_text("ballot"), taken});
    ASSERT_FALSE(results.at(0));
    EXPECT_EQ(results.at(0).error().reason, "not_promised");
    EXPECT_EQ(results.at(1).value().status, "accepted");
    EXPECT_EQ(take_call().statements, std::vector<std::string>{taken});
}

TEST_F(OutboxTest, TheSameAgainHasTheSamePromise) {
    const std::string statement = ledger_.statement_text("a");
    const auto both = accept({statement, statement});
    EXPECT_EQ(both.at(0)->promise, both.at(1)->promise);
    EXPECT_TRUE(both.at(1)->duplicate);
    now_ms_ += 1'000;
    EXPECT_EQ(accept_one(statement), both.at(0)->promise);
    EXPECT_EQ(outbox_->figures().waiting, 1U);
}

TEST_F(OutboxTest, KeepsTheOrderWhateverBecomesOfACall) {
    std::vector<std::string> all;
    for (int i = 0; i < 4; ++i) all.push_back(ledger_.statement_text("r" + std::to_string(i)));
    accept_one(all[0]);
    Call first = take_call();
    EXPECT_EQ(first.statements, std::vector{all[0]});
    accept({all[1], all[2]});
    accept_one(all[3]);
    first.done({open_question()});  // lost: it may be in or not
    Call second = take_call();
    EXPECT_EQ(second.statements, all);
    // Decided for a part only: what follows begins with the oldest that is open.
    second.done({at(5), open_question(), open_question(), no_reference()});
    Call third = take_call();
    EXPECT_EQ(third.statements, std::vector(all.begin() + 1, all.end()));
    third.done({at(6), at(7), at(8)});
    for (int i = 0; i < 4; ++i) apply("r" + std::to_string(i), all[i], 5 + i);
    for (const auto& statement : all) EXPECT_TRUE(becomes(statement, "committed"));
}

TEST_F(OutboxTest, ARestartGoesOnWithWhatWaits) {
    const std::string a = ledger_.statement_text("a"), b = ledger_.statement_text("b");
    const std::string promise = accept_one(a);
    accept_one(b);
    take_call();  // never answered
    start();
    EXPECT_EQ(accept_one(a), promise);
    Call call = take_call();
    EXPECT_EQ(call.statements, (std::vector{a, b}));
    // It was in all the time: the answer is a duplicate's, and settles it like any other.
    apply("a", a, 3);
    call.done({at(3), at(4)});
    EXPECT_TRUE(becomes(a, "committed"));
    EXPECT_EQ(fate(b), "accepted");
    start();  // before b is applied: it is submitted once more
    Call again = take_call();
    EXPECT_EQ(again.statements, std::vector{b});
    EXPECT_EQ(fate(a), "committed");
    again.done({at(4)});
    apply("b", b, 4);
    EXPECT_TRUE(becomes(b, "committed"));
}

TEST_F(OutboxTest, WhatItsOwnLedgerShowsInadmissibleIsRefusedWithItsSignature) {
    const std::string statement =
        ledger_.statement_text("a", R"([{"rel":"about","source":"customs","id":"never"}])");
    const ledger::Promise promise = promise_in(accept_one(statement));
    now_ms_ += 60'000;
    {
        const std::lock_guard lock(mutex_);
        size_ = 17;
    }
    take_call().done({no_reference()});
    ASSERT_TRUE(becomes(statement, "refused"));
    const auto found = outbox_->fate(promise.statement);
    EXPECT_EQ(found->detail, "to nothing");
    const auto said =
        ledger::verify_node_statement(ledger::parse_note(found->refusal).value(), node_key_.public_key());
    ASSERT_TRUE(said);
    const auto refusal = std::get<ledger::Refusal>(said->fact);
    EXPECT_EQ(refusal, (ledger::Refusal{promise.statement, now_ms_, "unknown_reference", 17}));
    EXPECT_TRUE(eventually([&] { return outbox_->figures().waiting == 0; }));

    start();  // it is kept
    EXPECT_EQ(fate(statement), "refused");
    // Submitted again it is promised anew: the reference may have come.
    EXPECT_NE(accept_one(statement), "");
    EXPECT_EQ(fate(statement), "accepted");
}

TEST_F(OutboxTest, ALeadersWordAloneRefusesNothing) {
    {
        const std::lock_guard lock(mutex_);
        missing_reference_ = false;
    }
    const std::string statement =
        ledger_.statement_text("a", R"([{"rel":"about","source":"customs","id":"there"}])");
    accept_one(statement);
    take_call().done({no_reference()});
    Call again = take_call();
    EXPECT_EQ(fate(statement), "accepted");
    again.done({at(2)});
    // Nor does it settle anything with a place where the record does not stand.
    {
        const std::lock_guard lock(mutex_);
        size_ = 10;
    }
    outbox_->applied(10);
    Call third = take_call();
    EXPECT_EQ(fate(statement), "accepted");
    // Or with one that this node never comes to.
    third.done({at(std::uint64_t{1} << 50)});
    Call fourth = take_call_as_time_passes(31'000);
    EXPECT_EQ(fate(statement), "accepted");
    fourth.done({at(10)});
    apply("a", statement, 10);
    EXPECT_TRUE(becomes(statement, "committed"));
}

TEST_F(OutboxTest, WhatCanNeverEnterIsNotPromised) {
    const std::string statement = ledger_.statement_text("a");
    apply("a", ledger_.statement_text("a", R"([{"rel":"about","source":"customs","id":"x"}])"), 1);
    std::string altered = statement;
    altered[altered.size() - 20] = altered[altered.size() - 20] == 'A' ? 'B' : 'A';
    const auto results = accept({statement, altered, "no statement", ledger_.statement_text("b")});
    EXPECT_EQ(results.at(0).error().reason, "other_content");
    EXPECT_EQ(results.at(1).error().reason, "bad_signature");
    EXPECT_EQ(results.at(2).error().reason, "malformed_statement");
    EXPECT_EQ(results.at(3)->status, "accepted");
    EXPECT_EQ(outbox_->figures().waiting, 1U);
}

TEST_F(OutboxTest, TakesNoMoreThanItMay) {
    options_.max_entries = 3;
    options_.max_age_ms = 5'000;
    start();
    const auto results = accept({ledger_.statement_text("a"), ledger_.statement_text("b"),
                                 ledger_.statement_text("c"), ledger_.statement_text("d")});
    EXPECT_TRUE(results.at(2));
    EXPECT_EQ(results.at(3).error().code, api::Code::overloaded);
    EXPECT_EQ(results.at(3).error().reason, "outbox_full");
    EXPECT_TRUE(results.at(3).error().retryable);

    options_.max_entries = 100;
    options_.max_bytes = 3 * ledger_.statement_text("a").size() + 10;
    start();
    EXPECT_EQ(accept({ledger_.statement_text("d")}).at(0).error().reason, "outbox_full");

    options_.max_bytes = std::size_t{1} << 30;
    start();
    has_space_ = false;
    EXPECT_EQ(accept({ledger_.statement_text("d")}).at(0).error().reason, "no_space");
    has_space_ = true;
    now_ms_ += 5'001;
    EXPECT_EQ(accept({ledger_.statement_text("d")}).at(0).error().reason, "outbox_stale");
    // What it took already it still answers for.
    EXPECT_EQ(accept({ledger_.statement_text("a")}).at(0)->status, "accepted");
    now_ms_ -= 5'001;
    EXPECT_EQ(accept({ledger_.statement_text("d")}).at(0)->status, "accepted");
}

TEST_F(OutboxTest, ManyAtOnceAreEachAnsweredAndBroughtInOnce) {
    constexpr int clients = 8, each = 50;
    std::atomic<int> answered{0};
    for (int c = 0; c < clients; ++c) {
        std::vector<std::string> statements;
        for (int i = 0; i < each; ++i)
            statements.push_back(ledger_.statement_text("c" + std::to_string(c) + "-" + std::to_string(i)));
        outbox_->accept({std::move(statements), api::Wait::accepted, 10'000},
                        [&](const api::SubmitResults& results) {
                            for (const auto& result : results)
                                answered += result && result->status == "accepted" ? 1 : 0;
                        });
    }
    ASSERT_TRUE(eventually([&] { return answered == clients * each; }));
    std::map<std::string, int> seen;
    std::uint64_t index = 1;
    std::map<std::string, int> last;  // of each client
    while (seen.size() < clients * each) {
        Call call = take_call();
        api::SubmitResults results;
        for (const std::string& text : call.statements) {
            ++seen[text];
            const std::string id = ledger::parse_statement(text).value().records.front().id;
            const std::string client = id.substr(0, id.find('-'));
            const int number = std::stoi(id.substr(id.find('-') + 1));
            EXPECT_EQ(number, last[client]++) << id;
            results.push_back(at(index));
            apply(id, text, index++);
        }
        call.done(std::move(results));
    }
    EXPECT_TRUE(eventually([&] { return outbox_->figures().included == clients * each; }));
    for (const auto& [text, times] : seen) EXPECT_EQ(times, 1);
}

TEST_F(OutboxTest, AHeadThatWouldBreakAPromiseIsNotToBeCosigned) {
    const std::string statement = ledger_.statement_text("a");
    accept_one(statement);
    const std::int64_t include_by = now_ms_ + 86'400'000;
    EXPECT_TRUE(outbox_->may_cosign(1, include_by));
    EXPECT_FALSE(outbox_->may_cosign(1, include_by + 1));
    now_ms_ += 86'400'000 + 5'000;
    EXPECT_TRUE(eventually([&] { return outbox_->figures().overdue == 1; }));
    take_call().done({at(7)});
    apply("a", statement, 7);
    ASSERT_TRUE(becomes(statement, "committed"));
    EXPECT_TRUE(eventually([&] { return outbox_->may_cosign(8, now_ms_); }));
    EXPECT_FALSE(outbox_->may_cosign(7, now_ms_));
    start();  // a restart forgets nothing of it
    EXPECT_FALSE(outbox_->may_cosign(7, now_ms_));
    EXPECT_TRUE(outbox_->may_cosign(8, now_ms_));
}

}  // namespace
}  // namespace socai::node
