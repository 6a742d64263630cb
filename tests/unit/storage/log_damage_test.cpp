// What a crash or a rotten disk leaves behind: every start either yields exactly what was acknowledged, or
// stops with a reason. A killed process is simulated by copying its folder while it is open.
#include <gtest/gtest.h>

#include <functional>

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
    // The only non-empty write-ahead log of a folder.
    static std::string wal_of(const std::string& directory) {
        std::string found;
        for (const auto& file : test::files_like(directory + "/log", "", ".log")) {
            if (std::filesystem::file_size(file) == 0) continue;
            EXPECT_TRUE(found.empty()) << found << " and " << file;
            found = file;
        }
        EXPECT_FALSE(found.empty());
        return found;
    }
    // Opens `directory` and expects exactly the first `count` entries of the model.
    void expect_entries(const std::string& directory, std::size_t count, bool torn) {
        auto opened = LogStore::open(directory, test::identity());
        ASSERT_TRUE(opened) << opened.error().reason << ": " << opened.error().detail;
        EXPECT_EQ((*opened)->start().torn_tail_cut, torn);
        auto entries = test::read_log(**opened);
        ASSERT_TRUE(entries) << entries.error().detail;
        ASSERT_EQ(entries->size(), count);
        for (std::size_t i = 0; i < count; ++i) EXPECT_TRUE(test::same_entry(*(*entries)[i], *model[i]));
    }
    // Whatever the damage: an error with a sentence, or entries of the model and, unless the last write was
    // never confirmed (`may_lack`), all of them.
    void expect_truth_or_error(const std::string& directory, std::size_t may_lack, const std::string& what) {
        auto opened = LogStore::open(directory, test::identity());
        if (!opened) {
            EXPECT_FALSE(opened.error().reason.empty()) << what;
            EXPECT_NE(opened.error().detail.find(directory), std::string::npos)
                << what << opened.error().detail;
            ++errors;
            return;
        }
        const consensus::Index end = (*opened)->start().log.last.index;
        EXPECT_LE(end.value, model.size()) << what;
        EXPECT_GE(end.value + may_lack, model.size()) << what;
        EXPECT_EQ((*opened)->start().torn_tail_cut, end.value < model.size()) << what;
        auto entries = test::read_log(**opened);
        if (!entries) {
            EXPECT_EQ(entries.error().reason, "corrupt_log") << what << entries.error().detail;
            ++errors;
            return;
        }
        ASSERT_EQ(entries->size(), end.value) << what;
        for (std::size_t i = 0; i < entries->size(); ++i) {
            EXPECT_TRUE(test::same_entry(*(*entries)[i], *model[i])) << what;
        }
    }
    void flip_bytes(const std::string& name_begin, const std::string& name_end, std::size_t samples,
                    std::size_t may_lack) {
        for (const std::string& original : test::files_like(live() + "/log", name_begin, name_end)) {
            const std::string bytes = test::read_file(original);
            const std::string name = std::filesystem::path(original).filename().string();
            const std::size_t step = std::max<std::size_t>(1, bytes.size() / samples);
            for (std::size_t at = 0; at < bytes.size(); at += step) {
                test::copy_folder(live(), copy());
                std::string damaged = bytes;
                damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
                test::write_file(copy() + "/log/" + name, damaged);
                expect_truth_or_error(copy(), may_lack, name + " byte " + std::to_string(at) + ": ");
            }
        }
    }

    TempFolder folder;
    std::unique_ptr<LogStore> log;
    std::vector<consensus::EntryPtr> model;
    std::size_t errors = 0;
};

TEST_F(LogDamage, AKilledProcessLosesNothing) {
    for (std::uint64_t term = 1; term <= 4; ++term) {
        append(term, term);
        test::copy_folder(live(), copy());
        expect_entries(copy(), model.size(), false);
    }
}

TEST_F(LogDamage, AWriteAheadLogCutAnywhereIsTornOrCutShort) {
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
            for (int start = 0; start < 2; ++start) {  // never forgotten
                const auto opened = LogStore::open(copy(), test::identity());
                ASSERT_EQ(test::reason_of(opened), "log_cut_short");
                EXPECT_NE(opened.error().detail.find("to 4."), std::string::npos) << opened.error().detail;
                EXPECT_EQ(test::read_file(wal), bytes.substr(0, length));  // nor touched
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
    EXPECT_EQ(test::reason_of(LogStore::open(copy(), test::identity())), "log_cut_short");
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
                EXPECT_EQ(test::reason_of(opened), "log_cut_short");
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
    first.append = {test::next_entry({}, 1, "one", consensus::EntryKind::configuration)};
    first.hard = {{1}, {1}, first.append[0]->id};
    write(first);
    test::copy_folder(live(), state_after(1));
    consensus::StorageJob second;
    second.append = {test::next_entry(last(), 1, "two", consensus::EntryKind::configuration)};
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

TEST_F(LogDamage, FlippedBytesInTheWriteAheadLogAreNeverServed) {
    for (int write = 0; write < 3; ++write) append(1, 2);
    flip_bytes("", ".log", 60, 2);  // the last write is not confirmed yet: its loss looks like a torn tail
    EXPECT_GT(errors, 20U);
    errors = 0;
    ASSERT_TRUE(log->flush_side_file());
    flip_bytes("", ".log", 40, 0);
    EXPECT_GT(errors, 20U);
}

TEST_F(LogDamage, FlippedBytesInTablesAreNeverServed) {
    append(1, 40);
    append(2, 5);
    log.reset();
    log = test::open_log(live());  // moves everything into tables
    flip_bytes("", ".sst", 25, 0);
    EXPECT_GT(errors, 20U);
}

TEST_F(LogDamage, FlippedBytesInManifestAndCurrentAreNeverServed) {
    append(1, 10);
    log.reset();
    log = test::open_log(live());
    flip_bytes("MANIFEST", "", 60, 0);
    EXPECT_GT(errors, 20U);
    errors = 0;
    flip_bytes("CURRENT", "", 100, 0);
    EXPECT_GE(errors, 16U);  // each of "MANIFEST-nnnnnn\n"
}

TEST_F(LogDamage, AnyMissingFileIsNoticed) {
    append(1, 10);
    log.reset();
    log = test::open_log(live());
    append(1, 3);
    ASSERT_TRUE(log->flush_side_file());
    std::vector<std::string> files = test::files_like(live() + "/log", "", ".sst");
    files.push_back(wal_of(live()));
    files.push_back(live() + "/log/CURRENT");
    files.push_back(test::files_like(live() + "/log", "MANIFEST", "").back());
    for (const std::string& file : files) {
        test::copy_folder(live(), copy());
        const std::string name = std::filesystem::path(file).filename().string();
        std::filesystem::remove(copy() + "/log/" + name);
        const std::size_t before = errors;
        expect_truth_or_error(copy(), 0, name + " is missing: ");
        EXPECT_EQ(errors, before + 1) << name;
    }
}

}  // namespace
}  // namespace socai::storage
