#include "storage/side_file.hpp"

#include <gtest/gtest.h>

#include "ledger/hash.hpp"
#include "support.hpp"

namespace socai::storage {
namespace {

using test::TempFolder;

constexpr std::size_t slot_bytes = 4096;
constexpr std::size_t copy_bytes = 2048;
constexpr std::size_t image_bytes = 284;

SideState state_number(std::uint64_t n) {
    SideState state;
    state.hard = {{n}, {n % 3}, {{n}, {n}, {}}};
    state.durable_write = n;
    state.durable = {{n}, {n * 10}, {std::uint8_t(n)}};
    state.intended_write = n + 1;
    state.intended = {{n}, {n * 10 + 5}, {std::uint8_t(n + 1)}};
    state.commit = {n * 9};
    state.promised = {{n}, {n * 11}, {std::uint8_t(n + 2)}};
    return state;
}

Result<SideState> reopen(const std::string& path) {
    auto file = SideFile::open(path, false);
    if (!file) return file.error();
    return (*file)->state();
}

class SideFileTest : public testing::Test {
  protected:
    // A file whose older slot holds state 2 and whose newer one state 3.
    SideFileTest() {
        auto file = SideFile::open(path, true);
        EXPECT_TRUE(file);
        for (std::uint64_t n = 1; n <= 3; ++n) EXPECT_TRUE((*file)->write(state_number(n)));
        bytes = test::read_file(path);
        newer = 3 % 2 * slot_bytes;
        older = 2 % 2 * slot_bytes;
    }
    TempFolder folder;
    std::string path = folder / "acknowledged";
    std::string bytes;
    std::size_t newer = 0;
    std::size_t older = 0;
};

TEST_F(SideFileTest, AFreshFileHoldsNothingAndEveryWriteIsFoundAgain) {
    const std::string fresh = folder / "fresh";
    EXPECT_EQ(test::reason_of(SideFile::open(fresh, false)), "corrupt_side_file");
    {
        auto file = SideFile::open(fresh, true);
        ASSERT_TRUE(file);
        EXPECT_EQ((*file)->state(), SideState{});
    }
    for (std::uint64_t n = 1; n < 20; ++n) {
        auto file = SideFile::open(fresh, false);
        ASSERT_TRUE(file);
        ASSERT_TRUE((*file)->write(state_number(n)));
        EXPECT_EQ((*file)->state(), state_number(n));
        ASSERT_TRUE(reopen(fresh));
        EXPECT_EQ(*reopen(fresh), state_number(n));
        EXPECT_EQ(std::filesystem::file_size(fresh), 2 * slot_bytes);
    }
}

TEST_F(SideFileTest, NoSingleFlippedByteLosesAnything) {
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        if (at % copy_bytes > image_bytes + 4) continue;  // padding
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
        test::write_file(path, damaged);
        const auto found = reopen(path);
        ASSERT_TRUE(found) << "byte " << at << ": " << found.error().detail;
        EXPECT_EQ(*found, state_number(3)) << "byte " << at;
    }
}

TEST_F(SideFileTest, ATornWriteFallsBackToTheSlotBefore) {
    // The newer slot's sectors reached the disk in any subset; what did not is what stood there before:
    // state 1.
    std::string before;
    {
        TempFolder other;
        auto file = SideFile::open(other / "f", true);
        ASSERT_TRUE(file);
        ASSERT_TRUE((*file)->write(state_number(1)));
        ASSERT_TRUE((*file)->write(state_number(2)));
        before = test::read_file(other / "f");
    }
    ASSERT_EQ(before.substr(older, slot_bytes), bytes.substr(older, slot_bytes));
    for (unsigned written = 0; written < 1U << 8U; ++written) {
        std::string torn = before;
        for (std::size_t sector = 0; sector < 8; ++sector) {
            if ((written >> sector & 1U) == 0) continue;
            torn.replace(newer + sector * 512, 512, bytes, newer + sector * 512, 512);
        }
        test::write_file(path, torn);
        const auto found = reopen(path);
        ASSERT_TRUE(found) << found.error().detail;
        // An image lies within one sector, at the start of each half.
        const bool arrived = (written & 1U) != 0 || (written >> 4U & 1U) != 0;
        EXPECT_EQ(*found, state_number(arrived ? 3 : 2)) << "sectors " << written;
    }
}

TEST_F(SideFileTest, AfterAFallBackTheDamagedSlotIsTheOneWrittenNext) {
    std::string damaged = bytes;
    damaged.replace(newer, slot_bytes, slot_bytes, '\xee');
    test::write_file(path, damaged);
    {
        auto file = SideFile::open(path, false);
        ASSERT_TRUE(file);
        EXPECT_EQ((*file)->state(), state_number(2));
        ASSERT_TRUE((*file)->write(state_number(4)));
    }
    const std::string repaired = test::read_file(path);
    EXPECT_EQ(repaired.substr(older, slot_bytes), bytes.substr(older, slot_bytes));
    EXPECT_EQ(*reopen(path), state_number(4));
}

TEST_F(SideFileTest, BothSlotsDamagedIsAnError) {
    std::string damaged = bytes;
    for (std::size_t copy = 0; copy < 4; ++copy) damaged[copy * copy_bytes + 100] ^= 1;
    test::write_file(path, damaged);
    const auto found = SideFile::open(path, true);  // never made anew over a damaged one
    EXPECT_EQ(test::reason_of(found), "corrupt_side_file");
    EXPECT_NE(found.error().detail.find(path), std::string::npos);
}

TEST_F(SideFileTest, AnotherLengthIsAnError) {
    for (const std::size_t length : {std::size_t{0}, std::size_t{1}, slot_bytes, 2 * slot_bytes - 1}) {
        test::write_file(path, bytes.substr(0, length));
        EXPECT_EQ(test::reason_of(reopen(path)), "corrupt_side_file") << length;
    }
    test::write_file(path, bytes + "x");
    EXPECT_EQ(test::reason_of(reopen(path)), "corrupt_side_file");
}

TEST_F(SideFileTest, ASlotInTheOthersPlaceDoesNotCount) {
    std::string misdirected = bytes;
    misdirected.replace(older, slot_bytes, bytes, newer, slot_bytes);
    misdirected.replace(newer, slot_bytes, slot_bytes, '\0');
    test::write_file(path, misdirected);
    EXPECT_EQ(test::reason_of(reopen(path)), "corrupt_side_file");
}

// Version 1 had no `promised`; its images are shorter, and intact by their own length.
TEST_F(SideFileTest, AFileOfAnotherVersionIsNotTakenForADamagedOne) {
    std::string old = bytes;
    for (std::size_t copy = 0; copy < 4; ++copy) {
        std::string image = bytes.substr(copy * copy_bytes, image_bytes - 32 - 48);
        image[11] = 1;
        const ledger::Hash sum = ledger::sha256(image);
        image.append(sum.begin(), sum.end());
        old.replace(copy * copy_bytes, image.size(), image);
    }
    test::write_file(path, old);
    EXPECT_EQ(test::reason_of(reopen(path)), "wrong_version");
}

TEST_F(SideFileTest, AFolderThatCannotBeWrittenIsAnIoError) {
    const auto found = SideFile::open(folder / "no/such/folder/acknowledged", true);
    EXPECT_EQ(test::reason_of(found), "io_error");
}

}  // namespace
}  // namespace socai::storage
