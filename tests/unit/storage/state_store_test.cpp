#include "storage/state_store.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include "ledger/tiles.hpp"
#include "state_support.hpp"

namespace socai::storage {
namespace {

using test::Ledger;
using test::RecordSpec;
using test::TempFolder;

// Leaves of one to three records, each referring to the one before, with entries between that are no leaves.
Ledger make_ledger(std::size_t leaves) {
    Ledger ledger;
    ledger.add_other();
    std::size_t made = 0;
    for (std::size_t i = 0; i < leaves; ++i) {
        std::vector<RecordSpec> specs;
        for (std::size_t n = 0; n < 1 + i % 3; ++n, ++made) {
            RecordSpec spec;
            spec.id = "r-" + std::to_string(made);
            spec.kind = i % 2 == 0 ? "inspection_registration" : "inspection_result";
            spec.dossier_no = "D-" + std::to_string(i % 7);
            if (made > 0) spec.refs = {{spec.source, "r-" + std::to_string(made - 1)}};
            specs.push_back(std::move(spec));
        }
        ledger.add_leaf(specs);
        // A small table and a large one; some facts are written over, some go again.
        ledger.leaves.back()->changes = {{"!small/" + std::to_string(i % 5), std::to_string(i)},
                                         {"g/" + std::to_string(i), "goods"}};
        if (i % 3 == 0) ledger.leaves.back()->changes.push_back({"g/" + std::to_string(i / 2), std::nullopt});
        if (i % 100 == 41) ledger.add_other();
    }
    return ledger;
}

using Content = std::vector<std::pair<std::string, std::string>>;
Content all_of(const ledger::Facts& facts, std::string_view prefix) {
    Content content;
    facts.scan(prefix, {}, [&](std::string_view key, std::string_view value) {
        content.emplace_back(key, value);
        return true;
    });
    return content;
}

void expect_facts(const StateStore& state, const Ledger& ledger, std::size_t leaves) {
    ledger::FactMap model;
    ledger::Hash digest{};
    for (std::size_t i = 0; i < leaves; ++i) {
        const auto& changes = ledger.leaves[i]->changes;
        model.apply(changes);
        digest = ledger::digest_after(digest, changes);
        EXPECT_EQ(state.facts_mark(i + 1), digest_mark(digest));
    }
    EXPECT_EQ(state.facts_mark(0), std::nullopt);
    EXPECT_EQ(state.facts_mark(leaves + 1), std::nullopt);
    EXPECT_EQ(state.position().facts, digest);
    const auto snapshot = state.snapshot_facts();
    EXPECT_EQ(snapshot->position(), state.position());
    const std::vector<const ledger::Facts*> readers{&state.facts(), &snapshot->facts()};
    for (const ledger::Facts* facts : readers) {
        for (const std::string prefix : {"!small/", "g/"}) {
            EXPECT_EQ(all_of(*facts, prefix), all_of(model, prefix));
            for (const std::string end : {"!small/3", "g/2", "g/9999", "z"}) {
                const auto last = facts->last(prefix, end);
                const auto wanted = model.last(prefix, end);
                ASSERT_EQ(last.has_value(), wanted.has_value());
                if (last) {
                    EXPECT_EQ(last->key, wanted->key);
                }
            }
        }
        EXPECT_EQ(facts->get("g/1"), model.get("g/1"));
        EXPECT_EQ(facts->get("!small/1"), model.get("!small/1"));
        EXPECT_EQ(facts->get("nothing"), std::nullopt);
    }
}

void expect_equal(const StateStore& state, const Ledger& ledger, std::size_t applied_entries) {
    std::size_t leaves = 0;
    ledger::Frontier frontier;
    for (std::size_t i = 0; i < applied_entries; ++i) {
        if (ledger.entries[i].leaf == nullptr) {
            EXPECT_EQ(state.leaves_up_to({i + 1}), leaves);
            continue;
        }
        EXPECT_EQ(state.raft_index_of(leaves), consensus::Index{i + 1});
        frontier.append(ledger.entries[i].leaf->leaf);
        ++leaves;
        EXPECT_EQ(state.leaves_up_to({i + 1}), leaves);
    }
    EXPECT_EQ(state.leaves_up_to({applied_entries + 5}), leaves + 5);
    EXPECT_EQ(state.raft_index_of(leaves), std::nullopt);
    EXPECT_EQ(state.size(), leaves);
    EXPECT_EQ(state.position().raft_index, consensus::Index{applied_entries});
    EXPECT_EQ(state.frontier().root(), frontier.root());
    EXPECT_EQ(state.frontier().size(), leaves);
    if (leaves == 0) return;
    EXPECT_EQ(state.last_time_ms(), ledger.leaves[leaves - 1]->time_ms);

    std::map<std::string, std::vector<ledger::Address>> dossiers;
    ledger::Address before;
    for (const ledger::Address& address : ledger.addresses()) {
        const ledger::Record& record = ledger.record(address);
        const auto found = state.find(record.source, record.id);
        if (address.index >= leaves) {
            EXPECT_FALSE(found);
            EXPECT_EQ(state.kind_at(address), "");
            continue;
        }
        ASSERT_TRUE(found);
        EXPECT_EQ(found->address, address);
        EXPECT_EQ(found->digest, record.digest);
        EXPECT_EQ(state.kind_at(address), record.kind());
        dossiers[*inspection::fields_of(record).dossier_no].push_back(address);
        if (address != ledger::Address{}) {
            EXPECT_EQ(state.referring_to(before), std::vector{address});
        }
        before = address;
    }
    EXPECT_TRUE(state.referring_to(before).empty());
    for (const auto& [dossier, addresses] : dossiers) EXPECT_EQ(state.with_dossier(dossier), addresses);
    EXPECT_TRUE(state.with_dossier("D-").empty());
    EXPECT_EQ(state.kind_at({0, 1}), "");
    expect_facts(state, ledger, leaves);
}

TEST(StateStore, ASnapshotOfTheFactsStandsStill) {
    const Ledger ledger = make_ledger(40);
    TempFolder folder;
    const auto state = test::open_state(folder.path(), ledger.entries.size());
    ASSERT_TRUE(ledger.apply_to(*state, 1, 20));
    const auto snapshot = state->snapshot_facts();
    const Content then = all_of(snapshot->facts(), "");
    const auto position = state->position();
    ASSERT_TRUE(ledger.apply_to(*state, 1));
    EXPECT_EQ(all_of(snapshot->facts(), ""), then);
    EXPECT_EQ(snapshot->position(), position);
    EXPECT_NE(all_of(state->snapshot_facts()->facts(), ""), then);
}

TEST(StateStore, ANewStateIsEmpty) {
    TempFolder folder;
    bool rebuilt = true;
    const auto state = test::open_state(folder.path(), 0, &rebuilt);
    EXPECT_FALSE(rebuilt);
    EXPECT_EQ(state->position(), AppliedPosition{});
    EXPECT_EQ(state->frontier().root(), ledger::empty_root());
    EXPECT_FALSE(state->node(0, 0));
    EXPECT_FALSE(state->tile({false, 0, 0, 1}));
    EXPECT_TRUE(state->with_dossier("D").empty());
}

TEST(StateStore, AppliedEntriesAreAllFound) {
    const Ledger ledger = make_ledger(300);
    TempFolder folder;
    const auto state = test::open_state(folder.path(), ledger.entries.size());
    ASSERT_TRUE(ledger.apply_to(*state, 7));
    expect_equal(*state, ledger, ledger.entries.size());
}

TEST(StateStore, AFlushedStateComesBackAndGoesOn) {
    const Ledger ledger = make_ledger(700);
    TempFolder folder;
    std::size_t done = 0;
    for (const std::size_t until :
         {std::size_t{1}, std::size_t{2}, std::size_t{258}, ledger.entries.size()}) {
        bool rebuilt = true;
        const auto state = test::open_state(folder.path(), ledger.entries.size(), &rebuilt);
        EXPECT_FALSE(rebuilt);
        expect_equal(*state, ledger, done);
        ASSERT_TRUE(ledger.apply_to(*state, 50, until));
        done = until;
        ASSERT_TRUE(state->flush());
    }
    expect_equal(*test::open_state(folder.path(), ledger.entries.size()), ledger, done);
}

TEST(StateStore, AKilledNodeReplaysFromWhereItsStateStands) {
    const Ledger ledger = make_ledger(600);
    TempFolder folder;
    const auto state = test::open_state(folder / "live", ledger.entries.size());
    ASSERT_TRUE(ledger.apply_to(*state, 10, 250));
    ASSERT_TRUE(state->flush());
    ASSERT_TRUE(ledger.apply_to(*state, 10, 470));  // not flushed: gone with the process
    test::copy_folder(folder / "live", folder / "killed");
    const auto again = test::open_state(folder / "killed", ledger.entries.size());
    EXPECT_EQ(again->position().raft_index, consensus::Index{250});
    expect_equal(*again, ledger, 250);
    ASSERT_TRUE(ledger.apply_to(*again, 33));
    expect_equal(*again, ledger, ledger.entries.size());
    ASSERT_TRUE(ledger.apply_to(*state, 1));
    expect_equal(*state, ledger, ledger.entries.size());
}

TEST(StateStore, NodesAndTilesAreTheTrees) {
    const Ledger ledger = make_ledger(256 * 3 + 77);
    TempFolder folder;
    const auto state = test::open_state(folder.path(), ledger.entries.size());
    ASSERT_TRUE(ledger.apply_to(*state, 64));
    const std::uint64_t size = state->size();

    std::vector<ledger::Hash> level;
    for (const auto& leaf : ledger.leaves) level.push_back(leaf->leaf);
    for (std::uint32_t height = 0; !level.empty(); ++height) {
        for (std::uint64_t i = 0; i < level.size(); ++i) EXPECT_EQ(state->node(height, i), level[i]);
        EXPECT_FALSE(state->node(height, level.size()));
        std::vector<ledger::Hash> above;
        for (std::size_t i = 0; i + 1 < level.size(); i += 2)
            above.push_back(ledger::node_hash(level[i], level[i + 1]));
        level = std::move(above);
    }
    EXPECT_FALSE(state->node(64, 0));

    ASSERT_TRUE(state->tile({false, 0, 3, 77}));
    EXPECT_EQ(state->tile({false, 0, 3, 77})->size(), 77U * 32);
    EXPECT_EQ(state->tile({false, 0, 3, 5})->size(), 5U * 32);
    EXPECT_EQ(state->tile({false, 0, 0, 256})->size(), 256U * 32);
    EXPECT_EQ(state->tile({false, 1, 0, 3})->size(), 3U * 32);
    EXPECT_FALSE(state->tile({false, 0, 3, 78}));
    EXPECT_FALSE(state->tile({false, 1, 0, 4}));
    EXPECT_FALSE(state->tile({false, 2, 0, 1}));
    EXPECT_FALSE(state->tile({true, 0, 0, 1}));

    for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{255}, std::uint64_t{256}, size - 1}) {
        const auto proof = ledger::inclusion_proof(index, size, *state);
        ASSERT_TRUE(proof);
        EXPECT_TRUE(ledger::verify_inclusion(index, size, ledger.leaves[index]->leaf, *proof,
                                             state->frontier().root()));
    }
}

