// A node that lies to its peers: votes twice in a term, appends as a leader that nobody elected, and shows two contents for
// one place. The others take nothing of it, and what it signed becomes evidence that a stranger can verify.
#include <gtest/gtest.h>

#include <array>

#include "ledger/entry.hpp"
#include "support/clients.hpp"
#include "support/false_node.hpp"
#include "support/local_cluster.hpp"

namespace socai::cluster_tests {
namespace {

class LyingNode : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
        for (int i = 0; i < 3; ++i) ASSERT_TRUE(submit("before-" + std::to_string(i)));
        ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
        leader_ = cluster_.await_leader();
        followers_ = cluster_.others({leader_});
        liar_ = followers_.front();
    }
    SubmitOutcome submit(const std::string& id) const {
        return NodeClient(cluster_.endpoint(cluster_.await_leader()))
            .submit(statement_of(cluster_, source_, risk_signal(source_, id)));
    }
    // Files of evidence of this kind that any of `nodes` shows against others.
    Names evidence(const Names& nodes, const std::string& kind) const {
        Names files;
        for (const std::string& node : nodes) {
            const auto status = cluster_.status(node);
            const auto* alarms = status.if_contains("alarms");
            if (alarms == nullptr) continue;
            for (const auto& alarm : alarms->as_array()) {
                const auto& object = alarm.as_object();
                if (text(object, "kind") == kind && object.at("proven").as_bool())
                    files.push_back(text(object, "file"));
            }
        }
        return files;
    }
    // Whoever pins the policy and trusts nobody finds the liar in it, and nothing once a byte was changed.
    void expect_believed(const std::string& file) const {
        const auto verified =
            run_program({program(), "evidence", "verify", file, "--policy", cluster_.policy(), "--json"});
        EXPECT_EQ(verified.exit_status, 0) << verified.output;
        EXPECT_NE(verified.output.find("\"holds\":true"), std::string::npos) << verified.output;
        EXPECT_NE(verified.output.find(liar_), std::string::npos) << verified.output;
        for (const std::string& other : cluster_.others({liar_}))
            EXPECT_EQ(verified.output.find("\"" + other), std::string::npos) << verified.output;
        std::string altered = read_text(file);
        const std::size_t term = altered.find("term ") + 5;
        altered[term] = altered[term] == '1' ? '2' : '1';
        write_text(folder_ / "altered.json", altered);
        const auto refused = run_program(
            {program(), "evidence", "verify", folder_ / "altered.json", "--policy", cluster_.policy()});
        EXPECT_EQ(refused.exit_status, 1) << refused.output;
    }

    const std::string source_ = "most";
    LocalCluster cluster_;
    TemporaryFolder folder_;
    std::string leader_, liar_;
    Names followers_;
};

// The liar's vote decides the election, so that the one who wins by it shows it; the other was promised it too.
TEST_F(LyingNode, TwoVotesInOneTermBecomeEvidence) {
    cluster_.must("stop", {liar_});
    const std::string away = followers_[1];
    cluster_.must("stop", {away});
    const Names left = cluster_.others({liar_, away});
    {
        FalseNode liar(cluster_, liar_);
        liar.vote_for_all();
        ASSERT_TRUE(wait_until([&] { return !evidence(left, "double_vote").empty(); }))
            << cluster_.describe();
    }
    for (const std::string& file : evidence(left, "double_vote")) expect_believed(file);
    cluster_.must("start", {liar_});
    cluster_.must("start", {away});
    ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
    EXPECT_TRUE(submit("after"));
    EXPECT_TRUE(cluster_.await_agreement()) << cluster_.describe();
}

TEST_F(LyingNode, ForgedAndChangedAppendsBecomeEvidence) {
    cluster_.must("stop", {liar_});
    const Names honest = cluster_.others({liar_});
    // Records under a key that never signed them.
    const auto forged = [&](const std::string& id) {
        std::array<std::uint8_t, 32> seed{};
        const ledger::Jwk stolen{cluster_.key(source_).kid, ledger::KeyPair::from_seed(seed)};
        return ledger::make_entry(
            now_ms(), ledger::sign_statement(stolen, cluster_.origin(), risk_signal(source_, id), false));
    };
    std::uint64_t size = 0;
    {
        FalseNode liar(cluster_, liar_);
        // Of which the liar hears, as any follower does.
        const auto heard = submit("heard");
        ASSERT_TRUE(heard) << heard.error().detail;
        size = heard->index + 1;
        // A term that has moved on, or a leader that has, makes a lie miss: then it tells the next one.
        ASSERT_TRUE(wait_until([&] {
            liar.append_to_all(forged("forged-1"), forged("forged-2"));
            return !evidence(honest, "forged_append").empty() &&
                   !evidence(honest, "contradicting_appends").empty();
        })) << cluster_.describe();
    }
    for (const std::string kind : {"forged_append", "contradicting_appends"})
        for (const std::string& file : evidence(honest, kind)) expect_believed(file);
    cluster_.must("start", {liar_});
    ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
    // Nothing of it stands anywhere: the next record has the next place.
    const auto next = submit("after");
    ASSERT_TRUE(next) << next.error().detail;
    EXPECT_EQ(next->index, size);
    EXPECT_TRUE(cluster_.await_agreement()) << cluster_.describe();
}

}  // namespace
}  // namespace socai::cluster_tests
