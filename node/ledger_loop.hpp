// The ledger thread: owns admission (the overlay of the uncommitted tail) and apply. On the leader it stamps
// the time, admits, batches and proposes; on followers it judges what the leader sends; on all it applies
// what is committed and answers those who wait for it.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>
#include <vector>

#include "consensus/core.hpp"
#include "ledger/admission.hpp"
#include "node/consensus_loop.hpp"
#include "node/event_queue.hpp"
#include "node/verifier.hpp"
#include "storage/log_store.hpp"
#include "storage/state_store.hpp"

namespace socai::node {

// What became of one statement: it stands in the ledger, or why it may not.
struct Accepted {
    ledger::Address address;
    std::int64_t time_ms = 0;
    bool duplicate = false;
    bool late = false;
};
using Decision = ledger::Result<Accepted>;

// What became of one attempt to have statements admitted by this node as leader.
struct Attempt {
    enum class End {
        decided,     // `decisions` holds one for each statement; all rest on committed leaves
        not_leader,  // this node did not lead: nothing of it entered the log
        lost,  // no answer: leadership ended under way, or what stands cannot be read just now; parts may
               // or may not have entered the log
        overloaded,  // limits reached: nothing of it entered the log
        no_space,    // the leader's disk is nearly full: nothing of it entered the log
    };
    End end = End::decided;
    std::vector<Decision> decisions;
};

class LedgerLoop {
  public:
    struct Hooks {
        std::function<void(consensus::Event)> post;  // to the consensus thread
        // Asks for proof that this node still leads; `done(true)` when so. Any thread.
        std::function<void(std::function<void(bool)> done)> confirm_leadership;
        std::function<void(consensus::Index applied, std::uint64_t size)>
            applied;                                                        // ledger thread, after each batch
        std::function<void(std::string reason, std::string detail)> fatal;  // the node must stop
        std::function<std::int64_t()> wall_clock_ms;
        // Why a leader may not admit anything now (it hands over, its disk is nearly full); nothing: it may.
        std::function<std::optional<Attempt::End>()> closed;
        // Ledger thread: the entries of `job` are what no honest leader sends, for this reason. May be empty.
        std::function<void(const consensus::ValidateJob& job, const std::string& why)> judged_wrong{};
        // Any thread: the configuration in force at an entry of this node's log. Empty: changes of it are not judged.
        std::function<consensus::ConfigurationEntry(consensus::Index)> configuration{};
        // Ledger thread: why a leaf that opens an epoch is not one that this node was told of; nothing: it is. May be empty.
        std::function<std::optional<std::string>(const ledger::Admitted&)> foreign_epoch{};
    };
    struct Metrics {
        std::uint64_t admitted = 0, duplicates = 0, refused = 0, applied = 0;
        std::uint64_t queue_depth = 0, tail_leaves = 0, tail_bytes = 0, waiting = 0;
        double commit_seconds_sum = 0;  // from admission to applied, leader only
        std::uint64_t commit_count = 0;
        std::vector<std::uint64_t> commit_buckets;  // cumulative counts for commit_bounds()
    };
    static const std::vector<double>& commit_bounds();  // seconds

    // `max_uncommitted_bytes`: entries admitted as leader and not yet applied; beyond it submissions end
    // `overloaded`. Lower than the core's own limit, so that the core never has to refuse a proposal of a
    // leader.
    LedgerLoop(const ledger::Context& context, storage::LogStore& log, storage::StateStore& state,
               std::size_t max_uncommitted_bytes, Hooks hooks);
    ~LedgerLoop();

    // Before start(): applies (state's position, commit] from the log and loads (commit, last] into the
    // overlay, both up to the first entry that has lost its content; the rest follows as it is repaired. Answers
    // with the damaged entries that it met. Errors: storage's, or inadmissible_log when an entry of the log is not
    // admissible where it stands; upgrade_required when the ledger has outgrown this program's rules.
    storage::Result<std::vector<consensus::DamagedEntry>> replay(
        consensus::Index commit, consensus::Index last,
        const std::function<void(std::uint64_t done, std::uint64_t of)>& progress);
    void start();
    void stop();

    // Statements whose signatures were checked, to be admitted in this order by this node as leader. `done`
    // once, any thread.
    void submit(std::vector<StatementPtr> statements, std::function<void(Attempt)> done);
    // The core's validation job with the results of Verifier::verify_entries.
    void judge(consensus::ValidateJob job, Verifier::Prepared prepared);
    void log_changed(LogChange change);
    // The content of these entries is on disk again. To be called before the core is told.
    void repaired(std::vector<consensus::Index> indices);

    Metrics metrics() const;

    // All leaves of the log as replay() left them, for whoever looks at the ledger of a stopped node: not after start().
    const ledger::Tail& replayed() const { return *tail_; }
    ledger::Tail& replayed() { return *tail_; }

