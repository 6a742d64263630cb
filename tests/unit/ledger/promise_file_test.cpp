#include "ledger/promise_file.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/ledger/small_ledger.hpp"

namespace socai::ledger {
namespace {

using samples::SmallLedger;

const KeyPair node_key = samples::key_named("node customs-2").key;

class PromiseFileTest : public testing::Test {
  protected:
    PromiseFileTest() {
        ledger_.append(samples::record("r-1"), "customs.haiphong/1");
        next_.nodes = samples::founded().nodes;
        GenesisNode joined = samples::node_named("customs-2", "customs", 3);
        joined.node_key = node_key.public_key();
        next_.nodes.push_back(joined);
        next_.policy = consortium_policy(samples::origin, next_.nodes);
        at_ = ledger_.append_policy(next_, "p-1");
        first_head_ = ledger_.head(at_ + 1);
    }
    static Note promise(const std::string& node, const KeyPair& key, NodeFact fact) {
        return sign_node_statement({std::string(samples::origin), node, std::move(fact)}, key);
    }
    static Promise fact() {
        return {5, 6, sha256("statement"), {{"customs.haiphong", "d-1", sha256("d-1")}}};
    }
    PromiseFile good() const {
        return {promise("customs-2", node_key, fact()),
                ledger_.proven(at_, first_head_),
                {ledger_.proven(at_, first_head_)}};
    }
    std::string reason_of(const PromiseFile& file) const {
        const auto parsed = parse_promise_file(file.to_json());
        if (!parsed) return parsed.error().reason;
        EXPECT_EQ(*parsed, file);
        const auto verified = verify_promise_file(*parsed, pinned_);
        return verified ? "verified" : verified.error().reason;
    }

    SmallLedger ledger_;
    PolicyLeaf next_;
    std::uint64_t at_ = 0;
    Head first_head_;
    Policy pinned_ = *parse_policy(samples::founded().policy);
};

TEST_F(PromiseFileTest, SaysWhoPromisedWhatByWhen) {
    const auto verified = verify_promise_file(good(), pinned_);
    ASSERT_TRUE(verified) << verified.error().detail;
    EXPECT_EQ(verified->origin, samples::origin);
    EXPECT_EQ(verified->node.name, "customs-2");
    EXPECT_EQ(verified->node.agency, "customs");
    EXPECT_EQ(verified->promise, fact());
    EXPECT_EQ(reason_of(good()), "verified");
}

TEST_F(PromiseFileTest, BelievesNoOtherKeyAndNoOtherLeaf) {
    PromiseFile file = good();
    file.note = promise("customs-2", samples::key_named("another").key, fact());
    EXPECT_EQ(reason_of(file), "no_known_signature");
    file = good();
    file.note = promise("customs-9", node_key, fact());
    EXPECT_EQ(reason_of(file), "wrong_introduction");
    file = good();
    file.introduction = ledger_.proven(0, first_head_);  // the genesis does not know the node
    EXPECT_EQ(reason_of(file), "wrong_introduction");
    file.introduction = ledger_.proven(1, first_head_);  // introduces nobody
    EXPECT_EQ(reason_of(file), "wrong_introduction");
    file = good();
    file.introduction->entry = ledger_.entry(0);
    EXPECT_EQ(reason_of(file), "wrong_proof");
    file = good();
    file.introduction->proof.head.note.signatures.pop_back();
    EXPECT_EQ(reason_of(file), "no_quorum");
    file = good();
    file.introduction.reset();
    EXPECT_EQ(reason_of(file), "not_introduced");
    file = good();
    file.note = promise("customs-2", node_key, Vote{1, 1});
    EXPECT_EQ(reason_of(file), "not_a_promise");
    file = good();
    file.note.text.replace(file.note.text.find("received 5"), 10, "received 4");
    EXPECT_EQ(reason_of(file), "bad_note_signature");
}

TEST_F(PromiseFileTest, RefusesOtherFiles) {
    for (const std::string text : {"", "{}", "[]", R"({"promise": "x", "introduction": null})",
                                   R"({"promise": 1, "introduction": null, "policies": []})",
                                   R"({"promise": "x", "introduction": null, "policies": [], "more": 1})",
                                   R"({"promise": "x", "introduction": {}, "policies": []})",
                                   R"({"promise": "x", "introduction": null, "policies": [null]})"}) {
        const auto parsed = parse_promise_file(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().reason, "malformed_promise_file") << text;
    }
    EXPECT_EQ(parse_promise_file(R"({"promise": "x", "introduction": null, "policies": []})").error().reason,
              "malformed_note");
    EXPECT_EQ(parse_promise_file(std::string(max_promise_file_bytes + 1, ' ')).error().reason,
              "malformed_promise_file");
}

TEST_F(PromiseFileTest, AnAlteredFileIsNeverVerifiedAsAnotherPromise) {
    const std::string text = good().to_json();
    const auto original = *verify_promise_file(good(), pinned_);
    for (std::size_t place = 0; place < text.size(); place += 31) {
        std::string altered = text;
        altered[place] = altered[place] == '0' ? '1' : '0';
        const auto parsed = parse_promise_file(altered);
        if (!parsed) continue;
        const auto verified = verify_promise_file(*parsed, pinned_);
        if (verified) {
            EXPECT_EQ(verified->promise, original.promise);
            EXPECT_EQ(verified->node.name, original.node.name);
        }
    }
}

}  // namespace
}  // namespace socai::ledger
