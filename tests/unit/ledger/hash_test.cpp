#include "ledger/hash.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace socai::ledger {
namespace {

constexpr std::string_view abc_digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Hash, GivesTheDigestsOfTheStandard) {
    EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256("abc")), abc_digest);
    EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

RC_GTEST_PROP(Hash, OfTwoPartsIsThatOfTheirConcatenation,
              (const std::string& first, const std::string& second)) {
    RC_ASSERT(sha256(first, second) == sha256(first + second));
}

RC_GTEST_PROP(Hash, HexadecimalComesBack, (const std::string& bytes)) {
    const Hash hash = sha256(bytes);
    RC_ASSERT(hash_from_hex(to_hex(hash)) == hash);
}

TEST(Hash, RefusesOtherHexadecimal) {
    const std::string good(abc_digest);
    EXPECT_TRUE(hash_from_hex(good));
    EXPECT_FALSE(hash_from_hex(""));
    EXPECT_FALSE(hash_from_hex(good.substr(1)));
    EXPECT_FALSE(hash_from_hex(good + "0"));
    for (const char bad : {'A', 'g', ' ', '/', ':', '`', '\0'}) {
        std::string altered = good;
        altered[5] = bad;
        EXPECT_FALSE(hash_from_hex(altered)) << "with character " << int{bad};
    }
}

}  // namespace
}  // namespace socai::ledger
