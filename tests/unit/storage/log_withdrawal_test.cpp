// What remains of a withdrawn leaf takes its place in the log, and its bytes leave the files.
#include <gtest/gtest.h>

#include "ledger/base64.hpp"
#include "ledger/merkle_tree.hpp"
#include "storage/codec.hpp"
#include "storage/log_database.hpp"
#include "storage/log_writer.hpp"
#include "support.hpp"

namespace socai::storage {
namespace {

// Of every entry others, so that no compression finds them elsewhere.
std::string bytes_of(std::uint64_t index) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += ledger::to_hex(ledger::sha256(std::to_string(index) + "/" + std::to_string(i)));
    return bytes;
}

class LogWithdrawal : public testing::Test {
  protected:
    LogWithdrawal() : log_(test::open_log(folder_.path())) {
        for (std::uint64_t i = 1; i <= 300; ++i)
            entries_.push_back(test::next_entry(entries_.empty() ? consensus::EntryId{} : entries_.back()->id, 1,
                                                bytes_of(i)));
        auto job = test::append_job(entries_);
        EXPECT_TRUE(log_->write({&job, 1}));
    }
    // Of the entry at that index, as far as the log looks at it.
    consensus::EntryPtr remains_of(std::uint64_t index) const {
        auto remains = std::make_shared<consensus::Entry>(*entries_.at(index - 1));
        const ledger::Hash& leaf = remains->digest;
        remains->payload =
            "withdrawn " + ledger::base64({reinterpret_cast<const char*>(leaf.data()), leaf.size()}) + " {}";
        return remains;
    }
    Result<void> withdraw(const std::vector<consensus::EntryPtr>& remains) { return log_->withdraw(remains); }
    std::string payload(std::uint64_t index) const {
        const auto read = log_->read({index}, {index}, 1);
        return read && !read->empty() ? read->front()->payload : test::reason_of(read);
    }
    void reopen() {
        log_.reset();
        log_ = test::open_log(folder_.path());
        ASSERT_NE(log_, nullptr);
        EXPECT_FALSE(log_->start().damage) << log_->start().damage->sentence;
    }
    bool lies_in_a_file(std::uint64_t index) const {
        // As long as hexadecimal stays together under compression.
        const std::string text = bytes_of(index).substr(0, 64);
        for (const auto& [file, bytes] : test::listing(folder_.path()))
            if (bytes > 0 && test::read_file(file).find(text) != std::string::npos) return true;
        return false;
    }