TEST(StateStore, AStateAheadOfTheLogIsRebuilt) {
    const Ledger ledger = make_ledger(20);
    TempFolder folder;
    {
        const auto state = test::open_state(folder.path(), ledger.entries.size());
        ASSERT_TRUE(ledger.apply_to(*state, 5));
        ASSERT_TRUE(state->flush());
    }
    bool rebuilt = false;
    const auto state = test::open_state(folder.path(), ledger.entries.size() - 1, &rebuilt);
    EXPECT_TRUE(rebuilt);
    EXPECT_EQ(state->position(), AppliedPosition{});
    ASSERT_TRUE(ledger.apply_to(*state, 5));
    expect_equal(*state, ledger, ledger.entries.size());
}

TEST(StateStore, AStateOfAnotherLogIsRebuilt) {
    const Ledger ledger = make_ledger(20);
    TempFolder folder;
    {
        const auto state = test::open_state(folder.path(), ledger.entries.size());
        ASSERT_TRUE(ledger.apply_to(*state, 5));
        ASSERT_TRUE(state->flush());
    }
    const consensus::EntryId applied = ledger.entries.back().id;
    const auto replaced = [&](consensus::Index index) {
        consensus::EntryId id = Ledger::id_at(index.value);
        if (index == applied.index) id.hash[7] ^= 1;
        return std::optional(id);
    };
    bool rebuilt = true;
    EXPECT_EQ(test::open_state(folder.path(), ledger.entries.size(), &rebuilt)->position().raft_hash,
              applied.hash);
    EXPECT_FALSE(rebuilt);
    const auto state = StateStore::open(folder.path(), test::identity(), replaced, &rebuilt);
    ASSERT_TRUE(state);
    EXPECT_TRUE(rebuilt);
    EXPECT_EQ((*state)->position(), AppliedPosition{});
}

