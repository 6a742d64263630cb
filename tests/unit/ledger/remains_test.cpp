// What remains of a withdrawn leaf, and the vote that it does.
#include "ledger/remains.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include "ledger/entry.hpp"
#include "ledger/governance/governed_facts.hpp"
#include "ledger/governance/withdrawal.hpp"
#include "ledger/merkle_tree.hpp"
#include "tests/unit/ledger/consortium.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;
using samples::Assembly;
using samples::consortium;

// Rules under which a vote names no remains, as before rule engine 2.
class EarlierRules : public samples::GovernedRules {
    bool withdraw_bytes(const Facts&) const override { return false; }
};

class Remaining : public testing::Test {
  protected:
    Remaining() {
        EXPECT_EQ(ledger_.record("customs/record", "first"), "admitted");
        EXPECT_EQ(ledger_.act("customs.haiphong/record", "clearance_decision", "second",
                              {{"note", "what must go"}, {"refs", json::array{refer_to("first")}}}),
                  "admitted");
        EXPECT_EQ(ledger_.record("most/record", "third"), "admitted");
        EXPECT_EQ(ledger_.act("customs/registrar", "agency_registration", "office",
                              {{"code", "customs.hue"},
                               {"parent", "customs"},
                               {"roles", json::array{"customs_office"}},
                               {"name_vi", "Hải quan Huế"},
                               {"name_en", "Hue Customs"}}),
                  "admitted");
    }

    static json::object refer_to(std::string_view id) {
        return {{"rel", "about"}, {"source", "customs"}, {"id", id}};
    }
    const Admitted& leaf(std::uint64_t index) const { return ledger_.leaves().at(index - 1); }
    Hash before(std::uint64_t index) const {
        Hash digest{};
        for (const Admitted& each : ledger_.leaves())
            if (each.index < index) digest = digest_after(digest, each.changes);
        return digest;
    }
    Result<Remains> made_of(std::uint64_t index) const { return remains_of(rules_, leaf(index), before(index)); }
    std::string text_of(std::uint64_t index) const { return to_text(made_of(index).value()); }
    json::object change(std::uint64_t index, const std::string& remains) const {
        return {{"index", static_cast<std::int64_t>(index)},
                {"legal_basis", json::array{"Luật 91/2025/QH15, Điều 14"}},
                {"remains", remains}};
    }
    std::string pass(std::string_view id, std::uint64_t index, const std::string& remains) {
        if (const auto reason = ledger_.propose("customs", id, "withdrawal", change(index, remains)); reason != "admitted")
            return reason;
        for (const char* member : {"customs", "most", "mard"}) EXPECT_EQ(ledger_.vote(member, id), "admitted");
        return "passed";
    }

    samples::GovernedRules rules_;
    Assembly ledger_;
};

TEST_F(Remaining, TakesTheLeafsPlaceInTheHistory) {
    const std::string text = text_of(2);
    EXPECT_EQ(text.find("what must go"), std::string::npos);
    EXPECT_LE(text.size(), max_entry_bytes);

    samples::MapView view;
    Frontier whole, bare;
    Hash facts{};
    for (const Admitted& each : ledger_.leaves()) {
        whole.append(each.leaf);
        const auto taken = each.index == 2 ? admit_remains(ledger_.context(), view, text) : Result<Admitted>(each);
        ASSERT_TRUE(taken) << taken.error().detail;
        EXPECT_EQ(taken->withdrawn, each.index == 2);
        bare.append(taken->leaf);
        facts = digest_after(facts, taken->changes);
        view.add(*taken);
    }
    EXPECT_EQ(bare.root(), whole.root());
    EXPECT_EQ(facts, before(ledger_.size()));
    // The record is known as it was: the same again is no other.
    const auto known = view.find("customs.haiphong", "second");
    ASSERT_TRUE(known);
    EXPECT_EQ(known->address, (Address{2, 0}));
    EXPECT_EQ(known->kind, "clearance_decision");
    const auto again = admit(ledger_.context(), view, leaf(2).statement, samples::now_ms, false);
    EXPECT_TRUE(std::holds_alternative<Duplicate>(again));
}

