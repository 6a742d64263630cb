// A rotten disk: whichever of RocksDB's files is damaged or gone, every start yields a log of entries that were
// written, remembers what was acknowledged, and takes back what is missing.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <random>

#include "support.hpp"

namespace socai::storage {
namespace {

using test::TempFolder;

constexpr std::size_t page_bytes = 4096;

struct Damage {
    std::string name;
    std::function<void(const std::string& path)> apply;
};

Damage flip(std::size_t eighth) {
    return {"a byte flipped at " + std::to_string(eighth) + "/8", [eighth](const std::string& path) {
                std::string bytes = test::read_file(path);
                if (bytes.empty()) return;
                char& byte = bytes[std::min(bytes.size() - 1, bytes.size() * eighth / 8)];
                byte = static_cast<char>(byte ^ 0x20);
                test::write_file(path, bytes);
            }};
}
Damage zero_page(std::size_t quarter) {
    return {"a page zeroed at " + std::to_string(quarter) + "/4", [quarter](const std::string& path) {
                std::string bytes = test::read_file(path);
                const std::size_t at = bytes.size() * quarter / 4 / page_bytes * page_bytes;
                std::fill(
                    bytes.begin() + static_cast<std::ptrdiff_t>(at),
                    bytes.begin() + static_cast<std::ptrdiff_t>(std::min(bytes.size(), at + page_bytes)),
                    '\0');
                test::write_file(path, bytes);
            }};
}
Damage truncate(std::size_t eighth) {
    return {"cut at " + std::to_string(eighth) + "/8", [eighth](const std::string& path) {
                std::filesystem::resize_file(path, std::filesystem::file_size(path) * eighth / 8);
            }};
}

std::vector<Damage> all_damages() {
    std::vector<Damage> all;
    for (const std::size_t eighth : {0, 2, 4, 6, 8}) all.push_back(flip(eighth));
    for (const std::size_t quarter : {0, 3}) all.push_back(zero_page(quarter));
    for (const std::size_t eighth : {0, 3, 7}) all.push_back(truncate(eighth));
    all.push_back({"gone", [](const std::string& path) { std::filesystem::remove(path); }});
    return all;
}

class LogRepair : public testing::Test {
  protected:
    // Entries of three terms with configurations among them, in tables of several ages and in RocksDB's log, and
    // all acknowledged.
    LogRepair() {
        for (std::uint64_t term = 1; term <= 3; ++term) {
            log.reset();
            log = test::open_log(live());  // moves what is there into tables
            append({consensus::make_noop(last(), {term})});
            append({test::next_configuration(last(), term, {{term}})});
            for (int write = 0; write < 4; ++write) append(test::next_entries(last(), term, 40, 700));
        }
        log->note_commit(last().index);
        EXPECT_TRUE(log->flush_side_file());
    }

    std::string live() const { return folder / "live"; }
    std::string copy() const { return folder / "copy"; }
    consensus::EntryId last() const { return model.empty() ? consensus::EntryId{} : model.back()->id; }
    void append(std::vector<consensus::EntryPtr> entries) {
        model.insert(model.end(), entries.begin(), entries.end());
        const consensus::StorageJob job = test::append_job(std::move(entries));
        ASSERT_TRUE(log->write({&job, 1}));
    }

    // Every entry is one that was written, and what is not here is promised.
    void expect_honest(const LogStore& opened) {
        const consensus::LogSummary& found = opened.start().log;
        ASSERT_LE(found.last.index, last().index);
        if (found.last.index.value != 0) {
            ASSERT_EQ(found.last, model[found.last.index.value - 1]->id);
        }
        EXPECT_EQ(found.promised, found.last == last() ? consensus::EntryId{} : last());
        std::size_t damaged = 0;
        for (std::size_t i = 0; i < found.last.index.value; ++i) {
            if (damaged < found.damaged.size() && found.damaged[damaged].id == model[i]->id) {
                EXPECT_EQ(found.damaged[damaged].previous, i == 0 ? consensus::EntryId{} : model[i - 1]->id);
                ++damaged;
                continue;
            }
            const auto entry = opened.read({i + 1}, {i + 1}, 0);
            if (!entry && found_later(opened, {i + 1})) continue;
            ASSERT_TRUE(entry) << entry.error().detail;
            ASSERT_EQ(entry->size(), 1U);
            ASSERT_TRUE(test::same_entry(*entry->front(), *model[i])) << i;
        }
        EXPECT_EQ(damaged, found.damaged.size());
        for (const consensus::ConfigurationEntry& entry : opened.start().configurations) {
            ASSERT_LE(entry.id.index, found.last.index);
            EXPECT_EQ(entry.id, model[entry.id.index.value - 1]->id);
        }
        if (const auto& damage = opened.start().damage) {
            EXPECT_NE(damage->sentence.find(copy()), std::string::npos) << damage->sentence;
            EXPECT_EQ(damage->damaged, found.damaged.size());
            EXPECT_EQ(damage->intact + damage->damaged, found.last.index.value);
            EXPECT_EQ(damage->lost, last().index.value - found.last.index.value);
            EXPECT_EQ(damage->moved_to.empty() || std::filesystem::exists(damage->moved_to + "/LOCK"), true);
        }
    }
    // Content whose loss a start does not look for is named when it is read.
    static bool found_later(const LogStore& opened, consensus::Index index) {
        const auto damaged = opened.damage_in(index, index);
        return damaged && damaged->size() == 1 && damaged->front().id.index == index;
    }