TEST(StateStore, ADamagedStateIsRebuiltOrSound) {
    const Ledger ledger = make_ledger(40);
    TempFolder folder;
    {
        const auto state = test::open_state(folder / "good", ledger.entries.size());
        ASSERT_TRUE(ledger.apply_to(*state, 5));
        ASSERT_TRUE(state->flush());
    }
    std::size_t thrown_away = 0;
    for (const std::string& file : test::files_like(folder / "good/state", "", "")) {
        const std::string name = std::filesystem::path(file).filename().string();
        test::copy_folder(folder / "good", folder / "bad");
        std::filesystem::remove((folder / "bad/state/") + name);
        bool rebuilt = false;
        const auto state = test::open_state(folder / "bad", ledger.entries.size(), &rebuilt);
        ASSERT_NE(state, nullptr) << name;
        ASSERT_TRUE(ledger.apply_to(*state, 50));
        expect_equal(*state, ledger, ledger.entries.size());
        if (rebuilt) ++thrown_away;
    }
    EXPECT_GE(thrown_away, 2U);
}

TEST(StateStore, AnotherNodesStateIsRefusedAndKept) {
    TempFolder folder;
    test::open_state(folder.path(), 0).reset();
    Identity other = test::identity();
    other.node = "most-2";
    EXPECT_EQ(test::reason_of(StateStore::open(folder.path(), other, test::log_to(0), nullptr)),
              "wrong_identity");
    bool rebuilt = true;
    test::open_state(folder.path(), 0, &rebuilt).reset();
    EXPECT_FALSE(rebuilt);
}

