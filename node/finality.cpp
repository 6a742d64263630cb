#include "node/finality.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "ledger/entry.hpp"
#include "ledger/statement.hpp"

namespace socai::node {
namespace {

constexpr std::size_t max_queued_parcels = 4'096;
constexpr std::size_t max_announced = 64;      // sizes that wait to be signed
constexpr std::size_t max_signed_at_once = 8;  // of those that are due: more are passed over
constexpr std::size_t max_waiting_heads = 8;
constexpr auto question_pause = std::chrono::milliseconds(200);
constexpr auto idle_wait = std::chrono::seconds(10);

SignerKeys keys_of(const Member& member, const std::string& origin) {
    return {{origin, ledger::NoteKeyType::ed25519, member.log_key},
            {member.agency + "." + origin, ledger::NoteKeyType::cosignature, member.cosigner_key}};
}

}  // namespace

const std::vector<double>& Finality::bounds() {
    static const std::vector<double> bounds{0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60};
    return bounds;
}

Finality::Finality(std::string origin, Member self, ledger::KeyPair log_key, Cosigner* cosigner,
                   PolicyBook& policies, FinalHeads& heads, const ledger::NodeReader& tree, Options options,
                   Hooks hooks)
    : origin_(std::move(origin)),
      self_(std::move(self)),
      log_key_(std::move(log_key)),
      cosigner_(cosigner),
      policies_(policies),
      heads_(heads),
      tree_(tree),
      options_(options),
      hooks_(std::move(hooks)),
      collection_(origin_),
      wait_(options.first_wait),
      pace_(options.pace) {
    metrics_.buckets.resize(bounds().size());
    published_ = metrics_;
}

Finality::~Finality() {
    stop();
}

void Finality::start() {
    queue_.push(Applied{});
    thread_ = std::thread([this] { run(); });
}

void Finality::stop() {
    queue_.close();
    if (thread_.joinable()) thread_.join();
}

bool Finality::on_parcel(consensus::NodeId from, const network::Parcel& parcel) {
    if (!is_head_parcel(parcel)) return false;
    // A lost one is made good by the next; a peer that floods this node must not fill its memory.
    if (queue_.depth() < max_queued_parcels) queue_.push(Arrived{from, parcel});
    return true;
}

std::uint64_t Finality::final_size() const {
    const std::lock_guard lock(mutex_);
    return final_size_;
}

std::optional<ledger::Head> Finality::for_outside(const ledger::VerifierKey& witness) const {
    const std::lock_guard lock(mutex_);
    if (!for_outside_ || std::ranges::find(for_outside_->lacking, witness) == for_outside_->lacking.end())
        return std::nullopt;
    return for_outside_->head;
}

void Finality::cosigned_outside(ledger::Head head) {
    if (queue_.depth() < max_queued_parcels) queue_.push(Outside{std::move(head)});
}

Finality::Metrics Finality::metrics() const {
    const std::lock_guard lock(mutex_);
    Metrics metrics = published_;
    metrics.queue_depth = queue_.depth();
    return metrics;
}

void Finality::run() {
    std::vector<Event> events;
    while (queue_.wait_until(events, next_deadline())) {
        learn_policies();
        for (Event& event : events)
            if (!halted_) handle(event);
        if (halted_) continue;
        check_kept();
        offer_waiting();
        announce();
        ask_around();
        sign_due();
        show_outside();
        share();
        tell_final();
        write();
        publish();
    }
    if (const auto written = heads_.write(); !written) spdlog::error("{}", written.error().detail);
}

Finality::Clock::time_point Finality::next_deadline() const {
    const auto now = Clock::now();
    auto deadline = now + idle_wait;
    if (heads_.unwritten()) deadline = std::min(deadline, written_at_ + options_.write_interval);
    if (unshared_) deadline = std::min(deadline, shared_at_ + options_.share_interval);
    if (!halted_ && !term_ && !told_) deadline = std::min(deadline, asked_at_ + question_pause);
    if (halted_ || !term_) return deadline;
    const std::uint64_t size = heads_.size();
    const auto pause = known_ <= size ? options_.most_wait : announced_ > size ? wait_ : pace_;
    return std::min(deadline, announced_at_ + pause);
}

void Finality::handle(Event& event) {
    if (const auto* leadership = std::get_if<Leadership>(&event)) {
        lead(leadership->term);
    } else if (const auto* arrived = std::get_if<Arrived>(&event)) {
        handle_parcel(arrived->from, arrived->parcel);
    } else if (const auto* outside = std::get_if<Outside>(&event)) {
        take_outside(outside->head);
    }
}

void Finality::handle_parcel(consensus::NodeId from, const network::Parcel& parcel) {
    if (const auto announcement = decode_announcement(parcel)) {
        told_ = true;
        if (announcement->size > 0) to_sign_[announcement->size] = from;
        // The largest goes: sizes that nobody will reach must not push out those that are next.
        if (to_sign_.size() > max_announced) to_sign_.erase(std::prev(to_sign_.end()));
        if (announcement->final_size > heads_.size() && announcement->final_size <= known_) ask(from);
    } else if (const auto signatures = decode_signatures(parcel)) {
        collect(from, signatures->note);
    } else if (const auto question = decode_final_question(parcel)) {
        send_heads(from, question->have);
    } else if (const auto heads = decode_final_heads(parcel)) {
        told_ = true;
        for (const std::string& note : heads->notes) {
            if (const auto head = ledger::parse_head(note))
                offer(from, *head);
            else
                ++metrics_.refused;
        }
    }
}

// --- what stands here
// ---------------------------------------------------------------------------------------------

// Finality looks no further than the policies are known: a policy leaf that this disk has lost holds it up until it
// is repaired.
void Finality::learn_policies() {
    const std::uint64_t applied = hooks_.applied();
    const std::uint64_t first = policies_.first_leaf();
    if (applied <= std::max(known_, first)) return;  // before its first leaf an epoch has no heads
    const auto leaves = hooks_.policy_leaves(std::max(known_, first + 1), applied);
    if (!leaves) return;
    for (const std::uint64_t leaf : *leaves) {
        auto entry = hooks_.entry(leaf);
        if (!entry) {
            known_ = leaf;
            return;
        }
        const auto parts = ledger::split_entry(*entry);
        const auto statement = parts ? ledger::parse_statement(parts->statement)
                                     : ledger::Result<ledger::Statement>(parts.error());
        auto policy = statement ? ledger::parse_policy_leaf(statement->records.front(), origin_)
                                : ledger::Result<ledger::PolicyLeaf>(statement.error());
        if (!policy) {
            stop_node("inadmissible_log", "Leaf " + std::to_string(leaf) + " is no policy: " +
                                              policy.error().detail + ". Keep the data folder as evidence.");
            return;
        }
        spdlog::info("the policy of leaf {} governs heads of more than {} leaves", leaf, leaf);
        policies_.add(std::make_shared<const GoverningPolicy>(
            GoverningPolicy{leaf, std::move(*policy), std::move(*entry)}));
    }
    known_ = applied;
}

void Finality::stop_node(std::string reason, std::string detail) {
    halted_ = true;
    hooks_.fatal(std::move(reason), std::move(detail));
}

void Finality::check_kept() {
    if (kept_checked_ || heads_.size() > known_) return;
    kept_checked_ = true;
    const OfferedHead kept = heads_.check_latest();
    if (kept.verdict == OfferedHead::Verdict::contradicts) {
        hooks_.evidence(*heads_.latest(), kept.why);
        stop_node("forked_ledger", kept.why + ". Keep the data folder as evidence.");
    }
}

void Finality::tell_final() {
    const std::uint64_t size = heads_.size();
    {
        const std::lock_guard lock(mutex_);
        if (size > known_ || size <= final_size_) return;
        final_size_ = size;
    }
    hooks_.final(size);
}

void Finality::write() {
    if (!heads_.unwritten() || Clock::now() - written_at_ < options_.write_interval) return;
    if (const auto written = heads_.write(); !written) spdlog::error("{}", written.error().detail);
    written_at_ = Clock::now();
}

void Finality::publish() {
    const std::lock_guard lock(mutex_);
    published_ = metrics_;
}

// --- the leader
// ---------------------------------------------------------------------------------------------------

void Finality::lead(std::optional<consensus::Term> term) {
    if (term == term_) return;
    term_ = term;
    collection_.clear();
    announced_ = 0;
    announced_at_ = {};
    wait_ = options_.first_wait;
    if (!term_) return;
    for (const consensus::NodeId node : hooks_.others()) send_heads(node, heads_.size());
}

// A policy comes into force with the very first size that it governs, so that its chain has short links.
std::uint64_t Finality::next_size() const {
    const auto required = policies_.required(heads_.size(), known_);
    return required.size() > 1 ? required[1]->leaf + 1 : known_;
}

// One size at a time, so that all sign the same: the next once the last is final, or has waited long for its quorum.
void Finality::announce() {
    if (!term_) return;
    const auto now = Clock::now();
    const std::uint64_t size = heads_.size();
    if (known_ <= size) {
        if (now - announced_at_ < options_.most_wait) return;
        announced_at_ = now;
        for (const consensus::NodeId node : hooks_.others())
            hooks_.send(node, encode_announcement({term_->value, 0, size}));
    } else if (announced_ <= size) {
        if (now - announced_at_ < pace_) return;
        wait_ = options_.first_wait;
        first_announced_at_ = now;
        announce_size(next_size());
    } else if (now - announced_at_ >= wait_) {
        // Beyond the first size of a policy too: who has signed more can not sign that one any more.
        wait_ = std::min(2 * wait_, options_.most_wait);
        announce_size(known_);
    }
}

void Finality::announce_size(std::uint64_t size) {
    const auto root = ledger::read_root(size, tree_);
    assert(root && "the tree holds as many leaves");
    collection_.open(size, *root);
    announced_ = size;
    announced_at_ = Clock::now();
    ++metrics_.announced;
    for (const consensus::NodeId node : hooks_.others())
        hooks_.send(node, encode_announcement({term_->value, size, heads_.size()}));
    to_sign_[size] = self_.id;
}

void Finality::collect(consensus::NodeId from, const std::string& note) {
    const auto member = from == self_.id ? std::optional(self_) : hooks_.member(from);
    if (!member) return;
    if (!term_) return take_note(*member, note);
    using What = HeadCollection::Added::What;
    const HeadCollection::Added added = collection_.add(note, keys_of(*member, origin_));
    if (added.what == What::bad) ++metrics_.bad_lines;
    if (added.what == What::unknown) take_note(*member, note);  // late: the head was final without it
    if (added.what == What::other_root) {
        ++metrics_.bad_lines;
        hooks_.evidence(added.head, member->name + " cosigned a head of " +
                                        std::to_string(added.head.checkpoint.size) +
                                        " leaves with another root than that of this node's own tree");
    }
    if (added.what != What::added) return;
    if (const auto head = ledger::parse_head(note))
        heads_.note_signed(keys_of(*member, origin_).cosigner, *head);
    complete();
}

// Not for this node to collect: but what its peer has signed, and whether of the same tree, is good to know.
void Finality::take_note(const Member& member, const std::string& note) {
    const auto head = ledger::parse_head(note);
    if (!head || head->checkpoint.origin != origin_ || head->checkpoint.size == 0) return;
    const std::uint64_t size = head->checkpoint.size;
    if (size > known_) return;
    const bool agrees = ledger::read_root(size, tree_) == head->checkpoint.root;
    if (agrees && heads_.signed_by(member.cosigner_key) >= size) return;
    const std::array keys{keys_of(member, origin_).cosigner};
    if (!ledger::verify_note(head->note, keys)) {
        ++metrics_.bad_lines;
    } else if (agrees) {
        heads_.note_signed(keys[0], *head);
    } else {
        hooks_.evidence(*head, member.name + " cosigned a head of " + std::to_string(size) +
                                   " leaves with another root than that of this node's own tree");
    }
}

void Finality::take_outside(const ledger::Head& head) {
    const std::uint64_t size = head.checkpoint.size;
    if (size == 0 || size > known_) return;
    if (term_) {
        const std::string note = head.note.to_string();
        for (const GoverningPolicyPtr& policy : policies_.required(std::min(heads_.size(), size), size))
            for (const ledger::VerifierKey& key : outside_keys(*policy))
                collection_.add(note, {keys_of(self_, origin_).log, key});
        complete();
    }
    if (!heads_.add_outside(head)) return;
    for (const consensus::NodeId node : hooks_.others()) send_heads(node, size);
}

// What witnesses from outside are asked for just now.
void Finality::show_outside() {
    if (std::exchange(shown_version_, collection_.version()) == collection_.version()) return;
    std::optional<HeadCollection::ForOutside> lacks;
    if (term_) {
        const std::uint64_t before = heads_.size();
        lacks = collection_.for_outside(
            [&](std::uint64_t size) { return policies_.required(std::min(before, size), size); });
    }
    {
        const std::lock_guard lock(mutex_);
        if (lacks == for_outside_) return;
        for_outside_ = lacks;
    }
    if (lacks && hooks_.for_outside) hooks_.for_outside();
}

void Finality::complete() {
    const std::uint64_t before = heads_.size();
    const auto head = collection_.complete(
        [&](std::uint64_t size) { return policies_.required(std::min(before, size), size); });
    if (!head || head->checkpoint.size <= before) return;
    if (heads_.offer(*head).verdict != OfferedHead::Verdict::accepted) return;
    ++metrics_.completed;
    const auto took = Clock::now() - first_announced_at_;
    pace_ = std::clamp(std::chrono::duration_cast<std::chrono::milliseconds>(2 * took), options_.pace,
                       std::max(options_.pace, options_.most_pace));
    const double seconds = std::chrono::duration<double>(took).count();
    metrics_.seconds_sum += seconds;
    for (std::size_t i = 0; i < bounds().size(); ++i)
        if (seconds <= bounds()[i]) ++metrics_.buckets[i];
    collection_.close_up_to(head->checkpoint.size);
    if (policies_.required(before, head->checkpoint.size).size() > 1) written_at_ = {};
    for (const consensus::NodeId node : hooks_.others()) send_heads(node, before);
}

// --- every node
// ---------------------------------------------------------------------------------------------------

void Finality::sign_due() {
    auto due = static_cast<std::size_t>(std::distance(to_sign_.begin(), to_sign_.upper_bound(known_)));
    for (; due > 0; --due) {
        const auto [size, announcer] = *to_sign_.begin();
        to_sign_.erase(to_sign_.begin());
        if (due > max_signed_at_once) continue;
        const auto note = sign(size);
        if (!note) continue;
        if (announcer == self_.id)
            collect(self_.id, *note);
        else
            hooks_.send(announcer, encode_signatures({*note}));
    }
}

void Finality::share() {
    const auto now = Clock::now();
    if (!unshared_ || now - shared_at_ < options_.share_interval) return;
    shared_at_ = now;
    for (const consensus::NodeId node : hooks_.others()) hooks_.send(node, encode_signatures({*unshared_}));
    unshared_.reset();
}

// Only what this node has applied, and only if it extends what it signed last: both roots are those of its own tree.
std::optional<std::string> Finality::sign(std::uint64_t size) {
    if (cosigner_ == nullptr || (hooks_.may_sign && !hooks_.may_sign(size))) return std::nullopt;
    const auto root = ledger::read_root(size, tree_);
    assert(root && "the tree holds as many leaves");
    const ledger::Checkpoint checkpoint{origin_, size, *root};
    const auto line = cosigner_->cosign(checkpoint, [&](const ledger::WitnessedTree& last) -> Result<void> {
        if (last.size == 0 || last.size > size || ledger::read_root(last.size, tree_) == last.root) return {};
        return Error{Exit::no, "cosigned_otherwise",
                     "this node has cosigned a head of " + std::to_string(last.size) +
                         " leaves with another root than its tree has now; it cosigns nothing more. Keep "
                         "the data folder as evidence"};
    });
    if (!line) {
        if (line.error().reason != "cosigned_more" && !std::exchange(complained_, true))
            spdlog::error("a head is not cosigned: {} [{}]", line.error().detail, line.error().reason);
        return std::nullopt;
    }
    complained_ = false;
    ++metrics_.cosigned;
    ledger::Note note{checkpoint.to_string(), {}};
    ledger::sign_note(note, origin_, log_key_);
    note.signatures.push_back(*line);
    heads_.note_signed(cosigner_->vkey(), {checkpoint, note});
    unshared_ = note.to_string();
    return unshared_;
}

void Finality::offer(consensus::NodeId from, const ledger::Head& head) {
    const std::uint64_t size = head.checkpoint.size;
    if (size > known_) {
        waiting_.insert_or_assign(size, std::pair(from, head));
        if (waiting_.size() > max_waiting_heads) waiting_.erase(std::prev(waiting_.end()));
        return;
    }
    const std::uint64_t before = heads_.size();
    const OfferedHead offered = heads_.offer(head);
    switch (offered.verdict) {
        case OfferedHead::Verdict::accepted:
            if (policies_.required(before, size).size() > 1) written_at_ = {};
            collection_.close_up_to(size);
            break;
        case OfferedHead::Verdict::known:
            heads_.add_outside(head);
            break;
        case OfferedHead::Verdict::too_few:
            // Perhaps a policy came into force in between, with a head that this node has not seen.
            ++metrics_.refused;
            ask(from);
            break;
        case OfferedHead::Verdict::bad:
            ++metrics_.refused;
            spdlog::warn("a head that a peer sent is not taken: {}", offered.why);
            break;
        case OfferedHead::Verdict::contradicts:
            hooks_.evidence(head, offered.why);
            stop_node("forked_ledger",
                      offered.why + ": the ledger was forked. Keep the data folder as evidence.");
            break;
    }
}

void Finality::offer_waiting() {
    while (!halted_ && !waiting_.empty() && waiting_.begin()->first <= known_) {
        const auto [from, head] = std::move(waiting_.begin()->second);
        waiting_.erase(waiting_.begin());
        offer(from, head);
    }
}

void Finality::send_heads(consensus::NodeId to, std::uint64_t have) {
    FinalHeadsParcel parcel;
    const auto latest = heads_.latest();
    if (!latest) return;
    for (const Transition& transition : heads_.transitions()) {
        if (transition.head.checkpoint.size <= have || transition.head == *latest) continue;
        if (parcel.notes.size() + 1 < max_heads_in_a_parcel)
            parcel.notes.push_back(transition.head.note.to_string());
    }
    parcel.notes.push_back(latest->note.to_string());
    hooks_.send(to, encode_final_heads(parcel));
}

// A start need not wait for the next announcement: what became final meanwhile, and what a crash kept from being written,
// the others have.
void Finality::ask_around() {
    const auto now = Clock::now();
    if (term_ || told_ || now - asked_at_ < question_pause) return;
    asked_at_ = now;
    for (const consensus::NodeId node : hooks_.others())
        hooks_.send(node, encode_final_question({heads_.size()}));
}

void Finality::ask(consensus::NodeId of) {
    const auto now = Clock::now();
    if (now - asked_at_ < question_pause) return;
    asked_at_ = now;
    hooks_.send(of, encode_final_question({heads_.size()}));
}

}  // namespace socai::node
