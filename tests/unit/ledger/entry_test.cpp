#include "ledger/entry.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/time.hpp"

namespace socai::ledger {
namespace {

TEST(Entry, IsTimeSpaceStatement) {
    EXPECT_EQ(make_entry(0, "a.b.c"), "0 a.b.c");
    EXPECT_EQ(make_entry(1'633'046'400'000, "a.b.c"), "1633046400000 a.b.c");
}

TEST(Entry, RefusesWhatIsNotCanonical) {
    for (const char* entry :
         {"", " ", "a.b.c", " a.b.c", "12", "12 ", "012 a", "00 a", "-1 a", "+1 a", "1.0 a", "12\ta",
          "253402300800000 a", "9999999999999999 a", "99999999999999999999999 a"}) {
        const Result<EntryText> parts = split_entry(entry);
        ASSERT_FALSE(parts) << entry;
        EXPECT_EQ(parts.error().reason, "malformed_entry") << entry;
        EXPECT_EQ(parts.error().fault, Fault::invalid_statement);
    }
}

TEST(Entry, RefusesWhatIsTooLarge) {
    EXPECT_TRUE(split_entry("1 " + std::string(max_entry_bytes - 2, 'a')));
    const Result<EntryText> parts = split_entry("1 " + std::string(max_entry_bytes - 1, 'a'));
    ASSERT_FALSE(parts);
    EXPECT_EQ(parts.error().fault, Fault::too_large);
    EXPECT_EQ(parts.error().reason, "entry_too_large");
}

RC_GTEST_PROP(Entry, ComesApartAgain, ()) {
    const auto time_ms = *rc::gen::inRange<std::int64_t>(0, max_time_ms + 1);
    const auto statement = *rc::gen::nonEmpty<std::string>();
    const std::string entry = make_entry(time_ms, statement);
    const Result<EntryText> parts = split_entry(entry);
    RC_ASSERT(parts.has_value());
    RC_ASSERT(parts->time_ms == time_ms);
    RC_ASSERT(parts->statement == statement);
}

RC_GTEST_PROP(Entry, HasOneSpelling, ()) {
    const auto text = *rc::gen::container<std::string>(rc::gen::element('0', '1', '9', ' ', 'a', '-'));
    const Result<EntryText> parts = split_entry(text);
    if (parts) RC_ASSERT(make_entry(parts->time_ms, parts->statement) == text);
}

TEST(Address, PrintsAndComesBack) {
    EXPECT_EQ(to_string(Address{12, 0}), "12");
    EXPECT_EQ(to_string(Address{12, 3}), "12.3");
    EXPECT_EQ(parse_address("12"), (Address{12, 0}));
    EXPECT_EQ(parse_address("12.0"), (Address{12, 0}));
    EXPECT_EQ(parse_address("12.4095"), (Address{12, 4095}));
    for (const char* text :
         {"", ".", "12.", ".3", "012", "12.03", "-1", "1 ", "a", "1.2.3", "12.4096", "9999999999999999999"}) {
        EXPECT_FALSE(parse_address(text)) << text;
    }
}

TEST(Address, IsOrderedAsTheLedger) {
    EXPECT_LT((Address{1, 9}), (Address{2, 0}));
    EXPECT_LT((Address{2, 0}), (Address{2, 1}));
}

}  // namespace
}  // namespace socai::ledger
