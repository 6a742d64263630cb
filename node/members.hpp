// The members of the cluster as this node knows them now: from the genesis and the configurations of its log.
// Tells the transport whom to reach, and everyone else who is who.
//
// Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/core.hpp"
#include "node/member.hpp"

namespace socai::node {

class Members {
  public:
    // `known`: as in consensus::Start, the genesis' first. `contacts`: whom this node's own configuration names;
    // they count while the log does not tell that this node is a member (it joins, or has been removed).
    Members(consensus::NodeId self, std::vector<consensus::ConfigurationEntry> known,
            std::vector<Member> contacts);

    // Another configuration is in force at the end of the log: appended, or back after a truncation.
    void changed(consensus::ConfigurationEntry entry);
    // Those that were superseded by then no longer matter.
    void committed(consensus::Index index);

    consensus::ConfigurationEntry current() const;
    // In force at this entry of the log, which is not before the last committed change.
    consensus::ConfigurationEntry at(consensus::Index index) const;
    MemberNote note() const;  // of the current configuration
    // Anybody who was ever described here, members or not.
    std::optional<Member> find(consensus::NodeId id) const;
    std::optional<Member> find(std::string_view name) const;
    // "none" for 0, "node 7" for one that was never described.
    std::string name(consensus::NodeId id) const;
    bool is_member(consensus::NodeId id) const;
    // Whom this node must be able to talk to, itself left out, ascending: the members of every configuration that
    // may still matter, and those whom the leader keeps until they know that they are removed.
    std::vector<Member> reachable(const consensus::Status& status) const;

  private:
    void describe(const consensus::ConfigurationEntry& entry);

    const consensus::NodeId self_;
    const std::vector<Member> contacts_;
    mutable std::mutex mutex_;                          // guards all below
    std::vector<consensus::ConfigurationEntry> known_;  // ascending, at least one
    std::map<consensus::NodeId, Member> described_;
};

}  // namespace socai::node
