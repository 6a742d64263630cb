// The threads that carry out reads which may take long, so that no connection's thread is held by them. Askers take turns: each
// gets one read done before any gets its next, accounts three for each of those without account, and those without account
// never hold every thread. What waits is bounded, for each asker and for all together. Safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "api/limits/budgets.hpp"

namespace socai::api {

class ReadPool {
  public:
    ReadPool(std::uint32_t threads, std::size_t max_waiting, std::size_t max_waiting_per_asker);
    ~ReadPool();
    ReadPool(const ReadPool&) = delete;
    ReadPool& operator=(const ReadPool&) = delete;

    // `work` does not throw. False: it is not done, there is no room for it (or the pool has shut down).
    bool run(const Payer& payer, std::function<void()> work);
    // Drops what waits, and returns once nothing is under way. Idempotent. From the pool's own threads it does not wait for the
    // thread that it is called on.
    void shut_down();

  private:
    struct State;
    std::shared_ptr<State>
        state_;  // outlives the pool in the thread that destroys it, if that is one of its own
};

}  // namespace socai::api
