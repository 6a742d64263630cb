// Entries that keep their place by their id alone while their content is fetched again, and what a start does
// where that is not possible. Damage is made through RocksDB, entry by entry; log_repair_test.cpp makes it in
// the files.
#include <gtest/gtest.h>

#include <future>

#include "storage/codec.hpp"
#include "storage/log_database.hpp"
#include "storage/log_writer.hpp"
#include "storage/suspicion.hpp"
#include "support.hpp"

namespace socai::storage {
namespace {

using consensus::EntryId;
using consensus::Index;

class LogRefetch : public testing::Test {
  protected:
    // 300 entries, of which 100 and 200 are configurations.
    LogRefetch() : log(test::open_log(folder.path())) {
        while (model.size() < 300) {
            const bool configuration = (model.size() + 1) % 100 == 0 && model.size() < 250;
            model.push_back(configuration ? test::next_configuration(last(), 2, {{model.size() + 1}})
                                          : test::next_entries(last(), 2, 1, 100).front());
        }
        write(test::append_job(model));
        log->note_commit({150});
        EXPECT_TRUE(log->flush_side_file());
    }

    EntryId last() const { return model.empty() ? EntryId{} : model.back()->id; }
    EntryId id(std::uint64_t index) const { return index == 0 ? EntryId{} : model[index - 1]->id; }
    consensus::DamagedEntry damaged(std::uint64_t index) const { return {id(index - 1), id(index)}; }
    void write(consensus::StorageJob job) { ASSERT_TRUE(log->write({&job, 1})); }
    void reopen() {
        log.reset();
        log = test::open_log(folder.path());
        ASSERT_NE(log, nullptr);
    }
    // Changes what stands under numbers of the closed log.
    void tamper(const std::function<void(const LogDatabase&, rocksdb::WriteBatch&)>& change) {
        log.reset();
        auto database = LogDatabase::open(folder / "log", test::identity(), LogDatabase::Mode::use);
        ASSERT_TRUE(database);
        rocksdb::WriteBatch batch;
        change(**database, batch);
        ASSERT_TRUE((*database)->write(batch));
    }
    void lose(LogFamily family, std::uint64_t index) {
        tamper([&](const LogDatabase& database, rocksdb::WriteBatch& batch) {
            batch.Delete(database.family(family), number_key(index));
        });
    }
    // As a node that was told of damage and started again.
    void reopen_suspecting() {
        log.reset();
        suspect(folder.path(), Suspicion::search, "a test");
        reopen();
    }
    void expect_cut_after(std::uint64_t end) {
        EXPECT_EQ(log->start().log.last, id(end));
        EXPECT_EQ(log->start().log.promised, last());
        EXPECT_TRUE(log->start().log.damaged.empty());
        ASSERT_TRUE(log->start().damage);
        EXPECT_EQ(log->start().damage->cure, LogDamage::Cure::copied);
        EXPECT_EQ(log->start().damage->lost, 300 - end);
        EXPECT_EQ(test::read_log(*log)->size(), end);
    }
    consensus::EntryPtr altered(std::uint64_t index,
                                const std::function<void(consensus::Entry&)>& change) const {
        auto entry = std::make_shared<consensus::Entry>(*model[index - 1]);
        change(*entry);
        return entry;
    }

