// The rules that must hold after every step, looked at only where the step changed something; now and then, and at
// each election, also the whole of consensus/invariants.hpp over all nodes. Each rule here is one of those, or of
// design/consensus.md:
//
//   election safety      one leader a term, ever
//   log matching         equal (term, index): equal hash, and an unbroken chain behind it
//   leader completeness  a leader holds everything committed in earlier terms
//   state-machine safety all commits are those of the one History, all states those that follow from it
//   monotone             term, and commit within one life, never fall; one vote a term on disk
//   durable commit       what a leader commits is on the disks of a majority of its configuration
//   electable            those who lack a committed entry are not enough to elect anybody
//   departures           no vote or acknowledgement leaves before what it promises is durable
//   no false charge      where nobody lies, nobody is accused and no batch is judged wrong
//
// Where somebody lies the words of "What is claimed against a lying leader" hold instead (claims.cpp): honest nodes
// apply nothing inadmissible; they may split, and then comparing heads shows it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "consensus/core.hpp"
#include "consensus/invariants.hpp"
#include "tests/simulation/world.hpp"

namespace socai::simulation {

struct Leaf;

// What is wrong with the last of these leaves by the rules that need no ledger to judge; nothing when it is good.
std::optional<std::string> inadmissible(Statements& statements, const std::vector<Leaf>& leaves);

class Checks {
  public:
    explicit Checks(World& world) : world_(world) {}

    // `node` decided `output`; its log is that after the step, nothing of it has left yet.
    void after_step(const Node& node, const consensus::Output& output);
    void departs(const Node& sender, const consensus::Send& message);
    void disk_changed(const Node& node);
    // `node` has applied `entry`, the last one.
    void applied(const Node& node, const consensus::Entry& entry);
    // `node` judged what `job.from` sent to be what no honest leader sends.
    void found_wrong(const Node& node, const consensus::ValidateJob& job);
    // Everything, over all nodes.
    void everything();

  private:
    struct Past {
        std::uint64_t life = 0;
        consensus::Term term;
        consensus::Index commit;
        consensus::HardState disk;
    };
    void fail(const Node& node, const std::string& what);
    void check_role(const Node& node);
    void check_appended(const Node& node, const consensus::StorageJob& job);
    void check_committed(const Node& node, consensus::Index commit);
    void check_durable(const Node& leader, const consensus::EntryId& id, const consensus::Status& status);
    void check_electable();
    void claim_applied(const Node& node, const consensus::Entry& entry);

    World& world_;
    consensus::Invariants invariants_;
    std::map<consensus::Term, consensus::NodeId> leaders_;
    std::unordered_map<std::uint64_t, consensus::EntryId> seen_;  // by term and index; looked up only
    std::vector<Past> past_;
    std::uint64_t steps_ = 0;
};

}  // namespace socai::simulation