TEST_F(Remaining, IsReadLikeALeaf) {
    const std::string text = text_of(2);
    EXPECT_TRUE(is_remains(text));
    EXPECT_FALSE(is_remains(leaf(2).entry));
    EXPECT_EQ(hash_of_leaf(text), leaf_hash(leaf(2).entry));
    EXPECT_EQ(hash_of_leaf(leaf(2).entry), leaf(2).leaf);
    EXPECT_NE(hash_of_leaf("withdrawn of no form"), leaf(2).leaf);
    const auto read = read_leaf(text);
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->withdrawn);
    EXPECT_EQ(read->time_ms, leaf(2).time_ms);
    EXPECT_EQ(time_of_leaf(text).value(), leaf(2).time_ms);
    EXPECT_EQ(time_of_leaf(leaf(2).entry).value(), leaf(2).time_ms);
    ASSERT_EQ(read->statement.records.size(), 1U);
    const Record& record = read->statement.records.front();
    EXPECT_EQ(record.id, "second");
    EXPECT_EQ(record.source, "customs.haiphong");
    EXPECT_EQ(record.digest, leaf(2).statement->records.front().digest);
    EXPECT_EQ(record.subject, "");
    ASSERT_EQ(record.refs.size(), 1U);
    EXPECT_EQ(record.refs.front().id, "first");
    EXPECT_FALSE(record.data().contains("note"));
    EXPECT_EQ(read->statement.kid, "customs.haiphong/record");
    EXPECT_FALSE(read_leaf(leaf(2).entry)->withdrawn);
}

// Every byte counts: what is another text is another leaf, or none.
TEST_F(Remaining, HasOneSpelling) {
    const std::string text = text_of(2);
    const auto remains = parse_remains(text);
    ASSERT_TRUE(remains);
    EXPECT_EQ(to_text(*remains), text);
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const char other : {'A', '0', ' ', '"', '\x01'}) {
            if (text[i] == other) continue;
            std::string altered = text;
            altered[i] = other;
            if (const auto read = parse_remains(altered)) {
                EXPECT_EQ(to_text(*read), altered);
            }
        }
        EXPECT_FALSE(parse_remains(text.substr(0, i)));
    }
    EXPECT_FALSE(parse_remains(text + " "));
    EXPECT_FALSE(parse_remains(text + std::string(max_entry_bytes, ' ')));
}

TEST_F(Remaining, IsOfRecordsThatNothingRestsOn) {
    EXPECT_EQ(made_of(4).error().reason, "not_withdrawable");  // agencies and keys
    ASSERT_EQ(pass("p-1", 2, text_of(2)), "passed");
    EXPECT_EQ(made_of(5).error().reason, "not_withdrawable");  // a proposal
    ASSERT_EQ(ledger_.record("customs/record", "ruleset-1", "ruleset"), "admitted");
    EXPECT_EQ(made_of(ledger_.size() - 1).error().reason, "not_withdrawable");  // waits for a vote
}