  private:
    struct Submission {
        std::vector<StatementPtr> statements;
        std::function<void(Attempt)> done;
    };
    struct Judgement {
        consensus::ValidateJob job;
        Verifier::Prepared prepared;
    };
    // One submission under way: decided when every statement is.
    struct Pending {
        std::vector<std::optional<Decision>> decisions;
        std::size_t undecided = 0;
        bool finished = false;
        std::function<void(Attempt)> done;
    };
    using PendingPtr = std::shared_ptr<Pending>;
    // Something that waits until `size` leaves are applied (the key of waiting_).
    struct Waiter {
        PendingPtr pending;
        std::size_t position = 0;  // which statement
        Decision decision;
        // A refusal that rests on state: this node must be shown to have led this term throughout before it
        // is given.
        std::optional<consensus::Term> needs_leadership;
        std::chrono::steady_clock::time_point since;
        bool timed = false;
    };
    // The answer to confirm_leadership for a refusal that rests on state.
    struct Confirmed {
        PendingPtr pending;
        std::size_t position = 0;
        Decision decision;
        consensus::Term term;
        bool leads = false;
    };
    struct Repair {
        std::vector<consensus::Index> indices;
    };
    using Event = std::variant<Submission, Judgement, LogChange, Confirmed, Repair>;

    void run();
    void handle(std::vector<Event>& events);
    void stop_on(const std::exception& fault);
    void admit(std::vector<Submission>& submissions);
    void admit_one(Submission& submission, std::int64_t now, std::vector<consensus::Propose::Item>& items);
    void propose(std::vector<consensus::Propose::Item>& items);
    void change(LogChange& change);
    void proposal_refused(const consensus::ProposalRefused& refused);
    consensus::Index loaded() const { return applied_ + log_tail_.size(); }
    std::size_t max_tail_bytes() const { return 2 * max_uncommitted_bytes_; }
    void push_loaded(consensus::EntryPtr entry);
    bool load();
    void stand_in(const consensus::DamagedEntry& damaged);
    void take_the_lead();
    void reload(const std::vector<consensus::Index>& indices);
    void take_appended(const consensus::EntryPtr& entry);
    void truncate_log(consensus::Index from);
    void lead(std::optional<consensus::Term> term);
    bool align(consensus::Index index);
    std::size_t intact() const;
    consensus::Verdict verdict(const Judgement& judgement);
    std::optional<std::string> fault_of(const Judgement& judgement);
    std::optional<std::string> fault_of_leaf(const consensus::Entry& entry, const ledger::Result<StatementPtr>& prepared);
    bool is_too_young(const consensus::Entry& entry) const;
    std::optional<std::string> fault_of_remains(const consensus::Entry& entry);
    bool is_from_the_future(const consensus::ValidateJob& job) const;

    void commit(consensus::Index index);
    void answer_applied();
    static void decide(const PendingPtr& pending, std::size_t position, Decision decision);
    static void fail(const PendingPtr& pending, Attempt::End end);
    void fail_waiting(Attempt::End end);
    bool push_trusted(const consensus::Entry& entry);
    void stop_node(std::string reason, std::string detail);
    bool outgrown(const ledger::Facts& facts);
    std::optional<std::string> foreign_epoch(const ledger::Admitted& leaf) const;
    void count_commit(std::chrono::steady_clock::time_point since);
    void publish_metrics();

    const ledger::Context& context_;
    storage::LogStore& log_;
    storage::StateStore& state_;
    Hooks hooks_;
    EventQueue<Event> queue_;

    // Owned by the ledger thread (replay() before start() aside).
    std::optional<ledger::Tail>
        tail_;  // base plus the leaves of log_tail_, plus leaves admitted but not yet appended
    std::deque<consensus::EntryPtr> log_tail_;  // appended, not applied: consecutive from applied_ + 1
    std::size_t log_tail_bytes_ = 0;            // of payload
    // Of the log. Beyond log_tail_ only when that is full: after a start that knew little of what is committed.
    consensus::Index log_last_;
    // Of log_tail_, those that stand there by id alone: their content is lost on disk.
    std::map<consensus::Index, consensus::DamagedEntry> missing_;
    std::size_t held_ = 0;         // leading entries of log_tail_ whose leaves the overlay holds
    std::uint64_t held_size_ = 0;  // leaves up to and including those
    consensus::Index applied_;
    consensus::Digest applied_hash_{};  // chain hash of that entry
    consensus::Index committed_;
    std::optional<consensus::Term> elected_;  // leading this term
    std::optional<consensus::Term> leads_;    // and admitting under it
    std::uint64_t batch_ = 1;                 // tags proposals; rises when one was refused
    std::size_t uncommitted_bytes_ = 0;       // admitted as leader, not applied
    const std::size_t max_uncommitted_bytes_;
    std::map<std::uint64_t, std::vector<Waiter>> waiting_;  // by the size that must be applied
    std::size_t waiting_count_ = 0;
    consensus::Term wrong_term_;             // of the last append found wrong: one line in the log a term
    bool broken_ = false;                    // fatal was told; nothing more is done
    std::optional<storage::Error> stopped_;  // what was told
    std::optional<storage::Error> load_fault_;

    Metrics metrics_;

    mutable std::mutex mutex_;  // guards published_
    Metrics published_;
    std::thread thread_;
};

}  // namespace socai::node
