// The fault atlas: which harm to disks the cluster must survive, and so which the nemesis may do (TigerBeetle's
// fault atlas). Kept, in every configuration that may be in force:
//
//   - at most a minority f = (n-1)/2 of the voters is spoiled: its disk is lost, its log's end is lost, entries of
//     it are damaged, or it lies. Protocol-aware recovery promises no more (Alagappan et al. 2018);
//   - an entry that is damaged somewhere stands intact, by that id, on the disk of another member that is neither lost
//     nor a liar; nobody prunes past it, and that member is not removed, before it is repaired.
//
// With this every safety rule must hold at all times, and once all nodes that have disks run and hear each other the
// cluster must converge.
#pragma once

#include <vector>

#include "tests/simulation/world.hpp"

namespace socai::simulation {

class Atlas {
  public:
    explicit Atlas(const World& world) : world_(world) {}

    bool is_spoiled(consensus::NodeId node) const;
    // May one more node be spoiled, this one?
    bool may_spoil(consensus::NodeId node) const;
    // Spoiling aside: would such voters leave a sound majority?
    bool is_sound(const consensus::Configuration& configuration) const;
    bool may_damage(consensus::NodeId node, consensus::Index index) const;
    // May this node's entries from `first` to `last` go, by lost tail, lost disk or removal? Not where they are the
    // only intact copies of what is damaged elsewhere.
    bool may_drop(consensus::NodeId node, consensus::Index first, consensus::Index last) const;

  private:
    std::vector<consensus::Configuration> in_force() const;
    std::size_t intact_copies(const consensus::EntryId& id, consensus::NodeId but_not) const;

    const World& world_;
};

}  // namespace socai::simulation
