// Finality: heads that the policy's quorum has cosigned (design/formats.md, "Tree, checkpoint, co-signature, proof,
// policy"; docs/decisions/0016). One thread of its own, which alone signs, checks and writes; nothing of it holds up
// consensus or the ledger.
//
//   the leader         announces a size ─▶ collects signatures ─▶ the policy's quorum ─▶ sends the final head to all
//                      where the policy names witnesses from outside, those come last: shown by outside_witnesses.hpp
//   every node         applies so many leaves ─▶ cosigns exactly the announced size ─▶ answers
//                      checks the final head against its own tree and its own policies ─▶ keeps it ─▶ wakes who waits
//
// Thread-safe. Hooks are called on finality's thread, and must not block.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "consensus/types.hpp"
#include "ledger/jwk.hpp"
#include "network/frame.hpp"
#include "node/cosigner.hpp"
#include "node/event_queue.hpp"
#include "node/final_heads.hpp"
#include "node/head_collection.hpp"
#include "node/head_parcels.hpp"
#include "node/member.hpp"
#include "node/policy_book.hpp"

namespace socai::node {

class Finality {
  public:
    struct Hooks {
        std::function<bool(consensus::NodeId to, network::Parcel)> send;
        std::function<std::vector<consensus::NodeId>()> others;  // the members but this node
        std::function<std::optional<Member>(consensus::NodeId)> member;
        std::function<std::uint64_t()> applied;  // leaves
        // The policy leaves among [from, to), ascending; nothing when they cannot be told just now.
        std::function<std::optional<std::vector<std::uint64_t>>(std::uint64_t from, std::uint64_t to)>
            policy_leaves;
        std::function<std::optional<std::string>(std::uint64_t leaf)> entry;
        std::function<void(std::uint64_t size)> final;  // a larger size is final now
        // Proof that the ledger was forked: a final head, or a co-signature, of another tree. The head as it came.
        std::function<void(const ledger::Head& head, const std::string& what)> evidence;
        std::function<void(std::string reason, std::string detail)> fatal;  // the node must stop
        // May this node put its name to `size` leaves now? Not while they lack what it promised would be there. None: yes.
        std::function<bool(std::uint64_t size)> may_sign{};
        // for_outside() has something new. None: nobody to tell.
        std::function<void()> for_outside{};
    };
    struct Options {
        // Between announcements while there is news; where a round takes long, twice that, up to most_pace: signing
        // must leave the disks and processors to the ledger.
        std::chrono::milliseconds pace{20};
        std::chrono::milliseconds most_pace{60};
        std::chrono::milliseconds first_wait{
            200};  // for a quorum, before a size is announced again; doubles …
        std::chrono::milliseconds most_wait{1'000};  // … to this. Also between words of an idle leader
        // A node's latest signatures, to all others: so that each knows what it has signed, whoever led.
        std::chrono::milliseconds share_interval{1'000};
        std::chrono::milliseconds write_interval{1'000};  // the kept head; policies' first heads at once
    };
    struct Metrics {
        std::uint64_t announced = 0;  // sizes, by this node as leader
        std::uint64_t completed = 0;  // heads that reached their quorum here
        std::uint64_t cosigned = 0;   // by this node
        std::uint64_t bad_lines = 0;  // signatures of others that did not verify
        std::uint64_t refused = 0;    // offered heads that were not final
        std::uint64_t queue_depth = 0;
        double seconds_sum = 0;              // from announcement to quorum
        std::vector<std::uint64_t> buckets;  // cumulative counts for bounds()
    };
    static const std::vector<double>& bounds();  // seconds

    // `cosigner` null: this node must not sign, for the reason `why_silent`. `policies`, `heads` and `tree` outlive
    // this object; the book holds the genesis' policy.
    Finality(std::string origin, Member self, ledger::KeyPair log_key, Cosigner* cosigner,
             PolicyBook& policies, FinalHeads& heads, const ledger::NodeReader& tree, Options options,
             Hooks hooks);
    ~Finality();

    void start();
    // Ends the thread; what is kept is written.
    void stop();

    void applied() { queue_.push(Applied{}); }
    // The term that this node leads and admits under, or nothing.
    void leads(std::optional<consensus::Term> term) { queue_.push(Leadership{term}); }
    // False when it is another's parcel.
    bool on_parcel(consensus::NodeId from, const network::Parcel& parcel);

    // As leader: the head that waits for the line of this witness from outside, whom the policy in force names; all other
    // lines that it needs are there, so that a witness that asks for the quorum first finds it. Nothing: none waits.
    std::optional<ledger::Head> for_outside(const ledger::VerifierKey& witness) const;
    // A witness from outside signed this checkpoint; its lines. Counted towards the quorum of a head that waits, or kept with
    // the latest, here and at the others; ignored when the policy does not name it, or the checkpoint is an older one.
    void cosigned_outside(ledger::Head head);

    // Leaves that are final and applied here.
    std::uint64_t final_size() const;
    Metrics metrics() const;

  private:
    using Clock = std::chrono::steady_clock;
    struct Applied {};
    struct Leadership {
        std::optional<consensus::Term> term;
    };
    struct Arrived {
        consensus::NodeId from;
        network::Parcel parcel;
    };
    struct Outside {
        ledger::Head head;
    };
    using Event = std::variant<Applied, Leadership, Arrived, Outside>;

    void run();
    void handle(Event& event);
    void handle_parcel(consensus::NodeId from, const network::Parcel& parcel);
    void learn_policies();
    void check_kept();
    void stop_node(std::string reason, std::string detail);
    void lead(std::optional<consensus::Term> term);
    void announce();
    void announce_size(std::uint64_t size);
    std::uint64_t next_size() const;
    void sign_due();
    std::optional<std::string> sign(std::uint64_t size);
    void share();
    void collect(consensus::NodeId from, const std::string& note);
    void take_note(const Member& member, const std::string& note);
    void take_outside(const ledger::Head& head);
    void show_outside();
    void complete();
    void offer(consensus::NodeId from, const ledger::Head& head);
    void offer_waiting();
    void send_heads(consensus::NodeId to, std::uint64_t have);
    void ask(consensus::NodeId of);
    void ask_around();
    void tell_final();
    void write();
    void publish();
    Clock::time_point next_deadline() const;

    const std::string origin_;
    const Member self_;
    const ledger::KeyPair log_key_;
    Cosigner* const cosigner_;
    PolicyBook& policies_;
    FinalHeads& heads_;
    const ledger::NodeReader& tree_;
    const Options options_;
    const Hooks hooks_;
    EventQueue<Event> queue_;

    // Of the thread.
    std::uint64_t known_ = 0;  // leaves that are applied and whose policies are known
    bool kept_checked_ = false;
    bool halted_ = false;
    bool complained_ = false;  // of signing that failed: once, until it works again
    std::map<std::uint64_t, consensus::NodeId> to_sign_;  // announced, not signed: by whom
    std::map<std::uint64_t, std::pair<consensus::NodeId, ledger::Head>>
        waiting_;  // final heads beyond known_
    Clock::time_point asked_at_{};
    bool told_ = false;  // since start, how far finality has come
    Clock::time_point written_at_{};
    std::optional<std::string> unshared_;  // the latest signatures of this node
    Clock::time_point shared_at_{};
    // As leader.
    std::optional<consensus::Term> term_;
    HeadCollection collection_;
    std::uint64_t shown_version_ =
        0;  // of the collection, when it was last looked through for those from outside
    std::uint64_t announced_ = 0;  // the size announced last
    Clock::time_point announced_at_{}, first_announced_at_{};
    std::chrono::milliseconds wait_;
    std::chrono::milliseconds pace_;
    Metrics metrics_;

    mutable std::mutex mutex_;  // guards the three below
    Metrics published_;
    std::uint64_t final_size_ = 0;
    std::optional<HeadCollection::ForOutside> for_outside_;
    std::thread thread_;
};

}  // namespace socai::node
