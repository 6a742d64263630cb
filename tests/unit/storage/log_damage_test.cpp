// What a crash leaves behind, in every combination of log and side file. A killed process is simulated by copying
// its folder while it is open. What a rotten disk leaves behind: log_repair_test.cpp.
#include <gtest/gtest.h>

#include "storage/side_file.hpp"
#include "support.hpp"

namespace socai::storage {
namespace {

using test::TempFolder;

class LogDamage : public testing::Test {
  protected:
    LogDamage() : log(test::open_log(live())) {}

    std::string live() const { return folder / "live"; }
    std::string copy() const { return folder / "copy"; }
    std::string state_after(std::size_t writes) const { return folder / ("after-" + std::to_string(writes)); }

    void write(consensus::StorageJob job) {
        if (job.truncate_from) model.resize(job.truncate_from->value - 1);
        model.insert(model.end(), job.append.begin(), job.append.end());
        ASSERT_TRUE(log->write({&job, 1}));
    }
    consensus::EntryId last() const { return model.empty() ? consensus::EntryId{} : model.back()->id; }
    void append(std::uint64_t term, std::size_t count) {
        write(test::append_job(test::next_entries(last(), term, count)));
    }
    // The write-ahead log that holds the last write: the newest that is not empty. RocksDB deletes those that a start has
    // gone through in the background, so one may still lie beside it.
    static std::string wal_of(const std::string& directory) {
        std::string found;
        for (const auto& file : test::files_like(directory + "/log", "", ".log"))
            if (std::filesystem::file_size(file) > 0) found = file;
        EXPECT_FALSE(found.empty());
        return found;
    }
    // Opens `directory` and expects exactly the first `count` entries of the model.
    void expect_entries(const std::string& directory, std::size_t count, bool torn) {
        auto opened = LogStore::open(directory, test::identity());
        ASSERT_TRUE(opened) << opened.error().reason << ": " << opened.error().detail;
        EXPECT_EQ((*opened)->start().torn_tail_cut, torn);
        EXPECT_FALSE((*opened)->start().damage) << (*opened)->start().damage->sentence;
        EXPECT_EQ((*opened)->start().log.promised, consensus::EntryId{});
        auto entries = test::read_log(**opened);
        ASSERT_TRUE(entries) << entries.error().detail;
        ASSERT_EQ(entries->size(), count);
        for (std::size_t i = 0; i < count; ++i) EXPECT_TRUE(test::same_entry(*(*entries)[i], *model[i]));
    }

