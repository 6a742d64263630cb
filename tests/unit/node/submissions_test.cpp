#include "node/submissions.hpp"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <condition_variable>
#include <thread>

#include "node/forwarding.hpp"
#include "small_ledger.hpp"

namespace socai::node {
namespace {

using test::as_founded;
using test::SmallLedger;

// Node 1 of two; the test plays the ledger thread, the other node and the elections.
class SubmissionsTest : public ::testing::Test {
  protected:
    struct Lead {
        std::vector<StatementPtr> statements;
        std::function<void(Attempt)> done;
    };

    SubmissionsTest()
        : context_{ledger_.genesis, ledger_.rules},
          verifier_(context_.genesis, as_founded(context_.genesis), 1),
          submissions_(io_, verifier_, {.calls = 4, .bytes = 1'000'000},
                       {[this] {
                            const std::lock_guard lock(mutex_);
                            return status_;
                        },
                        [this](consensus::NodeId, network::Parcel parcel) {
                            const std::lock_guard lock(mutex_);
                            if (!connected_) return false;
                            sent_.push_back(std::move(parcel));
                            changed_.notify_all();
                            return true;
                        },
                        [this](std::vector<StatementPtr> statements, std::function<void(Attempt)> done) {
                            const std::lock_guard lock(mutex_);
                            led_.push_back({std::move(statements), std::move(done)});
                            changed_.notify_all();
                        },
                        [this](std::uint64_t) {
                            const std::lock_guard lock(mutex_);
                            return time_of_first_;
                        },
                        [this] {
                            const std::lock_guard lock(mutex_);
                            return final_size_;
                        },
                        [](std::uint64_t leaf) {
                            return std::optional(boost::json::object{{"of", leaf}});
                        }}),
          thread_([this] { io_.run(); }) {
        status_.self = {1};
    }
    ~SubmissionsTest() override {
        submissions_.stop();
        verifier_.stop();
        work_.reset();
        io_.stop();
        thread_.join();
    }

    void elect(std::uint64_t leader) {
        consensus::Status status;
        {
            const std::lock_guard lock(mutex_);
            status_.leader = {leader};
            status_.role = leader == 1 ? consensus::Role::leader : consensus::Role::follower;
            status = status_;
        }
        submissions_.leader_changed(status);
    }
    void submit(std::vector<std::string> statements, std::int64_t timeout_ms = 20'000,
                api::Wait wait = api::Wait::committed) {
        submissions_.submit({std::move(statements), wait, timeout_ms}, [this](api::SubmitResults results) {
            const std::lock_guard lock(mutex_);
            answers_.push_back(std::move(results));
            changed_.notify_all();
        });
    }
    template <class T>
    T take(std::vector<T>& list) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, std::chrono::seconds(20), [&] { return !list.empty(); })) {
            throw std::runtime_error("nothing came within 20 s");
        }
        T item = std::move(list.front());
        list.erase(list.begin());
        return item;
    }
    void answer_forward(const network::Parcel& forwarded, Attempt ended, std::uint64_t from = 2) {
        const auto forward = decode_forward(forwarded).value();
        submissions_.on_parcel({from}, encode_forward_answer(forward.call, forward.attempt, ended));
    }
    static Attempt accepted(std::uint64_t index) {
        return {Attempt::End::decided, {Accepted{{index, 0}, 7, false, false}}};
    }

    SmallLedger ledger_;
    ledger::Context context_;
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
    std::mutex mutex_;
    std::condition_variable changed_;
    consensus::Status status_;
    bool connected_ = true;
    std::vector<network::Parcel> sent_;
    std::vector<Lead> led_;
    std::optional<std::int64_t> time_of_first_ = 42;  // nothing: the disk cannot give the leaf back
    std::uint64_t final_size_ = 0;
    std::vector<api::SubmitResults> answers_;
    Verifier verifier_;
    Submissions submissions_;
    std::thread thread_;
};

