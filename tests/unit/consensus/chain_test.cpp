#include "consensus/chain.hpp"

#include <gtest/gtest.h>
#include <sodium/crypto_hash_sha256.h>

#include <string>

namespace socai::consensus {
namespace {

// The formula of types.hpp, spelled out over a string.
Digest spelled_out(const Digest& previous, std::uint64_t term, std::uint64_t index, char kind,
                   const Digest& digest, const std::optional<Digest>& mark) {
    std::string bytes(previous.begin(), previous.end());
    for (const std::uint64_t number : {term, index}) {
        for (int i = 7; i >= 0; --i) bytes += static_cast<char>(number >> (8 * i));
    }
    bytes += kind;
    bytes.append(digest.begin(), digest.end());
    bytes += mark ? '\x01' : '\x00';
    if (mark) bytes.append(mark->begin(), mark->end());
    Digest hash;
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    return hash;
}

TEST(Chain, HashesAsWritten) {
    Digest previous{}, digest{}, mark{};
    previous.fill(1);
    digest.fill(2);
    mark.fill(3);
    EXPECT_EQ(chain_hash(previous, {0x0102030405060708}, {77}, EntryKind::payload, digest, mark),
              spelled_out(previous, 0x0102030405060708, 77, 2, digest, mark));
    EXPECT_EQ(chain_hash(previous, {5}, {6}, EntryKind::noop, digest, std::nullopt),
              spelled_out(previous, 5, 6, 0, digest, std::nullopt));
}

TEST(Chain, EveryPartOfAnEntryCounts) {
    const EntryId base{{3}, {9}, {}};
    const EntryPtr good = make_entry(base, {4}, EntryKind::payload, {}, Digest{}, "payload");
    ASSERT_TRUE(follows(base, *good));
    const auto broken = [&](auto change) {
        Entry entry = *good;
        change(entry);
        return !follows(base, entry);
    };
    EXPECT_TRUE(broken([](Entry& e) { e.id.term = {5}; }));
    EXPECT_TRUE(broken([](Entry& e) { e.id.term = {2}; }));  // below the one before
    EXPECT_TRUE(broken([](Entry& e) { e.id.index = {11}; }));
    EXPECT_TRUE(broken([](Entry& e) { e.kind = EntryKind::noop; }));
    EXPECT_TRUE(broken([](Entry& e) { e.digest[0] = 1; }));
    EXPECT_TRUE(broken([](Entry& e) { e.mark.reset(); }));
    EXPECT_TRUE(broken([](Entry& e) { e.id.hash[31] ^= 1; }));
    EXPECT_FALSE(broken([](Entry& e) { e.payload.clear(); }));  // the bytes may be withdrawn one day
}

TEST(Chain, ARequestMustHangTogether) {
    const EntryId base{{1}, {10}, {}};
    const EntryPtr a = make_noop(base, {1});
    const EntryPtr b = make_noop(a->id, {2});
    EXPECT_TRUE(is_chained({.term = {2}, .previous = base, .entries = {a, b}, .commit = {}}));
    EXPECT_TRUE(is_chained({.term = {2}, .previous = base, .entries = {}, .commit = {}}));
    EXPECT_FALSE(is_chained({.term = {2}, .previous = base, .entries = {b}, .commit = {}}));
    EXPECT_FALSE(is_chained({.term = {1}, .previous = base, .entries = {a, b}, .commit = {}}));
    EXPECT_FALSE(is_chained({.term = {2}, .previous = base, .entries = {nullptr}, .commit = {}}));
    EXPECT_FALSE(is_chained({.term = {2}, .previous = b->id, .entries = {a}, .commit = {}}));
}

}  // namespace
}  // namespace socai::consensus
