// What nodes answer for with their node keys between themselves: votes that they grant, and the entries that they append as
// leaders (docs/decisions/0019). Signs this node's own, checks the others', remembers the newest of both kinds, and
// shows it when two of one node cannot both be honest, or when the ledger thread proves entries wrong.
//
// The leader of a term tells all members by which votes it leads, so that a vote given twice meets its other half
// somewhere. Headers of appends are compared with those that came from the same leader before.
//
// Thread-safe. sign() and check() are for the transport's threads: an Ed25519 operation each, some 30 microseconds.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "consensus/core.hpp"
#include "ledger/evidence.hpp"
#include "ledger/jwk.hpp"
#include "network/frame.hpp"
#include "node/member.hpp"

namespace socai::node {

class Testimony {
  public:
    struct Hooks {
        std::function<std::optional<Member>(consensus::NodeId)> member;
        std::function<std::vector<consensus::NodeId>()> others;  // the members but this node
        std::function<void(consensus::NodeId to, network::Parcel)> send;
        // `key` names the breach: EvidenceKeeper::keep.
        std::function<void(const std::string& key, ledger::Evidence, const std::string& what)> evidence;
    };
    static constexpr std::size_t kept_terms = 8;                     // of votes, of each voter
    static constexpr std::size_t kept_signatures = 64;               // of this node's own headers
    static constexpr std::size_t kept_headers = 256;                 // of appends, of all leaders
    static constexpr std::size_t kept_bytes = std::size_t{8} << 20;  // memory of their entries

    Testimony(std::string origin, const Member& self, ledger::KeyPair node_key, Hooks hooks);

    // For network::TransportOptions. `message` needs a signature.
    network::WireSignature sign(consensus::NodeId to, const consensus::Message& message);
    // True also for a node whose key is not known here: a new member hears leaders that its log does not yet describe,
    // and what they send is judged by its content all the same.
    bool check(consensus::NodeId from, const consensus::Message& message,
               const network::WireSignature& signature);

    // This node leads `term` now: tells the votes.
    void leads(consensus::Term term);
    // False when it is another's parcel.
    bool on_parcel(consensus::NodeId from, const network::Parcel& parcel);
    // The ledger thread found entries of `job` that no honest leader sends.
    void judged_wrong(const consensus::ValidateJob& job, const std::string& why);

  private:
    struct KnownVote {
        consensus::NodeId candidate;
        ledger::Note note;
    };
    struct KnownAppend {
        consensus::NodeId leader;
        ledger::AppendHeader header;
        ledger::Note note;
        std::vector<consensus::EntryPtr> entries;
        std::size_t bytes = 0;
    };
    ledger::NodeStatement statement(const std::string& node, ledger::NodeFact fact) const;
    void take_vote(const Member& voter, const ledger::Vote& vote, ledger::Note note);
    void take_append(const Member& leader, KnownAppend append);

    const std::string origin_;
    const Member self_;
    const ledger::KeyPair node_key_;
    const Hooks hooks_;
    std::mutex mutex_;  // guards all below
    // One header goes to several followers, not all at the same time: signed once. Newest last.
    std::deque<std::pair<ledger::AppendHeader, network::WireSignature>> signed_;
    std::map<consensus::NodeId, std::map<std::uint64_t, KnownVote>>
        votes_;                        // by voter, so that each pushes out its own
    std::deque<KnownAppend> appends_;  // oldest first
    std::size_t bytes_ = 0;
};

}  // namespace socai::node
