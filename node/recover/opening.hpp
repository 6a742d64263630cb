// Opens the new epoch at one stopped node: the log gets the leaf that the agencies agreed on and the membership that follows
// from it, and the folder is told which epoch it serves. In this order, each step durable before the next, so that it may be
// interrupted anywhere and given again:
//   1. where the node is behind: the entries that it lacks, instead of those that nobody else has
//   2. the leaf, and the change of the membership, as one write; the term rises with it
//   3. what the node has cosigned and kept as final in the ended epoch is put aside (`cosigned.epoch-N`, `final.epoch-N`)
//   4. the file `recovery` (opened_epoch.hpp): from here on the node starts in the new epoch
// Two seals of one plan, with other approvals or of another hour, are two leaves. Nodes that were opened with different ones do
// not talk to each other, and no leaf but one is ever committed, for that takes a majority of the same nodes. Those with the
// other one are opened again, with the right file: see take_back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "node/config.hpp"
#include "node/error.hpp"

namespace socai::node::recover {

struct Opening {
    std::string file;     // the recovery, as `socai recover seal` wrote it
    std::string entries;  // of the most advanced survivor; empty: none
};

struct Opened {
    std::string origin;
    std::uint64_t leaf = 0;
    bool already = false;       // all of it was done before
    bool joins = false;         // the node is not of those that go on: it was only told of the epoch
    bool resealed = false;      // it was opened with another seal of the same plan before, which makes way for this one
    std::uint64_t taken = 0;    // entries that it lacked and got
    std::uint64_t dropped = 0;  // entries that nobody else had, and that made way for them
};

// Errors: StoppedLedger::open's, among them locked (the node runs); the recovery's own (recovery_leaf.hpp: check_recovery);
// given_up (the recovery gives this node up); log_behind (it needs entries); wrong_entries; plan_outdated (the node ran since
// its survey); forked_log (it has applied what the recovery does not carry on); other_seal (the node takes part in the epoch
// already, opened with another seal of the same plan).
Result<Opened> open_epoch(const Config& config, const Opening& opening);

}  // namespace socai::node::recover
