// What the API asks of the node. `api` declares it; `node` implements it. Every callback is called exactly
// once, on any thread; the API hops back to its own. No call blocks beyond point reads of RocksDB.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/error.hpp"
#include "inspection/confidential/commitments.hpp"
#include "inspection/fields.hpp"
#include "inspection/method/rule_book.hpp"
#include "inspection/viewer.hpp"
#include "ledger/entry.hpp"
#include "ledger/facts.hpp"
#include "ledger/genesis.hpp"
#include "ledger/governance/proposals.hpp"
#include "ledger/hash.hpp"
#include "ledger/record.hpp"
#include "ledger/registry.hpp"
#include "ledger/statement.hpp"
#include "ledger/tiles.hpp"

namespace socai::api {

enum class Wait { accepted, committed, final };

struct SubmitRequest {
    std::vector<std::string> statements;
    Wait wait = Wait::committed;
    std::int64_t timeout_ms = 10'000;
    // Of the statements' commitments, in any order (ledger/disclosure.hpp).
    std::vector<std::string> disclosures{};
    // The node's own mark: what the statements commit to is durable where it has to be.
    bool disclosures_held = false;
};
struct Submitted {
    ledger::Address address{};  // of the first record; not when only accepted
    std::int64_t time_ms = 0;   // accepted time; not when only accepted
    std::string status{};  // "accepted", "committed", or "final" where that was waited for and came in time
    bool duplicate = false;
    bool late = false;
    std::optional<boost::json::object> receipt{};  // of what is final (ledger/receipt.hpp)
    std::string promise{};  // accepted: the node's signed note (ledger/node_statement.hpp)
};
using SubmitResults = std::vector<Result<Submitted>>;  // in the order given

// What became of a promise.
struct PromiseFate {
    std::string status;                      // "accepted": it waits; "committed"; "refused"
    ledger::Hash statement{};                // SHA-256 of the statement that was promised
    std::string promise;                     // the note
    std::optional<ledger::Address> address;  // committed: of the first record
    std::int64_t time_ms = 0;                // committed: accepted time
    std::string refusal;                     // refused: the signed note, and a sentence for a person
    std::string detail;
};

struct ReadBarrier {
    bool linearizable = false;
    std::uint64_t min_size = 0;
    std::int64_t timeout_ms = 10'000;
};
// How fresh a read is; part of every answer.
struct AsOf {
    std::uint64_t size = 0;    // leaves applied
    std::int64_t time_ms = 0;  // accepted time of the last of them
    std::int64_t leader_contact_ms =
        -1;  // since the last word of a leader; 0 on a leader with its quorum; -1: never
    std::uint64_t final_size = 0;  // of those leaves, how many are final
};

// Of a leaf whose bytes the members withdrew (ledger/remains.hpp): by which vote, and on what ground.
struct Withdrawal {
    std::vector<std::string> legal_basis;
    std::optional<ledger::Address> at;  // nothing: this node has not seen the vote yet
};
using WithdrawalPtr = std::shared_ptr<const Withdrawal>;

struct LeafView {
    std::uint64_t index = 0;
    std::int64_t time_ms = 0;
    std::string statement;  // exact bytes; empty: withdrawn
    std::vector<std::shared_ptr<const ledger::Record>> records;  // one, or a bundle's
    std::string status = "committed";
    WithdrawalPtr withdrawal{};  // null: the leaf is whole. Else of the records stays what remains.hpp says
};

struct QueryRequest {
    inspection::Filter filter;
    std::uint64_t from_index = 0;
    bool descending = false;
    std::size_t limit = 100;
    std::optional<std::string> cursor;
};
struct RecordView {
    ledger::Address address;
    std::int64_t time_ms = 0;  // accepted
    std::shared_ptr<const ledger::Record> record;
    std::string status = "committed";
    WithdrawalPtr withdrawal{};  // as LeafView
};
struct QueryResult {
    std::vector<RecordView> items;
    std::optional<std::string> next_cursor{};
    std::size_t looked_at = 0;  // what the search cost, in records
};

// The confidential members of a record, as far as this node holds them.
struct ConfidentialView {
    RecordView record;
    struct Member {
        ledger::Hash commitment{};
        std::optional<std::string> disclosure;  // its text
    };
    std::vector<Member> members;  // in the record's order
    std::optional<inspection::Erasure> erasure;
};

struct InclusionProof {
    std::uint64_t index = 0, size = 0;
    ledger::Hash leaf{};
    std::vector<ledger::Hash> hashes;
    ledger::Hash root{};
    std::optional<boost::json::object> receipt;  // when `size` is that of the latest final head
};
// What a witness answers to add-checkpoint (C2SP tlog-witness).
struct WitnessAnswer {
    unsigned status = 200;  // 200, 400, 403, 404, 409, 422, 503
    std::string reason;     // of an error but 409: the word of docs/errors.md …
    std::string detail;     // … and the sentence
    std::string body;       // 200: the signature lines; 409: "<size>\n"
};
struct ConsistencyProof {
    std::uint64_t from = 0, to = 0;
    std::vector<ledger::Hash> hashes;
};

struct Health {
    bool healthy = true;  // the process works; /healthz
    bool ready = false;   // knows a leader, caught up; /readyz
    std::string why;      // when not
};

// A change of the membership, of a cluster on one machine (node.change_members). Repeating one is harmless.
struct MembershipRequest {
    enum class What { add, promote, demote, remove };
    What what = What::add;
    std::string node;  // its name
    // add: who it is and where it listens; it joins as a learner.
    std::string agency;
    std::string host;
    std::uint16_t port = 0;
    ledger::PublicKey log_key{};
    ledger::PublicKey cosigner_key{};
    ledger::PublicKey node_key{};
    ledger::PublicKey tls_key{};
    std::int64_t timeout_ms = 10'000;
};
struct MembershipChanged {
    std::uint64_t raft_id = 0;    // of the node; 0: it was no member, and is none
    std::uint64_t log_index = 0;  // of the configuration in force
    bool changed = false;         // false: it stood so already
};
struct TransferRequest {
    std::string to;  // empty: the voter that is furthest
    std::int64_t timeout_ms = 10'000;
};
struct Transferred {
    std::string to;
};

// What the records say together, as it stands at one applied position, whatever is applied while it is looked at.
struct Derived {
    std::shared_ptr<const ledger::Facts> facts;
    const inspection::RuleBook* rules = nullptr;  // lives as long as the backend
    std::uint64_t size = 0;                       // leaves applied
    std::int64_t time_ms = 0;                     // accepted time of the last of them
};

class Backend {
  public:
    virtual ~Backend() = default;