TEST_F(Remaining, IsRefusedInAPlaceThatIsNotItsOwn) {
    const std::string text = text_of(2);
    samples::MapView view;
    const auto reason = [&](const std::string& what) { return admit_remains(ledger_.context(), view, what).error().reason; };
    EXPECT_EQ(reason(text), "malformed_remains");  // leaf 1 is next
    EXPECT_EQ(reason("withdrawn"), "malformed_remains");
    view.add(leaf(1));
    Remains remains = *made_of(2);
    ASSERT_TRUE(admit_remains(ledger_.context(), view, to_text(remains)));

    remains.time_ms = leaf(1).time_ms - 1;
    EXPECT_EQ(reason(to_text(remains)), "malformed_remains");
    remains = *made_of(2);
    remains.statement.records.front().refs.front().id = "nothing";
    EXPECT_EQ(reason(to_text(remains)), "malformed_remains");
    remains = *made_of(2);
    remains.statement.records.front().source = "customs";
    remains.statement.records.front().id = "first";  // stands already
    EXPECT_EQ(reason(to_text(remains)), "malformed_remains");
    remains = *made_of(2);
    for (const std::string_view table : governed_tables) {  // it would allow itself, or name who does
        remains.changes = {{std::string(table) + "x", "any"}};
        EXPECT_EQ(reason(to_text(remains)), "malformed_remains") << table;
        EXPECT_FALSE(parse_remains(to_text(remains))) << table;
    }
    remains = *made_of(2);
    remains.statement.records.front().type = "vn.socai.ballot.v1";
    EXPECT_EQ(reason(to_text(remains)), "not_withdrawable");
    view.add(leaf(2));
    EXPECT_EQ(reason(text), "malformed_remains");
}

TEST_F(Remaining, IsHeldAgainstTheBytesThatWere) {
    const Remains remains = *made_of(2);
    EXPECT_TRUE(check_remains(remains, leaf(2).entry));
    EXPECT_FALSE(check_remains(remains, leaf(3).entry));
    EXPECT_FALSE(check_remains(remains, text_of(2)));
    Remains other = remains;
    other.statement.kid = "customs/record";
    EXPECT_FALSE(check_remains(other, leaf(2).entry));
    other = remains;
    other.statement.records.front().digest[0] ^= 1;
    EXPECT_FALSE(check_remains(other, leaf(2).entry));
    other = remains;
    other.leaf[0] ^= 1;
    EXPECT_FALSE(check_remains(other, leaf(2).entry));
}

TEST_F(Remaining, IsVotedForToTheByte) {
    const std::string text = text_of(2);
    EXPECT_EQ(ledger_.propose("customs", "p-0", "withdrawal", change(1, text)), "malformed_remains");
    EXPECT_EQ(ledger_.propose("customs", "p-0", "withdrawal", change(2, text + " ")), "malformed_remains");
    json::object without = change(2, text);
    without.erase("remains");
    EXPECT_EQ(ledger_.propose("customs", "p-0", "withdrawal", without), "malformed_act");
    EXPECT_EQ(ledger_.propose("customs", "p-0", "withdrawal", change(0, text)), "no_such_leaf");
    EXPECT_EQ(ledger_.propose("customs", "p-0", "withdrawal", change(99, text)), "no_such_leaf");
    json::object baseless = change(2, text);
    baseless["legal_basis"] = json::array{};
    EXPECT_EQ(ledger_.propose("customs", "p-0", "withdrawal", baseless), "malformed_act");

    EXPECT_FALSE(is_voted_to_go(ledger_.facts(), 2));
    ASSERT_EQ(pass("p-1", 2, text), "passed");
    EXPECT_TRUE(is_voted_to_go(ledger_.facts(), 2));
    EXPECT_FALSE(is_voted_to_go(ledger_.facts(), 1));
    const auto voted = voted_withdrawal(ledger_.facts(), 2, sha256(text));
    ASSERT_TRUE(voted);
    EXPECT_EQ(voted->index, 2U);
    EXPECT_EQ(voted->remains, text);
    EXPECT_EQ(voted->legal_basis, std::vector<std::string>{"Luật 91/2025/QH15, Điều 14"});
    EXPECT_EQ(voted->at.index, ledger_.size() - 1);
    EXPECT_FALSE(voted_withdrawal(ledger_.facts(), 2, sha256("another")));
    EXPECT_EQ(ledger_.propose("customs", "p-2", "withdrawal", change(2, text)), "no_effect");

    // What does not remain of it was voted for by mistake: the members vote again.
    Remains other = *made_of(3);
    other.changes.clear();
    ASSERT_EQ(pass("p-3", 3, to_text(other)), "passed");
    ASSERT_EQ(pass("p-4", 3, text_of(3)), "passed");
    std::vector<std::uint64_t> leaves;
    each_withdrawal(ledger_.facts(), [&](const VotedWithdrawal& each) {
        leaves.push_back(each.index);
        return true;
    });
    EXPECT_EQ(leaves, (std::vector<std::uint64_t>{2, 3, 3}));
}

