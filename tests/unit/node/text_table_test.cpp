#include "node/client/text_table.hpp"

#include <gtest/gtest.h>

#include "node/client/progress.hpp"

namespace socai::node::client {
namespace {

TEST(DisplayWidth, CountsColumnsNotBytes) {
    EXPECT_EQ(display_width("Hai quan"), 8u);
    EXPECT_EQ(display_width("Hải quan"), 8u);          // precomposed
    EXPECT_EQ(display_width("Ha\xCC\x89i quan"), 8u);  // a + combining hook above
    EXPECT_EQ(display_width("海关"), 4u);
}

TEST(Printable, LeavesNothingThatATerminalObeys) {
    EXPECT_EQ(printable("a\x1b[2Jb\nc"), "a\uFFFD[2Jb\uFFFDc");
    EXPECT_EQ(printable("\xC2\x9B"), "\uFFFD");      // C1: control sequence introducer
    EXPECT_EQ(printable("\u202Eabc"), "\uFFFDabc");  // right-to-left override
    EXPECT_EQ(printable("a\xFFz"), "a\uFFFDz");      // not UTF-8
    EXPECT_EQ(printable("Cục Hải quan"), "Cục Hải quan");
}

TEST(Clip, CutsBetweenCharacters) {
    EXPECT_EQ(clip("Cục Hải quan", 12), "Cục Hải quan");
    EXPECT_EQ(clip("Cục Hải quan", 6), "Cục H…");
    EXPECT_EQ(clip("海关总署", 6), "海关…");
    EXPECT_EQ(clip("abc", 0), "");
}

TEST(TextTable, LinesUpVietnameseText) {
    TextTable table({"NAME", "NO"});
    table.add({"Cục Hải quan", "1"});
    table.add({"Customs", "2"});
    EXPECT_EQ(table.text(),
              "NAME          NO\n"
              "Cục Hải quan  1\n"
              "Customs       2\n");
}

TEST(TextTable, ClipsTheLastColumnToTheTerminal) {
    TextTable table({"A", "TEXT"});
    table.add({"1", "long long text"});
    EXPECT_EQ(table.text(10), "A  TEXT\n1  long l…\n");
    EXPECT_EQ(table.text(2), table.text());  // hopeless: not clipped at all
}

TEST(ProgressLine, ShowsWhatIsDoneAndHowFast) {
    EXPECT_EQ(progress_line("signing", 0, 10, std::chrono::milliseconds(0)),
              "signing [------------------------]   0%  0/10");
    EXPECT_EQ(progress_line("signing", 1'500, 3'000, std::chrono::milliseconds(1'000)),
              "signing [############------------]  50%  1,500/3,000  1,500/s  1 s left");
    EXPECT_EQ(progress_line("signing", 11, 10, std::chrono::milliseconds(1'000)),
              "signing [########################] 100%  10/10  10/s");
}

TEST(WithSeparators, GroupsByThrees) {
    EXPECT_EQ(with_separators(0), "0");
    EXPECT_EQ(with_separators(999), "999");
    EXPECT_EQ(with_separators(1'000), "1,000");
    EXPECT_EQ(with_separators(1'234'567), "1,234,567");
    EXPECT_EQ(with_separators(18'446'744'073'709'551'615ULL), "18,446,744,073,709,551,615");
}

}  // namespace
}  // namespace socai::node::client
