#include "network/frame.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

#include "generators.hpp"

namespace socai::network {
namespace {

using consensus::AppendRequest;
using consensus::Message;
using test::make_entry;

std::string_view body_of(std::string_view frame) {
    return frame.substr(frame_length_bytes);
}

std::string error_of(std::string_view body) {
    const auto decoded = decode(body);
    const auto* error = std::get_if<DecodeError>(&decoded);
    return error != nullptr ? error->detail : "";
}

// version, kind, then `rest`
std::string raw(FrameKind kind, std::string rest) {
    std::string body{static_cast<char>(wire_version), static_cast<char>(kind)};
    return body + rest;
}
std::string number(std::uint64_t value, int bytes = 8) {
    std::string text;
    for (int i = bytes - 1; i >= 0; --i)
        text += static_cast<char>(static_cast<std::uint8_t>(value >> (8 * i)));
    return text;
}

// An AppendRequest's head: term 7, previous (3, 10), commit 9, count.
std::string append_head(std::uint32_t count) {
    return number(7) + number(3) + number(10) + std::string(32, '\0') + number(9) + number(count, 4);
}

std::string frame_of(const AppendRequest& request) {
    return encode(Message(request));
}

RC_GTEST_PROP(Frame, EveryPayloadSurvivesTheRoundTrip, ()) {
    const Payload payload = *test::any_payload();
    const std::string frame = encode(payload);
    RC_ASSERT(number(frame.size() - frame_length_bytes, 4) == frame.substr(0, frame_length_bytes));
    const auto decoded = decode(body_of(frame));
    RC_ASSERT(std::holds_alternative<Payload>(decoded));
    RC_ASSERT(test::same(std::get<Payload>(decoded), payload));
}

RC_GTEST_PROP(Frame, ItsSizeIsNeverUnderestimated, ()) {
    const Message message = *test::any_message();
    RC_ASSERT(encode(message).size() <= frame_size(message));
}

RC_GTEST_PROP(Frame, APrefixOfABodyIsRefused, ()) {
    const std::string frame = encode(*test::any_payload());
    const auto body = body_of(frame);
    const auto cut = *rc::gen::inRange<std::size_t>(0, body.size());
    RC_ASSERT(!error_of(body.substr(0, cut)).empty());
    RC_ASSERT(!error_of(std::string(body) + "x").empty());
}

// What decodes has one encoding: nothing is read loosely.
void expect_canonical(std::string_view body) {
    const auto decoded = decode(body);
    if (const auto* payload = std::get_if<Payload>(&decoded))
        ASSERT_EQ(body_of(encode(*payload)), body);
    else
        ASSERT_FALSE(std::get<DecodeError>(decoded).detail.empty());
}

TEST(Frame, RandomBytesNeverCrash) {
    std::mt19937 random(20'260'801);
    for (int round = 0; round < 200'000; ++round) {
        std::string body(random() % 200, '\0');
        for (char& byte : body) byte = static_cast<char>(random());
        // Half of them get past the version and kind, where the interesting code is.
        if (body.size() >= 2 && round % 2 == 0) {
            body[0] = static_cast<char>(wire_version);
            body[1] = static_cast<char>(random() % 31);
        }
        expect_canonical(body);
    }
}

TEST(Frame, MutatedFramesNeverCrash) {
    std::mt19937 random(7);
    std::vector<std::string> seeds;
    for (int i = 0; i < 300; ++i)
        seeds.emplace_back(body_of(encode(test::any_payload()(rc::Random(i), 40).value())));
    for (int round = 0; round < 200'000; ++round) {
        std::string body = seeds[random() % seeds.size()];
        for (auto changes = random() % 3 + 1; changes > 0; --changes) {
            const std::size_t at = random() % body.size();
            switch (random() % 4) {
                case 0:
                    body[at] = static_cast<char>(random());
                    break;
                case 1:
                    body[at] = static_cast<char>(body[at] ^ (1 << random() % 8));
                    break;
                case 2:
                    body.insert(at, 1 + random() % 9, static_cast<char>(random()));
                    break;
                default:
                    if (body.size() > 3)
                        body.erase(at, std::min<std::size_t>(1 + random() % 9, body.size() - 2));
            }
            if (body.empty()) body = "x";
        }
        expect_canonical(body);
    }
}

TEST(Frame, TheBytesOfAHeartbeatAreFixed) {
    EXPECT_EQ(encode(Message(consensus::Heartbeat{{7}, {0x0102}, {3}})),
              number(26, 4) + "\x02\x16" + number(7) + number(0x0102) + number(3));
}

TEST(Frame, TheBytesOfAnAppendAreFixed) {
    auto entry = std::make_shared<consensus::Entry>();
    entry->id = {{7}, {11}, {}};
    entry->id.hash.fill(0xaa);
    entry->kind = consensus::EntryKind::payload;
    entry->digest.fill(0xbb);
    entry->mark.emplace().fill(0xcc);
    entry->payload = "leaf";
    const AppendRequest request{{7}, {{3}, {10}, {}}, {entry}, {9}};
    EXPECT_EQ(body_of(frame_of(request)),
              raw(FrameKind::append_request, append_head(1) + number(7) + number(11) +
                                                 std::string(32, '\xaa') + "\x02" + std::string(32, '\xbb') +
                                                 "\x01" + std::string(32, '\xcc') + number(4, 4) + "leaf"));
}

TEST(Frame, AnotherVersionIsNamed) {
    std::string body(body_of(encode(Message(consensus::TimeoutNow{{1}}))));
    body[0] = 4;
    EXPECT_EQ(error_of(body), "the peer speaks wire version 4, this program 3: upgrade this node");
    body[0] = 1;
    EXPECT_EQ(error_of(body), "the peer speaks wire version 1, this program 3: upgrade the peer");
}

TEST(Frame, AnUnknownKindIsNamed) {
    EXPECT_EQ(error_of(raw(static_cast<FrameKind>(99), "")), "the frame is of the unknown kind 99");
}

TEST(Frame, NothingAtAllIsRefused) {
    EXPECT_EQ(error_of(""), "the frame ends early: 1 bytes wanted, 0 left");
}

TEST(Frame, AHostileCountIsRefusedBeforeAnythingIsAllocated) {
    EXPECT_EQ(error_of(raw(FrameKind::append_request, append_head(0xffff'ffff))),
              "4294967295 entries are over the limit of 65536");
    EXPECT_EQ(error_of(raw(FrameKind::append_request, append_head(65'536))),
              "65536 entries are announced, but only 0 bytes follow");
}

TEST(Frame, WhatRecoveryAndBasesCarryIsBounded) {
    EXPECT_EQ(error_of(raw(FrameKind::fetch_request, number(0) + number(65, 4))),
              "65 ids are over the limit of 64");
    EXPECT_EQ(error_of(raw(FrameKind::fetch_request, number(0) + number(2, 4) + std::string(48, 'i'))),
              "2 ids are announced, but only 48 bytes follow");
    EXPECT_EQ(error_of(raw(FrameKind::fetch_reply, number(0) + number(65, 4))),
              "65 entries are over the limit of 64");
    const std::string ids(8 + 2 * 48, 'b');
    EXPECT_EQ(error_of(raw(FrameKind::install_base, ids + number(257, 4))),
              "257 members of a configuration are over the limit of 256");
    EXPECT_EQ(error_of(raw(FrameKind::install_base, ids + std::string(12, '\0') + number(262'145, 4))),
              "a configuration's note of 262145 bytes is over the limit of 262144");
    consensus::FetchRequest fetch;
    fetch.ids.resize(max_fetched);
    EXPECT_TRUE(fits_frame(Message(fetch)));
    fetch.ids.emplace_back();
    EXPECT_FALSE(fits_frame(Message(fetch)));
}

TEST(Frame, AHostileTextLengthIsRefused) {
    EXPECT_EQ(error_of(raw(FrameKind::parcel, number(1, 2) + number(0xffff'ffff, 4) + "x")),
              "the parcel of 4294967295 bytes is over the limit of 16777152");
    EXPECT_EQ(error_of(raw(FrameKind::parcel, number(1, 2) + number(1'000'000, 4) + "x")),
              "the frame ends early: 1000000 bytes wanted, 1 left");
    EXPECT_EQ(error_of(raw(FrameKind::hello, number(256, 4) + std::string(256, 'a'))),
              "the origin of 256 bytes is over the limit of 255");
}

TEST(Frame, AnOversizedPayloadIsRefused) {
    const std::string fields = number(7) + number(11) + std::string(32, 'h') + "\x02" + std::string(32, 'd') +
                               std::string(1, '\0') + number(max_payload_bytes + 1, 4);
    EXPECT_EQ(error_of(raw(FrameKind::append_request,
                           append_head(1) + fields + std::string(max_payload_bytes + 1, 'p'))),
              "an entry's payload of 1048577 bytes is over the limit of 1048576");
    AppendRequest request{
        {7}, {{3}, {10}, {}}, {make_entry(7, 11, std::string(max_payload_bytes + 1, 'p'))}, {}};
    EXPECT_FALSE(fits_frame(Message(request)));
    request.entries = {make_entry(7, 11, std::string(max_payload_bytes, 'p'))};
    EXPECT_TRUE(fits_frame(Message(request)));
    EXPECT_EQ(error_of(body_of(frame_of(request))), "");
}

TEST(Frame, AnOversizedFrameIsRefused) {
    EXPECT_EQ(error_of(std::string(max_frame_bytes + 1, '\1')),
              "the frame has 16777217 bytes, the limit is 16777216");
}

TEST(Frame, EntriesThatDoNotFollowAreRefused) {
    const AppendRequest gap{{7}, {{3}, {10}, {}}, {make_entry(7, 11, ""), make_entry(7, 13, "")}, {}};
    EXPECT_EQ(error_of(body_of(frame_of(gap))),
              "entry 1 of the request has the index 13, which does not follow");
    const AppendRequest falling{{7}, {{3}, {10}, {}}, {make_entry(2, 11, "")}, {}};
    EXPECT_EQ(error_of(body_of(frame_of(falling))),
              "entry 0 of the request has the term 2, which is out of order");
    const AppendRequest future{{7}, {{3}, {10}, {}}, {make_entry(8, 11, "")}, {}};
    EXPECT_EQ(error_of(body_of(frame_of(future))),
              "entry 0 of the request has the term 8, which is out of order");
    const AppendRequest newer_previous{{7}, {{8}, {10}, {}}, {}, {}};
    EXPECT_EQ(error_of(body_of(frame_of(newer_previous))),
              "the previous entry is of a later term than the request");
    const AppendRequest overflow{{7}, {{3}, {~std::uint64_t{0}}, {}}, {make_entry(7, 0, "")}, {}};
    EXPECT_EQ(error_of(body_of(frame_of(overflow))), "the entries' indices pass the largest number");
}

TEST(Frame, ALooseYesOrNoIsRefused) {
    EXPECT_EQ(error_of(raw(FrameKind::vote_reply, number(1) + "\x02")), "a yes-or-no byte is 2");
}

TEST(Frame, AnUnknownEntryKindIsRefused) {
    std::string body(body_of(frame_of({{7}, {{3}, {10}, {}}, {make_entry(7, 11, "x")}, {}})));
    body[2 + 68 + 48] = 9;  // version and kind, the request's head, the entry's id
    EXPECT_EQ(error_of(body), "an entry has the unknown kind 9");
}

}  // namespace
}  // namespace socai::network
