#include "ledger/verifier_key.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/base64.hpp"
#include "ledger/jwk.hpp"

namespace socai::ledger {
namespace {

// The key of the signed-note examples, Tessera's test log, and a public witness.
constexpr std::string_view example_vkey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr std::string_view tessera_vkey =
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
constexpr std::string_view witness_vkey =
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";

TEST(VerifierKey, ReadsKeysOfOthers) {
    const auto example = parse_vkey(example_vkey);
    ASSERT_TRUE(example);
    EXPECT_EQ(example->name, "example.com/foo");
    EXPECT_EQ(example->type, NoteKeyType::ed25519);
    EXPECT_EQ(example->id(), 0x530d903aU);
    EXPECT_EQ(example->to_string(), example_vkey);

    const auto tessera = parse_vkey(tessera_vkey);  // with a "+" in its base64
    ASSERT_TRUE(tessera);
    EXPECT_EQ(tessera->id(), 0x33d7b496U);
    EXPECT_EQ(tessera->to_string(), tessera_vkey);

    const auto witness = parse_vkey(witness_vkey);
    ASSERT_TRUE(witness);
    EXPECT_EQ(witness->type, NoteKeyType::cosignature);
    EXPECT_EQ(witness->to_string(), witness_vkey);
}

TEST(VerifierKey, TypeIsPartOfTheId) {
    VerifierKey key{"name", NoteKeyType::ed25519, KeyPair::generate().public_key()};
    const std::uint32_t id = key.id();
    key.type = NoteKeyType::cosignature;
    EXPECT_NE(key.id(), id);
}

RC_GTEST_PROP(VerifierKey, ComesBackFromItsText, ()) {
    const auto seed = *rc::gen::container<std::string>(32, rc::gen::arbitrary<char>());
    VerifierKey key;
    key.name = *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('-', 'z')));
    key.type = *rc::gen::element(NoteKeyType::ed25519, NoteKeyType::cosignature);
    std::copy(seed.begin(), seed.end(), key.key.begin());
    const auto parsed = parse_vkey(key.to_string());
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == key);
}

RC_GTEST_PROP(VerifierKey, AnAlteredKeyIsRefused, ()) {
    std::string text(example_vkey);
    const auto place = *rc::gen::inRange<std::size_t>(0, text.size());
    text[place] = *rc::gen::suchThat(rc::gen::arbitrary<char>(), [&](char c) { return c != text[place]; });
    RC_ASSERT(!parse_vkey(text).has_value());
}

TEST(VerifierKey, RefusesOtherSpellings) {
    for (const char* text : {
             "", "+", "++", "name", "name+530d903a", "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
             "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
             "example.com/foo+0530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
             "example.com/foo+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
             "example.com/foo +530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
             "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k=",
             "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n",
             "example.com/foo+530d903a+",
             "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  // 39 bytes
         }) {
        const auto parsed = parse_vkey(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().reason, "malformed_vkey") << text;
    }
    EXPECT_FALSE(parse_vkey(std::string(max_vkey_bytes + 1, 'a')));
}

TEST(VerifierKey, TellsAnUnknownTypeFromAMalformedKey) {
    const auto parsed = parse_vkey("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().reason, "unknown_vkey_type");
    const auto ml_dsa = parse_vkey("test+00000000+" + base64("\x06" + std::string(1'312, 'k')));
    ASSERT_FALSE(ml_dsa);
    EXPECT_EQ(ml_dsa.error().reason, "unknown_vkey_type");
}

TEST(VerifierKey, NamesHoldNoSpaceAndNoPlus) {
    for (const char* name : {"a", "ledger.example.vn/ktcn", "hải-quan", "~", "\xf0\x9f\x94\x91"}) {
        EXPECT_TRUE(is_key_name(name)) << name;
    }
    for (const char* name : {"",
                             " ",
                             "a b",
                             "a+b",
                             "a\tb",
                             "a\nb",
                             "a\x01",
                             "\xc2\x85",
                             "\xc2\xa0",
                             "\xe1\x9a\x80",
                             "\xe2\x80\x80",
                             "\xe2\x80\x8a",
                             "\xe2\x80\xa8",
                             "\xe2\x80\xa9",
                             "\xe2\x80\xaf",
                             "\xe2\x81\x9f",
                             "\xe3\x80\x80",
                             "\x80",
                             "a\xff",
                             "\xc0\xaf",
                             "\xed\xa0\x80",
                             "\xe2\x80"}) {
        EXPECT_FALSE(is_key_name(name)) << name;
    }
}

}  // namespace
}  // namespace socai::ledger