    TempFolder folder;
    std::unique_ptr<LogStore> log;
    std::vector<consensus::EntryPtr> model;
};

TEST_F(LogDamage, AKilledProcessLosesNothing) {
    for (std::uint64_t term = 1; term <= 4; ++term) {
        append(term, term);
        test::copy_folder(live(), copy());
        expect_entries(copy(), model.size(), false);
    }
}

TEST_F(LogDamage, AWriteAheadLogCutAnywhereIsTornOrALossThatIsPromised) {
    std::vector<std::size_t> ends = {0};  // opening moved what was there into tables
    for (std::size_t write = 0; write < 3; ++write) {
        append(1, 2);
        ends.push_back(std::filesystem::file_size(wal_of(live())));
    }
    const std::string bytes = test::read_file(wal_of(live()));
    for (std::size_t length = ends.front(); length <= bytes.size();
         length += length + 12 < ends[2] ? 37 : 11) {
        test::copy_folder(live(), copy());
        const std::string wal = wal_of(copy());
        test::write_file(wal, bytes.substr(0, length));
        SCOPED_TRACE(length);
        if (length == bytes.size()) {
            expect_entries(copy(), 6, false);
        } else if (length >= ends[2]) {
            expect_entries(copy(), 4, true);
            expect_entries(copy(), 4, false);  // and the cut is final
        } else {
            for (int start = 0; start < 3; ++start) {  // never forgotten
                const auto opened = LogStore::open(copy(), test::identity());
                ASSERT_TRUE(opened) << opened.error().detail;
                const LogStart& found = (*opened)->start();
                EXPECT_EQ(found.damage.has_value(), start == 0);
                EXPECT_EQ(found.log.promised, model[5]->id);  // what was under way may have been acknowledged
                const std::size_t kept = found.log.last.index.value;
                EXPECT_EQ(kept, length >= ends[1] ? 2U : 0U);
                if (found.damage) {
                    EXPECT_EQ(found.damage->lost, 6 - kept);
                }
            }
        }
    }
}

TEST_F(LogDamage, AfterATornTailTheLogGoesOn) {
    append(1, 2);
    append(1, 2);
    for (std::uint64_t round = 1; round <= 4; ++round) {
        log.reset();
        log = test::open_log(live());
        append(round, 1);
        test::copy_folder(live(), copy());
        const std::string wal = wal_of(copy());
        std::filesystem::resize_file(wal, std::filesystem::file_size(wal) - 3);
        log.reset();
        test::copy_folder(copy(), live());
        log = test::open_log(live());
        EXPECT_TRUE(log->start().torn_tail_cut);
        model.pop_back();
        append(round, 2);
    }
    log.reset();
    expect_entries(live(), model.size(), false);
}

TEST_F(LogDamage, OnceSettledALostLastWriteIsNoTornTail) {
    append(1, 2);
    append(1, 2);
    ASSERT_TRUE(log->flush_side_file());
    test::copy_folder(live(), copy());
    const std::string wal = wal_of(copy());
    std::filesystem::resize_file(wal, std::filesystem::file_size(wal) - 1);
    const auto opened = test::open_log(copy());
    EXPECT_EQ(opened->start().log.last, model[1]->id);
    EXPECT_EQ(opened->start().log.promised, model[3]->id);
    EXPECT_FALSE(opened->start().torn_tail_cut);
}

// The log is `found`; the side file knows that `durable` was acknowledged, and `intended` may have been.
void expect_promise(const Result<std::unique_ptr<LogStore>>& opened,
                    const std::vector<consensus::EntryPtr>& found,
                    const std::vector<consensus::EntryPtr>& durable,
                    const std::vector<consensus::EntryPtr>& intended) {
    const auto order = [](const auto& log) {
        return log.empty() ? std::pair(consensus::Term{}, consensus::Index{})
                           : std::pair(log.back()->id.term, log.back()->id.index);
    };
    ASSERT_TRUE(opened) << opened.error().detail;
    const LogStart& start = (*opened)->start();
    EXPECT_EQ(start.log.last, found.empty() ? consensus::EntryId{} : found.back()->id);
    const auto promised = std::max(order(durable), order(intended));
    if (order(found) < promised) {
        EXPECT_EQ(std::pair(start.log.promised.term, start.log.promised.index), promised);
    } else {
        EXPECT_EQ(start.log.promised, consensus::EntryId{});
    }
    EXPECT_EQ(start.commit, consensus::Index{});  // nothing of what is left is known to be committed
    EXPECT_TRUE(start.damage);
}

// A write leaves log and side file in any combination; each must be recognised, truncations included.
TEST_F(LogDamage, LogAndSideFileOfDifferentMomentsAreToldApart) {
    std::vector<std::vector<consensus::EntryPtr>> models;
    std::vector<std::uint64_t> terms;
    const auto remember = [&](std::uint64_t term) {
        test::copy_folder(live(), state_after(models.size()));
        models.push_back(model);
        terms.push_back(term);
    };
    const auto write_in_term = [&](std::uint64_t term, std::optional<std::uint64_t> truncate_from,
                                   std::size_t count) {
        consensus::EntryId before = last();
        if (truncate_from)
            before = *truncate_from == 1 ? consensus::EntryId{} : model[*truncate_from - 2]->id;
        consensus::StorageJob job = test::append_job(test::next_entries(before, term, count));
        if (truncate_from) job.truncate_from = consensus::Index{*truncate_from};
        job.hard = test::hard_state(term, 1);
        write(std::move(job));
        remember(term);
    };
    remember(0);
    write_in_term(1, std::nullopt, 4);
    write_in_term(1, std::nullopt, 2);
    write_in_term(2, 3, 2);  // shorter than before
    write_in_term(3, 2, 6);  // longer than before
    write_in_term(4, 4, 0);  // a truncation alone
    write_in_term(4, std::nullopt, 1);
    for (std::size_t log_at = 0; log_at < models.size(); ++log_at) {
        for (std::size_t side_at = 0; side_at < models.size(); ++side_at) {
            test::copy_folder(state_after(log_at), copy());
            std::filesystem::copy_file(state_after(side_at) + "/acknowledged", copy() + "/acknowledged",
                                       std::filesystem::copy_options::overwrite_existing);
            SCOPED_TRACE("log after write " + std::to_string(log_at) + ", side file after " +
                         std::to_string(side_at));
            // The side file after write k says: k - 1 was durable, k under way.
            auto opened = LogStore::open(copy(), test::identity());
            if (log_at + 1 < side_at) {
                expect_promise(opened, models[log_at], models[side_at - 1], models[side_at]);
                continue;
            }
            if (log_at > side_at + 1) {
                EXPECT_EQ(test::reason_of(opened), "corrupt_side_file");
                continue;
            }
            ASSERT_TRUE(opened) << opened.error().reason << ": " << opened.error().detail;
            EXPECT_EQ((*opened)->start().torn_tail_cut, log_at + 1 == side_at);
            EXPECT_GE((*opened)->start().hard.term.value, terms[side_at]);
            EXPECT_GE((*opened)->start().hard.term, (*opened)->start().log.last.term);
            opened->reset();
            model = models[log_at];
            expect_entries(copy(), model.size(), false);
        }
    }
}

TEST_F(LogDamage, AConfigurationThatDidNotArriveIsNotInForce) {
    consensus::StorageJob first;
    first.append = {test::next_configuration({}, 1, {{1}})};
    first.hard = {{1}, {1}, first.append[0]->id};
    write(first);
    test::copy_folder(live(), state_after(1));
    consensus::StorageJob second;
    second.append = {test::next_configuration(last(), 1, {{1}, {2}})};
    second.hard = {{1}, {1}, second.append[0]->id};
    write(second);
    test::copy_folder(live(), state_after(2));

    // The slot arrived, the entry did not.
    test::copy_folder(state_after(1), copy());
    std::filesystem::copy_file(state_after(2) + "/acknowledged", copy() + "/acknowledged",
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_EQ(test::open_log(copy())->start().hard.configuration, first.append[0]->id);
    // The entry arrived, the slot did not.
    test::copy_folder(state_after(2), copy());
    std::filesystem::copy_file(state_after(1) + "/acknowledged", copy() + "/acknowledged",
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_EQ(test::open_log(copy())->start().hard.configuration, second.append[0]->id);
}

}  // namespace
}  // namespace socai::storage
