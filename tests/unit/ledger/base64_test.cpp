#include "ledger/base64.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace socai::ledger {
namespace {

TEST(Base64, SpellsTheExamplesOfTheRfc) {
    // RFC 4648 §10
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("fo"), "Zm8=");
    EXPECT_EQ(base64("foo"), "Zm9v");
    EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64url("f"), "Zg");
    EXPECT_EQ(base64url("fooba"), "Zm9vYmE");
    EXPECT_EQ(base64("\xfb\xff\xfe"), "+//+");
    EXPECT_EQ(base64url("\xfb\xff\xfe"), "-__-");
    EXPECT_EQ(base64_decode(""), "");
    EXPECT_EQ(base64url_decode(""), "");
}

RC_GTEST_PROP(Base64, BytesComeBack, (const std::string& bytes)) {
    RC_ASSERT(base64_decode(base64(bytes)) == bytes);
    RC_ASSERT(base64url_decode(base64url(bytes)) == bytes);
}

// Whatever decodes is the one spelling of its value: nothing else can be accepted.
RC_GTEST_PROP(Base64, OnlyTheCanonicalSpellingDecodes, ()) {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("AQgwZz09+/-_= \n")));
    if (const auto bytes = base64url_decode(text)) RC_ASSERT(base64url(*bytes) == text);
    if (const auto bytes = base64_decode(text)) RC_ASSERT(base64(*bytes) == text);
}

TEST(Base64, RefusesEverySpareBit) {
    // A signature of 64 bytes leaves four spare bits: fifteen other spellings, all to be refused.
    const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (const std::size_t size : {1U, 2U, 31U, 32U, 64U}) {
        const std::string bytes(size, '\xa5');
        const std::string good = base64url(bytes);
        int accepted = 0;
        for (const char last : alphabet) {
            const auto decoded = base64url_decode(good.substr(0, good.size() - 1) + last);
            if (!decoded) continue;
            ++accepted;
            EXPECT_EQ(*decoded == bytes, last == good.back());
        }
        EXPECT_EQ(accepted, size % 3 == 1 ? 4 : 16) << size << " bytes";
    }
}

TEST(Base64, RefusesPaddingWhereNoneBelongsAndItsAbsenceWhereItDoes) {
    for (const char* text : {"Zg==", "Zg=", "Zm8=", "Zm9v=", "=", "==", "Z"}) {
        EXPECT_FALSE(base64url_decode(text)) << text;
    }
    for (const char* text : {"Zg", "Zg=", "Zg===", "Zm8", "Zm8==", "Zm9v=", "=", "====", "Z", "Z==="}) {
        EXPECT_FALSE(base64_decode(text)) << text;
    }
}

TEST(Base64, RefusesEveryCharacterOutsideItsAlphabet) {
    for (int value = 0; value < 256; ++value) {
        const char c = static_cast<char>(value);
        const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        for (std::size_t place = 0; place <= 4; ++place) {
            std::string text = "Zm9v";
            if (place < text.size()) {
                text[place] = c;
            } else {
                text += std::string("Zm9") + c;
            }
            EXPECT_EQ(base64url_decode(text).has_value(), letter || c == '-' || c == '_') << value;
            if (c != '=') {
                EXPECT_EQ(base64_decode(text).has_value(), letter || c == '+' || c == '/') << value;
            }
        }
    }
    EXPECT_FALSE(base64url_decode(" Zm9v"));
    EXPECT_FALSE(base64url_decode("Zm9v\n"));
    EXPECT_FALSE(base64_decode("Zm9v\n"));
    EXPECT_FALSE(base64_decode("Zm\n9v"));
}

}  // namespace
}  // namespace socai::ledger
