// The verdicts of the one verifier on the published edge cases: C2SP CCTV and Wycheproof. Another version of
// libsodium with other verdicts would split the ledger, and fails here.
//
// The vectors lie outside the project, in the folder of the environment variable SOCAI_VECTORS or else in
// ../shared/vectors beside the source; without them only the values below are tested.

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/jwk.hpp"
#include "tests/project_folder.hpp"
#include "tests/unit/ledger/hex.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

std::optional<json::value> read_vectors(const std::string& name) {
    const char* folder = std::getenv("SOCAI_VECTORS");
    const auto path = folder != nullptr
                          ? std::filesystem::path(folder) / name
                          : std::filesystem::path(project_file("../shared/vectors")) / name;
    if (!std::filesystem::exists(path)) {
        std::cout << "No vectors at " << path << ": testing the embedded values only. "
                  << "SOCAI_VECTORS names another folder.\n";
        return std::nullopt;
    }
    std::ifstream file(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return json::parse(text);
}

std::string text_of(const json::value& value) {
    return std::string(value.as_string());
}

bool verifies(const std::string& key, const std::string& message, const std::string& signature) {
    if (signature.size() != 64) return false;
    return verify_ed25519(to_array<32>(key), message, to_array<64>(signature));
}

TEST(Ed25519Vectors, EmbeddedEdgeCases) {
    // RFC 8032 §7.1, test 2.
    const std::string key = from_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    const std::string r = from_hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da");
    const std::string s = from_hex("085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    EXPECT_TRUE(verifies(key, "\x72", r + s));
    EXPECT_FALSE(verifies(key, "\x73", r + s));

    // S + L, with L the order of the group: the same scalar, spelt a second time (RFC 8032 §8.4).
    const std::string order = from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    std::string respelt;
    int carry = 0;
    for (std::size_t i = 0; i < s.size(); ++i) {
        carry += static_cast<unsigned char>(s[i]) + static_cast<unsigned char>(order[i]);
        respelt += static_cast<char>(carry & 0xff);
        carry >>= 8;
    }
    EXPECT_FALSE(verifies(key, "\x72", r + respelt));

    // The key 1 (the identity) with R = 1 and S = 0 would sign every message.
    const std::string identity = from_hex("01") + std::string(31, '\0');
    EXPECT_FALSE(verifies(identity, "any message", identity + std::string(32, '\0')));
}

TEST(Ed25519Vectors, AcceptsExactly43Of914OfCctv) {
    const auto vectors = read_vectors("ed25519_cctv.json");
    if (!vectors) return;
    std::size_t accepted = 0;
    for (const json::value& vector : vectors->as_array()) {
        const json::value& flags = vector.at("flags");  // an array, or null for a vector without edges
        const bool expected =
            flags.is_null() ||
            std::none_of(flags.as_array().begin(), flags.as_array().end(), [](const json::value& flag) {
                const std::string name = text_of(flag);
                return name == "low_order_A" || name == "low_order_R" || name == "low_order_residue" ||
                       name.starts_with("non_canonical_");
            });
        const bool verdict = verifies(from_hex(text_of(vector.at("key"))), text_of(vector.at("msg")),
                                      from_hex(text_of(vector.at("sig"))));
        EXPECT_EQ(verdict, expected) << "vector " << vector.at("number");
        accepted += verdict ? 1 : 0;
    }
    EXPECT_EQ(vectors->as_array().size(), 914U);
    EXPECT_EQ(accepted, 43U);
}

TEST(Ed25519Vectors, AgreesWithEveryVerdictOfWycheproof) {
    const auto vectors = read_vectors("ed25519_wycheproof.json");
    if (!vectors) return;
    std::size_t tests = 0;
    for (const json::value& group : vectors->at("testGroups").as_array()) {
        const std::string key = from_hex(text_of(group.at("publicKey").at("pk")));
        for (const json::value& test : group.at("tests").as_array()) {
            EXPECT_EQ(verifies(key, from_hex(text_of(test.at("msg"))), from_hex(text_of(test.at("sig")))),
                      text_of(test.at("result")) == "valid")
                << "test " << test.at("tcId");
            ++tests;
        }
    }
    EXPECT_EQ(tests, 151U);
}

}  // namespace
}  // namespace socai::ledger
