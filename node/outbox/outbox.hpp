// The outbox: takes statements on this node's own word when a submitter asks for no more (`wait: "accepted"`), whether or
// not a leader can be reached (Decree 85/2019 Art 17: a declarant is not to suffer from an outage), and keeps that word:
// brings them into the ledger in the order in which it took them, or says, signed, why not.
//
//   accept ─▶ Verifier ─▶ [outbox thread: judge, promise, group commit] ─▶ answer
//                                      │ batch, oldest first
//                                      ▼
//                         Submissions (finds the leader, retries) ─▶ [outbox thread: settle]
//
// A statement is settled when this node has applied a leaf that holds it, or when this node's own ledger shows that it is
// inadmissible: what a leader says of it moves nothing by itself. Until then it is submitted again and again, which is
// harmless: the ledger answers a known record with its first place, so everything enters once.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

#include "api/backend.hpp"
#include "ledger/admission.hpp"
#include "node/event_queue.hpp"
#include "node/outbox/options.hpp"
#include "node/outbox/promise_maker.hpp"
#include "node/outbox/queue.hpp"
#include "node/verifier.hpp"
#include "storage/outbox_store.hpp"

namespace socai::node {

class Outbox {
  public:
    // What this node's own ledger says of a statement now.
    struct Admissible {};
    struct Stands {
        ledger::Address address;
        std::int64_t time_ms = 0;
    };
    struct Inadmissible {
        ledger::Error error;
        std::uint64_t size = 0;  // the ledger of which that is true
    };
    using Judgement = std::variant<Admissible, Stands, Inadmissible>;

    struct Hooks {
        // Submissions::submit; `done` once, any thread.
        std::function<void(api::SubmitRequest, std::function<void(api::SubmitResults)> done)> submit;
        std::function<Judgement(const StatementPtr&, bool signature_checked)> judge;
        // Of what this node has applied: its size, and where a record stands.
        std::function<std::uint64_t()> size;
        std::function<std::optional<ledger::KnownRecord>(std::string_view source, std::string_view id)> find;
        std::function<bool()> has_space;
        std::function<std::int64_t()> wall_clock_ms;
        std::function<void(std::string reason, std::string detail)> fatal;  // the node must stop
        // Why a statement may not be taken without its disclosures; nothing where it may.
        std::function<std::optional<api::Error>(const ledger::Statement&)> lacking;
        // May no node promise it, however well made it is? None: all may be.
        std::function<bool(const ledger::Statement&)> never_promised{};
    };
    struct Figures {
        std::size_t waiting = 0, bytes = 0, overdue = 0;
        std::optional<std::int64_t> oldest_ms;      // when it was received
        std::optional<std::int64_t> include_by_ms;  // the earliest
        // Since start.
        std::uint64_t promised = 0, included = 0, refused = 0, calls = 0;
    };

    // Begins with what the store holds. `verifier` outlives it.
    Outbox(std::unique_ptr<storage::OutboxStore> store, Verifier& verifier, PromiseMaker maker,
           OutboxOptions options, Hooks hooks);
    ~Outbox();
    void start();
    // Takes nothing more and forwards nothing more; what was promised waits on the disk.
    void stop();

    // Any thread. `done` once, any thread: status "accepted" with a promise; "committed" for what stands already; or an
    // error: of form, key and size, what the ledger can never take (other bytes under a known id), overloaded.
    void accept(api::SubmitRequest request, std::function<void(api::SubmitResults)> done);
    // This node has applied `size` leaves. Any thread; cheap when nobody waits for them.
    void applied(std::uint64_t size);

    // What became of a promise. Any thread. Errors: not_found (no_such_promise), internal_error.
    api::Result<api::PromiseFate> fate(const ledger::Hash& statement) const;
    api::Result<api::PromiseFate> fate(std::string_view source, std::string_view id) const;
    // Takes statements that are decided out of the files too: the members withdrew one. Blocks for the disk; any thread.
    void rewrite_settled() const;
    Figures figures() const;
    // For the scrub, any thread.
    const storage::OutboxStore& store() const { return *store_; }
    // May this node co-sign a head of `size` leaves at `time_ms` without breaking its word? No while something that had
    // to stand by then is not among those leaves and was not refused (ledger/evidence.hpp, broken_promise). Any thread.
    bool may_cosign(std::uint64_t size, std::int64_t time_ms) const;

  private:
    using Clock = std::chrono::steady_clock;
    // A submission whose statements passed the verifier.
    struct Take {
        std::vector<StatementPtr> statements;
        std::vector<std::size_t> positions;  // of each in `results`
        std::vector<std::optional<api::Result<api::Submitted>>> results;
        std::function<void(api::SubmitResults)> done;
        std::size_t bytes = 0;
    };
    struct Ended {
        std::vector<std::uint64_t> numbers;
        api::SubmitResults results;
    };
    struct Applied {};
    using Event = std::variant<Take, Ended, Applied>;

    void run();
    void take(std::vector<Take>& takes);
    api::Result<api::Submitted> take_one(const StatementPtr& statement,
                                         std::vector<storage::OutboxItem>& items);
    std::optional<api::Error> closed(std::size_t bytes, std::int64_t now_ms) const;
    static void answer(Take& take);
    void ended(Ended& ended);
    bool refuse(std::uint64_t number, std::vector<storage::OutboxFate>& fates);
    void settle_applied();
    void settle(const std::vector<storage::OutboxFate>& fates);
    void forward();
    void try_later();
    void publish();
    void fail(const storage::Error& error);
    api::Result<api::PromiseFate> fate_of(
        const storage::Result<std::optional<storage::OutboxFound>>& found) const;

    const std::unique_ptr<storage::OutboxStore> store_;
    Verifier& verifier_;
    const PromiseMaker maker_;
    const OutboxOptions options_;
    const Hooks hooks_;
    EventQueue<Event> events_;

    // Owned by the outbox thread (the constructor aside).
    OutboxQueue queue_;
    std::uint64_t next_number_ = 1;
    std::map<ledger::Hash, std::string> fresh_;  // of the group being taken: statement → promise
    std::size_t fresh_bytes_ = 0;
    Clock::time_point forward_at_{};  // not before
    std::chrono::milliseconds pause_;
    std::uint64_t late_size_;  // leaves that hold everything that was settled late, in earlier runs too
    bool broken_ = false;      // fatal was told; nothing more is written
    Figures counts_;

    std::atomic<std::uint64_t> awaited_;           // the smallest leaf that a settlement waits for
    std::atomic<std::size_t> verifying_bytes_{0};  // taken by accept(), not yet decided

    mutable std::mutex mutex_;  // guards all below
    Figures published_;
    std::uint64_t published_late_size_ = 0;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace socai::node