TEST_F(SubmissionsTest, TheLeaderAdmitsItself) {
    elect(1);
    submit({ledger_.statement_text("a")});
    take(led_).done(accepted(5));
    const auto results = take(answers_);
    EXPECT_EQ(results.at(0)->address.index, 5u);
    EXPECT_EQ(results.at(0)->status, "committed");
}

TEST_F(SubmissionsTest, FaultsOfFormAreAnsweredWithoutALeader) {
    submit({"not a statement"});
    EXPECT_EQ(take(answers_).at(0).error().code, api::Code::invalid_statement);
    EXPECT_TRUE(led_.empty());
}

TEST_F(SubmissionsTest, GoodStatementsOfACallGoOnWithoutTheBad) {
    elect(1);
    submit({"rubbish", ledger_.statement_text("a")});
    auto lead = take(led_);
    EXPECT_EQ(lead.statements.size(), 1u);
    lead.done(accepted(5));
    const auto results = take(answers_);
    EXPECT_FALSE(results.at(0));
    EXPECT_EQ(results.at(1)->address.index, 5u);
}

TEST_F(SubmissionsTest, AFollowerForwardsAndPassesTheAnswerOn) {
    elect(2);
    submit({ledger_.statement_text("a")});
    answer_forward(take(sent_), accepted(8));
    EXPECT_EQ(take(answers_).at(0)->address.index, 8u);
}

TEST_F(SubmissionsTest, AnAnswerFromAnotherNodeThanTheOneAskedIsNotBelieved) {
    elect(2);
    submit({ledger_.statement_text("a")});
    const auto parcel = take(sent_);
    answer_forward(parcel, accepted(99), 3);
    answer_forward(parcel, accepted(8), 2);
    EXPECT_EQ(take(answers_).at(0)->address.index, 8u);
}

TEST_F(SubmissionsTest, WhatWaitsGoesToTheNewLeader) {
    submit({ledger_.statement_text("a")});
    elect(2);
    take(sent_);
    elect(1);  // node 2 was deposed before it answered
    take(led_).done({Attempt::End::decided, {Accepted{{6, 0}, 0, true, false}}});
    const auto results = take(answers_);
    EXPECT_TRUE(results.at(0)->duplicate);
    EXPECT_EQ(results.at(0)->time_ms, 42) << "a duplicate's time is that of its first leaf";
}

TEST_F(SubmissionsTest, ALostAttemptIsTriedAgain) {
    elect(1);
    submit({ledger_.statement_text("a")});
    take(led_).done({Attempt::End::lost, {}});
    take(led_).done(accepted(9));
    EXPECT_EQ(take(answers_).at(0)->address.index, 9u);
}

TEST_F(SubmissionsTest, ADuplicateIsNotAnsweredWithATimeThatCannotBeRead) {
    const Attempt stands{Attempt::End::decided, {Accepted{{5, 0}, 0, true, false}}};
    {
        const std::lock_guard lock(mutex_);
        time_of_first_.reset();
    }
    elect(1);
    submit({ledger_.statement_text("a")});
    take(led_).done(stands);
    auto again = take(led_);  // asked again, not answered
    {
        const std::lock_guard lock(mutex_);
        EXPECT_TRUE(answers_.empty());
        time_of_first_ = 42;  // repaired
    }
    again.done(stands);
    EXPECT_EQ(take(answers_).at(0)->time_ms, 42);
}

