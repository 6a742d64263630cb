#include "node/client/submitter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "fake_node.hpp"
#include "node/client/submit_journal.hpp"
#include "temporary_folder.hpp"

namespace socai::node::client {
namespace {

namespace json = boost::json;
using test::answer_to;
using test::error_to;
using test::FakeLedger;
using test::FakeNode;
using test::statements_in;

std::vector<std::string> some_statements(std::size_t count) {
    std::vector<std::string> statements;
    for (std::size_t i = 0; i < count; ++i) statements.push_back("statement-" + std::to_string(i));
    return statements;
}

// What a run of the submitter told.
struct Run {
    std::map<std::size_t, SubmitOutcome> outcomes;  // by position
    bool twice = false;                             // a position was reported twice
    RpcResult<void> finished;
    std::uint64_t retries = 0;
};

Run submit(SubmitOptions options, const std::vector<std::string>& statements) {
    const std::vector<std::string_view> views(statements.begin(), statements.end());
    Run run;
    Submitter submitter(std::move(options), views,
                        [&run](std::size_t position, const SubmitOutcome& outcome) {
                            if (!run.outcomes.emplace(position, outcome).second) run.twice = true;
                        });
    run.finished = submitter.run();
    run.retries = submitter.retries();
    return run;
}

FakeNode::Handler honest(FakeLedger& ledger) {
    return [&ledger](FakeNode::Session& session, const json::object& request) {
        session.send(test::submitted(ledger, request));
    };
}

TEST(Submitter, KeepsTheOrderOverManyBatches) {
    FakeLedger ledger;
    FakeNode node(honest(ledger));
    const auto statements = some_statements(100);
    const auto run = submit({.endpoints = {node.endpoint()}, .batch = 7}, statements);
    EXPECT_TRUE(run.finished.has_value());
    EXPECT_EQ(ledger.statements(), statements);
    ASSERT_EQ(run.outcomes.size(), 100u);
    for (const auto& [position, outcome] : run.outcomes) EXPECT_EQ(outcome->index, position);
    EXPECT_EQ(run.retries, 0u);
}

TEST(Submitter, AsksForWhatTheCallerWaitsFor) {
    json::object seen;
    FakeLedger ledger;
    FakeNode node([&](FakeNode::Session& session, const json::object& request) {
        seen = request.at("params").as_object();
        session.send(test::submitted(ledger, request));
    });
    submit({.endpoints = {node.endpoint()}, .wait = "final", .timeout_ms = 1234}, some_statements(2));
    EXPECT_EQ(seen.at("wait"), "final");
    EXPECT_EQ(seen.at("timeout_ms").as_int64(), 1234);
}

// Every third call is taken into the ledger, but the connection dies before the answer: the worst moment.
TEST(Submitter, LosesNothingAndDoublesNothingWhenNodesDieBeforeTheirAnswers) {
    for (const std::size_t parallel : {1u, 4u}) {
        FakeLedger ledger;
        std::atomic<int> calls = 0;
        const auto treacherous = [&](FakeNode::Session& session, const json::object& request) {
            const auto answer = test::submitted(ledger, request);
            if (++calls % 3 == 0) return session.drop();
            session.send(answer);
        };
        FakeNode one(treacherous), two(treacherous);
        const auto statements = some_statements(60);
        const auto run = submit(
            {.endpoints = {one.endpoint(), two.endpoint()}, .batch = 5, .parallel = parallel}, statements);
        EXPECT_TRUE(run.finished.has_value());
        EXPECT_FALSE(run.twice);
        EXPECT_EQ(run.outcomes.size(), 60u);
        EXPECT_GT(run.retries, 0u);
        EXPECT_GT(ledger.resubmissions(), 0u);
        const auto held = ledger.statements();
        EXPECT_THAT(held, testing::UnorderedElementsAreArray(statements));
        if (parallel == 1) {
            EXPECT_EQ(held, statements);
        }
        for (const auto& [position, outcome] : run.outcomes)
            EXPECT_EQ(held.at(outcome->index), statements[position]);
    }
}

TEST(Submitter, GoesOnThroughTheNodesThatAreLeft) {
    FakeLedger ledger;
    FakeNode living(honest(ledger));
    const auto dead = FakeNode(honest(ledger)).endpoint();
    const auto run = submit({.endpoints = {dead, living.endpoint()}}, some_statements(3));
    EXPECT_TRUE(run.finished.has_value());
    EXPECT_EQ(ledger.statements(), some_statements(3));
}

TEST(Submitter, TriesAgainWhatTheNodeCouldNotDecide) {
    for (const int code : {-32004, -32005, -32006}) {
        FakeLedger ledger;
        int calls = 0;
        FakeNode node([&](FakeNode::Session& session, const json::object& request) {
            session.send(++calls < 3 ? error_to(request, code, "later", true)
                                     : test::submitted(ledger, request));
        });
        const auto run = submit({.endpoints = {node.endpoint()}}, some_statements(2));
        EXPECT_TRUE(run.finished.has_value()) << code;
        EXPECT_EQ(run.retries, 2u);
        EXPECT_EQ(ledger.statements().size(), 2u);
    }
}

// 0 accepted, 1 open, 2 refused for want of 1: only 0 is final.
TEST(Submitter, ARefusalAfterAnOpenQuestionIsNotFinal) {
    FakeLedger ledger;
    std::vector<std::vector<std::string>> calls;
    FakeNode node([&](FakeNode::Session& session, const json::object& request) {
        calls.push_back(statements_in(request));
        if (calls.size() > 1) return session.send(test::submitted(ledger, request));
        const auto failed = [&](int code, const char* reason, bool retryable) {
            return json::object{{"error", error_to(request, code, reason, retryable).at("error")}};
        };
        session.send(answer_to(
            request, {{"results", json::array{ledger.submit(calls[0][0]), failed(-32005, "overloaded", true),
                                              failed(-32001, "unknown_reference", false)}}}));
    });
    const auto statements = some_statements(3);
    const auto run = submit({.endpoints = {node.endpoint()}}, statements);
    EXPECT_TRUE(run.finished.has_value());
    ASSERT_EQ(calls.size(), 2u);
    EXPECT_EQ(calls[1], (std::vector<std::string>{statements[1], statements[2]}));
    EXPECT_EQ(ledger.statements(), statements);
    EXPECT_TRUE(run.outcomes.at(2).has_value());
}

TEST(Submitter, ReportsARefusalAndGoesOn) {
    FakeLedger ledger;
    FakeNode node([&](FakeNode::Session& session, const json::object& request) {
        json::array results;
        for (const auto& statement : statements_in(request))
            results.push_back(
                statement == "statement-1"
                    ? json::object{{"error", error_to(request, -32003, "conflict", false).at("error")}}
                    : ledger.submit(statement));
        session.send(answer_to(request, {{"results", std::move(results)}}));
    });
    const auto run = submit({.endpoints = {node.endpoint()}}, some_statements(4));
    EXPECT_TRUE(run.finished.has_value());
    ASSERT_EQ(run.outcomes.size(), 4u);
    ASSERT_TRUE(run.outcomes.at(1).has_error());
    EXPECT_EQ(run.outcomes.at(1).error().reason, "conflict");
    EXPECT_EQ(ledger.statements().size(), 3u);
}

TEST(Submitter, HalvesACallThatANodeFindsTooLarge) {
    FakeLedger ledger;
    FakeNode node([&](FakeNode::Session& session, const json::object& request) {
        const bool large = statements_in(request).size() > 3;
        session.send(large ? error_to(request, -32602, "too_many", false) : test::submitted(ledger, request));
    });
    const auto run = submit({.endpoints = {node.endpoint()}, .batch = 16}, some_statements(20));
    EXPECT_TRUE(run.finished.has_value());
    EXPECT_EQ(ledger.statements(), some_statements(20));
}

TEST(Submitter, KeepsEachCallWithinItsBytes) {
    FakeLedger ledger;
    std::size_t largest = 0;
    FakeNode node([&](FakeNode::Session& session, const json::object& request) {
        largest = std::max(largest, json::serialize(request).size());
        session.send(test::submitted(ledger, request));
    });
    std::vector<std::string> statements;
    for (char c = 'a'; c <= 'z'; ++c) statements.emplace_back(1'000, c);
    submit({.endpoints = {node.endpoint()}, .batch_bytes = 5'500}, statements);
    EXPECT_EQ(ledger.statements(), statements);
    EXPECT_LT(largest, 6'000u);
    EXPECT_GT(largest, 5'000u);
}

TEST(Submitter, GivesUpWhenNothingMoves) {
    FakeNode node([](FakeNode::Session& session, const json::object& request) {
        session.send(error_to(request, -32006, "no_quorum", true));
    });
    const auto run = submit({.endpoints = {node.endpoint()}, .retry_for = std::chrono::milliseconds(0)},
                            some_statements(2));
    ASSERT_TRUE(run.finished.has_error());
    EXPECT_EQ(run.finished.error().reason, "no_quorum");
    EXPECT_TRUE(run.outcomes.empty());
}

TEST(Submitter, GivesUpOnANodeThatAnswersNonsense) {
    for (const char* result : {"{}", R"({"results":[]})", R"({"results":[{}]})", "[]"}) {
        FakeNode node([result](FakeNode::Session& session, const json::object& request) {
            session.send(answer_to(request, json::parse(result)));
        });
        const auto run = submit({.endpoints = {node.endpoint()}, .retry_for = std::chrono::milliseconds(0)},
                                some_statements(1));
        ASSERT_TRUE(run.finished.has_error()) << result;
        EXPECT_EQ(run.finished.error().reason, "bad_answer");
    }
}

TEST(Submitter, GoesOnWhereAnInterruptedRunStopped) {
    const test::TemporaryFolder folder;
    const auto statements = some_statements(30);
    const auto ledger_id = ledger::sha256("ledger");
    FakeLedger ledger;
    int calls = 0;
    const auto dies_after_three = [&](FakeNode::Session& session, const json::object& request) {
        if (++calls > 3) return session.drop();
        session.send(test::submitted(ledger, request));
    };
    // One run as the verb makes it: skip what the journal knows, note what is acknowledged.
    const auto run_with_journal = [&](const Endpoint& endpoint) {
        auto journal = SubmitJournal::open(folder / "journal", ledger_id);
        std::vector<std::string_view> rest;
        for (const auto& statement : statements)
            if (!journal->contains(ledger::sha256(statement))) rest.push_back(statement);
        Submitter submitter({.endpoints = {endpoint}, .batch = 5, .retry_for = std::chrono::milliseconds(0)},
                            rest, [&](std::size_t position, const SubmitOutcome& outcome) {
                                if (outcome.has_value()) journal->add(ledger::sha256(rest[position]));
                            });
        return submitter.run().has_value();
    };
    FakeNode dying(dies_after_three);
    EXPECT_FALSE(run_with_journal(dying.endpoint()));
    EXPECT_EQ(ledger.statements().size(), 15u);
    FakeNode healthy(honest(ledger));
    EXPECT_TRUE(run_with_journal(healthy.endpoint()));
    EXPECT_EQ(ledger.statements(), statements);
    EXPECT_EQ(ledger.resubmissions(), 0u);
}

}  // namespace
}  // namespace socai::node::client
