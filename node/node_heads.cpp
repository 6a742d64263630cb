// What a node does with heads: wires finality to the stores, serves the latest final head and receipts, and cosigns for
// whoever asks (C2SP tlog-witness).
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cassert>
#include <filesystem>

#include "consensus/quorum.hpp"
#include "ledger/add_checkpoint.hpp"
#include "ledger/note.hpp"
#include "ledger/receipt.hpp"
#include "node/key_file.hpp"
#include "node/node.hpp"

namespace socai::node {
namespace {

constexpr std::size_t policies_a_page = 100;
constexpr std::int64_t witness_patience_ms = 2'000;

api::WitnessAnswer refused(unsigned status, std::string_view reason, std::string detail) {
    return {status, std::string(reason), std::move(detail), {}};
}

// The line alone, as it stands in a note.
std::string signature_line(const ledger::NoteSignature& line) {
    return ledger::Note{"", {line}}.to_string().substr(1);
}

}  // namespace

// A key is new with its folder: whoever has ever acknowledged anything has also said what it signed.
Result<void> Node::open_cosigner(bool is_new) {
    auto key = read_key_file(config_.cosigner_key);
    if (!key) return key.error();
    if (key->key.public_key() != self_.cosigner_key) {
        return Error{Exit::usage, "key_mismatch",
                     "The key " + config_.cosigner_key + " is not the cosigner key that is registered for " +
                         config_.node + "."};
    }
    auto cosigner = Cosigner::open(config_.data + "/cosigned", self_.agency + "." + origin_, key->key, is_new,
                                   [this] { return wall_.now_ms(); });
    if (cosigner) {
        cosigner_ = std::move(*cosigner);
        return {};
    }
    const Error& why = cosigner.error();
    if (why.reason != "cosigner_state_lost" && why.reason != "cosigner_state_damaged") return why;
    silent_because_ = why.detail;
    spdlog::error("this node cosigns nothing: {} [{}]", why.detail, why.reason);
    return {};
}

void Node::wire_finality() {
    policies_ = std::make_unique<PolicyBook>(first_policy());
    heads_ = std::make_unique<FinalHeads>(config_.data + "/final", origin_, *policies_, *state_);
    if (!heads_->load()) spdlog::warn("the file of final heads was damaged; the other nodes tell anew");
    Finality::Hooks hooks;
    hooks.send = [this](consensus::NodeId to, network::Parcel parcel) {
        return transport_->send_parcel(to, std::move(parcel));
    };
    hooks.others = [this] {
        auto others = consensus::members(members_->current().configuration);
        std::erase(others, self_.id);
        return others;
    };
    hooks.member = [this](consensus::NodeId id) { return members_->find(id); };
    hooks.applied = [this] { return state_->size(); };
    hooks.policy_leaves = [this](std::uint64_t from, std::uint64_t to) { return policy_leaves(from, to); };
    hooks.entry = [this](std::uint64_t leaf) -> std::optional<std::string> {
        auto entry = entry_text(leaf);
        if (!entry) return std::nullopt;
        return std::move(*entry);
    };
    hooks.final = [this](std::uint64_t size) { submissions_->final_reached(size); };
    hooks.evidence = [this](const ledger::Head& head, const std::string& what) { keep_evidence(head, what); };
    hooks.may_sign = [this](std::uint64_t size) { return may_sign(size); };
    hooks.for_outside = [this] { witnesses_->hurry(); };
    hooks.fatal = [this](std::string reason, std::string detail) {
        fail(std::move(reason), std::move(detail));
    };
    finality_ = std::make_unique<Finality>(origin_, self_, log_key_.key, cosigner_.get(), *policies_, *heads_,
                                           *state_, Finality::Options{}, std::move(hooks));
}

std::optional<std::vector<std::uint64_t>> Node::policy_leaves(std::uint64_t from, std::uint64_t to) const {
    inspection::Filter filter;
    filter.type = std::string(ledger::policy_type);
    const auto no_fields = [](const ledger::Address&) { return std::optional<inspection::Fields>(); };
    std::vector<std::uint64_t> leaves;
    std::optional<std::string> cursor;
    do {
        const auto page = state_->query(filter, from, false, policies_a_page, cursor, no_fields);
        if (!page) return std::nullopt;
        for (const ledger::Address& address : page->addresses) {
            if (address.index >= to) return leaves;
            leaves.push_back(address.index);
        }
        cursor = page->next_cursor;
    } while (cursor);
    return leaves;
}

// This node's word on the tree of `size` leaves, which it has applied.
ledger::Head Node::own_head(std::uint64_t size) const {
    ledger::Head head{{origin_, size, ledger::read_root(size, *state_).value()}, {}};
    head.note.text = head.checkpoint.to_string();
    ledger::sign_note(head.note, origin_, log_key_.key);
    return head;
}

void Node::keep_evidence(const ledger::Head& theirs, const std::string& what) const {
    // At once with this node's own word on the same size, for it may have to stop; and, where its newest head is as large,
    // with that one, which bears the others' co-signatures and so may accuse who signed both.
    evidence_->keep("two heads of one size",
                    {ledger::Fork{theirs, own_head(theirs.checkpoint.size), {}}, std::nullopt, {}}, what);
    head_watch_->seen("finality", theirs);
    head_watch_->compare();
}

// The latest final head with this node's own log line in front; before the first, the bare head of what is applied.
ledger::Head Node::head_to_serve(std::uint64_t size, bool is_final) const {
    ledger::Head head = own_head(size);
    const auto latest = is_final ? heads_->latest() : std::nullopt;
    if (!latest || latest->checkpoint.size != size) return head;
    const GoverningPolicyPtr policy = policies_->at(size);
    const ledger::Head needed = ledger::trimmed_head(policy->value.policy, *latest);
    const bool believed = std::ranges::any_of(policy->value.policy.logs, [&](const ledger::PolicyLog& log) {
        return log.key.key == self_.log_key;
    });
    for (const ledger::NoteSignature& line : needed.note.signatures) {
        const bool is_log_line = line.name == origin_;
        if (!is_log_line || !believed) head.note.signatures.push_back(line);
    }
    // What witnesses from outside signed, needed or not.
    for (const ledger::VerifierKey& key : outside_keys(*policy)) {
        for (const ledger::NoteSignature& line : latest->note.signatures) {
            if (line.name != key.name || line.id != key.id()) continue;
            const bool is_new = std::ranges::find(head.note.signatures, line) == head.note.signatures.end();
            if (is_new && head.note.signatures.size() < max_head_lines) head.note.signatures.push_back(line);
        }
    }
    return head;
}

// Made once for each size and its lines: a head has several signatures, and many receipts.
std::shared_ptr<const Node::ServedHead> Node::served_head() const {
    const std::lock_guard lock(served_mutex_);
    const bool is_final = finality_->final_size() > 0;
    // Finality runs ahead of its own word to others by a moment: the size is the head's.
    const auto latest = is_final ? heads_->latest() : std::nullopt;
    const bool usable = latest && latest->checkpoint.size <= state_->size();
    if (is_final && !usable && served_) return served_;
    const std::uint64_t size = usable ? latest->checkpoint.size : state_->size();
    const std::size_t lines = usable ? latest->note.signatures.size() : 0;
    if (served_ && served_->head.checkpoint.size == size && served_->is_final == usable &&
        served_->kept_lines == lines)
        return served_;
    auto served = std::make_shared<ServedHead>();
    served->is_final = usable;
    served->kept_lines = lines;
    served->head = head_to_serve(size, usable);
    served->text = served->head.note.to_string();
    if (auto genesis = proven(0, genesis_entry_, served->head)) served->genesis = std::move(*genesis);
    if (usable) {
        // What opened the epoch, so that whoever pins a policy of an earlier one is told that it ended.
        if (epoch_)
            if (auto opening = proven(epoch_->leaf.plan.size, epoch_->entry, served->head))
                served->policies.push_back(std::move(*opening));
        for (const Transition& transition : heads_->transitions()) {
            if (transition.leaf >= size) continue;
            auto link = proven(transition.leaf, policies_->at(transition.leaf + 1)->entry, transition.head);
            if (link) served->policies.push_back(std::move(*link));
        }
    }
    served_ = served;
    return served;
}

// Before its first leaf stands an epoch has no head: nobody is to be told of a tree under a name that no leaf of it bears out.
api::Result<std::string> Node::checkpoint() const {
    const auto served = served_head();
    if (epoch_ && served->head.checkpoint.size <= epoch_->leaf.plan.size)
        return api::Error{api::Code::unavailable, "epoch_not_begun",
                          "The leaf that opens the epoch " + origin_ +
                              " is not committed yet: that takes more than half of the nodes that go on.",
                          true};
    return served->text;
}

// --- receipts
// -----------------------------------------------------------------------------------------------------

std::optional<ledger::ProvenEntry> Node::proven(std::uint64_t index, std::string entry,
                                                const ledger::Head& head) const {
    auto hashes = ledger::inclusion_proof(index, head.checkpoint.size, *state_);
    if (!hashes) return std::nullopt;
    return ledger::ProvenEntry{std::move(entry), {index, std::move(*hashes), head}};
}

std::optional<boost::json::object> Node::receipt(std::uint64_t index) const {
    return receipt_under(*served_head(), index);
}

std::optional<boost::json::object> Node::receipt_under(const ServedHead& served, std::uint64_t index) const {
    if (!served.is_final || index >= served.head.checkpoint.size) return std::nullopt;
    auto entry = entry_text(index);
    if (!entry) return std::nullopt;
    const auto parts = ledger::split_entry(*entry);
    const auto statement =
        parts ? ledger::parse_statement(parts->statement) : ledger::Result<ledger::Statement>(parts.error());
    if (!statement) return std::nullopt;
    const auto registered = registry();
    const ledger::RegisteredKey* key = registered->key(statement->kid);
    if (key == nullptr) return std::nullopt;
    auto leaf = proven(index, std::move(*entry), served.head);
    if (!leaf) return std::nullopt;
    ledger::ProvenEntry key_leaf = served.genesis;
    if (key->registered_at != 0) {
        auto act = entry_text(key->registered_at);
        auto shown = act ? proven(key->registered_at, *std::move(act), served.head) : std::nullopt;
        if (!shown) return std::nullopt;
        key_leaf = *std::move(shown);
    }
    const ledger::Receipt receipt{std::move(*leaf), key->kid, key->key, std::move(key_leaf), served.policies};
    return boost::json::parse(receipt.to_json()).as_object();
}

// --- a witness of its own ledger
// ----------------------------------------------------------------------------------

void Node::add_checkpoint(std::string body, std::function<void(api::WitnessAnswer)> done) {
    verifier_->run([this, body = std::move(body), done = std::move(done)]() mutable {
        auto request = ledger::parse_add_checkpoint(body);
        if (!request) return done(refused(400, request.error().reason, request.error().detail));
        const ledger::Checkpoint& checkpoint = request->head.checkpoint;
        if (checkpoint.origin != origin_)
            return done(refused(404, "unknown_origin",
                                "this node cosigns heads of " + origin_ + " and of no other log"));
        if (epoch_ && checkpoint.size <= epoch_->leaf.plan.size)
            return done(refused(422, "wrong_proof", "the checkpoint holds no leaf of this epoch"));
        const auto signers = ledger::head_signers(policies_->latest()->value.policy, request->head);
        if (!signers) return done(refused(403, signers.error().reason, signers.error().detail));
        if (signers->logs.empty())
            return done(refused(403, "no_known_signature",
                                "no node of this ledger has signed the checkpoint with its log key"));
        if (request->old_size > checkpoint.size)
            return done(
                refused(400, "malformed_add_checkpoint", "the old size is larger than the checkpoint's"));
        const api::ReadBarrier barrier{false, checkpoint.size, witness_patience_ms};
        barriers_->await(
            barrier, [this, request = std::move(*request), done = std::move(done)](bool reached) mutable {
                if (!reached)
                    return done(
                        refused(503, "not_caught_up",
                                "this node does not hold so many leaves yet; ask again, or another node"));
                verifier_->run([this, request = std::move(request), done = std::move(done)] {
                    done(cosign_for(request));
                });
            });
    });
}

// Precondition: one of the policy's logs signed the head, and the tree here holds as many leaves.
api::WitnessAnswer Node::cosign_for(const ledger::AddCheckpoint& request) {
    const ledger::Checkpoint& checkpoint = request.head.checkpoint;
    if (cosigner_ == nullptr) return refused(503, "cosigner_state_lost", silent_because_);
    if (!may_sign(checkpoint.size))
        return refused(
            503, "promise_overdue",
            "this node has promised records that had to stand in the ledger by now and are not in this tree; "
            "it cosigns again as soon as they are");
    // Whatever the answer is: a member's key under the root of another tree is evidence against that key.
    const std::optional<ledger::Hash> own = ledger::read_root(checkpoint.size, *state_);
    if (!own) {
        return refused(
            503, "not_caught_up",
            "this node cannot read its own tree of that size just now; ask again, or another node");
    }
    const bool contradicts = *own != checkpoint.root;
    if (contradicts) {
        keep_evidence(request.head, "a head of " + std::to_string(checkpoint.size) +
                                        " leaves bears a member's log signature and another root than that "
                                        "of this node's own tree");
    }
    std::optional<ledger::WitnessVerdict> verdict;
    const Error unproven{Exit::no, "wrong_proof", {}};  // what it was, `verdict` says
    std::uint64_t last_size = 0;
    const auto line = cosigner_->cosign(checkpoint, [&](const ledger::WitnessedTree& last) -> Result<void> {
        last_size = last.size;
        verdict = ledger::judge(request, last);
        if (*verdict == ledger::WitnessVerdict::cosign && contradicts)
            verdict = ledger::WitnessVerdict::unprovable;
        if (*verdict != ledger::WitnessVerdict::cosign) return unproven;
        return {};
    });
    if (line) return {200, {}, {}, signature_line(*line)};
    switch (verdict.value_or(ledger::WitnessVerdict::cosign)) {
        case ledger::WitnessVerdict::conflict:
            return {409, {}, {}, std::to_string(last_size) + "\n"};
        case ledger::WitnessVerdict::bad_request:
            return refused(400, "malformed_add_checkpoint", "the old size is larger than the checkpoint's");
        case ledger::WitnessVerdict::unprovable:
            return refused(422, "wrong_proof",
                           "the proof does not lead from what was cosigned last to this checkpoint, or the "
                           "checkpoint is not of this ledger's tree");
        case ledger::WitnessVerdict::cosign:
            break;
    }
    return refused(503, line.error().reason, line.error().detail);
}

std::optional<std::string> Node::cosigned_checkpoint(std::string_view origin_hash) const {
    if (cosigner_ == nullptr || origin_hash != ledger::to_hex(ledger::sha256(origin_))) return std::nullopt;
    const ledger::WitnessedTree last = cosigner_->last(origin_);
    if (last.size == 0 || last.size > state_->size() || !may_sign(last.size)) return std::nullopt;
    ledger::Head head = own_head(last.size);
    // It may have signed more by now: then that one is asked for the next time.
    const auto line =
        cosigner_->cosign(head.checkpoint, [](const ledger::WitnessedTree&) -> Result<void> { return {}; });
    if (!line) return std::nullopt;
    head.note.signatures.push_back(*line);
    return head.note.to_string();
}

}  // namespace socai::node
