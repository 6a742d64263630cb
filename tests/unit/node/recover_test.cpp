// What survivors of the loss of the majority pass around: surveys, and the entries that one of them lacks.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "consensus/chain.hpp"
#include "node/recover/entries_file.hpp"
#include "node/recover/survey.hpp"
#include "temporary_folder.hpp"

namespace socai::node::recover {
namespace {

using consensus::EntryPtr;
using consensus::Index;
using consensus::TermRun;
using test::TemporaryFolder;

Survey some_survey() {
    Survey survey;
    survey.origin = "ledger.test/survey";
    survey.node = "customs-1";
    survey.agency = "customs";
    survey.time = "2026-11-26T10:00:00.000Z";
    survey.genesis = ledger::to_hex(ledger::sha256("genesis"));
    survey.size = 9;
    survey.root = ledger::sha256("root");
    survey.last = {{4}, {12}, ledger::sha256("end")};
    survey.term = {5};
    survey.runs = {{{1}, {1}}, {{2}, {2}}, {{4}, {8}}};
    survey.final_head = "a note\n";
    return survey;
}

TEST(Survey, ComesBackFromItsText) {
    const auto key = ledger::KeyPair::generate();
    const Survey made = some_survey();
    const auto read = parse_survey("F", sign_survey(made, key));
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->node, made.node);
    EXPECT_EQ(read->size, made.size);
    EXPECT_EQ(read->root, made.root);
    EXPECT_EQ(read->last, made.last);
    EXPECT_EQ(read->term, made.term);
    EXPECT_EQ(read->runs, made.runs);
    EXPECT_EQ(read->final_head, made.final_head);
    EXPECT_TRUE(signed_by(*read, key.public_key()));
    EXPECT_FALSE(signed_by(*read, ledger::KeyPair::generate().public_key()));
}

TEST(Survey, AnAlteredOneIsNotSigned) {
    const auto key = ledger::KeyPair::generate();
    std::string text = sign_survey(some_survey(), key);
    text.replace(text.find("\"size\":9"), 8, "\"size\":8");
    const auto read = parse_survey("F", text);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_FALSE(signed_by(*read, key.public_key()));
}

TEST(Survey, WhatDoesNotFitTogetherIsRefused) {
    const auto key = ledger::KeyPair::generate();
    const auto reason_with = [&](void (*change)(Survey&)) {
        Survey survey = some_survey();
        change(survey);
        const auto read = parse_survey("F", sign_survey(survey, key));
        return read ? std::string("read") : read.error().reason;
    };
    EXPECT_EQ(reason_with([](Survey&) {}), "read");
    EXPECT_EQ(reason_with([](Survey& survey) { survey.runs.clear(); }), "malformed_survey");
    EXPECT_EQ(reason_with([](Survey& survey) { survey.runs[1].term = {7}; }), "malformed_survey");
    EXPECT_EQ(reason_with([](Survey& survey) { survey.runs[0].first = {2}; }), "malformed_survey");
    EXPECT_EQ(reason_with([](Survey& survey) { survey.last.term = {3}; }), "malformed_survey");
    EXPECT_EQ(reason_with([](Survey& survey) { survey.term = {3}; }), "malformed_survey");
    EXPECT_EQ(reason_with([](Survey& survey) { survey.node = "NONAME"; }), "malformed_survey");
    EXPECT_EQ(parse_survey("F", "").error().reason, "malformed_survey");
}

TEST(Survey, KnowsHowFarTwoLogsAreTheSame) {
    const Survey survey = some_survey();  // terms 1, 2 from index 2, 4 from index 8; to index 12
    EXPECT_EQ(common_end(survey, survey.runs, {12}), Index{12});
    EXPECT_EQ(common_end(survey, survey.runs, {20}), Index{12});
    EXPECT_EQ(common_end(survey, survey.runs, {5}), Index{5});
    // The other went on in term 3 where this one did in term 4; or left term 2 earlier; or shares the genesis alone.
    EXPECT_EQ(common_end(survey, {{{1}, {1}}, {{2}, {2}}, {{3}, {8}}}, {30}), Index{7});
    EXPECT_EQ(common_end(survey, {{{1}, {1}}, {{2}, {2}}, {{5}, {5}}}, {30}), Index{4});
    EXPECT_EQ(common_end(survey, {{{1}, {1}}, {{3}, {2}}}, {30}), Index{1});
}

class Entries : public ::testing::Test {
  protected:
    Entries() {
        auto opened = storage::LogStore::open(folder_.path(), {"ledger.test/entries", "a-1", "00"});
        log_ = *std::move(opened);
        consensus::StorageJob job;
        consensus::EntryId previous;
        for (int i = 0; i < 20; ++i) {
            const std::string payload = "leaf " + std::to_string(i);
            entries_.push_back(
                i == 7 ? consensus::make_noop(previous, {2})
                       : consensus::make_entry(previous, {i < 7 ? 1U : 2U}, consensus::EntryKind::payload,
                                               ledger::leaf_hash(payload), ledger::sha256(payload), payload));
            previous = entries_.back()->id;
        }
        job.hard = consensus::HardState{{2}, {}, {}};
        job.append = entries_;
        EXPECT_TRUE(log_->write({&job, 1}));
        log_.reset();
        log_ = *storage::LogStore::open(folder_.path(), {"ledger.test/entries", "a-1", "00"});
    }
    std::string file() const { return folder_.path() + "/entries"; }

    TemporaryFolder folder_;
    std::vector<EntryPtr> entries_;
    std::unique_ptr<storage::LogStore> log_;
};

TEST_F(Entries, ComeBackWithTheirIds) {
    for (const std::uint64_t from : {1U, 5U, 7U, 20U}) {
        const auto written = write_entries(*log_, {from}, file());
        ASSERT_TRUE(written) << written.error().detail;
        EXPECT_EQ(*written, 20 - from);
        const auto read = read_entries(file());
        ASSERT_TRUE(read) << read.error().detail;
        EXPECT_EQ(read->previous, entries_[from - 1]->id);
        ASSERT_EQ(read->entries.size(), 20 - from);
        for (std::size_t i = 0; i < read->entries.size(); ++i) {
            EXPECT_EQ(read->entries[i]->id, entries_[from + i]->id);
            EXPECT_EQ(read->entries[i]->payload, entries_[from + i]->payload);
        }
    }
}

TEST_F(Entries, AnAlteredFileLeadsElsewhereOrIsRefused) {
    ASSERT_TRUE(write_entries(*log_, {5}, file()));
    std::ifstream stream(file(), std::ios::binary);
    const std::string whole{std::istreambuf_iterator<char>(stream), {}};
    for (std::size_t at = 0; at < whole.size(); at += 7) {
        std::string altered = whole;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        std::ofstream(file(), std::ios::binary | std::ios::trunc) << altered;
        const auto read = read_entries(file());
        if (!read) {
            EXPECT_EQ(read.error().reason, "malformed_entries");
            continue;
        }
        EXPECT_TRUE(read->previous != entries_[4]->id || read->entries.empty() ||
                    read->entries.back()->id != entries_.back()->id)
            << at;
    }
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << whole.substr(0, whole.size() - 3);
    EXPECT_EQ(read_entries(file()).error().reason, "malformed_entries");
}

}  // namespace
}  // namespace socai::node::recover
