#include "api/limits/read_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <mutex>
#include <vector>

namespace socai::api::testing {
namespace {

constexpr std::chrono::seconds deadline{30};

// A pool of one thread that is held by a first piece of work, so that what comes next waits.
class ReadPoolTest : public ::testing::Test {
  protected:
    void hold() {
        std::promise<void> begun;
        ASSERT_TRUE(pool.run({true, "holder"}, [&] {
            begun.set_value();
            released.get_future().wait_for(deadline);
        }));
        ASSERT_EQ(begun.get_future().wait_for(deadline), std::future_status::ready);
    }
    bool add(bool account, const std::string& name) {
        return pool.run({account, name}, [this, name] {
            const std::scoped_lock lock(mutex);
            done.push_back(name);
            if (done.size() == wanted) all.set_value();
        });
    }
    std::vector<std::string> finish(std::size_t count) {
        {
            const std::scoped_lock lock(mutex);
            wanted = count;
        }
        released.set_value();
        EXPECT_EQ(all.get_future().wait_for(deadline), std::future_status::ready);
        pool.shut_down();
        return done;
    }
    ReadPool pool{1, 40, 10};
    std::promise<void> released, all;
    std::mutex mutex;
    std::vector<std::string> done;
    std::size_t wanted = 0;
};

TEST_F(ReadPoolTest, AskersTakeTurns) {
    hold();
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(add(true, "greedy"));
    EXPECT_FALSE(add(true, "greedy"));  // it has its share of what may wait
    ASSERT_TRUE(add(true, "modest"));
    ASSERT_TRUE(add(true, "late"));
    const auto order = finish(12);
    EXPECT_EQ(order[0], "greedy");
    EXPECT_EQ(order[1], "modest");
    EXPECT_EQ(order[2], "late");
}

TEST_F(ReadPoolTest, AccountsGoBeforeThoseWithoutAndLeaveThemTurns) {
    hold();
    int anonymous = 0;
    while (add(false, std::to_string(anonymous))) ++anonymous;
    EXPECT_EQ(anonymous, 20);  // half of the room
    for (int i = 0; i < 9; ++i) ASSERT_TRUE(add(true, "account"));
    const auto order = finish(29);
    EXPECT_LE(std::count(order.begin(), order.begin() + 8, "account"), 6);
    EXPECT_GE(std::count(order.begin(), order.begin() + 12, "account"), 8);
}

TEST_F(ReadPoolTest, DropsWhatWaitsWhenItShutsDown) {
    hold();
    ASSERT_TRUE(add(true, "waiting"));
    released.set_value();
    pool.shut_down();
    pool.shut_down();
    EXPECT_FALSE(add(true, "too late"));
}

TEST(ReadPool, MayEndOnItsOwnThread) {
    auto pool = std::make_shared<ReadPool>(2, 10, 10);
    std::promise<void> ended;
    ReadPool& running = *pool;
    running.run({true, "last"}, [pool = std::move(pool), &ended]() mutable {
        pool.reset();
        ended.set_value();
    });
    EXPECT_EQ(ended.get_future().wait_for(deadline), std::future_status::ready);
}

// Those without account never hold every thread.
TEST(ReadPool, KeepsAThreadForAccounts) {
    ReadPool pool(2, 100, 100);
    std::promise<void> release, served;
    const std::shared_future<void> released = release.get_future().share();
    for (int i = 0; i < 10; ++i)
        ASSERT_TRUE(pool.run({false, std::to_string(i)}, [released] { released.wait_for(deadline); }));
    ASSERT_TRUE(pool.run({true, "account"}, [&] { served.set_value(); }));
    EXPECT_EQ(served.get_future().wait_for(deadline), std::future_status::ready);
    release.set_value();
}

}  // namespace
}  // namespace socai::api::testing