TEST_F(SubmissionsTest, WhoWaitsForFinalityIsAnsweredOnceItIsThere) {
    elect(1);
    submit({ledger_.statement_text("a")}, 20'000, api::Wait::final);
    take(led_).done(accepted(5));
    submissions_.final_reached(5);  // not the leaf itself
    elect(2);                       // a change of leader is nothing to what is decided
    submissions_.peer_lost({2});
    {
        const std::lock_guard lock(mutex_);
        EXPECT_TRUE(answers_.empty());
        EXPECT_TRUE(sent_.empty());
        final_size_ = 6;
    }
    submissions_.final_reached(6);
    const auto results = take(answers_);
    EXPECT_EQ(results.at(0)->status, "final");
    EXPECT_EQ(results.at(0)->receipt, (boost::json::object{{"of", 5}}));
    EXPECT_EQ(submissions_.metrics().calls, 0u);
}

TEST_F(SubmissionsTest, WhatIsFinalAlreadyIsNotWaitedFor) {
    final_size_ = 6;
    elect(1);
    submit({ledger_.statement_text("a")}, 20'000, api::Wait::final);
    take(led_).done(accepted(5));
    EXPECT_EQ(take(answers_).at(0)->status, "final");
}

TEST_F(SubmissionsTest, GivenUpBeforeFinalityItIsCommittedAllTheSame) {
    elect(1);
    submit({ledger_.statement_text("a")}, 20'000, api::Wait::final);
    take(led_).done(accepted(5));
    submissions_.stop();
    const auto results = take(answers_);
    EXPECT_EQ(results.at(0)->status, "committed");
    EXPECT_FALSE(results.at(0)->receipt);
}

TEST_F(SubmissionsTest, WithoutALeaderItIsUnavailable) {
    submit({ledger_.statement_text("a")}, 30);
    const auto error = take(answers_).at(0).error();
    EXPECT_EQ(error.code, api::Code::unavailable);
    EXPECT_EQ(error.reason, "no_leader");
    EXPECT_TRUE(error.retryable);
}

TEST_F(SubmissionsTest, AnAttemptThatWasRefusedLeavesNoDoubt) {
    elect(2);
    submit({ledger_.statement_text("a")}, 300);
    answer_forward(take(sent_), {Attempt::End::not_leader, {}});
    elect(0);
    EXPECT_EQ(take(answers_).at(0).error().code, api::Code::unavailable);
}

TEST_F(SubmissionsTest, AnAttemptWithoutAnswerLeavesTheOutcomeUnknown) {
    elect(2);
    submit({ledger_.statement_text("a")}, 300);
    take(sent_);
    EXPECT_EQ(take(answers_).at(0).error().code, api::Code::outcome_unknown);
}

TEST_F(SubmissionsTest, MoreThanItHoldsIsRefused) {
    for (int i = 0; i < 4; ++i) submit({ledger_.statement_text("a" + std::to_string(i))});
    submit({ledger_.statement_text("one too many")});
    EXPECT_EQ(take(answers_).at(0).error().code, api::Code::overloaded);
}

TEST_F(SubmissionsTest, StopAnswersWhoWaits) {
    submit({ledger_.statement_text("a")});
    submissions_.stop();
    EXPECT_EQ(take(answers_).at(0).error().code, api::Code::unavailable);
}

TEST_F(SubmissionsTest, AForwardedSubmissionIsCheckedAgain) {
    elect(1);
    std::string forged = ledger_.statement_text("a");
    const std::size_t dot = forged.rfind('.');
    forged[dot + 5] = forged[dot + 5] == 'A' ? 'B' : 'A';
    const std::vector<std::string_view> texts{forged};
    submissions_.on_parcel({2}, encode_forward(77, 1, texts));
    const auto answer = decode_forward_answer(take(sent_));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->call, 77u);
    ASSERT_EQ(answer->ended.decisions.size(), 1u);
    EXPECT_EQ(answer->ended.decisions[0].error().reason, "bad_signature");
    EXPECT_TRUE(led_.empty());
}

TEST_F(SubmissionsTest, WhoDoesNotLeadSendsAForwardBack) {
    elect(2);
    const std::string text = ledger_.statement_text("a");
    const std::vector<std::string_view> texts{text};
    submissions_.on_parcel({2}, encode_forward(1, 1, texts));
    EXPECT_EQ(decode_forward_answer(take(sent_))->ended.end, Attempt::End::not_leader);
}

}  // namespace
}  // namespace socai::node