    test::TempFolder folder_;
    std::unique_ptr<LogStore> log_;
    std::vector<consensus::EntryPtr> entries_;
};

TEST_F(LogWithdrawal, TakesTheBytesOutOfTheFiles) {
    ASSERT_TRUE(lies_in_a_file(17));
    ASSERT_TRUE(withdraw({remains_of(17), remains_of(200)}));
    EXPECT_EQ(payload(17), remains_of(17)->payload);
    ASSERT_TRUE(log_->rewrite_withdrawn());
    EXPECT_FALSE(lies_in_a_file(17));
    EXPECT_FALSE(lies_in_a_file(200));
    EXPECT_TRUE(lies_in_a_file(18));
    reopen();
    EXPECT_EQ(payload(17), remains_of(17)->payload);
    EXPECT_EQ(payload(18), entries_[17]->payload);
    // Every entry is read with its id: the chain holds as before.
    const auto all = test::read_log(*log_);
    ASSERT_TRUE(all) << all.error().detail;
    ASSERT_EQ(all->size(), entries_.size());
    for (std::size_t i = 0; i < all->size(); ++i) EXPECT_EQ((*all)[i]->id, entries_[i]->id);
    auto job = test::append_job({test::next_entry(entries_.back()->id, 2, "more")});
    EXPECT_TRUE(log_->write({&job, 1}));
}

// A crash after the remains are in place, and before the files are written again.
TEST_F(LogWithdrawal, GoesOnAfterACrash) {
    ASSERT_TRUE(withdraw({remains_of(42)}));
    test::TempFolder other;
    test::copy_folder(folder_.path(), other / "copy");
    log_.reset();
    std::filesystem::remove_all(folder_.path());
    std::filesystem::rename(other / "copy", folder_.path());
    reopen();
    EXPECT_EQ(payload(42), remains_of(42)->payload);
    EXPECT_EQ(log_->database().withdrawn_unwritten().value(), std::vector<consensus::Index>{{42}});
    ASSERT_TRUE(log_->rewrite_withdrawn());
    EXPECT_TRUE(log_->database().withdrawn_unwritten().value().empty());
    EXPECT_FALSE(lies_in_a_file(42));
    EXPECT_TRUE(log_->rewrite_withdrawn()) << "nothing is left to do";
}

TEST_F(LogWithdrawal, TakesWhatRemainsOfTheEntryAndNothingElse) {
    auto other = std::make_shared<consensus::Entry>(*remains_of(5));
    other->payload = remains_of(6)->payload;  // another leaf's hash
    EXPECT_EQ(test::reason_of(withdraw({other})), "wrong_remains");
    other = std::make_shared<consensus::Entry>(*remains_of(5));
    other->id.hash[0] ^= 1;
    EXPECT_EQ(test::reason_of(withdraw({remains_of(4), other})), "wrong_remains");
    other = std::make_shared<consensus::Entry>(*remains_of(5));
    other->id.index = {999};
    EXPECT_EQ(test::reason_of(withdraw({other})), "wrong_remains");
    EXPECT_EQ(payload(4), entries_[3]->payload) << "all or nothing";
    EXPECT_EQ(payload(5), entries_[4]->payload);
    ASSERT_TRUE(withdraw({remains_of(5)})) << "a refusal harms nothing";
}

// Nothing makes RocksDB write a damaged table again: what is whole in it would be lost with the rest.
TEST_F(LogWithdrawal, LeavesDamagedTablesAlone) {
    log_.reset();
    {
        auto database = LogDatabase::open(folder_ / "log", test::identity(), LogDatabase::Mode::use);
        ASSERT_TRUE(database);
        rocksdb::WriteBatch batch;
        batch.Put((*database)->family(LogFamily::meta), damage_key({99}), rocksdb::Slice());
        batch.Delete((*database)->family(LogFamily::entries), number_key(99));
        ASSERT_TRUE((*database)->write(batch));
    }
    log_ = test::open_log(folder_.path());
    ASSERT_NE(log_, nullptr);
    EXPECT_EQ(test::reason_of(withdraw({remains_of(17)})), "damaged_table");
    EXPECT_EQ(payload(17), entries_[16]->payload);
    // An entry that lost its content comes back as what remains of it, where that is what others have; what it was may lie
    // in the damaged table.
    const auto repaired = log_->repair(std::vector{remains_of(99)});
    ASSERT_TRUE(repaired);
    EXPECT_EQ(*repaired, std::vector<consensus::Index>{{99}});
    EXPECT_EQ(payload(99), remains_of(99)->payload);
    EXPECT_EQ(test::reason_of(withdraw({remains_of(17)})), "damaged_table") << "the damaged table is there still";
    EXPECT_EQ(test::reason_of(log_->rewrite_withdrawn()), "damaged_table");
    auto job = test::append_job({test::next_entry(entries_.back()->id, 2, "more")});
    EXPECT_TRUE(log_->write({&job, 1})) << "a refusal harms nothing";
}

TEST_F(LogWithdrawal, ComesInItsTurn) {
    std::vector<std::string> told;
    {
        LogWriter writer(*log_, [](std::vector<consensus::StorageJob>) {}, [&](const Error& error) { told.push_back(error.reason); });
        const auto tell = [&](Result<void> done) { told.push_back(test::reason_of(done)); };
        writer.withdraw({remains_of(1)}, tell);
        writer.submit(test::append_job({test::next_entry(entries_.back()->id, 2, "more")}));
        auto wrong = std::make_shared<consensus::Entry>(*remains_of(2));
        wrong->payload = "withdrawn";
        writer.withdraw({wrong}, tell);
        writer.withdraw({remains_of(2)}, tell);
    }
    EXPECT_EQ(told, (std::vector<std::string>{"none", "wrong_remains", "none"}));
    EXPECT_EQ(payload(1), remains_of(1)->payload);
    EXPECT_EQ(payload(2), remains_of(2)->payload);
    EXPECT_EQ(payload(301), "more");
}

}  // namespace
}  // namespace socai::storage
