// Changes of membership (thesis §4): which configuration may follow which, how one is written into the log, and
// the configurations of a log that still matter. A configuration is in force from the moment it is appended, not
// from its commit, so a truncation can bring an earlier one back. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/types.hpp"

namespace socai::consensus {

inline constexpr std::size_t max_members = 256;  // in each list of a configuration
inline constexpr std::size_t max_note_bytes = 256 * 1024;

// Lists sorted and without repeats, at least one voter, no learner among the voters, none over max_members.
bool is_well_formed(const Configuration& configuration);

// The configuration that leads from `current`, which is not joint, to these voters and learners: the target
// itself where at most one voter is added or removed (any two majorities then share a node, thesis §4.1), else
// the joint one.
Configuration plan_change(const Configuration& current, std::vector<NodeId> voters,
                          std::vector<NodeId> learners, bool joint);
// What a joint configuration becomes when it is left.
Configuration left(const Configuration& joint);
// May an honest leader append `next` where `current` is in force?
bool may_follow(const Configuration& current, const Configuration& next);

// The payload of a configuration entry. Integers big-endian:
//   payload = 0x01 list(voters) list(outgoing) list(learners) u32 length, note     list = u32 count, u64 each
std::string encode_configuration(const Configuration& configuration, std::string_view note);
// Nothing when malformed; everything but `id` is filled in.
std::optional<ConfigurationEntry> decode_configuration(std::string_view payload);

// The entry that follows `previous`; its digest is the SHA-256 of the payload.
EntryPtr make_configuration(const EntryId& previous, Term term, const Configuration& configuration,
                            std::string_view note);

// The configurations of a log, from the one in force at its base: a change is rare, so all are remembered.
class Memberships {
  public:
    Memberships() = default;
    // Ascending by index, at least one.
    explicit Memberships(std::vector<ConfigurationEntry> known);

    const ConfigurationEntry& current() const { return known_.back(); }
    // The one in force at `index`.
    const ConfigurationEntry& at(Index index) const;
    // The one before the current one; none when the current one is the first.
    const ConfigurationEntry* before() const;

    void append(ConfigurationEntry entry);
    // Forgets those at `first` and after it. True when another one is in force now.
    bool truncate(Index first);
    // The log now begins after `base`: forgets those that were superseded by then.
    void prune(Index base);

  private:
    std::vector<ConfigurationEntry> known_;
};

}  // namespace socai::consensus