    // Gives back what `opened` lacks, from the model.
    void give_back(LogStore& opened) {
        const auto damaged = opened.damage_in({1}, last().index);
        ASSERT_TRUE(damaged) << damaged.error().detail;
        std::vector<consensus::EntryPtr> lost;
        for (const auto& entry : *damaged) lost.push_back(model[entry.id.index.value - 1]);
        for (const auto& entry : opened.start().log.damaged) lost.push_back(model[entry.id.index.value - 1]);
        const auto repaired = opened.repair(lost);
        ASSERT_TRUE(repaired) << repaired.error().detail;
        EXPECT_GE(repaired->size(), damaged->size());
        const auto end = static_cast<std::ptrdiff_t>(opened.start().log.last.index.value);
        const consensus::StorageJob job = test::append_job({model.begin() + end, model.end()});
        ASSERT_TRUE(opened.write({&job, 1}));
        ASSERT_TRUE(opened.flush_side_file());
    }
    void expect_whole(const LogStore& opened) {
        EXPECT_EQ(opened.start().log.last, last());
        EXPECT_EQ(opened.start().log.promised, consensus::EntryId{});
        EXPECT_TRUE(opened.start().log.damaged.empty());
        EXPECT_EQ(opened.start().log.runs,
                  (std::vector<consensus::TermRun>{{{1}, {1}}, {{2}, {163}}, {{3}, {325}}}));
        std::vector<consensus::EntryPtr> entries;
        while (entries.size() < model.size()) {
            const auto more = opened.read({entries.size() + 1}, last().index, ~std::size_t{0});
            ASSERT_TRUE(more && !more->empty()) << entries.size();
            entries.insert(entries.end(), more->begin(), more->end());
        }
        for (std::size_t i = 0; i < model.size(); ++i) {
            ASSERT_TRUE(test::same_entry(*entries[i], *model[i])) << i;
        }
    }
    // Opens the damaged copy, twice as if killed in between, gives back what it lacks, and opens it again.
    void expect_repair() {
        {
            const auto first = test::open_log(copy());
            ASSERT_NE(first, nullptr);
            expect_honest(*first);
            if (first->start().damage) ++cures[static_cast<std::size_t>(first->start().damage->cure)];
        }
        {
            const auto second = test::open_log(copy());
            ASSERT_NE(second, nullptr);
            expect_honest(*second);
            give_back(*second);
        }
        for (int start = 0; start < 2; ++start) {
            const auto whole = test::open_log(copy());
            ASSERT_NE(whole, nullptr);
            expect_whole(*whole);
        }
    }
    void damage_all(const std::string& begin, const std::string& end) {
        const auto files = test::files_like(live() + "/log", begin, end);
        ASSERT_FALSE(files.empty());
        for (const std::string& file : files) {
            const std::string name = std::filesystem::path(file).filename().string();
            for (const Damage& damage : all_damages()) {
                SCOPED_TRACE(name + ": " + damage.name);
                std::filesystem::remove_all(copy());
                test::copy_folder(live(), copy());
                damage.apply(copy() + "/log/" + name);
                expect_repair();
                if (HasFatalFailure()) return;
            }
        }
    }

    TempFolder folder;
    std::unique_ptr<LogStore> log;
    std::vector<consensus::EntryPtr> model;
    std::array<std::size_t, 4> cures{};
};

std::size_t at(LogDamage::Cure cure) {
    return static_cast<std::size_t>(cure);
}

TEST_F(LogRepair, TheWriteAheadLog) {
    damage_all("", ".log");
    EXPECT_GT(cures[at(LogDamage::Cure::in_place)], 5U);
}

TEST_F(LogRepair, Tables) {
    damage_all("", ".sst");
    EXPECT_GT(cures[at(LogDamage::Cure::copied)], 5U);
}

TEST_F(LogRepair, TheManifest) {
    damage_all("MANIFEST", "");
    EXPECT_EQ(cures[at(LogDamage::Cure::emptied)], 0U);
    EXPECT_GT(cures[at(LogDamage::Cure::copied)], 5U);
}

TEST_F(LogRepair, TheOtherFiles) {
    damage_all("CURRENT", "");
    EXPECT_EQ(cures[at(LogDamage::Cure::emptied)], 0U);
    EXPECT_GT(cures[at(LogDamage::Cure::copied)], 5U);
    damage_all("OPTIONS", "");
    damage_all("IDENTITY", "");
}

// Several files at once, at any byte. Other mixtures: --gtest_shuffle --gtest_random_seed=N
TEST_F(LogRepair, AnyMixtureOfDamage) {
    std::mt19937 random(static_cast<unsigned>(testing::UnitTest::GetInstance()->random_seed()));
    const auto files = test::files_like(live() + "/log", "", "");
    const auto below = [&](std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
    };
    for (int round = 0; round < 80; ++round) {
        std::filesystem::remove_all(copy());
        test::copy_folder(live(), copy());
        std::string what;
        for (std::size_t count = 1 + below(3); count > 0; --count) {
            const std::string name = std::filesystem::path(files[below(files.size())]).filename().string();
            std::string bytes = test::read_file(copy() + "/log/" + name);
            if (bytes.empty()) continue;
            const std::size_t at = below(bytes.size());
            what += name + (below(4) == 0 ? " cut at " : " flipped at ") + std::to_string(at) + "; ";
            if (what.find("cut") != std::string::npos) {
                bytes.resize(at);
            } else {
                bytes[at] = static_cast<char>(bytes[at] ^ (1U << below(8)));
            }
            test::write_file(copy() + "/log/" + name, bytes);
        }
        SCOPED_TRACE(what);
        expect_repair();
        if (HasFatalFailure()) return;
    }
}

TEST_F(LogRepair, EveryFile) {
    std::filesystem::remove_all(copy());
    test::copy_folder(live(), copy());
    std::filesystem::remove_all(copy() + "/log");
    expect_repair();
    EXPECT_EQ(cures[at(LogDamage::Cure::emptied)], 1U);
}

}  // namespace
}  // namespace socai::storage
