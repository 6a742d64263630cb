#include "ledger/checkpoint.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "ledger/merkle_tree.hpp"

namespace socai::ledger {
namespace {

constexpr std::string_view root_15 = "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=";

TEST(Checkpoint, ReadsAndWritesItsThreeLines) {
    const std::string text = "example.com/log/testdata\n15\n" + std::string(root_15) + "\n";
    const auto checkpoint = parse_checkpoint(text);
    ASSERT_TRUE(checkpoint);
    EXPECT_EQ(checkpoint->origin, "example.com/log/testdata");
    EXPECT_EQ(checkpoint->size, 15U);
    EXPECT_EQ(to_hex(checkpoint->root), "aca6c38a90af86e5f5199ee0e4105ef2c03a05b27b8daff59e4e36eefdfcddcb");
    EXPECT_EQ(checkpoint->to_string(), text);
}

RC_GTEST_PROP(Checkpoint, ComesBackFromItsText, ()) {
    Checkpoint checkpoint;
    checkpoint.origin = *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('!', '~')));
    checkpoint.size = *rc::gen::arbitrary<std::uint64_t>();
    checkpoint.root = checkpoint.size == 0 ? empty_root() : sha256(checkpoint.origin);
    const auto parsed = parse_checkpoint(checkpoint.to_string());
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == checkpoint);
}

TEST(Checkpoint, TakesTheLargestSize) {
    const std::string root(root_15);
    const auto checkpoint = parse_checkpoint("o\n18446744073709551615\n" + root + "\n");
    ASSERT_TRUE(checkpoint);
    EXPECT_EQ(checkpoint->size, std::numeric_limits<std::uint64_t>::max());
    EXPECT_FALSE(parse_checkpoint("o\n18446744073709551616\n" + root + "\n"));
}

TEST(Checkpoint, OfAnEmptyTreeHasTheEmptyRoot) {
    EXPECT_TRUE(parse_checkpoint("o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"));
    EXPECT_FALSE(parse_checkpoint("o\n0\n" + std::string(root_15) + "\n"));
}

TEST(Checkpoint, RefusesOtherTexts) {
    const std::string root(root_15);
    const std::vector<std::string> texts = {"",
                                            "\n",
                                            "o\n15\n" + root,
                                            "o\n15\n",
                                            "o\n",
                                            "\n15\n" + root + "\n",
                                            "o\n015\n" + root + "\n",
                                            "o\n00\n" + root + "\n",
                                            "o\n+15\n" + root + "\n",
                                            "o\n-15\n" + root + "\n",
                                            "o\n 15\n" + root + "\n",
                                            "o\n15 \n" + root + "\n",
                                            "o\n0x0f\n" + root + "\n",
                                            "o\n\n" + root + "\n",
                                            "o\n1.5\n" + root + "\n",
                                            "o\n15\n\n",
                                            "o\n15\n" + root + "\nextension\n",
                                            "o\n15\n" + root + "\n\n",
                                            "o\n15\n" + root.substr(0, 43) + "\n",
                                            "o\n15\n" + root + "=\n",
                                            "o\n15\n" + root + " \n",
                                            "o\n15\n" + root.substr(0, 42) + "t=\n",  // a spare bit
                                            "o\r\n15\n" + root + "\r\n",
                                            "o\n15\nAAAA\n"};
    for (const std::string& text : texts) {
        const auto checkpoint = parse_checkpoint(text);
        ASSERT_FALSE(checkpoint) << text;
        EXPECT_EQ(checkpoint.error().reason, "malformed_checkpoint");
        EXPECT_EQ(checkpoint.error().fault, Fault::invalid_statement);
    }
}

}  // namespace
}  // namespace socai::ledger
