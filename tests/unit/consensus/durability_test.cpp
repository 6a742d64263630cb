#include "consensus/durability.hpp"

#include <gtest/gtest.h>

namespace socai::consensus {
namespace {

TEST(Durability, FollowsTheJobsInOrder) {
    Durability durability(Index{10});
    durability.issued(durability.next_ticket(), {12});
    durability.issued(durability.next_ticket(), {15});
    EXPECT_EQ(durability.durable(), Index{10});
    durability.stored(1);
    EXPECT_EQ(durability.durable(), Index{12});
    EXPECT_FALSE(durability.idle());
    durability.stored(2);
    EXPECT_EQ(durability.durable(), Index{15});
    EXPECT_TRUE(durability.idle());
}

TEST(Durability, AnOldCompletionDoesNotVouchForWhatReplacedIt) {
    Durability durability(Index{10});
    durability.issued(durability.next_ticket(), {13});  // 11..13 of an old term
    durability.truncated({12});
    durability.issued(durability.next_ticket(), {14});  // 12..14 of a new one
    durability.stored(1);
    EXPECT_EQ(durability.durable(), Index{11});
    durability.stored(2);
    EXPECT_EQ(durability.durable(), Index{14});
}

TEST(Durability, TruncationTakesBackWhatWasDurable) {
    Durability durability(Index{10});
    durability.truncated({8});
    EXPECT_EQ(durability.durable(), Index{7});
}

TEST(DurabilityDeathTest, RefusesJobsOutOfOrder) {
    Durability durability(Index{10});
    durability.issued(durability.next_ticket(), {11});
    durability.issued(durability.next_ticket(), {12});
    EXPECT_DEATH(durability.stored(2), "in order");
}

}  // namespace
}  // namespace socai::consensus
