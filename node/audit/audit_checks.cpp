// The second half of an audit: every leaf was read, and the tree is held against all that was signed or promised.
#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "ledger/syntax.hpp"
#include "ledger/tiles.hpp"
#include "ledger/time.hpp"
#include "node/audit/audit_run.hpp"
#include "node/audit/promises.hpp"

namespace socai::node::audit {

void Audit::hold_against() {
    proven_.emplace(*source_, replay_->tree(), replay_->rest(),
                    [this](std::uint64_t leaf, std::string_view text) { return knows_remains(leaf, text); });
    if (proven_->size() != head_.checkpoint.size) return;  // there were findings enough before
    using Step = std::pair<void (Audit::*)(), const char*>;
    for (const auto& [step, name] :
         {Step{&Audit::count_beyond, "the leaves beyond the head"},
          Step{&Audit::hold_withdrawals, "the withdrawn leaves"},
          Step{&Audit::compare_upper_tiles, "the upper tiles"},
          Step{&Audit::compare_with_last, "the comparison with the last audit"},
          Step{&Audit::hold_heads, "the check of the head"},
          Step{&Audit::hold_others, "the check of the other heads"},
          Step{&Audit::hold_receipts, "the receipts"}, Step{&Audit::hold_promises, "the promises"},
          Step{&Audit::hold_disclosures, "the confidential members"},
          Step{&Audit::compare_derived, "what follows from the records"}}) {
        if (ended_early(name)) return;
        (this->*step)();
    }
    assert(report_.stopped || report_.coverage.receipts == receipts_.held.size());
}

// What was asked for and not looked at is no pass: the report says that the audit did not come to its end.
bool Audit::ended_early(const char* step) {
    if (stop_()) stop_at(step);
    return report_.stopped.has_value();
}

// A folder's log goes on where its head ends: of those leaves nothing is said, but that they are there.
void Audit::count_beyond() {
    while (!ended_early("the leaves beyond the head")) {
        const std::uint32_t more = source_->count_leaves(head_.checkpoint.size + beyond_, ledger::tile_width);
        if (more == 0) return;
        beyond_ += more;
    }
}

// Tiles above the level of bundles; those were compared as they were read.
void Audit::compare_upper_tiles() {
    const std::uint64_t size = head_.checkpoint.size;
    for (std::uint32_t level = 1; ledger::tile_width_at(level, 0, size) > 0; ++level) {
        for (std::uint64_t index = 0; ledger::tile_width_at(level, index, size) > 0; ++index) {
            if (ended_early("the upper tiles")) return;
            const std::uint32_t width = ledger::tile_width_at(level, index, size);
            const std::string path = ledger::tile_path({false, level, index, width});
            const auto stored = source_->tile(level, index, width);
            if (!stored && stored.error().exit == Exit::unreachable) return fail(stored.error());
            if (!stored) {
                find({stored.error().reason, stored.error().detail, std::nullopt, path});
                continue;
            }
            if (!*stored) {
                lacks_tiles_ = true;
                continue;
            }
            ++report_.coverage.tiles;
            const auto hashes = replay_->tree().tile(level, index);
            for (std::size_t i = 0; i < hashes.size(); ++i) {
                if (std::memcmp((*stored)->data() + i * sizeof(ledger::Hash), hashes[i].data(),
                                sizeof(ledger::Hash)) == 0)
                    continue;
                const std::uint64_t leaves = std::uint64_t{1} << (ledger::tile_height * level);
                const std::uint64_t leaf = (index * ledger::tile_width + i) * leaves;
                find({"wrong_tile",
                      path + " is not what the entries give: its hash number " + std::to_string(i) +
                          " stands for leaves " + std::to_string(leaf) + " to " +
                          std::to_string(leaf + leaves - 1) + "; the tile was altered, no leaf is named",
                      std::nullopt, path});
                break;
            }
        }
    }
}

// An audit from the start, with the tree of the last one at hand: which bundle was another then?
void Audit::compare_with_last() {
    if (!state_ || !options_.from_start) return;
    const auto& then = state_->tree.roots();
    const auto& now = replay_->tree().roots();
    const auto [changed, same] = std::ranges::mismatch(then, now);
    if (changed == then.end() || same == now.end()) return;
    const std::uint64_t leaf = static_cast<std::uint64_t>(changed - then.begin()) * ledger::tile_width;
    report_.wrong_between = std::pair(leaf, leaf + ledger::tile_width);
    find({"history_changed",
          "leaves " + std::to_string(leaf) + " to " + std::to_string(leaf + ledger::tile_width - 1) +
              " are not what the last audit (" + options_.state + ") saw there",
          std::nullopt,
          {}});
}

// The audited head: its root, and whether the pinned policy vouches for it.
void Audit::hold_heads() {
    const ledger::Checkpoint& checkpoint = head_.checkpoint;
    if (state_ && !state_->facts.head.empty()) {
        if (auto head = ledger::parse_head(state_->facts.head))
            known_.push_back({"the head of the last audit", *std::move(head), std::nullopt});
        else
            find({head.error().reason, options_.state + ": " + head.error().detail, std::nullopt, {}});
    }
    // What recoveries commit to may link the policies before them.
    std::string ended;
    for (const PolicyHistory::Entry& entry : policies_->entries()) {
        if (const auto head = entry.opening ? ledger::parse_head(entry.opening->final_head)
                                            : ledger::Result<ledger::Head>(ledger::Error{})) {
            know("the final head in leaf " + std::to_string(entry.leaf), *head);
            if (head->checkpoint.origin != ended)
                report_.notes.push_back("the recovery at leaf " + std::to_string(entry.leaf) + " knew no head of " +
                                        ledger::quote(ended) + " to be final: it rests on the one of " +
                                        std::to_string(head->checkpoint.size) + " leaves that this epoch was opened on");
        }
        ended = entry.origin;
    }
    const auto root = reached(proven_->root(checkpoint.size));
    if (!root) return;
    fits_ = *root == checkpoint.root;
    for (KnownHead& known : known_) {
        const ledger::Checkpoint& other = known.head.checkpoint;
        const std::uint64_t carried = policies_->ended_at(other.origin).value_or(checkpoint.size);
        if (!is_of_this_ledger(other) || other.size > std::min(carried, checkpoint.size)) continue;
        const auto at = reached(proven_->root(other.size));
        if (report_.stopped) return;
        if (at) known.fits = *at == other.root;
    }
    if (!*fits_) {
        std::string detail =
            "the " + std::to_string(checkpoint.size) +
            " leaves have another root than the signed head: what was read is not what was signed";
        if (report_.coverage.from > 0) {
            detail += "; leaves before " + std::to_string(report_.coverage.from) +
                      " are as an earlier audit saw them: --from-start tells whether they were changed since";
        }
        find({"wrong_root", detail, std::nullopt, {}});
    }

    const auto governing = policies_->governing(checkpoint);
    if (!governing && options_.depth != Depth::hashes)
        find({"wrong_origin",
              "the head of " + std::to_string(checkpoint.size) + " leaves is of " +
                  ledger::quote(checkpoint.origin) + ", an epoch that no recovery under it opened",
              std::nullopt,
              {}});
    for (const PolicyHistory::Entry& entry : policies_->entries())
        if (entry.opening)
            report_.epochs.push_back(
                {entry.leaf, entry.origin, entry.opening->agencies, entry.opening->final_size});

    Trust trust = follow_to_head(*policies_, pinned_, head_, known_);
    join_lines(trust);
    for (const Finding& finding : trust.findings) find(finding);
    for (const std::string& note : trust.notes) report_.notes.push_back(note);
    report_.governing_fingerprint = ledger::policy_fingerprint(trust.governing);
    report_.governing_leaf = trust.governing_leaf;
    report_.head->quorum_needed = trust.governing.quorum != "none";
    for (const std::size_t log : trust.signers.logs)
        report_.head->logs.push_back(trust.governing.logs[log].key.to_string());
    for (const auto& cosigner : trust.signers.cosigners)
        report_.head->witnesses.push_back(trust.governing.witnesses[cosigner.witness].name);
    compare_clocks(trust);
    if (!report_.head->quorum_needed)
        report_.notes.emplace_back("the policy asks for no cosignatures: the head is one node's word");
    ++report_.coverage.heads;
}

// Accepted times never fall: when the last leaf is not ahead of those who cosigned it, none is. One that is need be no lie, a
// clock that was set right since does the same; but no clock is to be believed then. The earliest signer counts, so that
// nobody can hide it who dates his own line late.
void Audit::compare_clocks(const Trust& trust) {
    const auto first =
        std::ranges::min_element(trust.signers.cosigners, {}, &ledger::HeadSigners::Cosigner::time_s);
    const std::int64_t last_ms = replay_->last_time_ms();
    if (first == trust.signers.cosigners.end() || last_ms < 0) return;
    const std::uint64_t last_s = static_cast<std::uint64_t>(last_ms) / 1'000;
    const auto allowed_s = static_cast<std::uint64_t>(genesis_.parameters.max_future_ms) / 1'000;
    if (last_s <= first->time_s || last_s - first->time_s <= allowed_s) return;
    report_.notes.push_back("the last leaf was accepted at " + ledger::format_rfc3339(last_ms) + ", but " +
                            trust.governing.witnesses[first->witness].name + " cosigned it at " +
                            ledger::format_rfc3339(static_cast<std::int64_t>(first->time_s) * 1'000) +
                            ": the clock of one of them was wrong, so do not rely on accepted times");
}

// A served head bears no more lines than it needs. Those of other files for the same checkpoint count too: so it shows that
// a node signed it that the quorum did without.
void Audit::join_lines(Trust& trust) {
    ledger::Head joined = head_;
    auto& lines = joined.note.signatures;
    for (const KnownHead& known : known_) {
        if (known.head.checkpoint != head_.checkpoint || !ledger::head_signers(trust.governing, known.head))
            continue;
        for (const ledger::NoteSignature& line : known.head.note.signatures)
            if (std::ranges::find(lines, line) == lines.end() && lines.size() < ledger::max_note_signatures)
                lines.push_back(line);
    }
    auto signers = ledger::check_head(trust.governing, joined);
    if (!signers || !ledger::check_head(trust.governing, head_)) return;
    head_ = std::move(joined);
    trust.signers = *std::move(signers);
}

// In the epoch of the audited head, or one that ended before it.
bool Audit::is_of_this_ledger(const ledger::Checkpoint& other) const {
    return other.origin == head_.checkpoint.origin || policies_->ended_at(other.origin).has_value();
}

// A head of an epoch that ended. What it vouched for was carried on, or is lost: then it is the proof of that.
void Audit::hold_ended(const KnownHead& known) {
    const ledger::Checkpoint& other = known.head.checkpoint;
    const std::uint64_t carried = *policies_->ended_at(other.origin);
    const auto governing = policies_->governing(other);
    if (!governing) return;
    const ledger::Policy& policy = policies_->entries()[*governing].policy.policy;
    const auto signers = ledger::head_signers(policy, known.head);
    if (!signers) {
        find({signers.error().reason, known.label + ": " + signers.error().detail, std::nullopt, {}});
        return;
    }
    if (signers->logs.empty() && signers->cosigners.empty()) return;
    if (other.size <= carried && known.fits.value_or(true)) return;
    std::string names;
    for (const auto& cosigner : signers->cosigners)
        names += (names.empty() ? "" : ", ") + policy.witnesses[cosigner.witness].name;
    const std::string worth = ledger::check_head(policy, known.head)
                                  ? "the quorum of its time cosigned it (" + names + "), so it was final"
                              : names.empty() ? std::string("a node alone signed it, so it was not final")
                                              : names + " cosigned it, too few to make it final";
    find(
        {"lost_leaves",
         known.label + " shows " + std::to_string(other.size) + " leaves of " + ledger::quote(other.origin) +
             (other.size > carried ? ", and only " + std::to_string(carried) +
                                         " were carried on by the recovery at leaf " + std::to_string(carried)
                                   : ", with another root than what the recovery at leaf " +
                                         std::to_string(carried) + " carried on") +
             ": " + worth,
         std::nullopt,
         {}});
}

// Every other head: signed well, and of the same history.
void Audit::hold_others() {
    const ledger::Checkpoint& checkpoint = head_.checkpoint;
    for (const KnownHead& known : known_) {
        const ledger::Checkpoint& other = known.head.checkpoint;
        ++report_.coverage.heads;
        if (other.origin != checkpoint.origin && is_of_this_ledger(other)) {
            hold_ended(known);
            continue;
        }
        if (other.origin != checkpoint.origin) {
            find({"wrong_origin",
                  known.label + " is of the ledger " + ledger::quote(other.origin),
                  std::nullopt,
                  {}});
            continue;
        }
        const std::size_t governing = policies_->governing(std::max<std::uint64_t>(1, other.size));
        const ledger::Policy& policy = policies_->find(pinned_, checkpoint.size)
                                           ? policies_->entries()[governing].policy.policy
                                           : pinned_;
        // Lines that the audited head was joined with need be no quorum.
        const bool joined = other == checkpoint && ledger::head_signers(policy, known.head) &&
                            ledger::check_head(policy, head_);
        const auto relied_on = ledger::check_head(policy, known.head);
        if (!relied_on && !joined)
            find({relied_on.error().reason, known.label + ": " + relied_on.error().detail, std::nullopt, {}});
        // One key that signed two histories has lied, with how few others ever.
        const auto signers = ledger::head_signers(policy, known.head);
        if (!signers || (signers->logs.empty() && signers->cosigners.empty())) continue;
        if (other.size > checkpoint.size) {
            if (!relied_on) continue;  // nor does it count for the length of the ledger
            find({"beyond_head",
                  known.label + " vouches for " + std::to_string(other.size) +
                      " leaves, the source's head for " + std::to_string(checkpoint.size) +
                      ": the source is behind, or its ledger was cut short",
                  std::nullopt,
                  {}});
        } else if (!known.fits.value_or(true)) {
            find({"heads_disagree",
                  known.label + " has another root at size " + std::to_string(other.size) +
                      " than this ledger: " +
                      (*fits_ ? "two signed heads cannot both be true, keep both as evidence"
                              : "the ledger that was read is not the one that was signed"),
                  std::nullopt,
                  {}});
            if (*fits_) prove_fork(known.head);
        }
    }
}

void Audit::hold_receipts() {
    for (const Finding& finding : receipts_.findings) find(finding);
    for (const HeldReceipt& receipt : receipts_.held) {
        if (ended_early("the receipts")) return;
        const auto finding = reached(hold_receipt(receipt, *policies_, pinned_, *proven_));
        if (report_.stopped) return;
        ++report_.coverage.receipts;
        if (finding && *finding) find(**finding);
    }
}

void Audit::hold_promises() {
    if (options_.promises.empty()) return;
    if (options_.depth != Depth::everything) return;
    std::vector<const ledger::Head*> heads;
    if (fits_.value_or(false)) heads.push_back(&head_);
    for (const KnownHead& known : known_)
        if (known.fits.value_or(false) && known.head.checkpoint.size > 0) heads.push_back(&known.head);
    const OwnHeads own = own_heads(*policies_, pinned_, heads);
    auto count = reached(audit::hold_promises(options_.promises, head_.checkpoint.origin, *policies_, *table_,
                                              *proven_, own, replay_->last_time_ms()));
    if (!count) return;
    report_.promises = PromiseReport{count->kept, count->refused, count->waiting};
    report_.coverage.promises = count->kept + count->refused + count->waiting + count->findings.size();
    for (Finding& finding : count->findings) find(std::move(finding));
    for (std::string& note : count->notes) report_.notes.push_back(std::move(note));
    for (const NotKept& promise : count->not_kept) prove_broken(promise);
}

// What a reader might believe was checked, and was not.
void Audit::say_what_was_not_checked() {
    auto& list = report_.coverage.not_checked;
    const auto say = [&list](std::string sentence) { list.push_back(std::move(sentence)); };
    if (!replay_)
        say("any leaf: what was found before made it useless");
    else if (!proven_)
        say("the head, its signatures and its policy: they need every leaf");
    if (report_.coverage.from > 0) {
        say("leaves 0 to " + std::to_string(report_.coverage.from - 1) + " again: an earlier audit (" +
            options_.state + ") found them good, --from-start reads them anew");
    }
    if (beyond_ > 0)
        say("the " + std::to_string(beyond_) +
            " leaves that the source holds after the audited head: give a later one with --head");
    if (options_.depth == Depth::hashes) say("statements: neither signatures nor rules, only hashes");
    if (options_.depth == Depth::hashes && report_.coverage.withdrawn > 0)
        say("what remains of " + std::to_string(report_.coverage.withdrawn) +
            " withdrawn leaves: their hashes are what it says of them, and whether the members voted so was not looked at");
    if (options_.depth == Depth::signatures)
        say("rules: only signatures and the keys' validity; not sources, kinds, times, references, "
            "repetition");
    if (auto sentence = derived_not_compared(); !sentence.empty()) say(std::move(sentence));
    if (auto sentence = facts_not_compared(); !sentence.empty()) say(std::move(sentence));
    const bool bundles_lack = replay_ && replay_->lacks_tiles();
    if (source_ && (lacks_tiles_ || bundles_lack) && !source_->without_tiles().empty())
        say(source_->without_tiles());
    if (options_.heads.empty())
        say("heads of other nodes and witnesses: none were given (--head), so a split between nodes would "
            "not show");
    if (options_.state.empty())
        say("earlier audits: no --state was given, so history rewritten by a quorum would not show");
    else if (!state_ || state_->facts.head.empty())
        say("earlier audits: " + options_.state +
            " holds none that came to its end, so history rewritten by a quorum would not show");
    const std::size_t unheld = receipts_.held.size() - report_.coverage.receipts;
    if (options_.receipts.empty())
        say("receipts: none were given (--receipts)");
    else if (unheld > 0)
        say(std::to_string(unheld) + " receipts: the audit did not come to them");
    if (receipts_.passed_over > 0)
        say("receipts: " + std::to_string(receipts_.passed_over) + " files of " + options_.receipts +
            " whose names do not end in " + std::string(receipt_suffix));
    if (options_.promises.empty())
        say("promises: none were given (--promises)");
    else if (options_.depth != Depth::everything)
        say("promises: they need a whole audit");
    if (options_.depth != Depth::everything)
        say("confidential members: they need a whole audit");
    else if (report_.confidential && report_.confidential->withheld > 0)
        say(std::to_string(report_.confidential->withheld) +
            " confidential members: they are withheld, and only what their authors committed to is known" +
            (options_.disclosures.empty() ? " (--disclosures)" : ""));
    say("whether what authors signed is true; and whether the pinned policy is the right one: compare its "
        "fingerprint");
    say("whether everything was submitted that should have been: what nobody sent leaves no trace; keep "
        "promises");
    say("when leaves were really written: accepted times are the leader's");
    say("whether this copy is the newest: compare its size with other nodes'");
}

// The lowest leaf that any finding names; and between which signed sizes the tree first went wrong.
void Audit::narrow_down() {
    for (const Finding& finding : report_.findings)
        if (finding.index && (!report_.first_wrong || *finding.index < *report_.first_wrong))
            report_.first_wrong = finding.index;
    std::stable_sort(report_.findings.begin(), report_.findings.end(),
                     [](const Finding& a, const Finding& b) {
                         return a.index.value_or(~std::uint64_t{0}) < b.index.value_or(~std::uint64_t{0});
                     });
    // Of an audit that went on from another one it cannot be said: what that one saw was not read again.
    if (!fits_ || report_.wrong_between || report_.coverage.from > 0) return;
    std::uint64_t good = 0;
    std::uint64_t bad = *fits_ ? 0 : head_.checkpoint.size;
    for (const KnownHead& known : known_) {
        const std::uint64_t size = known.head.checkpoint.size;
        if (!known.fits) continue;
        if (*known.fits)
            good = std::max(good, size);
        else
            bad = bad == 0 ? size : std::min(bad, size);
    }
    if (good < bad) report_.wrong_between = std::pair(good, bad);
}

}  // namespace socai::node::audit
