// The parts that an audit is made of, each against a plain twin.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "audit_ledger.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/tiles.hpp"
#include "node/audit/bundle_tree.hpp"
#include "node/audit/change_text.hpp"
#include "node/audit/policy_history.hpp"
#include "node/audit/record_table.hpp"
#include "node/audit/state_file.hpp"
#include "temporary_folder.hpp"

namespace socai::node::audit {
namespace {

ledger::Hash number_hash(std::uint64_t number) {
    return ledger::sha256(std::to_string(number));
}

TEST(BundleTree, HasTheRootsOfTheWholeTreeAtEverySize) {
    constexpr std::uint64_t size = 256 * 9 + 77;
    std::vector<ledger::Hash> leaves;
    for (std::uint64_t i = 0; i < size; ++i) leaves.push_back(number_hash(i));
    BundleTree tree;
    for (std::uint64_t i = 0; i + 256 <= size; i += 256)
        tree.add(bundle_root(std::span(leaves).subspan(i, 256)));
    EXPECT_EQ(tree.bundles(), 9U);
    ledger::Frontier frontier;
    for (std::uint64_t n = 0; n < size; ++n) {
        const std::uint64_t bundles = n / 256;
        const auto rest = std::span(leaves).subspan(bundles * 256, n % 256);
        ASSERT_EQ(tree.root(bundles, rest), frontier.root()) << n;
        frontier.append(leaves[n]);
    }
    const BundleTree again(tree.roots());
    EXPECT_EQ(again.root(9, {}), tree.root(9, {}));
}

TEST(BundleTree, GivesTheTilesAboveTheBundles) {
    BundleTree tree;
    std::vector<ledger::Hash> roots;
    for (std::uint64_t i = 0; i < 256 * 2 + 3; ++i) {
        roots.push_back(number_hash(i));
        tree.add(roots.back());
    }
    EXPECT_EQ(tree.tile(1, 0).size(), 256U);
    EXPECT_EQ(tree.tile(1, 2).size(), 3U);
    EXPECT_EQ(tree.tile(1, 2)[1], roots[513]);
    EXPECT_TRUE(tree.tile(1, 3).empty());
    ASSERT_EQ(tree.tile(2, 0).size(), 2U);
    EXPECT_EQ(tree.tile(2, 0)[1], bundle_root(std::span(roots).subspan(256, 256)));
    EXPECT_TRUE(tree.tile(3, 0).empty());
}

TEST(RecordTable, FindsWhatWasAddedAndNothingElse) {
    RecordTable table(RecordTable::new_key());
    table.collect();
    std::map<std::string, ledger::Address> twin;
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        const std::string id = "record-" + std::to_string(i);
        const ledger::Address address{i / 3, static_cast<std::uint32_t>(i % 3)};
        EXPECT_FALSE(table.find("agency", id));
        table.add("agency", id, address);
        twin.emplace(id, address);
    }
    EXPECT_EQ(table.size(), twin.size());
    for (const auto& [id, address] : twin) EXPECT_EQ(table.find("agency", id), address);
    EXPECT_FALSE(table.find("agenc", "yrecord-1"));
    EXPECT_FALSE(table.find("agency", "record-20000"));