    test::TempFolder folder;
    std::unique_ptr<LogStore> log;
    std::vector<consensus::EntryPtr> model;
};

TEST_F(LogRefetch, ARunningNodeLearnsWhatIsDamagedAndGoesOn) {
    lose(LogFamily::entries, 10);
    lose(LogFamily::entries, 12);
    reopen();
    EXPECT_FALSE(log->start().damage);  // a start does not read everything
    EXPECT_EQ(log->read({1}, {300}, ~std::size_t{0})->size(), 9U);
    EXPECT_EQ(test::reason_of(log->read({10}, {20}, ~std::size_t{0})), "corrupt_log");
    EXPECT_EQ(test::reason_of(log->read({10}, {10}, 0)), "corrupt_log");
    EXPECT_EQ(log->read({11}, {300}, ~std::size_t{0})->size(), 1U);
    EXPECT_EQ(*log->damage_in({1}, {9}), std::vector<consensus::DamagedEntry>());
    EXPECT_EQ(suspicion_in(folder.path()), Suspicion::none);
    EXPECT_EQ(*log->damage_in({1}, {400}), (std::vector{damaged(10), damaged(12)}));

    // The next start looks at everything; the one after that knows.
    for (int start = 0; start < 2; ++start) {
        reopen();
        EXPECT_EQ(log->start().log.damaged, (std::vector{damaged(10), damaged(12)}));
        EXPECT_EQ(log->start().log.promised, EntryId{});
        EXPECT_EQ(log->start().commit, Index{150});
        EXPECT_EQ(log->start().damage.has_value(), start == 0);
    }
    EXPECT_TRUE(log->repair(std::vector{model[9]}));
    EXPECT_EQ(log->read({1}, {300}, ~std::size_t{0})->size(), 9U);
    EXPECT_EQ(log->read({10}, {300}, ~std::size_t{0})->size(), 2U);
    EXPECT_EQ(log->read({10}, {300}, 0)->size(), 1U);
    EXPECT_EQ(log->read({10}, {300}, 150)->size(), 1U);
    reopen();
    EXPECT_EQ(log->start().log.damaged, std::vector{damaged(12)});
    EXPECT_EQ(*log->repair(std::vector{model[11]}), std::vector{Index{12}});
    reopen_suspecting();
    ASSERT_TRUE(log->start().damage);
    EXPECT_EQ(log->start().damage->cure, LogDamage::Cure::searched);
    EXPECT_EQ(log->start().damage->intact, 300U);
    EXPECT_TRUE(log->start().log.damaged.empty());
    EXPECT_TRUE(test::same_entry(*log->read({12}, {12}, 0)->front(), *model[11]));
}

TEST_F(LogRefetch, OnlyTheVeryContentIsTaken) {
    lose(LogFamily::entries, 10);
    reopen();
    const auto wrong = {
        altered(10, [](auto& entry) { entry.payload += "x"; }),
        altered(10, [](auto& entry) { entry.digest[0] ^= 1; }),
        altered(10, [](auto& entry) { entry.id.hash[0] ^= 1; }),
        altered(10, [](auto& entry) { entry.id.term = {3}; }),
        altered(10, [](auto& entry) { entry.mark = consensus::Digest{}; }),
        altered(10, [](auto& entry) { entry.id.index = {11}; }),
        altered(10, [](auto& entry) { entry.id.index = {0}; }),
        altered(10, [](auto& entry) { entry.id.index = {500}; }),
        altered(10,
                [](auto& entry) {
                    entry.payload = "another";
                    entry.digest = digest_of(entry.kind, entry.payload);
                }),
    };
    for (const auto& entry : wrong) EXPECT_TRUE(log->repair(std::vector{entry})->empty());
    EXPECT_EQ(test::reason_of(log->read({10}, {10}, 0)), "corrupt_log");
    // One that is whole is confirmed, and once.
    EXPECT_EQ(*log->repair(std::vector{model[9], model[7], model[9]}), (std::vector{Index{8}, Index{10}}));
    EXPECT_EQ(log->read({10}, {10}, 0)->size(), 1U);
}

TEST_F(LogRefetch, AConfigurationIsNotHeldByItsIdAlone) {
    lose(LogFamily::entries, 200);
    reopen();
    expect_cut_after(199);
    ASSERT_EQ(log->start().configurations.size(), 1U);
    EXPECT_EQ(log->start().configurations[0].id, id(100));
}

TEST_F(LogRefetch, AConfigurationThatIsLostWhileTheNodeRunsStopsIt) {
    const LogStore& running = *log;
    {
        auto bytes = running.damage_in({100}, {100});
        ASSERT_TRUE(bytes);
        EXPECT_TRUE(bytes->empty());
    }
    tamper([&](const LogDatabase& database, rocksdb::WriteBatch& batch) {
        batch.Delete(database.family(LogFamily::entries), number_key(120));
        batch.Put(database.family(LogFamily::meta), configuration_key({120}), encode_id(id(120)));
    });
    reopen();  // such a table of configurations leads nowhere
    expect_cut_after(119);
}

TEST_F(LogRefetch, ALostIdEndsTheLogBeforeIt) {
    lose(LogFamily::ids, 50);
    reopen();
    expect_cut_after(49);
    // What comes back goes on from there, over as many starts as it takes.
    write(test::append_job({model.begin() + 49, model.begin() + 180}));
    reopen();
    EXPECT_FALSE(log->start().damage);
    EXPECT_EQ(log->start().log.promised, last());
    write(test::append_job({model.begin() + 180, model.end()}));
    reopen();
    EXPECT_EQ(log->start().log.promised, EntryId{});
    EXPECT_EQ(test::read_log(*log)->size(), 300U);
}

TEST_F(LogRefetch, ContentThatIsNotWhatItsIdNamesEndsTheLogBeforeIt) {
    tamper([&](const LogDatabase& database, rocksdb::WriteBatch& batch) {
        batch.Put(database.family(LogFamily::entries), number_key(50),
                  encode_entry(*altered(50, [](auto& entry) { entry.payload += "x"; })));
    });
    reopen();
    EXPECT_EQ(test::reason_of(log->damage_in({1}, {300})), "corrupt_log");
    reopen();
    expect_cut_after(49);
}

TEST_F(LogRefetch, TheLastEntryIsHeldByItsIdToo) {
    lose(LogFamily::entries, 300);
    reopen();
    EXPECT_EQ(log->start().log.last, last());
    EXPECT_EQ(log->start().log.damaged, std::vector{damaged(300)});
    EXPECT_EQ(log->start().log.promised, EntryId{});
    reopen();
    EXPECT_EQ(log->start().log.damaged, std::vector{damaged(300)});
    write(test::append_job(test::next_entries(last(), 2, 3)));
    reopen();
    EXPECT_EQ(log->start().log.damaged, std::vector{damaged(300)});
    EXPECT_EQ(log->start().log.last.index, Index{303});
}

TEST_F(LogRefetch, ATruncationTakesDamageAndRepairsWithIt) {
    lose(LogFamily::entries, 290);
    lose(LogFamily::entries, 295);
    reopen();
    ASSERT_EQ(log->start().log.damaged.size(), 2U);
    ASSERT_TRUE(log->repair(std::vector{model[289]}));
    consensus::StorageJob job = test::append_job(test::next_entries(id(280), 3, 30));
    job.truncate_from = Index{281};
    job.hard = test::hard_state(3);
    write(job);
    reopen_suspecting();
    EXPECT_TRUE(log->start().log.damaged.empty());
    EXPECT_EQ(log->start().damage->cure, LogDamage::Cure::searched);
    EXPECT_TRUE(test::same_entry(*log->read({290}, {290}, 0)->front(), *job.append[9]));
}

TEST_F(LogRefetch, EntriesAreFoundByTheirIds) {
    lose(LogFamily::entries, 12);
    reopen();
    EntryId other = id(20);
    other.hash[5] ^= 1;
    const std::vector<EntryId> ids = {id(30), id(12), other, {}, id(300), {{2}, {301}, {}}, id(11)};
    const auto found = log->find(ids, ~std::size_t{0});
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 3U);
    EXPECT_TRUE(test::same_entry(*(*found)[0], *model[29]));
    EXPECT_EQ((*found)[1]->id, id(300));
    EXPECT_EQ((*found)[2]->id, id(11));
    EXPECT_EQ(log->find(ids, 0)->size(), 1U);
    EXPECT_EQ(log->find(ids, 200)->size(), 2U);
}

TEST_F(LogRefetch, TheWriterRepairsInTurn) {
    lose(LogFamily::entries, 12);
    reopen();
    std::promise<std::vector<Index>> repaired;
    std::vector<std::uint64_t> tickets;
    {
        LogWriter writer(
            *log,
            [&](std::vector<consensus::StorageJob> jobs) {
                for (const auto& job : jobs) tickets.push_back(job.ticket);
            },
            [](const Error& error) { ADD_FAILURE() << error.detail; });
        const auto more = test::next_entries(last(), 2, 2);
        consensus::StorageJob first = test::append_job({more[0]});
        first.ticket = 1;
        consensus::StorageJob second = test::append_job({more[1]});
        second.ticket = 2;
        writer.submit(first);
        writer.repair({model[11], more[1]},
                      [&](std::vector<Index> indices) { repaired.set_value(std::move(indices)); });
        writer.submit(second);
        EXPECT_EQ(repaired.get_future().get(), std::vector{Index{12}});
    }
    EXPECT_EQ(tickets, (std::vector<std::uint64_t>{1, 2}));
    EXPECT_TRUE(test::same_entry(*log->read({12}, {12}, 0)->front(), *model[11]));
}

TEST_F(LogRefetch, TheSearchTellsHowFarItHasCome) {
    log.reset();
    suspect(folder.path(), Suspicion::search, "a test");
    std::uint64_t done = 0;
    std::uint64_t of = 0;
    ASSERT_TRUE(LogStore::open(folder.path(), test::identity(), [&](std::uint64_t have, std::uint64_t want) {
        done = have;
        of = want;
    }));
    EXPECT_EQ(done, 300U);
    EXPECT_EQ(of, 300U);
}

TEST_F(LogRefetch, OfTheDamagedDatabasesTheNewestTwoAreKept) {
    std::string named;
    for (std::uint64_t round = 1; round <= 4; ++round) {
        log.reset();
        std::filesystem::remove(folder / "log/CURRENT");
        reopen();
        ASSERT_TRUE(log->start().damage);
        EXPECT_EQ(log->start().damage->cure, LogDamage::Cure::emptied);
        EXPECT_EQ(log->start().damage->moved_to, folder / ("log.damaged-" + std::to_string(round)));
        named = log->start().damage->sentence;
        EXPECT_EQ(log->start().log.promised, last());
        write(test::append_job(model));
    }
    EXPECT_EQ(test::files_like(folder.path(), "log.damaged-", ""),
              (std::vector{folder / "log.damaged-3", folder / "log.damaged-4"}));
    EXPECT_NE(named.find("log.damaged-2, was deleted"), std::string::npos) << named;
}

TEST_F(LogRefetch, ADatabaseThatIsInUseIsNotMovedAside) {
    std::filesystem::remove(folder / "log/CURRENT");
    EXPECT_EQ(test::reason_of(LogStore::open(folder.path(), test::identity())), "locked");
    EXPECT_TRUE(std::filesystem::exists(folder / "log"));
}

TEST_F(LogRefetch, AnothersDamagedDatabaseIsNotMovedAside) {
    lose(LogFamily::ids, 50);
    Identity other = test::identity();
    other.node = "most-1";
    EXPECT_EQ(test::reason_of(LogStore::open(folder.path(), other)), "wrong_identity");
    EXPECT_EQ(test::files_like(folder.path(), "log", ""), std::vector{folder / "log"});
}

// A replacement that was interrupted: before the swap, within it, and before the side file knew of it.
TEST_F(LogRefetch, AnInterruptedReplacementIsForgottenOrFinished) {
    lose(LogFamily::ids, 50);
    const std::string damaged_folder = folder / "damaged";
    for (const std::string name : {"log", "acknowledged"}) {
        std::filesystem::create_directories(damaged_folder);
        std::filesystem::copy(folder / name, damaged_folder + "/" + name);
    }
    reopen();
    expect_cut_after(49);
    log.reset();
    test::TempFolder made;
    test::copy_folder(folder.path(), made / "whole");
    const auto restore = [&](const std::string& from, const std::string& name, const std::string& as) {
        std::filesystem::copy(from + "/" + name, folder / as, std::filesystem::copy_options::recursive);
    };
    const auto clear = [&] {
        log.reset();
        for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
            if (file.path() != damaged_folder) std::filesystem::remove_all(file.path());
        }
    };
    // A half-written copy beside the damaged database.
    clear();
    restore(damaged_folder, "log", "log");
    restore(damaged_folder, "acknowledged", "acknowledged");
    std::filesystem::create_directories(folder / "log.new");
    test::write_file(folder / "log.new/CURRENT", "half");
    reopen();
    expect_cut_after(49);
    // Between the two renames.
    clear();
    restore(made / "whole", "log", "log.new");
    restore(damaged_folder, "log", "log.damaged-7");
    const auto promise = [&] {
        restore(damaged_folder, "acknowledged", "acknowledged");
        auto side = SideFile::open(folder / "acknowledged", false);
        SideState state = (*side)->state();
        state.promised = last();
        ASSERT_TRUE((*side)->write(state));
    };
    promise();
    reopen();
    EXPECT_EQ(log->start().log.last, id(49));
    EXPECT_EQ(log->start().log.promised, last());
    EXPECT_EQ(log->start().commit, Index{});
    // Before the side file.
    clear();
    restore(made / "whole", "log", "log");
    promise();
    reopen();
    EXPECT_EQ(log->start().log.last, id(49));
    EXPECT_EQ(log->start().log.promised, last());
    EXPECT_EQ(log->start().commit, Index{});
    EXPECT_FALSE(log->start().damage);
}

}  // namespace
}  // namespace socai::storage
