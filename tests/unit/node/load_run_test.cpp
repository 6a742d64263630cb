#include "node/client/load_run.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "fake_node.hpp"
#include "sample_input.hpp"

namespace socai::node::client {
namespace {

namespace json = boost::json;
using test::FakeLedger;
using test::FakeNode;

const auto no_progress = [](std::uint64_t) {};

SampleOptions sample_of(std::vector<std::string> agencies) {
    SampleOptions sample{.keys = {}, .audience = "x", .run_id = "r1", .time_ms = 1'700'000'000'000};
    for (const auto& agency : agencies) sample.keys.push_back(test::key_of(agency));
    return sample;
}

TEST(SampleStatements, AreValidDistinctAndTheSameEveryTime) {
    const LoadOptions load{.endpoints = {}, .records = 25, .bundle = 10};
    const auto statements = sample_statements(load, sample_of({"moit", "mard"}), no_progress);
    ASSERT_EQ(statements.size(), 3u);
    EXPECT_EQ(statements, sample_statements(load, sample_of({"moit", "mard"}), no_progress));
    std::set<std::string> ids;
    std::vector<std::size_t> sizes;
    for (const auto& text : statements) {
        const auto statement = ledger::parse_statement(text);
        ASSERT_TRUE(statement.has_value()) << statement.error().detail;
        sizes.push_back(statement->records.size());
        EXPECT_EQ(statement->kid, statement->records[0].source + "/1");
        for (const auto& record : statement->records) EXPECT_TRUE(ids.insert(record.id).second);
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{10, 10, 5}));
}

TEST(SampleRecord, HasTheSizeAskedForUnlessThatIsTooLittle) {
    EXPECT_EQ(sample_record("moit", "id-1", "2026-01-01T00:00:00Z", 600).size(), 600u);
    EXPECT_EQ(sample_record("moit", "id-1", "2026-01-01T00:00:00Z", 1).size(),
              sample_record("moit", "id-1", "2026-01-01T00:00:00Z", 2).size());
}

TEST(LoadRun, CountsWhatWasAcceptedOverAllNodes) {
    FakeLedger ledger;
    std::atomic<int> calls[2] = {0, 0};
    const auto handler = [&](int which) {
        return [&, which](FakeNode::Session& session, const json::object& request) {
            ++calls[which];
            session.send(test::submitted(ledger, request));
        };
    };
    FakeNode one(handler(0)), two(handler(1));
    for (const std::size_t batch : {1u, 4u}) {
        const LoadOptions load{.endpoints = {one.endpoint(), two.endpoint()},
                               .records = 95,
                               .clients = 4,
                               .window = 3,
                               .bundle = 2,
                               .batch = batch};
        auto sample = sample_of({"moit"});
        sample.run_id = "batch-" + std::to_string(batch);
        auto report = run_load(load, sample_statements(load, sample, no_progress), no_progress);
        EXPECT_EQ(report.accepted, 95u);
        EXPECT_EQ(report.statements, 48u);
        EXPECT_EQ(report.duplicates, 0u);
        EXPECT_TRUE(report.errors.empty());
        EXPECT_EQ(report.latencies.count(), 48u);
        EXPECT_FALSE(report.stopped.has_value());
        EXPECT_GT(report.json().at("records_per_s").as_double(), 0);
    }
    EXPECT_EQ(ledger.statements().size(), 96u);
    EXPECT_GT(calls[0], 0);
    EXPECT_GT(calls[1], 0);
}

TEST(LoadRun, CountsErrorsByReasonAndDuplicates) {
    FakeLedger ledger;
    int calls = 0;
    FakeNode node([&](FakeNode::Session& session, const json::object& request) {
        session.send(++calls % 4 == 0 ? test::error_to(request, -32005, "overloaded", true)
                                      : test::submitted(ledger, request));
    });
    const LoadOptions load{.endpoints = {node.endpoint()}, .records = 40, .clients = 1};
    const auto statements = sample_statements(load, sample_of({"moit"}), no_progress);
    auto first = run_load(load, statements, no_progress);
    EXPECT_EQ(first.accepted, 30u);
    EXPECT_EQ(first.errors, (std::map<std::string, std::uint64_t>{{"overloaded", 10}}));
    auto second = run_load(load, statements, no_progress);
    EXPECT_EQ(second.accepted, 30u);
    EXPECT_GT(second.duplicates, 0u);
    EXPECT_EQ(second.json().at("errors"), (json::value{{"overloaded", 10}}));
}

// Nothing is answered before everything was sent: the first statement's latency then spans the whole pace.
TEST(LoadRun, InAnOpenLoopALatencyRunsFromTheMomentItWasDue) {
    FakeLedger ledger;
    std::vector<json::object> held;
    FakeNode node([&](FakeNode::Session& session, const json::object& request) {
        held.push_back(request);
        if (held.size() < 50) return;
        for (const auto& kept : held) session.send(test::submitted(ledger, kept));
    });
    const LoadOptions load{
        .endpoints = {node.endpoint()}, .records = 50, .clients = 1, .window = 50, .rate = 1'000};
    auto report = run_load(load, sample_statements(load, sample_of({"moit"}), no_progress), no_progress);
    EXPECT_EQ(report.accepted, 50u);
    EXPECT_GE(report.latencies.percentile_ms(100), 49.0);
    EXPECT_GE(report.seconds, 0.049);
}

TEST(LoadRun, GoesOnWhenANodeDies) {
    FakeLedger ledger;
    int calls = 0;
    FakeNode dying([&](FakeNode::Session& session, const json::object& request) {
        if (++calls == 5) return session.drop();
        session.send(test::submitted(ledger, request));
    });
    FakeNode living([&](FakeNode::Session& session, const json::object& request) {
        session.send(test::submitted(ledger, request));
    });
    const LoadOptions load{
        .endpoints = {dying.endpoint(), living.endpoint()}, .records = 200, .clients = 2, .window = 4};
    const auto report =
        run_load(load, sample_statements(load, sample_of({"moit"}), no_progress), no_progress);
    ASSERT_TRUE(report.errors.contains("connection_lost"));
    EXPECT_EQ(report.accepted + report.errors.at("connection_lost"), 200u);
    EXPECT_FALSE(report.stopped.has_value());
}

}  // namespace
}  // namespace socai::node::client