    RecordTable restored(table.key());
    for (const auto& item : table.take_new()) EXPECT_TRUE(restored.restore(item));
    EXPECT_TRUE(table.take_new().empty());
    for (const auto& [id, address] : twin) EXPECT_EQ(restored.find("agency", id), address);
    const ledger::Address last{(std::uint64_t{1} << 44) - 1, 4'095};
    table.add("agency", "last", last, RecordTable::max_kind);
    EXPECT_EQ(table.find("agency", "last"), last);
    EXPECT_EQ(table.kind("agency", "last"), RecordTable::max_kind);
    EXPECT_EQ(table.kind("agency", "record-1"), 0);
    EXPECT_EQ(table.kind("agency", "nobody"), 0);
    EXPECT_TRUE(restored.restore(table.take_new().front()));
    EXPECT_FALSE(restored.restore({1, 2, ~std::uint64_t{0}}));
}

TEST(StateFile, KeepsWhatItWasGivenOverSaves) {
    const test::TemporaryFolder folder;
    const std::string path = folder / "state";
    EXPECT_FALSE(StateFile(path).load().value());
    StateFacts facts{"1", "ledger.test/s", "genesis", 300, 5'000, "head", 300, 5'000, {{7, "policy"}}};
    BundleTree tree;
    tree.add(number_hash(0));
    RecordTable table(RecordTable::new_key());
    table.collect();
    Derivation derivation;
    derivation.collect();
    derivation.pass(250);
    derivation.add({{"k", "first"}});
    StateFile file(path);
    table.add("a", "1", {1, 0});
    ASSERT_TRUE(file.save(facts, tree, table, derivation));
    tree.add(number_hash(1));
    table.add("a", "2", {400, 2});
    derivation.pass(400);
    derivation.add({{"k", "second"}, {"l", "third"}});
    facts.leaves = facts.vouched = 600;
    ASSERT_TRUE(file.save(facts, tree, table, derivation));

    StateFile again(path);
    auto loaded = again.load().value();
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->facts.leaves, 600U);
    EXPECT_EQ(loaded->facts.policies, facts.policies);
    EXPECT_EQ(loaded->facts.head, "head");
    EXPECT_EQ(loaded->tree.roots(), tree.roots());
    EXPECT_EQ(loaded->table.find("a", "2"), (ledger::Address{400, 2}));
    EXPECT_EQ(loaded->derivation.digest(), derivation.digest());
    EXPECT_EQ(loaded->derivation.facts().get("k"), "second");
    EXPECT_EQ(loaded->derivation.leaves(), 600U);
    for (std::uint64_t size = 1; size <= 401; ++size)
        ASSERT_EQ(loaded->derivation.mark(size), derivation.mark(size)) << size;
    // And goes on.
    loaded->derivation.collect();
    loaded->derivation.pass(610);
    loaded->derivation.add({{"k", std::nullopt}});
    // What waits may be written before its time.
    ASSERT_TRUE(again.keep(loaded->derivation, 611));
    EXPECT_EQ(loaded->derivation.new_bytes(), 0U);
    loaded->derivation.add({{"m", "fourth"}});
    loaded->table.collect();
    loaded->table.add("a", "3", {700, 0});
    loaded->tree.add(number_hash(2));
    facts.leaves = facts.vouched = 800;
    ASSERT_TRUE(again.save(facts, loaded->tree, loaded->table, loaded->derivation));
    const auto third = StateFile(path).load().value();
    ASSERT_TRUE(third);
    EXPECT_EQ(third->table.size(), 3U);
    EXPECT_EQ(third->tree.bundles(), 3U);
    EXPECT_EQ(third->derivation.digest(), loaded->derivation.digest());
    EXPECT_FALSE(third->derivation.facts().get("k"));
    EXPECT_EQ(third->derivation.facts().get("m"), "fourth");
}

TEST(StateFile, WhatNoHeadVouchesForMayBeLeftOut) {
    const test::TemporaryFolder folder;
    const std::string path = folder / "state";
    BundleTree tree;
    RecordTable table(RecordTable::new_key());
    table.collect();
    tree.add(number_hash(0));
    tree.add(number_hash(1));
    Derivation derivation;
    derivation.collect();
    derivation.add({});
    for (std::uint64_t i = 1; i < 600; ++i) derivation.add({{"count", std::to_string(i)}});
    // The last bundle is not full: neither its leaves nor their records are kept of what is not vouched for.
    for (std::uint64_t i = 1; i < 600; ++i) table.add("a", std::to_string(i), {i, 0});
    StateFacts facts{
        "1", "ledger.test/s", "genesis", 512, 9'000, "head", 300, 5'000, {{7, "policy"}, {400, "later"}}};
    ASSERT_TRUE(StateFile(path).save(facts, tree, table, derivation));
    EXPECT_EQ(table.take_new().size(), 600U - 512U);

    StateFile file(path);
    auto all = file.load().value();
    ASSERT_TRUE(all);
    EXPECT_EQ(all->facts, facts);
    EXPECT_EQ(all->table.size(), 511U);
    EXPECT_EQ(all->derivation.leaves(), 512U);
    EXPECT_EQ(all->derivation.facts().get("count"), "511");
    auto vouched = file.load(StateFile::Part::vouched).value();
    ASSERT_TRUE(vouched);
    EXPECT_EQ(vouched->facts.leaves, 300U);
    EXPECT_EQ(vouched->facts.last_time_ms, 5'000);
    EXPECT_EQ(vouched->facts.policies.size(), 1U);
    EXPECT_EQ(vouched->tree.bundles(), 1U);
    EXPECT_EQ(vouched->table.size(), 299U);
    EXPECT_EQ(vouched->derivation.leaves(), 300U);
    EXPECT_EQ(vouched->derivation.mark(300), derivation.mark(300));
    // It goes on from there, in files of its own; the old ones are whole until it has written its own.
    vouched->tree.add(number_hash(2));
    ASSERT_TRUE(file.save({"1", "ledger.test/s", "genesis", 512, 8'000, "head", 300, 5'000, {}},
                          vouched->tree, vouched->table, vouched->derivation));
    EXPECT_FALSE(std::filesystem::exists(path + ".records"));
    EXPECT_FALSE(std::filesystem::exists(path + ".tree"));
    EXPECT_FALSE(std::filesystem::exists(path + ".facts"));
    const auto again = StateFile(path).load().value();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->table.size(), 299U);
    EXPECT_EQ(again->tree.roots()[1], number_hash(2));
    EXPECT_EQ(again->derivation.facts().get("count"), "299");
    EXPECT_EQ(again->derivation.leaves(), 512U);
    // Nothing is vouched for: there is nothing to go on from.
    StateFile first(folder / "first");
    ASSERT_TRUE(first.save({"1", "ledger.test/s", "genesis", 256, 1, "", 0, 0, {}}, tree, table, derivation));
    EXPECT_TRUE(StateFile(folder / "first").load().value());
    EXPECT_FALSE(StateFile(folder / "first").load(StateFile::Part::vouched).value());
}

TEST(ChangeText, ReadsTheSameInPiecesOfAnyLength) {
    std::string text;
    std::map<std::uint64_t, std::vector<ledger::FactChange>> twin;
    for (std::uint64_t leaf = 1; leaf < 40; leaf += 3) {
        auto& changes = twin[leaf];
        changes.push_back({"", std::string(leaf * 7, 'v')});
        changes.push_back({std::string("k\0", 2), std::nullopt});
        if (leaf % 2 == 0) changes.push_back({"k" + std::to_string(leaf), ""});
        text += change_text(leaf, changes);
    }
    for (std::size_t piece = 1; piece <= text.size(); piece += piece < 40 ? 1 : 97) {
        std::map<std::uint64_t, std::vector<ledger::FactChange>> read;
        ChangeReader reader([&](std::uint64_t leaf, const std::vector<ledger::FactChange>& changes) {
            return read.emplace(leaf, changes).second;
        });
        for (std::size_t at = 0; at < text.size(); at += piece)
            ASSERT_TRUE(reader.read(std::string_view(text).substr(at, piece))) << piece;
        EXPECT_TRUE(reader.complete()) << piece;
        EXPECT_EQ(read, twin) << piece;
    }
}

TEST(ChangeText, RefusesWhatIsNone) {
    const auto take = [](std::uint64_t, const std::vector<ledger::FactChange>&) { return true; };
    const std::string good = change_text(7, {{"a", "1"}, {"b", std::nullopt}});
    for (std::size_t cut = 1; cut < good.size(); ++cut) {
        ChangeReader reader(take);
        EXPECT_TRUE(reader.read(good.substr(0, cut)));
        EXPECT_FALSE(reader.complete()) << cut;
    }
    const auto refused = [&](const std::string& text) {
        ChangeReader reader(take);
        return !reader.read(text) && !reader.complete() && !reader.read("");
    };
    EXPECT_TRUE(refused(std::string(12, '\0'))) << "a leaf without changes";
    EXPECT_TRUE(refused(change_text(7, {{"b", "1"}, {"a", "2"}}))) << "keys in another order";
    EXPECT_TRUE(refused(change_text(7, {{"a", "1"}, {"a", "2"}}))) << "a key twice";
    std::string neither = change_text(7, {{"a", std::nullopt}});
    neither.back() = 2;
    EXPECT_TRUE(refused(neither));
    // A length that is a lie waits, and not without end.
    ChangeReader reader(take);
    const std::string lie = good.substr(0, 12) + std::string(4, '\xff');
    EXPECT_TRUE(reader.read(lie));
    const std::string piece(std::size_t{1} << 20, 'x');
    int pieces = 0;
    while (reader.read(piece) && pieces < 1'000) ++pieces;
    EXPECT_LT(pieces, 100);
    ChangeReader choosy([](std::uint64_t leaf, const std::vector<ledger::FactChange>&) { return leaf < 8; });
    EXPECT_TRUE(choosy.read(good));
    EXPECT_FALSE(choosy.read(change_text(8, {{"a", "1"}})));
}

TEST(Derivation, KnowsItsMarkAfterEachLeaf) {
    Derivation derivation;
    derivation.add({});
    EXPECT_EQ(derivation.mark(1), 0U);
    derivation.add({{"a", "1"}});
    const std::uint64_t after = derivation.mark(2);
    EXPECT_NE(after, 0U);
    derivation.pass(5);
    EXPECT_EQ(derivation.mark(5), after);
    derivation.add({{"a", "1"}});
    EXPECT_NE(derivation.mark(6), after) << "the digest is of how the facts came about";
    EXPECT_EQ(derivation.facts().size(), 1U);
    EXPECT_FALSE(derivation.restore(5, {{"a", "2"}}));
    EXPECT_TRUE(derivation.restore(9, {{"a", std::nullopt}}));
    EXPECT_EQ(derivation.leaves(), 10U);
    EXPECT_EQ(derivation.mark(9), derivation.mark(6));
    EXPECT_EQ(derivation.facts().size(), 0U);
}

TEST(StateText, UnvouchedLeavesAreWholeBundles) {
    StateText text{
        {"1", "ledger.test/s", "genesis", 512, 9, "head", 300, 5, {}}, {}, 1, {10, {}}, {2, {}}, {7, {}}};
    EXPECT_EQ(parse_state(text.to_string()), text);
    for (const std::uint64_t leaves : {513U, 299U}) {
        text.facts.leaves = leaves;
        text.tree.count = leaves / 256;
        EXPECT_FALSE(parse_state(text.to_string())) << leaves;
    }
    text.facts.leaves = text.facts.vouched = 513;
    text.tree.count = 2;
    EXPECT_TRUE(parse_state(text.to_string()));
    text.side = 2;
    EXPECT_FALSE(parse_state(text.to_string()));
}

TEST(PolicyHistory, KnowsWhoGoverns) {
    const test::AuditLedger ledger(1);
    PolicyHistory history(ledger.genesis.origin, ledger::genesis_policy(ledger.genesis).value());
    ledger::PolicyLeaf next;
    next.nodes = {ledger.genesis.nodes[2]};
    next.policy = ledger::consortium_policy(test::AuditLedger::origin, next.nodes);
    history.add(10, next);
    EXPECT_EQ(history.governing(1), 0U);
    EXPECT_EQ(history.governing(10), 0U);
    EXPECT_EQ(history.governing(11), 1U);
    EXPECT_EQ(history.find(next.policy, 11), 1U);
    EXPECT_FALSE(history.find(next.policy, 10));
    EXPECT_EQ(history.find(ledger.policy(), 11), 0U);
    EXPECT_FALSE(history.find(ledger::Policy{}, 11));
    EXPECT_EQ(history.node_keys("c-1").size(), 1U);
    EXPECT_TRUE(history.node_keys("e-1").empty());
}

}  // namespace
}  // namespace socai::node::audit
