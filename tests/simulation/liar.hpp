// A node that lies. It runs the honest core and ledger, and alters what leaves it: as a leader it sends what no
// honest leader sends, as a follower it says what is not so. One liar a run, always a minority.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "consensus/core.hpp"
#include "tests/simulation/world.hpp"

namespace socai::simulation {

class Node;

// What a lying leader may do with an append; each is drawn by itself.
enum class Lie : std::uint8_t {
    inadmissible,    // a statement with a bad signature, an unknown key or a foreign source
    duplicate,       // a statement that stands already
    altered,         // a byte of the content, the chain recomputed
    altered_digest,  // the content and not its digest
    broken_chain,    // an id that does not follow
    reordered,       // two entries change places, the chain recomputed
    back_dated,      // an accepted time that falls
    wrong_root,      // another mark
    false_commit,    // a commit index that is not so
    bad_configuration,
    dropped,  // nothing is sent
};
inline constexpr std::uint64_t lie_count = 11;

class Liar {
  public:
    Liar(World& world, consensus::NodeId id);

    consensus::NodeId id() const { return id_; }
    // The liar's node wants to send `message`.
    void send(Node& node, const consensus::Send& message);
    // The liar's node received this; it may say something of its own at once.
    void heard(Node& node, consensus::NodeId from, const consensus::Message& message);

  private:
    void send_append(Node& node, consensus::NodeId to, consensus::AppendRequest request);
    void tell(Node& node, consensus::NodeId to, consensus::Message message);
    bool lie(Node& node, consensus::AppendRequest& request, Lie lie);
    void fork(Node& node, consensus::AppendRequest& request);

    World& world_;
    consensus::NodeId id_;
    std::uint64_t boldness_ = 0;    // per million messages that could carry a lie
    bool equivocates_ = false;      // tells one half another history than the other
    std::size_t next_alternative_;  // statements for the other history
    std::set<consensus::NodeId> other_half_;
    // The other history: what stands there instead of this entry of ours.
    std::map<std::pair<consensus::Term, consensus::Index>, consensus::EntryPtr> other_;
};

}  // namespace socai::simulation
