#include "ledger/syntax.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/utf8.hpp"

namespace socai::ledger {
namespace {

TEST(Syntax, AgencyCodes) {
    for (const char* code : {"customs", "cab.cn-09", "importer.9900000016", "-", "a.b.c"}) {
        EXPECT_TRUE(is_agency_code(code)) << code;
    }
    for (const char* code : {"", ".", "a.", ".a", "a..b", "A", "a_b", "a/b", "a b", "đ"}) {
        EXPECT_FALSE(is_agency_code(code)) << code;
    }
    EXPECT_TRUE(is_agency_code(std::string(64, 'a')));
    EXPECT_FALSE(is_agency_code(std::string(65, 'a')));
}

TEST(Syntax, KeyNamesAndWords) {
    EXPECT_TRUE(is_kid_name("2026-record.Key_1"));
    EXPECT_FALSE(is_kid_name(""));
    EXPECT_FALSE(is_kid_name("a/b"));
    EXPECT_FALSE(is_kid_name("a:b"));
    EXPECT_TRUE(is_word("historical_import"));
    EXPECT_FALSE(is_word("_x"));
    EXPECT_FALSE(is_word("1x"));
    EXPECT_FALSE(is_word("X"));
}

TEST(Syntax, Origins) {
    EXPECT_TRUE(is_origin("ledger.example.vn/ktcn"));
    for (const char* origin : {"", "a b", "a+b", "a\nb", "đ", "a\x7f"})
        EXPECT_FALSE(is_origin(origin)) << origin;
    EXPECT_FALSE(is_origin(std::string(129, 'a')));
}

TEST(Syntax, QuotesWhatCannotDeceiveAReader) {
    EXPECT_EQ(quote("Đồ chơi"), "\"Đồ chơi\"");
    EXPECT_EQ(quote("a\"b\nc\x7f\x1b[31m"), "\"a?b?c??[31m\"");
    EXPECT_EQ(quote("\xff\xc3"), "\"??\"");
    EXPECT_EQ(quote("a\u202eb\u0085"), "\"a?b?\"");  // a direction override, a C1 control
    EXPECT_EQ(quote(std::string(100, 'a')), "\"" + std::string(80, 'a') + "...\"");
    // Cut between characters.
    EXPECT_EQ(quote(std::string(79, 'a') + "đ"), "\"" + std::string(79, 'a') + "...\"");
}

RC_GTEST_PROP(Syntax, QuotedTextIsShortUtf8WithoutControls, (const std::string& bytes)) {
    const std::string text = quote(bytes);
    RC_ASSERT(text.size() <= 85u);
    RC_ASSERT(every_code_point(text, [](std::int32_t point) { return point >= 0x20 && point != 0x7f; }));
}

}  // namespace
}  // namespace socai::ledger
