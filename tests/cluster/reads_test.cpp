// Reads that may not be stale, on every node: linearizable ones and those that wait for a size.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "ledger/jwk.hpp"
#include "support/clients.hpp"
#include "support/local_cluster.hpp"

namespace socai::cluster_tests {
namespace {

class Reads : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe(); }
    NodeClient client(const std::string& node) const { return NodeClient(cluster_.endpoint(node)); }
    std::string signed_record(const std::string& id) const {
        return statement_of(cluster_, source_, risk_signal(source_, id));
    }
    // Submits at `writer`, then reads at every other node with `how` (made from the answer).
    template <class How>
    void write_there_read_elsewhere(const std::string& writer, const std::string& id, How how) {
        const auto written = client(writer).submit(signed_record(id));
        ASSERT_TRUE(written) << written.error().detail;
        for (const std::string& reader : cluster_.others({writer})) {
            SCOPED_TRACE("written at " + writer + ", read at " + reader);
            const auto found = client(reader).find(source_, id, how(*written));
            ASSERT_TRUE(found) << found.error().reason << ": " << found.error().detail;
            EXPECT_EQ(number(*found, "index"), written->index);
            EXPECT_GT(number(found->at("as_of").as_object(), "size"), written->index);
        }
    }

    const std::string source_ = "most";
    LocalCluster cluster_;
};

TEST_F(Reads, LinearizableSeesWhatWasAcknowledgedAnywhere) {
    int number = 0;
    for (int round = 0; round < 5; ++round)
        for (const std::string& writer : cluster_.nodes())
            write_there_read_elsewhere(writer, "linear-" + std::to_string(number++), [](const auto&) {
                return boost::json::object{{"read", "linearizable"}};
            });
}

TEST_F(Reads, MinSizeReadsWhatTheCallerWrote) {
    int number = 0;
    for (int round = 0; round < 5; ++round)
        for (const std::string& writer : cluster_.nodes())
            write_there_read_elsewhere(writer, "sized-" + std::to_string(number++),
                                       [](const Acknowledgement& written) {
                                           return boost::json::object{{"min_size", written.index + 1}};
                                       });
}

// What was applied before the last start counts: no new leaf need come.
TEST_F(Reads, ARestartedNodeThatHearsNobodyServesWhatItHas) {
    const std::string alone = cluster_.others({cluster_.await_leader()}).front();
    const auto written = client(alone).submit(signed_record("before"));
    ASSERT_TRUE(written) << written.error().detail;
    const boost::json::object how{{"min_size", written->index + 1}};
    ASSERT_TRUE(client(alone).find(source_, "before", how));
    for (const std::string& other : cluster_.others({alone})) cluster_.must("cut", {alone, other});
    cluster_.must("stop", {alone});
    cluster_.must("start", {alone, "--no-wait"});
    ASSERT_TRUE(wait_until([&] { return cluster_.view(alone).reached; })) << cluster_.describe();
    const auto found = client(alone).find(source_, "before", how);
    ASSERT_TRUE(found) << found.error().reason << ": " << found.error().detail;
    EXPECT_EQ(number(*found, "index"), written->index);
}

// A follower that hears late from its leader still never answers with the past.
TEST_F(Reads, AFollowerBehindIsNotStale) {
    const std::string leader = cluster_.await_leader();
    const std::string late = cluster_.others({leader}).front();
    cluster_.must("slow", {leader, late, "60"});
    for (int i = 0; i < 5; ++i) {
        const std::string id = "late-" + std::to_string(i);
        const auto written = client(leader).submit(signed_record(id));
        ASSERT_TRUE(written) << written.error().detail;
        const auto found = client(late).find(source_, id, {{"read", "linearizable"}});
        ASSERT_TRUE(found) << found.error().reason << ": " << found.error().detail;
        EXPECT_EQ(number(*found, "index"), written->index);
        const auto unseen = signed_record(id + "-sized");
        const auto more = client(leader).submit(unseen);
        ASSERT_TRUE(more) << more.error().detail;
        const auto sized = client(late).find(source_, id + "-sized", {{"min_size", more->index + 1}});
        ASSERT_TRUE(sized) << sized.error().reason << ": " << sized.error().detail;
    }
    cluster_.must("heal");
}

// A leader that was cut off from all others does not know of its successor: it must not answer from memory.
TEST_F(Reads, ADeposedLeaderDoesNotAnswerWithThePast) {
    const std::string old_leader = cluster_.await_leader();
    const Names others = cluster_.others({old_leader});
    for (const std::string& other : others) cluster_.must("cut", {old_leader, other});
    std::optional<std::string> successor;
    ASSERT_TRUE(wait_until([&] {
        successor = cluster_.leader();
        return successor && *successor != old_leader;
    })) << cluster_.describe();
    const auto written = client(*successor).submit(signed_record("after"));
    ASSERT_TRUE(written) << written.error().detail;
    const auto stale =
        client(old_leader).find(source_, "after", {{"read", "linearizable"}, {"timeout_ms", 500}});
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().code, code::unavailable)
        << "a linearizable read missed what was acknowledged: " << stale.error().detail;
    cluster_.must("heal");
    const auto healed = client(old_leader).find(source_, "after", {{"read", "linearizable"}});
    ASSERT_TRUE(healed) << healed.error().reason << ": " << healed.error().detail;
    EXPECT_EQ(number(*healed, "index"), written->index);
}

