// Clients: they submit statements and read, each at its own pace, at whichever node they believe to lead, over a
// network that loses some of it; they retry with the same bytes until they know, or give up.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tests/simulation/ledger.hpp"
#include "tests/simulation/operations.hpp"
#include "tests/simulation/world.hpp"

namespace socai::simulation {

class Clients {
  public:
    Clients(World& world, std::size_t count);

    void start();
    // No new operations; those under way go on.
    void stop() { stopped_ = true; }
    // One append, whatever was stopped: the healed cluster must take it.
    void probe();
    bool idle() const { return busy_ == 0; }
    const Operations& operations() const { return operations_; }

  private:
    struct Call;
    using CallPtr = std::shared_ptr<Call>;

    void think();
    void act();
    void begin_append(std::size_t statements);
    void begin_read();
    void attempt(const CallPtr& call);
    void answered(const CallPtr& call, std::uint64_t attempt, std::size_t part, Attempt answer);
    void retry(const CallPtr& call);
    void finish(const CallPtr& call);
    consensus::NodeId believed_leader();
    Micros way();

    World& world_;
    std::size_t count_;
    bool stopped_ = false;
    Micros pace_ = 0;
    std::size_t next_statement_ = 0;
    std::size_t busy_ = 0;
    Operations operations_;
};

}  // namespace socai::simulation
