#include "storage/log_format.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/hash.hpp"
#include "ledger/merkle_tree.hpp"
#include "storage/codec.hpp"
#include "support.hpp"

namespace socai::storage {
namespace {

TEST(Codec, NumbersSortAsTheirKeysDo) {
    EXPECT_EQ(number_key(0x0102030405060708), "\x01\x02\x03\x04\x05\x06\x07\x08");
    EXPECT_LT(number_key(255), number_key(256));
}

TEST(Codec, AReaderNeverPassesTheEnd) {
    ByteReader reader("\x01\x02");
    EXPECT_EQ(reader.u32(), 0U);
    EXPECT_FALSE(reader.ok());
    EXPECT_EQ(reader.u8(), 0U);
    EXPECT_FALSE(reader.complete());
}

TEST(LogFormat, AnEntrysBytesAreAsThePageSays) {
    consensus::Entry entry;
    entry.kind = consensus::EntryKind::payload;
    entry.payload = "17 abc";
    EXPECT_EQ(encode_entry(entry), std::string("\x01\x02\x00", 3) + "17 abc");
    entry.mark = consensus::Digest{0xaa};
    EXPECT_EQ(encode_entry(entry), std::string("\x01\x02\x01\xaa", 4) + std::string(31, '\0') + "17 abc");
}

RC_GTEST_PROP(LogFormat, EntriesComeBack, (const std::string& payload, bool marked, std::uint8_t seed)) {
    consensus::Entry entry;
    entry.kind = static_cast<consensus::EntryKind>(seed % 3);
    if (marked) entry.mark = consensus::Digest{seed, 1, 2};
    entry.payload = payload;
    const auto decoded = decode_entry(encode_entry(entry));
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(decoded->kind == entry.kind);
    RC_ASSERT(decoded->mark == entry.mark);
    RC_ASSERT(decoded->payload == payload);
}

RC_GTEST_PROP(LogFormat, AnyBytesAreRefusedOrRead, (const std::string& bytes)) {
    decode_entry(bytes);
    decode_mark(bytes);
    decode_id(bytes);
    decode_id_value({1}, bytes);
    decode_base_configuration(bytes);
}

TEST(LogFormat, UnknownHeadersAreRefused) {
    EXPECT_FALSE(decode_entry(""));
    EXPECT_FALSE(decode_entry(std::string("\x02\x02\x00", 3)));       // version
    EXPECT_FALSE(decode_entry(std::string("\x01\x03\x00", 3)));       // kind
    EXPECT_FALSE(decode_entry(std::string("\x01\x02\x02", 3)));       // flag
    EXPECT_FALSE(decode_entry(std::string("\x01\x02\x01short", 8)));  // mark cut short
}

TEST(LogFormat, IdsAndMarksComeBackAndNothingLonger) {
    const consensus::EntryId id{{7}, {9}, {1, 2, 3}};
    EXPECT_EQ(decode_id(encode_id(id)), id);
    EXPECT_EQ(decode_id_value({9}, encode_id_value(id)), id);
    const LogMark mark{4, {8}, id, {3}};
    EXPECT_EQ(decode_mark(encode_mark(mark)), mark);
    EXPECT_FALSE(decode_mark(encode_mark(mark) + "x"));
    EXPECT_FALSE(decode_id(encode_id(id).substr(1)));
    const consensus::ConfigurationEntry configuration{id, {{{1}, {2}}, {}, {{5}}}, "note"};
    EXPECT_EQ(decode_base_configuration(encode_base_configuration(configuration)), configuration);
    EXPECT_FALSE(decode_base_configuration(encode_base_configuration(configuration) + "x"));
}

TEST(LogFormat, LeavesAreDigestedAsLeavesAndOthersAsBytes) {
    EXPECT_EQ(digest_of(consensus::EntryKind::payload, "x"), ledger::leaf_hash("x"));
    EXPECT_EQ(digest_of(consensus::EntryKind::configuration, "x"), ledger::sha256("x"));
    EXPECT_EQ(digest_of(consensus::EntryKind::noop, ""), ledger::sha256(""));
}

}  // namespace
}  // namespace socai::storage
