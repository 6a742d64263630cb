#include "ledger/note.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace socai::ledger {
namespace {

constexpr std::string_view dash = "\xe2\x80\x94";

// The example of the signed-note specification.
constexpr std::string_view example_vkey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr std::string_view example_note =
    "This is an example message.\n\n"
    "\xe2\x80\x94 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

KeyPair key_of(std::uint8_t number) {
    std::array<std::uint8_t, 32> seed{};
    seed[0] = number;
    return KeyPair::from_seed(seed);
}

VerifierKey vkey_of(std::string name, const KeyPair& key, NoteKeyType type = NoteKeyType::ed25519) {
    return {std::move(name), type, key.public_key()};
}

TEST(Note, VerifiesTheExampleOfTheSpecification) {
    const auto note = parse_note(example_note);
    ASSERT_TRUE(note);
    EXPECT_EQ(note->text, "This is an example message.\n");
    ASSERT_EQ(note->signatures.size(), 1U);
    EXPECT_EQ(note->signatures[0].name, "example.com/foo");
    EXPECT_EQ(note->signatures[0].id, 0x530d903aU);
    EXPECT_EQ(note->to_string(), example_note);
    const std::vector keys{*parse_vkey(example_vkey)};
    const auto verified = verify_note(*note, keys);
    ASSERT_TRUE(verified);
    EXPECT_EQ(*verified, std::vector<std::size_t>{0});
}

RC_GTEST_PROP(Note, ComesBackFromItsTextAndVerifies, ()) {
    const auto lines = *rc::gen::container<std::vector<std::string>>(rc::gen::container<std::string>(
        rc::gen::elementOf(std::string("abc +=\xe2\x80\x94 ")).as("characters")));
    Note note;
    for (const std::string& line : lines) {
        if (line.find_first_of("\xe2\x80\x94") == std::string::npos) note.text += line + "\n";
    }
    note.text += std::string(dash) + " not a signature\n";
    std::vector<VerifierKey> keys;
    const auto count = *rc::gen::inRange<std::uint8_t>(1, 17);
    for (std::uint8_t i = 0; i < count; ++i) {
        const std::string name = "node-" + std::to_string(i % 3);
        sign_note(note, name, key_of(i));
        keys.push_back(vkey_of(name, key_of(i)));
    }
    const auto parsed = parse_note(note.to_string());
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == note);
    const auto verified = verify_note(*parsed, keys);
    RC_ASSERT(verified.has_value());
    RC_ASSERT(verified->size() == keys.size());
}

RC_GTEST_PROP(Note, AnAlteredNoteIsNeverAccepted, ()) {
    std::string bytes(example_note);
    const auto place = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[place] = *rc::gen::suchThat(rc::gen::arbitrary<char>(), [&](char c) { return c != bytes[place]; });
    const std::vector keys{*parse_vkey(example_vkey)};
    const auto note = parse_note(bytes);
    if (note) RC_ASSERT(!verify_note(*note, keys).has_value());
}

TEST(Note, SplitsAtTheLastBlankLine) {
    Note note{"first\n\nsecond\n\n\n", {}};
    sign_note(note, "log", key_of(1));
    const auto parsed = parse_note(note.to_string());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->text, note.text);
}

TEST(Note, RefusesOtherForms) {
    const std::string signature = std::string(dash) + " name AAAAAAA=\n";  // a key id and one byte
    ASSERT_TRUE(parse_note("text\n\n" + signature));
    const std::vector<std::string> texts = {
        "",
        "text\n",
        "text\n\n",
        "text\n" + signature,
        "\n" + signature,
        "text\n\n" + signature.substr(0, signature.size() - 1),
        "text\n\n" + signature + "\n",
        "text\n\n" + signature + "more\n",
        "text\n\nmore\n" + signature,
        "te\txt\n\n" + signature,
        "text\r\n\n" + signature,
        std::string("te\0xt\n\n", 7) + signature,
        "te\xffxt\n\n" + signature,
        "te\xed\xa0\x80xt\n\n" + signature,
        "text\n\n- name AAAAAAA=\n",
        "text\n\n" + std::string(dash) + "name AAAAAAA=\n",
        "text\n\n" + std::string(dash) + " name\n",
        "text\n\n" + std::string(dash) + " name \n",
        "text\n\n" + std::string(dash) + "  AAAAAAA=\n",
        "text\n\n" + std::string(dash) + " name  AAAAAAA=\n",
        "text\n\n" + std::string(dash) + " name AAAAAAA= \n",
        "text\n\n" + std::string(dash) + " a+b AAAAAAA=\n",
        "text\n\n" + std::string(dash) + " a\xc2\xa0" + "b AAAAAAA=\n",
        "text\n\n" + std::string(dash) + " name AAAAAAA\n",
        "text\n\n" + std::string(dash) + " name AAAAAAB=\n",  // a spare bit
        "text\n\n" + std::string(dash) + " name AAAAAA==\n",  // a key id alone
        std::string((1U << 20) + 1, 'x'),
    };
    for (const std::string& bytes : texts) {
        const auto note = parse_note(bytes);
        ASSERT_FALSE(note) << bytes.substr(0, 100);
        EXPECT_EQ(note.error().reason, "malformed_note");
        EXPECT_EQ(note.error().fault, Fault::invalid_statement);
    }
}

