// The parts that an audit is made of, each against a plain twin.
#include <gtest/gtest.h>

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
    const ledger::Address last{(std::uint64_t{1} << 51), 4'095};
    table.add("agency", "last", last);
    EXPECT_EQ(table.find("agency", "last"), last);
    EXPECT_TRUE(restored.restore(table.take_new().front()));
    EXPECT_FALSE(restored.restore({1, 2, ~std::uint64_t{0}}));
}

TEST(StateFile, KeepsWhatItWasGivenOverSaves) {
    const test::TemporaryFolder folder;
    const std::string path = folder / "state";
    EXPECT_FALSE(StateFile(path).load().value());
    StateFacts facts{"ledger.test/s", "genesis", 300, 5'000, "head", {{7, "policy"}}};
    BundleTree tree;
    tree.add(number_hash(0));
    RecordTable table(RecordTable::new_key());
    table.collect();
    StateFile file(path);
    table.add("a", "1", {1, 0});
    ASSERT_TRUE(file.save(facts, tree, table));
    tree.add(number_hash(1));
    table.add("a", "2", {400, 2});
    facts.leaves = 600;
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
    facts.leaves = 800;
    ASSERT_TRUE(again.save(facts, loaded->tree, loaded->table));
    const auto third = StateFile(path).load().value();
    ASSERT_TRUE(third);
    EXPECT_EQ(third->table.size(), 3U);
    EXPECT_EQ(third->tree.bundles(), 3U);
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
    EXPECT_EQ(history.find(next.policy), 1U);
    EXPECT_EQ(history.find(ledger.policy()), 0U);
    EXPECT_FALSE(history.find(ledger::Policy{}));
    EXPECT_EQ(history.node_keys("c-1").size(), 1U);
    EXPECT_TRUE(history.node_keys("e-1").empty());
}

}  // namespace
}  // namespace socai::node::audit
