#include "node/client/record_file.hpp"

#include <gtest/gtest.h>

#include "node/client/text_file.hpp"
#include "sample_input.hpp"

namespace socai::node::client {
namespace {

using test::record;

TEST(RecordFile, ReadsOneRecordALineWithItsExactBytes) {
    const std::string first = record("moit.attp", "a");
    const std::string spaced = "{ " + record("moit.attp", "b").substr(1);
    const auto file = parse_record_file("\n" + first + "\r\n\n  " + spaced + "\t\n");
    ASSERT_TRUE(file.faults.empty());
    ASSERT_EQ(file.records.size(), 2u);
    EXPECT_EQ(file.records[0].bytes, first);
    EXPECT_EQ(file.records[0].line, 2u);
    EXPECT_EQ(file.records[1].bytes, spaced);
    EXPECT_EQ(file.records[1].line, 4u);
    EXPECT_EQ(file.records[1].source, "moit.attp");
    EXPECT_EQ(file.records[1].id, "b");
    EXPECT_EQ(file.records[1].type, "vn.socai.alert.v1");
}

TEST(RecordFile, ReadsAnArrayOverSeveralLines) {
    const auto file = parse_record_file("[\n" + record("a", "1") + ",\n\n" + record("a", "2") + " ]\n");
    ASSERT_TRUE(file.faults.empty());
    ASSERT_EQ(file.records.size(), 2u);
    EXPECT_EQ(file.records[0].bytes, record("a", "1"));
    EXPECT_EQ(file.records[0].line, 2u);
    EXPECT_EQ(file.records[1].bytes, record("a", "2"));
    EXPECT_EQ(file.records[1].line, 4u);
}

TEST(RecordFile, ReadsOneRecordOverSeveralLines) {
    const std::string indented = "{\n" + record("a", "1").substr(1);
    const auto file = parse_record_file("\n" + indented + "\n");
    ASSERT_EQ(file.records.size(), 1u);
    EXPECT_EQ(file.records[0].bytes, indented);
    EXPECT_EQ(file.records[0].line, 2u);
}

TEST(RecordFile, BracketsAndQuotesInStringsDoNotMislead) {
    const std::string tricky = record("a", "1", "alert", R"(}]{[ \" \\)");
    const auto file = parse_record_file(tricky + "\n" + record("a", "2"));
    ASSERT_TRUE(file.faults.empty()) << file.faults.front().detail;
    EXPECT_EQ(file.records.size(), 2u);
}

TEST(RecordFile, NamesTheLineOfEveryFaultAndKeepsTheRest) {
    const auto file = parse_record_file(record("a", "1") + "\n{\"id\":\"2\"}\nnonsense\n" + record("a", "3"));
    EXPECT_EQ(file.records.size(), 2u);
    ASSERT_EQ(file.faults.size(), 2u);
    EXPECT_EQ(file.faults[0].line, 2u);
    EXPECT_EQ(file.faults[1].line, 3u);
    EXPECT_EQ(file.faults[1].reason, "not_json");
}

TEST(RecordFile, NamesTheLineOfARecordThatStandsTwice) {
    const auto file = parse_record_file(record("a", "1") + "\n" + record("b", "1") + "\n" + record("a", "1"));
    EXPECT_EQ(file.records.size(), 2u);
    ASSERT_EQ(file.faults.size(), 1u);
    EXPECT_EQ(file.faults[0].line, 3u);
    EXPECT_EQ(file.faults[0].reason, "repeated_record");
    EXPECT_NE(file.faults[0].detail.find("line 1"), std::string::npos);
}

TEST(RecordFile, AnEmptyFileIsAFault) {
    for (const char* text : {"", " \n\n", "[]", "[ \n]"}) {
        const auto file = parse_record_file(text);
        ASSERT_EQ(file.faults.size(), 1u) << text;
        EXPECT_EQ(file.faults[0].reason, "no_records") << text;
    }
}

TEST(RecordFile, ABrokenArrayIsOneFault) {
    const auto file = parse_record_file("[" + record("a", "1") + ",]");
    EXPECT_TRUE(file.records.empty());
    ASSERT_EQ(file.faults.size(), 1u);
    EXPECT_EQ(file.faults[0].reason, "not_json");
}

TEST(Trim, TakesJsonsWhiteSpaceOnly) {
    EXPECT_EQ(trim(" \t\r\n x y \n"), "x y");
    EXPECT_EQ(trim(" \n"), "");
    EXPECT_EQ(trim("\vx"), "\vx");
}

}  // namespace
}  // namespace socai::node::client
