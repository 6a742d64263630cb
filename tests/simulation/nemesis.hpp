// Injects the faults of the mix, one act at a time, at random moments; within what the atlas allows.
#pragma once

#include <vector>

#include "tests/simulation/atlas.hpp"
#include "tests/simulation/world.hpp"

namespace socai::simulation {

class Nemesis {
  public:
    Nemesis(World& world, const Atlas& atlas) : world_(world), atlas_(atlas) {}

    void start();
    void stop() { stopped_ = true; }

  private:
    void plan();
    void act(Fault fault);
    void cut();
    void partition();
    void clog();
    void crash();
    void damage(Fault fault);
    void lose_tail();
    void lose_disk();
    void set_clock();
    void transfer();
    void prune();
    Node* any_running();
    Node& any();
    void note(const Node& node, Fault fault);

    World& world_;
    const Atlas& atlas_;
    std::vector<Fault> acts_;
    bool stopped_ = false;
};

}  // namespace socai::simulation
