#include "network/send_queue.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "generators.hpp"
#include "support.hpp"

namespace socai::network {
namespace {

using test::numbered;

const std::size_t message_bytes = frame_size(numbered(0));

std::vector<std::uint64_t> taken_numbers(SendQueue& queue) {
    std::vector<std::uint64_t> numbers;
    std::vector<SendQueue::Item> batch;
    while (queue.take(batch, 1))
        for (const auto& item : batch)
            if (const auto* message = std::get_if<consensus::Message>(&item))
                numbers.push_back(std::get<consensus::Heartbeat>(*message).commit.value);
    return numbers;
}

TEST(SendQueue, WhenFullTheOldestMessagesGiveWay) {
    SendQueue queue(10 * message_bytes);
    queue.open();
    for (std::uint64_t i = 0; i < 13; ++i) queue.push(numbered(i));
    EXPECT_EQ(queue.figures().bytes, 10 * message_bytes);
    EXPECT_EQ(queue.figures().dropped, 3U);
    EXPECT_EQ(taken_numbers(queue), (std::vector<std::uint64_t>{3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
    EXPECT_EQ(queue.figures().bytes, 0U);
}

TEST(SendQueue, ParcelsAreRefusedBeyondHalfOfTheBytesAndWhileClosed) {
    SendQueue queue(10 * message_bytes);
    EXPECT_EQ(queue.push(Parcel{1, "x"}), SendQueue::Pushed::refused);
    queue.open();
    EXPECT_EQ(queue.push(Parcel{1, std::string(4 * message_bytes, 'x')}), SendQueue::Pushed::queued);
    EXPECT_EQ(queue.push(Parcel{1, std::string(message_bytes, 'x')}), SendQueue::Pushed::refused);
    for (std::uint64_t i = 0; i < 20; ++i) queue.push(numbered(i));
    EXPECT_LE(queue.figures().bytes, 10 * message_bytes);
    EXPECT_EQ(queue.push(Parcel{1, std::string(message_bytes, 'x')}), SendQueue::Pushed::refused);
    std::vector<SendQueue::Item> batch;
    ASSERT_TRUE(queue.take(batch, 100 * message_bytes));
    EXPECT_EQ(batch.size(), queue.figures().messages + batch.size());
    EXPECT_TRUE(std::holds_alternative<Parcel>(batch[1])) << "both lanes take turns";
}

TEST(SendQueue, KeepsOnlyTheLatestMessagesOverALoss) {
    SendQueue queue(1'000'000);
    queue.open();
    for (std::uint64_t i = 0; i < 100; ++i) queue.push(numbered(i));
    queue.push(Parcel{1, "x"});
    queue.close();
    EXPECT_EQ(queue.figures().messages, SendQueue::kept_while_closed);
    queue.push(numbered(100));
    const auto numbers = taken_numbers(queue);
    ASSERT_EQ(numbers.size(), SendQueue::kept_while_closed);
    EXPECT_EQ(numbers.front(), 37U);
    EXPECT_EQ(numbers.back(), 100U);
}

TEST(SendQueue, AsksForOneWakeUpAfterItWasFoundEmpty) {
    SendQueue queue(1'000'000);
    queue.open();
    EXPECT_FALSE(queue.push(numbered(0)));
    std::vector<SendQueue::Item> batch;
    EXPECT_TRUE(queue.take(batch, 1));
    EXPECT_FALSE(queue.take(batch, 1));
    EXPECT_TRUE(queue.push(numbered(1)));
    EXPECT_FALSE(queue.push(numbered(2)));
    while (queue.take(batch, 1)) continue;
    EXPECT_EQ(queue.push(Parcel{1, "x"}), SendQueue::Pushed::queued_and_wake);
    EXPECT_EQ(queue.push(Parcel{1, "x"}), SendQueue::Pushed::queued);
}

RC_GTEST_PROP(SendQueue, CountsItsBytesRight, ()) {
    SendQueue queue(5000);
    queue.open();
    std::size_t pushed = 0, taken = 0, refused = 0;
    std::vector<SendQueue::Item> batch;
    for (const int action : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 4))) {
        if (action == 0) {
            taken += queue.take(batch, *rc::gen::inRange<std::size_t>(1, 4000)) ? batch.size() : 0;
        } else if (action == 1) {
            ++pushed;
            if (queue.push(Parcel{1, *rc::gen::arbitrary<std::string>()}) == SendQueue::Pushed::refused)
                ++refused;
        } else {
            ++pushed;
            queue.push(*test::any_message());
        }
        RC_ASSERT(queue.figures().bytes <= 5000U);
        RC_ASSERT(queue.figures().messages + taken + refused + queue.figures().dropped == pushed);
    }
    while (queue.take(batch, 1)) continue;
    RC_ASSERT(queue.figures().bytes == 0U);
    RC_ASSERT(queue.figures().messages == 0U);
}

}  // namespace
}  // namespace socai::network
