// Which head an audit is of, and whether it is worth reading leaves for.
#include <algorithm>
#include <span>

#include "ledger/base64.hpp"
#include "ledger/epochs.hpp"
#include "ledger/syntax.hpp"
#include "node/audit/audit_run.hpp"

namespace socai::node::audit {
namespace {

// Leaves of a ledger's tree: a head of more is nobody's (2^52 is as far as an address goes).
constexpr std::uint64_t max_size = std::uint64_t{1} << 52;

}  // namespace

// The source's own; or the largest of those given, where the source keeps none, or holds more leaves than its own covers.
Result<void> Audit::choose_head() {
    const auto text = source_->head();
    std::optional<ledger::Head> own;
    if (text) {
        auto head = ledger::parse_head(*text);
        if (!head) {
            find({head.error().reason, "the source's head: " + head.error().detail, std::nullopt, {}});
            return {};
        }
        own = *std::move(head);
    } else if ((text.error().reason != "no_head" && text.error().reason != "damaged_source") ||
               options_.heads.empty()) {
        if (text.error().exit != Exit::no) return text.error();
        fail(text.error());
        return {};
    }
    const KnownHead* largest = largest_given(own);
    if (largest != nullptr) {
        head_ = largest->head;
        const std::string why = own ? "the source holds more leaves than its own head covers"
                                : text.error().reason == "no_head" ? "the source keeps no head of its own"
                                                                   : text.error().detail;
        report_.notes.push_back(why + "; the audit is of the head in " + largest->label);
        if (own) know("the source's own head", *own);
    } else {
        head_ = *own;
    }
    std::erase_if(known_, [this](const KnownHead& known) { return known.head == head_; });
    const ledger::Checkpoint& checkpoint = head_.checkpoint;
    report_.note = head_.note.to_string();
    report_.head = HeadReport{
        checkpoint.origin,
        checkpoint.size,
        ledger::base64({reinterpret_cast<const char*>(checkpoint.root.data()), checkpoint.root.size()}),
        {},
        {},
        true};
    const bool named = std::ranges::any_of(pinned_.logs, [&](const ledger::PolicyLog& log) {
        return ledger::is_same_or_earlier_epoch(log.key.name, checkpoint.origin);
    });
    if (!named) {
        find({"wrong_origin",
              "the head is of the ledger " + ledger::quote(checkpoint.origin) +
                  ", which the pinned policy does not name: audit the right source, or pin the right policy",
              std::nullopt,
              {}});
    } else if (checkpoint.size == 0 || checkpoint.size > max_size) {
        find({"wrong_size",
              "the head is of " + std::to_string(checkpoint.size) +
                  " leaves: a ledger has at least its genesis, and at most 2^52",
              std::nullopt,
              {}});
    } else {
        look_at_signatures();
    }
    return {};
}

// Of the heads that were given. Null: the source's own is to be audited.
const KnownHead* Audit::largest_given(const std::optional<ledger::Head>& own) {
    const KnownHead* largest = nullptr;
    const auto consider = [&largest](const KnownHead& known) {
        if (largest == nullptr || known.head.checkpoint.size > largest->head.checkpoint.size)
            largest = &known;
    };
    const std::span<const KnownHead> given(known_.data(), given_heads_);
    for (const KnownHead& known : given) {
        const ledger::Checkpoint& checkpoint = known.head.checkpoint;
        if (checkpoint.size == 0 || source_->count_leaves(checkpoint.size - 1, 1) == 0) continue;
        const bool better =
            !own || (checkpoint.origin == own->checkpoint.origin && checkpoint.size > own->checkpoint.size &&
                     ledger::check_head(pinned_, known.head));
        if (better) consider(known);
    }
    if (!own && largest == nullptr) std::ranges::for_each(given, consider);
    return largest;
}

// However many leaves a head of nobody claims, they are not worth the reading. A later policy that might vouch for it is
// only found by a whole audit, which reads no further than leaves are admissible; and that needs a head to begin with.
void Audit::look_at_signatures() {
    const auto relied_on = ledger::check_head(pinned_, head_);
    if (relied_on) return;
    // The pinned policy may be of an epoch that ended. What opened the later one is found by reading, in each depth that reads
    // statements.
    const bool later = std::ranges::none_of(pinned_.logs, [this](const ledger::PolicyLog& log) {
        return log.key.name == head_.checkpoint.origin;
    });
    if (later && options_.depth != Depth::hashes) return;
    if (options_.depth == Depth::everything) {
        const auto signers = ledger::head_signers(pinned_, head_);
        if (signers && !(signers->logs.empty() && signers->cosigners.empty())) return;
        std::vector<ledger::Head> others;
        for (const KnownHead& known : known_) others.push_back(known.head);
        if (state_)
            if (auto last = ledger::parse_head(state_->facts.head)) others.push_back(*std::move(last));
        if (std::ranges::any_of(others, [this](const ledger::Head& other) {
                return bool(ledger::check_head(pinned_, other));
            }))
            return;
    }
    find({relied_on.error().reason,
          "the head does not satisfy the pinned policy, and no leaf was read: " + relied_on.error().detail,
          std::nullopt,
          {}});
}

}  // namespace socai::node::audit