TEST_F(Reads, MinSizeWaitsAndGivesUpInTime) {
    for (const std::string& node : cluster_.nodes()) {
        SCOPED_TRACE(node);
        const std::uint64_t size = cluster_.view(cluster_.await_leader()).applied_size;
        const auto never =
            client(node).call("ledger.get", {{"index", 0}, {"min_size", size + 1'000}, {"timeout_ms", 200}});
        ASSERT_FALSE(never);
        EXPECT_EQ(never.error().code, code::unavailable) << never.error().detail;
        EXPECT_TRUE(never.error().retryable);

        auto waiting = std::async(std::launch::async, [&] {
            return client(node).call("ledger.get",
                                     {{"index", size}, {"min_size", size + 1}, {"timeout_ms", 30'000}});
        });
        const auto written = client(cluster_.nodes().front()).submit(signed_record("awaited-by-" + node));
        ASSERT_TRUE(written) << written.error().detail;
        const auto read = waiting.get();
        ASSERT_TRUE(read) << read.error().reason << ": " << read.error().detail;
        EXPECT_EQ(number(read->as_object(), "index"), size);
    }
}

// More than an answer may hold: the largest page that a caller may ask for comes in parts, and nothing is lost.
TEST_F(Reads, APageOfLargeRecordsIsCutShortAndGoesOn) {
    constexpr std::size_t count = 400;
    NodeClient node = client(cluster_.nodes().front());
    for (std::size_t i = 0; i < count; ++i) {
        const std::string id = "large-" + std::to_string(i);
        const std::string record = risk_signal(source_, id, std::string(45'000, 'x'));
        const auto written = node.submit(statement_of(cluster_, source_, record));
        ASSERT_TRUE(written) << written.error().detail;
    }
    for (const char* order : {"asc", "desc"}) {
        SCOPED_TRACE(order);
        std::vector<std::uint64_t> found;
        std::size_t pages = 0;
        boost::json::object params{{"source", source_}, {"order", order}, {"limit", 1'000}};
        do {
            const auto page = node.call("ledger.query", params);
            ASSERT_TRUE(page) << page.error().reason << ": " << page.error().detail;
            ++pages;
            for (const auto& item : page->at("items").as_array())
                found.push_back(number(item.as_object(), "index"));
            const auto* cursor = page->as_object().if_contains("next_cursor");
            if (cursor == nullptr) break;
            params["cursor"] = *cursor;
        } while (pages < count);
        EXPECT_GT(pages, 1U);
        EXPECT_EQ(found.size(), count);
        if (std::string_view(order) == "desc") std::reverse(found.begin(), found.end());
        EXPECT_EQ(std::adjacent_find(found.begin(), found.end(), std::greater_equal<>()), found.end())
            << "every record once, in the order asked for";
    }
}

// A size that the node does not have is told as it was asked for.
TEST_F(Reads, ProofsOfATreeLargerThanTheNodesNameTheSizeAskedFor) {
    NodeClient node = client(cluster_.nodes().front());
    for (const auto& [method, params] : std::vector<std::pair<std::string, boost::json::object>>{
             {"ledger.prove_inclusion", {{"index", 0}, {"size", 777}}},
             {"ledger.prove_consistency", {{"from_size", 777}}},
             {"ledger.prove_consistency", {{"from_size", 1}, {"to_size", 777}}}}) {
        const auto proof = node.call(method, params);
        ASSERT_FALSE(proof) << method;
        EXPECT_EQ(proof.error().code, code::not_found) << proof.error().detail;
        EXPECT_EQ(proof.error().reason, "no_such_leaf");
        EXPECT_NE(proof.error().detail.find("fewer than 777"), std::string::npos) << proof.error().detail;
    }
}

// A timeline is answered whole or not at all: a cut one would look like a whole one.
TEST_F(Reads, ATimelineBeyondItsBoundIsAnError) {
    constexpr std::size_t bound = 10'000;
    NodeClient node = client(cluster_.nodes().front());
    std::size_t made = 0;
    // Enters `count` records of the dossier under one signature.
    const auto add = [&](std::size_t count) {
        std::string bundle;
        for (std::size_t i = 0; i < count; ++i) {
            std::string record = risk_signal(source_, "of-dossier-" + std::to_string(made++));
            const std::string_view data = R"("data":{)";
            record.insert(record.find(data) + data.size(), R"("dossier_no":"D-1",)");
            bundle += (i == 0 ? "[" : ",") + record;
        }
        const auto written =
            node.submit(ledger::sign_statement(cluster_.key(source_), cluster_.origin(), bundle + "]", true));
        ASSERT_TRUE(written) << written.error().detail;
    };
    while (made < bound) ASSERT_NO_FATAL_FAILURE(add(125));
    ASSERT_EQ(made, bound);
    const auto whole = node.call("inspection.dossier", {{"dossier_no", "D-1"}, {"read", "linearizable"}});
    ASSERT_TRUE(whole) << whole.error().reason << ": " << whole.error().detail;
    EXPECT_EQ(whole->at("timeline").as_array().size(), bound);
    ASSERT_NO_FATAL_FAILURE(add(2));
    const auto beyond = node.call("inspection.dossier", {{"dossier_no", "D-1"}, {"read", "linearizable"}});
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().code, code::too_large);
    EXPECT_EQ(beyond.error().reason, "timeline_too_long");
}

}  // namespace
}  // namespace socai::cluster_tests