TEST(StateStore, AStateInUseIsRefusedAndKept) {
    TempFolder folder;
    const auto state = test::open_state(folder.path(), 0);
    EXPECT_EQ(test::reason_of(StateStore::open(folder.path(), test::identity(), test::log_to(0), nullptr)),
              "locked");
}

TEST(StateStore, AReferenceToNothingStopsTheApplying) {
    Ledger ledger;
    RecordSpec spec;
    spec.id = "r";
    spec.refs = {{"customs.haiphong", "absent"}};
    ledger.add_leaf({spec});
    TempFolder folder;
    const auto state = test::open_state(folder.path(), 1);
    EXPECT_EQ(test::reason_of(ledger.apply_to(*state, 1)), "corrupt_state");
    EXPECT_EQ(test::reason_of(state->apply(ledger.entries)), "corrupt_state");
    EXPECT_EQ(state->size(), 0U);
}

// Readers run while batches are applied: what they see is always whole.
TEST(StateStore, ReadersSeeWholeBatches) {
    const Ledger ledger = make_ledger(2'000);
    std::vector<ledger::Hash> roots(1, ledger::empty_root());
    ledger::Frontier frontier;
    for (const auto& leaf : ledger.leaves) {
        frontier.append(leaf->leaf);
        roots.push_back(frontier.root());
    }
    TempFolder folder;
    const auto state = test::open_state(folder.path(), ledger.entries.size());
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> faults{0};
    std::thread reader([&] {
        while (!stop) {
            const std::uint64_t size = state->size();
            if (ledger::read_root(size, *state) != roots[size]) ++faults;
            if (size == 0) continue;
            const auto& last = *ledger.leaves[size - 1]->statement;
            if (!state->find(last.records.back().source, last.records.back().id)) ++faults;
            if (state->kind_at({size - 1, 0}) != last.records[0].kind()) ++faults;
        }
    });
    const auto applied = ledger.apply_to(*state, 9);
    stop = true;
    reader.join();
    EXPECT_TRUE(applied);
    EXPECT_EQ(faults, 0U);
}

// Damage met by a reader that cannot be told of it: the process aborts instead of giving a wrong answer.
TEST(StateStoreDeathTest, DamageThatCannotBeToldAborts) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const Ledger ledger = make_ledger(2'000);
    TempFolder folder;
    {
        const auto state = test::open_state(folder.path(), ledger.entries.size());
        ASSERT_TRUE(ledger.apply_to(*state, 100));
        ASSERT_TRUE(state->flush());
    }
    const auto state = test::open_state(folder.path(), ledger.entries.size());
    for (const std::string& file : test::files_like(folder / "state", "", ".sst")) {
        std::string bytes = test::read_file(file);
        for (std::size_t at = 0; at < bytes.size() * 9 / 10; ++at) bytes[at] ^= 1;
        test::write_file(file, bytes);
    }
    const auto look_up_all = [&] {
        state->on_damage([&](const Error& error) {
            const bool marked = std::filesystem::exists(folder / "state/damaged");
            std::fprintf(stderr, "told: %s, marked: %d", error.reason.c_str(), marked);
            std::filesystem::remove_all(folder.path());
        });
        for (const auto& address : ledger.addresses()) {
            const auto& record = ledger.record(address);
            if (!state->find(record.source, record.id)) std::_Exit(4);  // a wrong answer
        }
    };
    EXPECT_DEATH(look_up_all(), "told: corrupt_state, marked: 1");
}

TEST(StateStore, AStateThatWasFoundDamagedIsRebuilt) {
    TempFolder folder;
    test::open_state(folder.path(), 0).reset();
    test::write_file(folder / "state/damaged", "x");
    bool rebuilt = false;
    ASSERT_NE(test::open_state(folder.path(), 0, &rebuilt), nullptr);
    EXPECT_TRUE(rebuilt);
    test::open_state(folder.path(), 0, &rebuilt).reset();
    EXPECT_FALSE(rebuilt);
}

// What stays of records whose leaf is withdrawn, as ledger/remains.hpp leaves them.
std::shared_ptr<const ledger::Statement> bare(const ledger::Statement& whole) {
    auto remains = std::make_shared<ledger::Statement>(whole);
    for (ledger::Record& record : remains->records) {
        record.subject.clear();
        record.json["data"] = boost::json::object();
    }
    return remains;
}

// A leaf that was whole when it was applied and one that was applied from what remained of it are found by the same questions.
TEST(StateStore, AnswersAlikeOfALeafThatWasWithdrawnBeforeAndAfter) {
    Ledger ledger;
    RecordSpec spec;
    spec.id = "first";
    spec.dossier_no = "D-1";
    spec.tax_code = "0100000001";
    spec.goods_keys = {"G-1"};
    spec.hs_codes = {"39269099"};
    ledger.add_leaf({spec});
    RecordSpec second = spec;
    second.id = "second";
    second.refs = {{spec.source, "first"}};
    RecordSpec third = second;
    third.id = "third";
    ledger.add_leaf({second, third});
    const auto whole = ledger.leaves[1]->statement;

    TempFolder one_folder;
    const auto one = test::open_state(one_folder.path(), 2);
    ASSERT_TRUE(ledger.apply_to(*one, 10));
    EXPECT_TRUE(one->applied_as_remains().empty());
    const ledger::Hash digest = ledger::sha256(ledger.leaves[1]->entry);
    ASSERT_TRUE(one->forget_content(1, *whole, *bare(*whole), digest));
    ASSERT_TRUE(one->forget_content(1, *whole, *bare(*whole), digest)) << "again, as after a crash";

    ledger.leaves[1]->statement = bare(*whole);
    ledger.leaves[1]->withdrawn = true;
    TempFolder other_folder;
    auto other = test::open_state(other_folder.path(), 2);
    ASSERT_TRUE(ledger.apply_to(*other, 10));
    const std::vector<std::pair<std::uint64_t, ledger::Hash>> applied{{1, ledger::sha256(ledger.leaves[1]->entry)}};
    EXPECT_EQ(other->applied_as_remains(), applied);
    EXPECT_EQ(one->applied_as_remains(), applied);
    ASSERT_TRUE(other->flush());
    other.reset();
    other = test::open_state(other_folder.path(), 2);
    EXPECT_EQ(other->applied_as_remains(), applied);

    const std::vector<const StateStore*> both{one.get(), other.get()};
    for (const StateStore* state : both) {
        const auto found = [&](const inspection::Filter& filter) {
            const auto page = state->query(filter, 0, false, 100, std::nullopt, ledger.fields());
            return page ? page->addresses : std::vector<ledger::Address>{};
        };
        const std::vector<ledger::Address> first{{0, 0}};
        const std::vector<ledger::Address> all{{0, 0}, {1, 0}, {1, 1}};
        EXPECT_EQ(found({.subject = "S-1"}), first);
        EXPECT_EQ(found({.dossier_no = "D-1"}), first);
        EXPECT_EQ(found({.tax_code = "0100000001"}), first);
        EXPECT_EQ(found({.goods_key = "G-1"}), first);
        EXPECT_EQ(found({.hs_prefix = "3926"}), first);
        EXPECT_EQ(found({.source = spec.source}), all);
        EXPECT_EQ(found({.type = "vn.socai.inspection_registration.v1"}), all);
        EXPECT_EQ(found({.from_time_ms = spec.time_ms, .to_time_ms = spec.time_ms + 1}), all);
        EXPECT_EQ(state->referring_to({0, 0}), (std::vector<ledger::Address>{{1, 0}, {1, 1}}));
        EXPECT_EQ(state->find(spec.source, "third")->address, (ledger::Address{1, 1}));
    }
}

}  // namespace
}  // namespace socai::storage
