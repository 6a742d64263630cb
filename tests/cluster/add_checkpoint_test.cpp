// POST /add-checkpoint at a running node, as any C2SP tlog-witness client asks: each answer of the table, over real HTTP, and
// what a head of another tree leads to.
#include <gtest/gtest.h>

#include <array>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "ledger/add_checkpoint.hpp"
#include "node/http_call.hpp"
#include "node/key_file.hpp"
#include "support/clients.hpp"
#include "support/local_cluster.hpp"

namespace socai::cluster_tests {
namespace {

using ledger::AddCheckpoint;

class AskedToCosign : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
        for (int i = 0; i < 5; ++i) {
            const auto written =
                NodeClient(cluster_.endpoint(node_))
                    .submit(statement_of(cluster_, "most", risk_signal("most", "a-" + std::to_string(i))));
            ASSERT_TRUE(written) << written.error().detail;
        }
        ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
        const auto served = ask("/checkpoint", nullptr);
        auto head = ledger::parse_head(served.body);
        ASSERT_TRUE(head) << served.body;
        latest_ = *std::move(head);
        size_ = latest_.checkpoint.size;
    }
    node::HttpReply ask(const std::string& path, const std::string* body) const {
        const Endpoint at = cluster_.endpoint(node_);
        auto reply = node::http_call(std::string(at.trust ? "https://" : "http://") + at.authority() + path,
                                     body, {.patience = patience}, at.trust);
        return reply ? *reply : node::HttpReply{0, "", reply.error().detail};
    }
    node::HttpReply add(const std::string& body) const { return ask("/add-checkpoint", &body); }
    node::HttpReply add(std::uint64_t old, const ledger::Head& head) const {
        return add(AddCheckpoint{old, {}, head}.to_string());
    }
    static void expect_refused(const node::HttpReply& reply, unsigned status, const std::string& reason) {
        EXPECT_EQ(reply.status, status) << reply.body;
        EXPECT_NE(reply.body.find("\"" + reason + "\""), std::string::npos) << reply.body;
    }
    ledger::KeyPair log_key() const {
        return node::read_key_file(cluster_.dir() + "/nodes/" + node_ + "/log.jwk").value().key;
    }
    // A head with the log key's line alone.
    ledger::Head signed_head(std::uint64_t size, const ledger::Hash& root, const std::string& origin,
                             const ledger::KeyPair& key) const {
        const ledger::Checkpoint checkpoint{origin, size, root};
        ledger::Head head{checkpoint, {checkpoint.to_string(), {}}};
        ledger::sign_note(head.note, origin, key);
        return head;
    }
    ledger::Head other_tree(std::uint64_t size) const {
        return signed_head(size, ledger::leaf_hash("another tree"), cluster_.origin(), log_key());
    }
    boost::json::array alarms() const {
        const auto status = cluster_.status(node_);
        const auto* alarms = status.if_contains("alarms");
        return alarms == nullptr ? boost::json::array() : alarms->as_array();
    }

    LocalCluster cluster_;
    const std::string node_ = cluster_.nodes().front();
    ledger::Head latest_;  // that the node serves
    std::uint64_t size_ = 0;
};

TEST_F(AskedToCosign, ItAnswersByTheTable) {
    const auto cosigned = add(size_, latest_);
    EXPECT_EQ(cosigned.status, 200U) << cosigned.body;
    EXPECT_TRUE(cosigned.content_type.starts_with("text/plain")) << cosigned.content_type;
    const auto note = ledger::parse_note(latest_.note.text + "\n" + cosigned.body);
    ASSERT_TRUE(note) << cosigned.body;
    const auto cosigner = node::read_key_file(cluster_.dir() + "/nodes/" + node_ + "/cosigner.jwk").value();
    const std::array keys{ledger::VerifierKey{note->signatures.front().name, ledger::NoteKeyType::cosignature,
                                              cosigner.key.public_key()}};
    EXPECT_TRUE(ledger::verify_note(*note, keys));

    expect_refused(add("nonsense"), 400, "malformed_add_checkpoint");
    expect_refused(add(""), 400, "malformed_add_checkpoint");
    expect_refused(add(size_ + 1, latest_), 400, "malformed_add_checkpoint");
    expect_refused(add(0, signed_head(1, ledger::leaf_hash("x"), "ledger.elsewhere.vn/test", log_key())), 404,
                   "unknown_origin");
    const auto stranger = ledger::KeyPair::from_seed({});
    expect_refused(add(size_, signed_head(size_, latest_.checkpoint.root, cluster_.origin(), stranger)), 403,
                   "no_known_signature");
    // A known key's name under a signature that is not its own.
    ledger::Head forged = other_tree(size_);
    forged.note.signatures =
        signed_head(size_, latest_.checkpoint.root, cluster_.origin(), log_key()).note.signatures;
    EXPECT_EQ(add(size_, forged).status, 403U);

    const auto conflict = add(size_ - 1, latest_);
    EXPECT_EQ(conflict.status, 409U) << conflict.body;
    EXPECT_EQ(conflict.content_type, "text/x.tlog.size");
    EXPECT_EQ(conflict.body, std::to_string(size_) + "\n");
    // More leaves than the node holds: it cannot tell whether they extend its own.
    expect_refused(add(size_, other_tree(size_ + 1)), 503, "not_caught_up");
    // None of that was held against anybody, or has changed what the node signs.
    EXPECT_TRUE(alarms().empty()) << boost::json::serialize(alarms());
    EXPECT_EQ(add(size_, latest_).status, 200U);

    // The connection may be gone before its answer was read.
    const unsigned too_long = add(std::string(70'000, 'x')).status;
    EXPECT_TRUE(too_long == 413U || too_long == 0U) << too_long;
    const auto get = ask("/add-checkpoint", nullptr);
    EXPECT_EQ(get.status, 405U);
}

// Signed by a member's log key, such a head is proof against that key, of whatever size it is.
TEST_F(AskedToCosign, AHeadOfAnotherTreeIsRefusedAndKept) {
    expect_refused(add(size_, other_tree(size_)), 422, "wrong_proof");
    ASSERT_TRUE(wait_until([&] { return !alarms().empty(); }))
        << boost::json::serialize(cluster_.status(node_));
    const auto alarm = alarms().at(0).as_object();
    EXPECT_EQ(text(alarm, "kind"), "fork");
    const auto verified = run_program(
        {program(), "evidence", "verify", text(alarm, "file"), "--policy", cluster_.policy(), "--json"});
    EXPECT_EQ(verified.exit_status, 0) << verified.output;
    // It goes on as before.
    EXPECT_EQ(add(size_, latest_).status, 200U);
}

TEST_F(AskedToCosign, ASmallerHeadOfAnotherTreeIsAConflictAndKept) {
    EXPECT_EQ(add(0, other_tree(size_ - 2)).status, 409U);
    ASSERT_TRUE(wait_until([&] { return !alarms().empty(); }))
        << boost::json::serialize(cluster_.status(node_));
    EXPECT_EQ(text(alarms().at(0).as_object(), "kind"), "fork");
}

// Who no longer knows what it signed signs nothing, and says so.
TEST_F(AskedToCosign, WithoutItsMemoryItRefuses) {
    cluster_.must("stop", {node_});
    std::filesystem::remove(cluster_.data(node_) + "/cosigned");
    cluster_.must("start", {node_, "--no-wait"});
    ASSERT_TRUE(wait_until([&] { return cluster_.view(node_).applied_size >= size_; }))
        << cluster_.describe();
    expect_refused(add(size_, latest_), 503, "cosigner_state_lost");
}

}  // namespace
}  // namespace socai::cluster_tests