    virtual void submit(SubmitRequest request, std::function<void(SubmitResults)> done) = 0;
    // What became of a promise of this node: by the statement, or the newest with this record. Errors: not_found
    // (no_such_promise), internal_error.
    virtual Result<PromiseFate> promise(const ledger::Hash& statement) const = 0;
    virtual Result<PromiseFate> promise(std::string_view source, std::string_view id) const = 0;
    // Waits until a read that starts when it was called may be answered from local state.
    virtual void await(ReadBarrier barrier, std::function<void(Result<AsOf>)> done) = 0;
    virtual AsOf as_of() const = 0;

    virtual Result<LeafView> leaf(std::uint64_t index) const = 0;  // not_found
    virtual Result<ledger::Address> find(std::string_view source,
                                         std::string_view id) const = 0;  // not_found
    virtual Result<ConfidentialView> confidential(std::string_view source,
                                                  std::string_view id) const = 0;  // not_found
    virtual Result<QueryResult> query(const QueryRequest& request) const = 0;
    // The cursor of the request's rest after a record of its answer.
    virtual std::string cursor_past(const QueryRequest& request, const ledger::Address& last) const = 0;
    virtual Result<std::vector<RecordView>> dossier(std::string_view dossier_no) const = 0;  // not_found

    // The leaves [from, from + max) that are applied, fewer at the end; the raw entries (bundles,
    // subscriptions).
    virtual Result<std::vector<std::string>> entries(std::uint64_t from, std::size_t max) const = 0;
    // By which vote the bytes of the leaf, of which only remains are left, were withdrawn. Never null.
    virtual WithdrawalPtr withdrawal_of(std::uint64_t /*index*/) const {
        return std::make_shared<const Withdrawal>();
    }
    virtual std::optional<std::string> tile(const ledger::TileName& name) const = 0;  // hash tiles
    virtual Result<std::string> checkpoint() const = 0;                               // signed note
    virtual Result<InclusionProof> prove_inclusion(std::uint64_t index,
                                                   std::optional<std::uint64_t> size) const = 0;
    virtual Result<ConsistencyProof> prove_consistency(std::uint64_t from,
                                                       std::optional<std::uint64_t> to) const = 0;