TEST(Note, TakesAHundredSignaturesAndNoMore) {
    std::string bytes = "text\n\n";
    for (std::size_t i = 0; i < max_note_signatures; ++i) bytes += std::string(dash) + " name AAAAAAA=\n";
    const auto note = parse_note(bytes);
    ASSERT_TRUE(note);
    EXPECT_EQ(note->signatures.size(), 100U);
    EXPECT_FALSE(parse_note(bytes + std::string(dash) + " name AAAAAAA=\n"));
}

TEST(Note, IgnoresUnknownKeysAndTypes) {
    Note note{"text\n", {{"ml-dsa", 0x06060606, std::string(2'428, 's')}, {"log", 0x12345678, "short"}}};
    sign_note(note, "log", key_of(1));
    sign_note(note, "stranger", key_of(2));
    const std::vector keys{vkey_of("other", key_of(1)), vkey_of("log", key_of(1))};
    const auto verified = verify_note(note, keys);
    ASSERT_TRUE(verified);
    EXPECT_EQ(*verified, std::vector<std::size_t>{1});
}

TEST(Note, RefusesABadSignatureOfAKnownKeyBesideAGoodOne) {
    const std::vector keys{vkey_of("one", key_of(1)), vkey_of("two", key_of(2))};
    Note note{"text\n", {}};
    sign_note(note, "one", key_of(1));
    sign_note(note, "two", key_of(2));
    ASSERT_TRUE(verify_note(note, keys));
    for (const std::string& bytes :
         {std::string("short"), std::string(), std::string(64, '\0'), note.signatures[1].bytes + "x"}) {
        Note altered = note;
        altered.signatures[1].bytes = bytes;
        const auto verified = verify_note(altered, keys);
        ASSERT_FALSE(verified);
        EXPECT_EQ(verified.error().reason, "bad_note_signature");
    }
}

TEST(Note, RefusesANoteWithoutAKnownSignature) {
    Note note{"text\n", {}};
    const std::vector keys{vkey_of("log", key_of(1))};
    EXPECT_EQ(verify_note(note, keys).error().reason, "no_known_signature");
    sign_note(note, "log", key_of(2));
    EXPECT_EQ(verify_note(note, keys).error().reason, "no_known_signature");
    EXPECT_EQ(verify_note(note, {}).error().reason, "no_known_signature");
}

// tlog-cosignature v1: the time stands in the line and in what is signed.
NoteSignature cosign(const Note& note, const VerifierKey& vkey, const KeyPair& key, std::uint8_t seconds,
                     std::uint8_t told) {
    const Signature signature =
        key.sign("cosignature/v1\ntime " + std::to_string(seconds) + "\n" + note.text);
    std::string bytes(7, '\0');
    bytes += static_cast<char>(told);
    bytes.append(signature.begin(), signature.end());
    return {vkey.name, vkey.id(), bytes};
}

TEST(Note, VerifiesCosignatures) {
    const Note text{Checkpoint{"origin", 1, sha256("")}.to_string(), {}};
    const std::vector keys{vkey_of("log", key_of(1)),
                           vkey_of("witness", key_of(2), NoteKeyType::cosignature)};
    Note note = text;
    note.signatures.push_back(cosign(text, keys[1], key_of(2), 77, 77));
    const auto verified = verify_note(note, keys);
    ASSERT_TRUE(verified);
    EXPECT_EQ(*verified, std::vector<std::size_t>{1});

    note.signatures[0] = cosign(text, keys[1], key_of(2), 77, 78);
    EXPECT_EQ(verify_note(note, keys).error().reason, "bad_note_signature");
    note.signatures[0] = cosign(text, keys[1], key_of(3), 77, 77);
    EXPECT_EQ(verify_note(note, keys).error().reason, "bad_note_signature");
    note.signatures[0].bytes = "\xff" + std::string(71, '\0');  // a time beyond 2^63 - 1
    EXPECT_EQ(verify_note(note, keys).error().reason, "bad_note_signature");
    note.signatures[0].bytes = "short";
    EXPECT_EQ(verify_note(note, keys).error().reason, "bad_note_signature");
    // A plain signature of the same key does not pass for a cosignature.
    Note plain = text;
    sign_note(plain, "witness", key_of(2));
    EXPECT_EQ(verify_note(plain, keys).error().reason, "no_known_signature");
}

TEST(Note, MakesCosignatures) {
    Note note{Checkpoint{"origin", 1, sha256("")}.to_string(), {}};
    const std::vector keys{vkey_of("witness", key_of(2), NoteKeyType::cosignature)};
    cosign_note(note, "witness", key_of(2), 77);
    EXPECT_EQ(note.signatures[0], cosign({note.text, {}}, keys[0], key_of(2), 77, 77));
    for (const std::uint64_t time :
         {std::uint64_t{0}, std::uint64_t{1'633'046'401}, (std::uint64_t{1} << 63) - 1}) {
        Note timed{note.text, {}};
        cosign_note(timed, "witness", key_of(2), time);
        EXPECT_EQ(cosignature_time(timed.signatures[0]), time);
        EXPECT_EQ(timed.signatures[0].bytes.size(), 72U);
        const auto lines = verify_lines(timed, keys);
        ASSERT_TRUE(lines);
        EXPECT_EQ(*lines, (std::vector<VerifiedLine>{{0, 0}}));
    }
    EXPECT_FALSE(cosignature_time({"witness", 1, "1234567"}));
}

}  // namespace
}  // namespace socai::ledger
