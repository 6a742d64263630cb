// Logs that begin after a base: installed, or left by pruning; and the configurations that a start hands out.
#include <gtest/gtest.h>

#include "support.hpp"

namespace socai::storage {
namespace {

using consensus::EntryId;
using consensus::Index;

class LogBase : public testing::Test {
  protected:
    // Configurations at 2, 5 and 8 of ten entries.
    LogBase() : log(test::open_log(folder.path())) {
        while (model.size() < 10) {
            const EntryId before = model.empty() ? EntryId{} : model.back()->id;
            const std::uint64_t index = model.size() + 1;
            model.push_back(index % 3 == 2 ? test::next_configuration(before, 1 + index / 4, {{index}})
                                           : test::next_entries(before, 1 + index / 4, 1).front());
        }
        write(test::append_job(model));
    }
    void write(consensus::StorageJob job) { ASSERT_TRUE(log->write({&job, 1})); }
    void reopen() {
        log.reset();
        log = test::open_log(folder.path());
        ASSERT_NE(log, nullptr);
    }
    std::vector<EntryId> configurations() const {
        std::vector<EntryId> ids;
        for (const auto& entry : log->start().configurations) ids.push_back(entry.id);
        return ids;
    }
    EntryId id(std::uint64_t index) const { return model[index - 1]->id; }

    test::TempFolder folder;
    std::unique_ptr<LogStore> log;
    std::vector<consensus::EntryPtr> model;
};

TEST_F(LogBase, AStartHandsOutTheConfigurations) {
    reopen();
    EXPECT_EQ(configurations(), (std::vector{id(2), id(5), id(8)}));
    EXPECT_EQ(log->start().configurations[1].configuration.voters, std::vector{consensus::NodeId{5}});
    EXPECT_EQ(log->start().configurations[1].note, "note");
    const std::vector<EntryId> before = configurations();
    log->note_commit({7});
    ASSERT_TRUE(log->flush_side_file());
    reopen();
    EXPECT_EQ(log->start().commit, Index{7});
    EXPECT_EQ(configurations(), before);
}

TEST_F(LogBase, AStartHandsOutTheIdsThatAreNotCommitted) {
    reopen();
    EXPECT_EQ(log->start().log.recent.size(), 10U);
    EXPECT_EQ(log->start().log.recent.front(), id(1));
    log->note_commit({7});
    ASSERT_TRUE(log->flush_side_file());
    reopen();
    EXPECT_EQ(log->start().log.recent, (std::vector{id(8), id(9), id(10)}));
    log->note_commit({10});
    ASSERT_TRUE(log->flush_side_file());
    reopen();
    EXPECT_TRUE(log->start().log.recent.empty());
}

TEST_F(LogBase, AnInstalledBaseReplacesEverything) {
    const EntryId base{{7}, {100}, {9}};
    const consensus::ConfigurationEntry configuration{base, {{{1}, {2}}, {}, {{3}}}, "who"};
    const auto after = test::next_entries(base, 7, 3);
    std::vector<consensus::StorageJob> jobs(3);
    jobs[0].append = test::next_entries(model.back()->id, 4, 2);
    jobs[1].hard = consensus::HardState{{7}, {2}, base};
    jobs[1].install = consensus::StorageJob::Base{base, configuration};
    jobs[2].append = {after[0]};
    ASSERT_TRUE(log->write(jobs));
    EXPECT_EQ(*log->id_at({100}), base);
    EXPECT_EQ(test::reason_of(log->id_at({99})), "corrupt_log");
    EXPECT_EQ(log->read({5}, {10}, 1'000)->size(), 0U);
    EXPECT_EQ(log->read({101}, {200}, 1'000)->size(), 1U);
    write(test::append_job({after[1], after[2]}));
    for (int start = 0; start < 2; ++start) {
        reopen();
        EXPECT_EQ(log->start().log.base, base);
        EXPECT_EQ(log->start().log.last, after[2]->id);
        EXPECT_EQ(log->start().log.runs, (std::vector<consensus::TermRun>{{{7}, {101}}}));
        EXPECT_EQ(log->start().hard, *jobs[1].hard);
        EXPECT_EQ(log->start().configurations, std::vector{configuration});
        EXPECT_EQ(log->start().commit, Index{100});
        EXPECT_FALSE(log->start().damage);
    }
    // Back to the base and on in another term.
    consensus::StorageJob job = test::append_job(test::next_entries(base, 8, 1));
    job.truncate_from = Index{101};
    job.hard = consensus::HardState{{8}, {}, base};
    write(job);
    reopen();
    EXPECT_EQ(log->start().log.runs, (std::vector<consensus::TermRun>{{{8}, {101}}}));
}

TEST_F(LogBase, PruningKeepsTheRestAndTheConfigurationInForce) {
    log->note_commit({9});
    ASSERT_TRUE(log->prune({3}));
    EXPECT_EQ(*log->id_at({3}), id(3));
    EXPECT_EQ(log->read({3}, {10}, 1'000)->size(), 0U);
    for (const std::uint64_t base : {3, 4, 7, 10}) {
        ASSERT_TRUE(log->prune({base}));
        ASSERT_TRUE(log->prune({base}));  // nothing more to do
        reopen();
        EXPECT_EQ(log->start().log.base, id(base));
        EXPECT_EQ(log->start().log.last, id(10));
        EXPECT_EQ(log->read({base + 1}, {10}, 1'000)->size(), 10 - base);
        const std::vector<EntryId> all = {id(2), id(5), id(8)};
        EXPECT_EQ(configurations(), std::vector<EntryId>(all.begin() + (base < 5   ? 0
                                                                        : base < 8 ? 1
                                                                                   : 2),
                                                         all.end()));
        EXPECT_EQ(log->start().log.runs.empty(), base == 10);
        if (base < 10) {
            EXPECT_EQ(log->start().log.runs.front().first, Index{base + 1});
        }
    }
    EXPECT_EQ(log->start().configurations[0].configuration.voters, std::vector{consensus::NodeId{8}});
    write(test::append_job(test::next_entries(id(10), 3, 2)));
    reopen();
    EXPECT_EQ(log->start().log.runs, (std::vector<consensus::TermRun>{{{3}, {11}}}));
}

// A log with a base that is damaged is copied with it.
TEST_F(LogBase, ABaseOutlivesARepair) {
    log->note_commit({9});
    ASSERT_TRUE(log->prune({6}));
    ASSERT_TRUE(log->flush_side_file());
    reopen();
    log.reset();
    test::write_file(folder / "log.suspect", "rewrite\n");
    reopen();
    ASSERT_TRUE(log->start().damage);
    EXPECT_EQ(log->start().damage->cure, LogDamage::Cure::copied) << log->start().damage->sentence;
    EXPECT_EQ(log->start().damage->intact, 4U);
    EXPECT_EQ(log->start().log.base, id(6));
    EXPECT_EQ(log->start().log.last, id(10));
    EXPECT_EQ(log->start().commit, Index{9});
    EXPECT_EQ(log->read({7}, {10}, 1'000)->size(), 4U);
    EXPECT_EQ(configurations(), (std::vector{id(5), id(8)}));
    reopen();
    EXPECT_FALSE(log->start().damage);
}

}  // namespace
}  // namespace socai::storage
