// A real server on a free port of the loopback, over a ledger in memory.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "api/server.hpp"
#include "clients.hpp"
#include "fake_backend.hpp"

namespace socai::api::testing {

class ServerTest : public ::testing::Test {
  protected:
    void SetUp() override { options.version = "1.2.3"; }
    void TearDown() override {
        if (server) server->stop();
        work.reset();
        io.stop();
        for (std::thread& thread : threads) thread.join();
    }
    // Call after `options` were changed to taste.
    void start() {
        server.emplace(io, options, backend);
        ASSERT_EQ(server->start(), std::nullopt);
        for (int i = 0; i < 2; ++i) threads.emplace_back([this] { io.run(); });
    }
    std::uint16_t port() const { return server->port(); }
    // Polls until `condition` holds; false when it does not within the deadline.
    template <class Condition>
    static bool eventually(Condition condition) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::yield();
        }
        return true;
    }

    FakeBackend backend;
    ServerOptions options;
    boost::asio::io_context io;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work =
        boost::asio::make_work_guard(io);
    std::optional<Server> server;
    std::vector<std::thread> threads;
};

}  // namespace socai::api::testing
