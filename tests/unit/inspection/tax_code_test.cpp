#include "inspection/records/tax_code.hpp"

#include <gtest/gtest.h>

#include <string>

namespace socai::inspection {
namespace {

TEST(TaxCode, KnowsTheCheckDigit) {
    for (const char* code :
         {"9900000016", "9900000023", "9900000048", "9900000030", "0100109106", "0300588569"})
        EXPECT_TRUE(is_tax_code(code)) << code;
    for (int digit = 0; digit < 10; ++digit)
        EXPECT_EQ(is_tax_code("990000001" + std::to_string(digit)), digit == 6);
}

TEST(TaxCode, OfADependentUnitHasThirteenDigits) {
    EXPECT_TRUE(is_tax_code("9900000016001"));
    EXPECT_TRUE(is_tax_code("9900000016999"));
    EXPECT_FALSE(is_tax_code("9900000016000"));
    EXPECT_FALSE(is_tax_code("9900000017001"));
}

TEST(TaxCode, RefusesOtherForms) {
    for (const char* code : {"", "990000001", "99000000160", "9900000016-001", "990000001a", "99000000160 1"})
        EXPECT_FALSE(is_tax_code(code)) << code;
}

// The nine digits 99 000 00 02 and 03 leave remainders 7 and 10; of those that leave none there is no tax code.
TEST(TaxCode, DoesNotExistForSomeDigits) {
    int none = 0;
    for (int i = 0; i < 1'000; ++i) {
        const std::string nine = std::to_string(990'000'000 + i);
        int found = 0;
        for (char digit = '0'; digit <= '9'; ++digit) found += is_tax_code(nine + digit) ? 1 : 0;
        EXPECT_LE(found, 1);
        none += found == 0 ? 1 : 0;
    }
    EXPECT_GT(none, 50);
    EXPECT_LT(none, 150);
}

}  // namespace
}  // namespace socai::inspection
