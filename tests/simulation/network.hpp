// A model of the links between nodes. Each direction of a link is a stream of its own: messages take a minimum and
// a random rest, keep their order unless the seed reorders, and are lost, doubled, cut or held as the mix says.
#pragma once

#include <array>
#include <vector>

#include "tests/simulation/world.hpp"

namespace socai::simulation {

inline constexpr std::size_t max_nodes = 24;

class Network {
  public:
    explicit Network(World& world) : world_(world) {}

    void send(consensus::NodeId from, consensus::NodeId to, consensus::Message message);

    // Nothing passes until then.
    void cut(consensus::NodeId from, consensus::NodeId to, Micros until);
    // Nothing arrives until then; it all arrives afterwards.
    void clog(consensus::NodeId from, consensus::NodeId to, Micros until);
    // Everybody hears everybody, at once and once.
    void heal();

  private:
    struct Link {
        Micros cut_until = 0;
        Micros clogged_until = 0;
        Micros last_arrival = 0;
    };
    Link& link(consensus::NodeId from, consensus::NodeId to) { return links_.at(from.value).at(to.value); }
    void deliver(consensus::NodeId from, consensus::NodeId to, consensus::Message message, Micros at);
    Micros delay();

    World& world_;
    bool healed_ = false;
    std::array<std::array<Link, max_nodes + 1>, max_nodes + 1> links_{};
};

}  // namespace socai::simulation