    // For the reads of inspection. One thread at a time uses what it gives.
    virtual Derived derived() const = 0;
    // The ledger's first leaf; lives as long as the backend.
    virtual const ledger::Genesis& genesis() const = 0;
    // What happens if the proposal passes as things stand: sentences for people. Errors: why it could not be carried out.
    virtual Result<std::vector<std::string>> consequences(const ledger::Proposal& proposal) const = 0;
    // The node's clock, ms since the Unix epoch: what a read that depends on "now" means by it unless it is told a time.
    virtual std::int64_t now_ms() const = 0;
    // Agencies and keys as they stand now: whose access tokens are taken, and what each account may see. Never null.
    virtual std::shared_ptr<const ledger::Registry> registry() const = 0;
    // What a caller without account may see ([api] anonymous).
    virtual inspection::Viewer anonymous() const = 0;
    // Accepted time of a leaf; nothing when it is not applied, or its entry cannot be read.
    virtual std::optional<std::int64_t> time_of(std::uint64_t index) const = 0;
    // What this node derived from the first `size` leaves, in 8 bytes (storage/state_database.hpp: digest_mark): an audit
    // derives the same and compares. Nothing when it has not applied so many.
    virtual std::optional<std::uint64_t> facts_mark(std::uint64_t size) const = 0;

    // Cosigns the head in `body`, if it extends what was cosigned last.
    virtual void add_checkpoint(std::string body, std::function<void(WitnessAnswer)> done) = 0;
    // What was cosigned last of the origin with this SHA-256 (lower-case hex); nothing when it is none of ours.
    virtual std::optional<std::string> cosigned_checkpoint(std::string_view origin_hash) const = 0;

    virtual boost::json::object status() const = 0;   // node.status
    virtual boost::json::object members() const = 0;  // cluster.members
    virtual Health health() const = 0;
    virtual std::string metrics() const = 0;  // Prometheus text of the node's own metrics

    // Errors: unavailable (not_leader, change_in_progress …), outcome_unknown, invalid_params, not_found, and
    // forbidden where the node's configuration does not allow it.
    virtual void change_members(MembershipRequest request,
                                std::function<void(Result<MembershipChanged>)> done) = 0;
    // For tests and drills: the node's clock from now on is the machine's and this. Error: forbidden, as above.
    virtual Result<void> shift_clock(std::int64_t offset_ms) = 0;
    // Reads everything on the disk again, at once and at this rate (0: as fast as it goes). Gives the number that
    // `scrub.rounds` of the status has come to when it is done. Error: forbidden.
    virtual Result<std::uint64_t> scrub(std::uint64_t bytes_per_second) = 0;
    // Begins a backup into the folder, an absolute path on the node's machine; `backup` of the status says how it
    // goes. Repeating it while it is under way is harmless. Errors: forbidden, invalid_params, unavailable.
    virtual Result<void> backup(std::string folder) = 0;
    virtual void transfer(TransferRequest request, std::function<void(Result<Transferred>)> done) = 0;

    // `listener(size)` is called, on any thread, each time more leaves have been applied. Dropped with the
    // returned token.
    virtual std::shared_ptr<void> on_applied(std::function<void(std::uint64_t size)> listener) = 0;
};

}  // namespace socai::api
