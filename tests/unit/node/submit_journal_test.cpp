#include "node/client/submit_journal.hpp"

#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace socai::node::client {
namespace {

using ledger::sha256;
using test::TemporaryFolder;

const ledger::Hash one_ledger = sha256("one");

TEST(SubmitJournal, RemembersAcrossRuns) {
    const TemporaryFolder folder;
    const std::string path = folder / "f.progress";
    {
        auto journal = SubmitJournal::open(path, one_ledger);
        ASSERT_TRUE(journal.has_value());
        EXPECT_EQ(journal->size(), 0u);
        journal->add(sha256("a"));
        journal->add(sha256("b"));
        journal->add(sha256("a"));
    }
    auto journal = SubmitJournal::open(path, one_ledger);
    ASSERT_TRUE(journal.has_value());
    EXPECT_EQ(journal->size(), 2u);
    EXPECT_TRUE(journal->contains(sha256("a")));
    EXPECT_FALSE(journal->contains(sha256("c")));
    journal->add(sha256("c"));
    EXPECT_TRUE(journal->flush());
    EXPECT_EQ(SubmitJournal::open(path, one_ledger)->size(), 3u);
}

TEST(SubmitJournal, ForgetsOnlyATornLine) {
    const TemporaryFolder folder;
    const std::string path = folder / "f.progress";
    {
        auto journal = SubmitJournal::open(path, one_ledger);
        journal->add(sha256("a"));
        journal->add(sha256("b"));
    }
    const std::string whole = test::get(path);
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
        test::put(path, whole.substr(0, cut));
        auto journal = SubmitJournal::open(path, one_ledger);
        ASSERT_TRUE(journal.has_value()) << cut;
        journal->add(sha256("b"));
        ASSERT_TRUE(journal->flush());
        EXPECT_TRUE(SubmitJournal::open(path, one_ledger)->contains(sha256("b"))) << cut;
    }
}

TEST(SubmitJournal, BeginsAnewForAnotherLedger) {
    const TemporaryFolder folder;
    const std::string path = folder / "f.progress";
    SubmitJournal::open(path, one_ledger)->add(sha256("a"));
    EXPECT_EQ(SubmitJournal::open(path, sha256("two"))->size(), 0u);
    EXPECT_EQ(SubmitJournal::open(path, one_ledger)->size(), 0u);
}

TEST(SubmitJournal, LeavesAnotherFileAlone) {
    const TemporaryFolder folder;
    const std::string path = folder / "thesis.txt";
    test::put(path, "chapter one");
    EXPECT_EQ(SubmitJournal::open(path, one_ledger).error().reason, "not_a_journal");
    EXPECT_EQ(test::get(path), "chapter one");
    EXPECT_EQ(SubmitJournal::open(folder / "no/such", one_ledger).error().exit, Exit::unreachable);
}

TEST(SubmitJournal, RemovesItsFile) {
    const TemporaryFolder folder;
    const std::string path = folder / "f.progress";
    auto journal = SubmitJournal::open(path, one_ledger);
    journal->add(sha256("a"));
    journal->remove();
    EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace socai::node::client