TEST_F(Remaining, IsNotKnownToEarlierRules) {
    const EarlierRules rules;
    const Context context{ledger_.genesis(), rules};
    const json::value with = change(2, text_of(2));
    json::value without = change(2, text_of(2));
    without.as_object().erase("remains");
    FactDraft facts(ledger_.facts());
    RegistryDraft draft(ledger_.registry(), facts);
    const std::function<Hash()> no_root = [] { return Hash{}; };
    const auto enacted = [&](const json::value& what) {
        return enact({context, "withdrawal", what, {ledger_.size(), 0}, {ledger_.size(), 0}, samples::now_ms, no_root}, draft);
    };
    EXPECT_EQ(enacted(with).error().reason, "malformed_act");
    const auto first = enacted(without);
    ASSERT_TRUE(first) << first.error().reason << ": " << first.error().detail;
    EXPECT_EQ(enacted(without).error().reason, "no_effect");
    // It is carried out only when the members have said what remains.
    EXPECT_FALSE(is_voted_to_go(facts, 2));
    EXPECT_FALSE(voted_withdrawal(facts, 2));
}

// Whatever acts of governance write is the ledger's own, and whatever records write is not.
TEST_F(Remaining, KnowsTheLedgersOwnFacts) {
    ASSERT_EQ(pass("p-1", 2, text_of(2)), "passed");
    ASSERT_EQ(ledger_.propose("customs", "p-2", "limits", {{"limits", json::object{{"max_future_ms", 1'000'000}}}}), "admitted");
    ASSERT_EQ(ledger_.propose("customs", "p-3", "passage", {{"matter", "limits"}, {"rule", "all"}}), "admitted");
    ASSERT_EQ(ledger_.propose("customs", "p-4", "recovery", {{"agencies", 4}}), "admitted");
    ASSERT_EQ(ledger_.propose("customs", "p-5", "hold", {{"agency", "customs.haiphong"}, {"held", true}}), "admitted");
    for (const char* proposal : {"p-2", "p-3", "p-4", "p-5"})
        for (const char* member : {"customs", "most", "mard", "moit"}) ledger_.vote(member, proposal);
    ASSERT_EQ(ledger_.act("customs/registrar", "delegation", "d-1",
                          {{"delegate", "most"}, {"source", "customs.hue"}, {"status", "granted"}}),
              "admitted");
    ASSERT_EQ(ledger_.record("most/record", "ruleset-1", "ruleset"), "admitted");
    std::size_t governed = 0;
    for (const Admitted& each : ledger_.leaves())
        for (const FactChange& change : each.changes) {
            const bool counted = change.key.starts_with("count/") || change.key.starts_with("last/");  // GovernedRules
            EXPECT_NE(is_governed_fact(change.key), counted) << change.key;
            governed += is_governed_fact(change.key) ? 1 : 0;
        }
    EXPECT_GT(governed, 20U);
}

TEST_F(Remaining, MayBeTooMuch) {
    Admitted large = leaf(2);
    large.changes.push_back({"a/key", std::string(40'000, 'x')});
    EXPECT_EQ(remains_of(rules_, large, Hash{}).error().reason, "too_much_remains");
    // What is allowed fits into a proposal.
    large.changes.back().value = std::string(33'000, 'x');
    const auto most = remains_of(rules_, large, before(2));
    ASSERT_TRUE(most) << most.error().detail;
    EXPECT_EQ(ledger_.propose("customs", "p-large", "withdrawal", change(2, to_text(*most))), "admitted");
}

}  // namespace
}  // namespace socai::ledger
