// The parts that an audit is made of, each against a plain twin.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "audit_ledger.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/tiles.hpp"
#include "node/audit/bundle_tree.hpp"
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
    StateFacts facts{"ledger.test/s", "genesis", 300, 5'000, "head", 300, 5'000, {{7, "policy"}}};
    BundleTree tree;
    tree.add(number_hash(0));
    RecordTable table(RecordTable::new_key());
    table.collect();
    StateFile file(path);
    table.add("a", "1", {1, 0});
    ASSERT_TRUE(file.save(facts, tree, table));
    tree.add(number_hash(1));
    table.add("a", "2", {400, 2});
    facts.leaves = facts.vouched = 600;
    ASSERT_TRUE(file.save(facts, tree, table));

    StateFile again(path);
    auto loaded = again.load().value();
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->facts.leaves, 600U);
    EXPECT_EQ(loaded->facts.policies, facts.policies);
    EXPECT_EQ(loaded->facts.head, "head");
    EXPECT_EQ(loaded->tree.roots(), tree.roots());
    EXPECT_EQ(loaded->table.find("a", "2"), (ledger::Address{400, 2}));
    // And goes on.
    loaded->table.collect();
    loaded->table.add("a", "3", {700, 0});
    loaded->tree.add(number_hash(2));
    facts.leaves = facts.vouched = 800;
    ASSERT_TRUE(again.save(facts, loaded->tree, loaded->table));
    const auto third = StateFile(path).load().value();
    ASSERT_TRUE(third);
    EXPECT_EQ(third->table.size(), 3U);
    EXPECT_EQ(third->tree.bundles(), 3U);
}

TEST(StateFile, WhatNoHeadVouchesForMayBeLeftOut) {
    const test::TemporaryFolder folder;
    const std::string path = folder / "state";
    BundleTree tree;
    RecordTable table(RecordTable::new_key());
    table.collect();
    tree.add(number_hash(0));
    tree.add(number_hash(1));
    // The last bundle is not full: neither its leaves nor their records are kept of what is not vouched for.
    for (std::uint64_t i = 1; i < 600; ++i) table.add("a", std::to_string(i), {i, 0});
    StateFacts facts{"ledger.test/s", "genesis", 512,   9'000,
                     "head",          300,       5'000, {{7, "policy"}, {400, "later"}}};
    ASSERT_TRUE(StateFile(path).save(facts, tree, table));
    EXPECT_EQ(table.take_new().size(), 600U - 512U);

    StateFile file(path);
    auto all = file.load().value();
    ASSERT_TRUE(all);
    EXPECT_EQ(all->facts, facts);
    EXPECT_EQ(all->table.size(), 511U);
    auto vouched = file.load(StateFile::Part::vouched).value();
    ASSERT_TRUE(vouched);
    EXPECT_EQ(vouched->facts.leaves, 300U);
    EXPECT_EQ(vouched->facts.last_time_ms, 5'000);
    EXPECT_EQ(vouched->facts.policies.size(), 1U);
    EXPECT_EQ(vouched->tree.bundles(), 1U);
    EXPECT_EQ(vouched->table.size(), 299U);
    // It goes on from there, in files of its own; the old ones are whole until it has written its own.
    vouched->tree.add(number_hash(2));
    ASSERT_TRUE(file.save({"ledger.test/s", "genesis", 512, 8'000, "head", 300, 5'000, {}}, vouched->tree,
                          vouched->table));
    EXPECT_FALSE(std::filesystem::exists(path + ".records"));
    EXPECT_FALSE(std::filesystem::exists(path + ".tree"));
    const auto again = StateFile(path).load().value();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->table.size(), 299U);
    EXPECT_EQ(again->tree.roots()[1], number_hash(2));
    // Nothing is vouched for: there is nothing to go on from.
    StateFile first(folder / "first");
    ASSERT_TRUE(first.save({"ledger.test/s", "genesis", 256, 1, "", 0, 0, {}}, tree, table));
    EXPECT_TRUE(StateFile(folder / "first").load().value());
    EXPECT_FALSE(StateFile(folder / "first").load(StateFile::Part::vouched).value());
}

TEST(StateText, UnvouchedLeavesAreWholeBundles) {
    StateText text{{"ledger.test/s", "genesis", 512, 9, "head", 300, 5, {}}, {}, 1, {10, {}}, {2, {}}};
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
    PolicyHistory history(ledger::genesis_policy(ledger.genesis).value());
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
