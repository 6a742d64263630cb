// The Raft core: (state, event) -> outputs. No I/O, no clock, no threads, no randomness of its own
// (design/consensus.md). One owner calls step(); nothing else may touch the object.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "consensus/message.hpp"
#include "consensus/types.hpp"

namespace socai::consensus {

struct Options {
    Micros election_timeout = 300'000;  // randomised in [1x, 2x)
    Micros heartbeat_interval = 50'000;
    bool prevote = true;      // always on in socai; switchable for scenarios
    bool checkquorum = true;  // leader steps down without contact to a majority; voters honour the lease
    std::size_t max_append_bytes = 512 * 1024;  // payload bytes in one AppendRequest
    std::size_t max_append_entries = 4'096;
    std::size_t window_appends = 16;  // entry-carrying appends in flight to one follower
    std::size_t window_bytes = 8 * 1024 * 1024;
    std::size_t max_uncommitted_bytes =
        64 * 1024 * 1024;  // not committed or not yet applied: the leader refuses proposals beyond
    std::size_t cache_bytes =
        64 * 1024 * 1024;  // entries kept in memory for sending, their overhead included
    // While the leader has proposals under way, all nodes that catch up from its disk get this much together, so
    // that they take a share and not the whole of disk and processors; 0: no limit. Idle leaders do not pace.
    std::uint64_t catch_up_bytes_per_second = 4 * 1024 * 1024;
    bool leave_joint = true;  // a leader leaves a joint configuration by itself once it is committed
    // Take an InstallBase: only where the host can bring its state up to one, and trusts leaders not to make one up.
    bool install_bases = false;
};

// --- events
// -------------------------------------------------------------------------------------------------------

struct Start {
    NodeId self;
    std::uint64_t seed = 0;  // fresh at every start: it spreads timeouts and names forwarded reads
    HardState hard;
    LogSummary log;
    // A lower bound: committed, and held by this log as it is now. Note Output::applicable for it, not
    // Output::committed, which can run ahead of the disk; after a loss it is at most what surely remained.
    Index commit;
    Index applied;  // the host's state holds everything to here, which is at most `commit`
    // Ascending, at least one: the configuration in force at the base, and every later one of the log.
    std::vector<ConfigurationEntry> configurations;
};
struct Tick {};  // the time given by Output::next_timeout has come (or any time: ticks are harmless)
struct Receive {
    NodeId from;
    Message message;
};
// Payloads admitted by the leader's host under `term`. All are appended as one batch or none: refused when
// this node does not lead that very term, or limits are reached.
struct Propose {
    struct Item {
        std::string payload;
        Digest digest{};
    };
    Term term;
    std::uint64_t first_position = 0;  // the host's own tag, echoed in ProposalRefused
    std::vector<Item> items;
    Digest mark{};  // on the last item
};
// The storage job `ticket` is durable.
struct Stored {
    std::uint64_t ticket = 0;
};
enum class Verdict : std::uint8_t {
    valid,    // append
    wrong,    // provably inadmissible: refuse, keep evidence, does not count as contact (architecture.md 9)
    not_yet,  // cannot be judged now (entry from the future): drop, the leader sends again
};
// The validation job `job` ended.
struct Validated {
    std::uint64_t job = 0;
    Term term;  // of the job
    Verdict verdict = Verdict::valid;
};
// Answer to ReadEntries. `entries` start at the asked index; fewer than asked is fine; none means that the
// range is gone.
struct EntriesRead {
    NodeId peer;
    Index first;
    std::vector<EntryPtr> entries;
};
// The host has applied everything to `index`. Needed: a leader refuses proposals while too much is unapplied.
struct Applied {
    Index index;
};
// A linearizable read wanted at this node, leader or follower. Answered by ReadAnswer with the same context.
struct Read {
    std::uint64_t context = 0;
};
// The election timeout fires now (scenarios, tests).
struct Campaign {};
// A new membership, wanted by the host of the leader (thesis §4). Effective as soon as it is appended. Where more
// than one voter changes, or `joint` asks for it, it goes through a joint configuration, which the leader leaves
// by itself. Answered by MembershipAnswer.
struct ChangeMembership {
    std::vector<NodeId> voters;    // sorted, without repeats, not empty
    std::vector<NodeId> learners;  // sorted, without repeats, none of `voters`
    std::string note;              // at most max_note_bytes (membership.hpp)
    bool joint = false;
    std::uint64_t context = 0;  // the host's own, echoed
};
// Leave the joint configuration now: only where Options::leave_joint is off (scenarios).
struct LeaveJoint {};
// Hand leadership to `to`, or to the voter that is furthest (0). Proposals are refused meanwhile, at most for an
// election timeout (thesis §3.10). Answered by TransferEnded.
struct Transfer {
    NodeId to;
};
// What the host knows against this node. Holds until said otherwise; both true at start. An unfit node that had to
// refuse a candidate for what that lacked stands all the same: it may be the only one that the others can elect. It
// hands over as soon as they hold that too.
struct Fitness {
    // False (a clock that is off): does not campaign; a leader takes no proposals and hands over, and steps down if
    // that fails.
    bool may_lead = true;
    // False (a disk that is nearly full): proposals and entries to append are refused until there is room; does
    // not campaign; a leader tries to hand over, again every two election timeouts, and leads on meanwhile.
    bool may_append = true;
};
// The host dropped every entry up to and including `base`, which was applied, from its disk.
struct Pruned {
    EntryId base;
};
// The host found on its disk that these entries of the log have lost their content. Not for configurations.
struct Damaged {
    std::vector<DamagedEntry> entries;
};
// Content that came with Output::repair is durable again.
struct Repaired {
    std::vector<Index> indices;
};
// The transport lost its connection to `peer`: stop pipelining, probe.
struct Unreachable {
    NodeId peer;
};

using Event =
    std::variant<Start, Tick, Receive, Propose, Stored, Validated, EntriesRead, Applied, Read, Campaign,
                 Unreachable, ChangeMembership, LeaveJoint, Transfer, Fitness, Pruned, Damaged, Repaired>;

// --- outputs
// ------------------------------------------------------------------------------------------------------

struct Send {
    NodeId to;
    Message message;
};

// One write to disk: hard state, new base, truncation, append, all durable before `after` may leave and Stored is
// reported. Jobs are to be made durable in the order given.
struct StorageJob {
    std::uint64_t ticket = 0;
    std::optional<HardState> hard;
    // The log begins anew, empty, after this base; the host brings its state up to it first.
    struct Base {
        EntryId id;
        ConfigurationEntry configuration;
    };
    std::optional<Base> install{};
    std::optional<Index> truncate_from;  // this index and all after it go, before the append
    std::vector<EntryPtr> append;
    std::vector<Send> after;  // votes, acknowledgements: leave only after durability
};

// Judge `entries`, which would follow `previous` in the log; entries of this log after `previous` would go.
// Where the core no longer knows its own hash at `previous`, that hash is the leader's claim. Answered by
// Validated; a job whose term or role has passed may still be answered, or not.
struct ValidateJob {
    std::uint64_t job = 0;
    Term term;
    NodeId from;
    EntryId previous;
    std::vector<EntryPtr> entries;
};

// Wanted from the log on disk, for sending to `peer`. Always answered by EntriesRead, else the peer is sent
// nothing more in this leadership.
struct ReadEntries {
    NodeId peer;
    Index first;
    Index last;  // inclusive
    std::size_t max_bytes = 0;
};

// Everything to `index` may be applied once the host's applied index reaches `index`; nothing: ask again (no
// leader, deposed).
struct ReadAnswer {
    std::uint64_t context = 0;
    std::optional<Index> index;
};

struct ProposalRefused {
    enum class Why : std::uint8_t { not_leader, overloaded, transferring, no_space };
    std::uint64_t first_position = 0;
    Term term;
    Why why = Why::not_leader;
};

struct MembershipAnswer {
    enum class Outcome : std::uint8_t {
        appended,      // effective here; committed once Status::commit reaches the index
        unchanged,     // it is the membership already
        not_leader,    // ask the leader
        not_ready,     // this leader has not yet committed an entry of its own term: ask again soon
        in_progress,   // an earlier change is not yet committed, or not yet left
        transferring,  // leadership is being handed over
        malformed,     // no voters, repeats, a node that is both voter and learner, or too large
    };
    std::uint64_t context = 0;
    Outcome outcome = Outcome::appended;
    Index index;  // of the configuration entry, when appended
};

struct TransferEnded {
    enum class Outcome : std::uint8_t {
        handed_over,  // this node leads no longer
        timed_out,    // the target did not take over within an election timeout; this node leads on
        not_leader,
        no_target,  // the target is this node, no voter, or there is none that could lead
        busy,       // a transfer is under way
    };
    NodeId to;
    Outcome outcome = Outcome::handed_over;
};

// `to` asks for the content of these entries: send it a FetchReply with those that this disk holds by exactly
// these ids, as many as fit in `max_bytes` of payload (at least one where there is any), or nothing.
struct ServeFetch {
    NodeId to;
    std::vector<EntryId> ids;
    std::size_t max_bytes = 0;
};

// A message that no honest node could have sent, found by the core itself; the host keeps it as evidence.
// What the host proves wrong (Verdict::wrong) it knows already and is not repeated here.
struct Accusation {
    enum class Why : std::uint8_t {
        broken_chain,          // entries do not follow one another, or do not follow our own log's hash
        contradicts_commit,    // would replace an entry known committed
        two_leaders_one_term,  // another node led this very term
        two_contents,  // whoever led `term` made two entries of one index; `from` is 0: it need not be known
        bad_configuration,  // a configuration that is malformed, or that cannot follow the one before it
        bad_base,           // a base that cannot be, with a configuration that cannot be in force there
    };
    NodeId from;
    Term term;
    Why why = Why::broken_chain;
};

struct Output {
    std::vector<Send> messages;       // may leave now
    std::vector<StorageJob> storage;  // in order
    std::vector<ValidateJob> validate;
    std::vector<ReadEntries> reads_from_log;
    std::vector<ReadAnswer> read_answers;
    std::vector<ProposalRefused> refused;
    std::vector<Accusation> accusations;
    std::vector<MembershipAnswer> membership_answers;
    std::vector<TransferEnded> transfers_ended;
    std::vector<ServeFetch> serve;
    // Content for damaged entries, proven by their ids but for one thing that only the host knows: that the
    // payload has the entry's digest. Check it, write it, and say Repaired; what does not fit is dropped, and will
    // be fetched from another node.
    std::vector<EntryPtr> repair;
    // Another configuration is in force at the end of this log: appended, or back after a truncation.
    std::optional<ConfigurationEntry> configuration;
    std::optional<EntryId>
        installed;  // the log begins anew after this entry; everything known before is gone
    std::optional<Index> truncated_from;  // the host's overlay must drop this index and all after it
    std::optional<Index> committed;       // the commit index has risen to this
    std::optional<Index> applicable;      // committed and durable here up to this: the host may apply it
    bool role_changed = false;            // role, term or leader differs from before the step
    Micros next_timeout = 0;              // call Tick at or after this time
};

// --- the core
// -----------------------------------------------------------------------------------------------------

// A look at the inside for status, metrics, invariants and tests.
struct PeerStatus {
    NodeId id;
    Index match;
    Index next;
    bool probing = false;
    bool learner = false;
    std::size_t inflight_appends = 0;
    std::size_t inflight_bytes = 0;
    Micros last_contact = 0;
    bool departing = false;  // removed, and does not yet know that its removal is committed
};
struct Status {
    NodeId self;
    Role role = Role::follower;
    Term term;
    NodeId vote;
    NodeId leader;  // 0: unknown
    EntryId last;
    Index durable;  // of this node's own log
    Index commit;
    Micros leader_contact =
        0;  // time of the last message from the leader of this term; leaders: of the last quorum contact
    Configuration configuration;  // in force at `last`
    EntryId configuration_id;
    bool configuration_committed = false;
    std::vector<PeerStatus> peers;  // leaders only, by id
    std::size_t uncommitted_bytes = 0;
    EntryId base;
    EntryId promised;         // what this node acknowledged and its log lost; else zero
    std::size_t damaged = 0;  // entries held by id alone
    NodeId transfer_to;       // leaders: whom leadership is being handed to; 0: nobody
};

// May this node be switched off for good? True when the status of the leader says so: it is no member, and the
// configuration without it is committed, so that nobody can ever need it for a vote or a commit again. Ask a node
// that has just proven that it leads: a deposed leader may know less.
bool may_switch_off(const Status& leader, NodeId node);

class Core {
  public:
    explicit Core(Options options);
    ~Core();
    Core(Core&&) noexcept;
    Core& operator=(Core&&) noexcept;

    // `now` never falls from call to call. The first event is Start. Preconditions broken by the host abort
    // (assert).
    Output step(Micros now, Event event);

    Status status() const;
    // Term of the entry at `index`; nothing outside base..last.
    std::optional<Term> term_at(Index index) const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace socai::consensus
