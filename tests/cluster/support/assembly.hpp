// The members of a cluster that was brought up with --votes, as docs/governance.md has them act: by commands, each signed with
// its own registrar key.
#pragma once

#include <map>
#include <string>

#include "local_cluster.hpp"
#include "process.hpp"

namespace socai::cluster_tests {

class Assembly {
  public:
    explicit Assembly(const LocalCluster& cluster) : cluster_(cluster) {}

    // `socai governance WORDS... --dir D`
    ProgramResult governance(Names words) const;
    // The same, signed with the member's registrar key.
    ProgramResult act(const std::string& member, Names words) const;
    // Another file than the cluster's keys/MEMBER/registrar.jwk.
    void give_key(const std::string& member, const std::string& file) { keys_[member] = file; }

    // Customs proposes, these vote yes. What the commands say when one fails; else nothing.
    std::string pass(const std::string& id, const std::string& matter, const std::string& change, const Names& voters) const;
    // "open", "passed", …; or the reason of an error.
    std::string state_of(const std::string& id) const;
    // In cluster.members of the first node of the cluster that answers; "none": it is not there; empty: nobody does.
    std::string role_of(const std::string& node) const;

  private:
    const LocalCluster& cluster_;
    std::map<std::string, std::string> keys_;
};

}  // namespace socai::cluster_tests
