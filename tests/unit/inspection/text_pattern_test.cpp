#include "inspection/records/text_pattern.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <regex>
#include <string>

namespace socai::inspection {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
    return TextPattern::parse(pattern).value().matches(text);
}

TEST(TextPattern, MatchesWholeTexts) {
    EXPECT_TRUE(matches("^[0-9]{12}$", "104000123450"));
    EXPECT_FALSE(matches("^[0-9]{12}$", "10400012345"));
    EXPECT_FALSE(matches("^[0-9]{12}$", "1040001234501"));
    EXPECT_FALSE(matches("^[0-9]{12}$", "10400012345x"));
    EXPECT_TRUE(matches("^sha256:[0-9a-f]{2}$", "sha256:a0"));
    EXPECT_FALSE(matches("^sha256:[0-9a-f]{2}$", "SHA256:a0"));
    EXPECT_TRUE(matches("^-?[0-9]{1,3}$", "-1"));
    EXPECT_TRUE(matches("^-?[0-9]{1,3}$", "123"));
    EXPECT_FALSE(matches("^-?[0-9]{1,3}$", "-"));
    EXPECT_TRUE(matches("^[A-Za-z0-9._:-]{1,64}$", "a.B_9:-"));
    EXPECT_TRUE(matches("^$", ""));
    EXPECT_FALSE(matches("^$", "a"));
    EXPECT_FALSE(matches("^[a-z]{1,9}$", "ă"));
}

TEST(TextPattern, RefusesWhatItDoesNotKnow) {
    for (const char* text :
         {"",        "a",     "^a",        "a$",    "^a*$", "^a+$",        "^(ab)$",   "^a|b$",
          "^.$",     "^\\d$", "^[^a]$",    "^[]$",  "^[a$", "^[b-a]$",     "^a{2,1}$", "^a{0}$",
          "^a{,2}$", "^a{1$", "^a{5000}$", "^a??$", "^ă$",  "^a{1,2}{3}$", "^[\\d]$"})
        EXPECT_FALSE(TextPattern::parse(text)) << text;
}

TEST(TextPattern, RefusesWhatOnePassDoesNotDecide) {
    EXPECT_FALSE(TextPattern::parse("^[a-z]{1,3}a$"));
    EXPECT_FALSE(TextPattern::parse("^[a-z]?[0-9]?[a-z]$"));
    EXPECT_FALSE(TextPattern::parse("^a?a$"));
    EXPECT_TRUE(TextPattern::parse("^[a-z]{1,3}[0-9]a$"));
    EXPECT_TRUE(TextPattern::parse("^a{3}a$"));
    EXPECT_TRUE(TextPattern::parse("^a[a-z]{0,3}$"));
}

// Whatever it takes, it reads as regular expressions do.
RC_GTEST_PROP(TextPattern, AgreesWithRegularExpressions, ()) {
    const auto piece = rc::gen::element<std::string>("a", "b", "[ab]", "[b-d]", "a?", "b?", "[cd]{1,3}",
                                                     "b{2}", "[a]{0,2}", "[.]", "-", "[0-9]{1,2}");
    const auto pieces = *rc::gen::resize(5, rc::gen::container<std::vector<std::string>>(piece));
    std::string text = "^";
    for (const std::string& part : pieces) text += part;
    text += "$";
    const auto pattern = TextPattern::parse(text);
    RC_PRE(pattern.has_value());
    const std::regex expression(text);
    for (int i = 0; i < 40; ++i) {
        const auto tried = *rc::gen::resize(
            8, rc::gen::container<std::string>(rc::gen::element('a', 'b', 'c', 'd', '.', '-', '7')));
        RC_ASSERT(pattern->matches(tried) == std::regex_search(tried, expression));
    }
}

}  // namespace
}  // namespace socai::inspection
