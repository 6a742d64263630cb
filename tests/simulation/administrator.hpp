// Who changes the membership: adds learners, promotes, demotes, removes and replaces, one or several at once; puts a
// new node in the place of one that lost its disk; and switches off for good whom the leader says is not needed.
#pragma once

#include <vector>

#include "tests/simulation/atlas.hpp"
#include "tests/simulation/world.hpp"

namespace socai::simulation {

class Administrator {
  public:
    Administrator(World& world, const Atlas& atlas, consensus::Configuration first);

    void start();

  private:
    void act();
    void replace_lost(Node& leader, const consensus::Status& status);
    void change_at_random(Node& leader, const consensus::Status& status);
    void switch_off(Node& leader, const consensus::Status& status);
    void propose(Node& leader, consensus::Configuration wanted);
    consensus::NodeId new_node();
    Node* leader();

    World& world_;
    const Atlas& atlas_;
    const consensus::Configuration first_;  // what every new node believes before it hears more
    Micros pace_ = 0;
    std::uint64_t last_context_ = 0;
};

}  // namespace socai::simulation
