// What the rules derive from the records, held against what the source says it has derived: the first leaf after which the two
// part is named.
#include <algorithm>

#include "ledger/remains.hpp"
#include "ledger/syntax.hpp"
#include "node/audit/audit_run.hpp"

namespace socai::node::audit {
namespace {

constexpr std::size_t max_named_records = 3;
constexpr std::uint64_t facts_a_look = 65'536;  // between two looks whether to stop

}  // namespace

// Over the leaves before the first that is wrong: what follows from that one, nobody can say.
void Audit::compare_derived() {
    if (options_.depth != Depth::everything) return;
    report_.derived =
        DerivedReport{engine(), ledger::to_hex(derivation_.digest()), derivation_.facts().size(), 0};
    std::uint64_t size = head_.checkpoint.size;
    for (const Finding& finding : replay_->findings()) size = std::min(size, finding.index.value_or(size));
    const auto shown = shown_size(size);
    if (!shown || *shown == 0) return;
    const auto parted = parted_at(*shown);
    if (!parted) return;
    report_.derived->compared = *shown;
    if (*parted == 0) return compare_facts();
    const std::uint64_t leaf = *parted - 1;
    const auto records = records_of(leaf);
    if (!records) return;
    find({"derived_differs",
          "this node worked out something else from leaf " + std::to_string(leaf) + " (" + *records +
              ") than the rules of this program give, engine " + report_.derived->engine,
          leaf,
          {}});
}

// A mark tells how a fact came about, not that it still stands as it was written. Where the source holds the facts themselves,
// after as many leaves as the audit has derived from, each is looked at.
void Audit::compare_facts() {
    if (report_.derived->compared != head_.checkpoint.size) return;
    const ledger::FactMap& facts = derivation_.facts();
    std::uint64_t held = 0;
    std::optional<std::string> other;  // the first key with another value
    const auto visited =
        reached(source_->facts(head_.checkpoint.size, [&](std::string_view key, std::string_view value) {
            ++held;
            if (facts.get(key) != value) other = key;
            return !other && (held % facts_a_look != 0 || !stop_());
        }));
    if (!visited || !*visited || ended_early("what follows from the records")) return;
    report_.derived->facts_compared = true;
    const std::string cure = "; its answers are not to be relied on until its state is rebuilt from its log";
    if (other)
        find({"facts_differ",
              "this node holds a fact that does not follow from the records, at the key " +
                  ledger::quote(*other) + cure,
              std::nullopt,
              {}});
    else if (held < facts.size())
        find({"facts_differ",
              "this node lacks " + std::to_string(facts.size() - held) +
                  " facts that follow from the records" + cure,
              std::nullopt,
              {}});
}

// The largest size up to `size` that the source shows a mark of; 0: none. Nothing: it could not be reached.
std::optional<std::uint64_t> Audit::shown_size(std::uint64_t size) {
    if (size == 0) return 0;
    const auto whole = derived_mark(size);
    if (!whole) return std::nullopt;
    if (*whole) return size;
    // It has not come so far, or shows nothing at all.
    std::uint64_t shown = 0;
    std::uint64_t not_shown = size;
    for (std::uint64_t at = 1; shown < not_shown && at < not_shown;
         at = shown + std::max<std::uint64_t>(1, (not_shown - shown) / 2)) {
        const auto mark = derived_mark(at);
        if (!mark) return std::nullopt;
        (*mark ? shown : not_shown) = at;
    }
    return shown;
}

// The smallest size up to `shown` after which the source has derived something else, when it tells one story; else one whose
// last leaf it tells two of. 0: none. Nothing: it could not be reached.
std::optional<std::uint64_t> Audit::parted_at(std::uint64_t shown) {
    std::uint64_t same = 0;
    std::uint64_t differs = shown;
    const auto last = same_derived(shown);
    if (!last) return std::nullopt;
    if (*last) return 0;
    while (differs - same > 1) {
        const std::uint64_t middle = same + (differs - same) / 2;
        const auto is_same = same_derived(middle);
        if (!is_same) return std::nullopt;
        (*is_same ? same : differs) = middle;
    }
    return differs;
}

// The source's. Nothing: it could not be reached, or there is no time.
std::optional<std::optional<std::uint64_t>> Audit::derived_mark(std::uint64_t size) {
    if (ended_early("what follows from the records")) return std::nullopt;
    return reached(source_->derived_mark(size));
}

// One that shows no mark where it must have one has not the same.
std::optional<bool> Audit::same_derived(std::uint64_t size) {
    const auto mark = derived_mark(size);
    if (!mark) return std::nullopt;
    return *mark == derivation_.mark(size);
}

// In words, for a person.
std::optional<std::string> Audit::records_of(std::uint64_t leaf) {
    const auto entry = reached(proven_->entry(leaf));
    if (!entry) return std::nullopt;
    const auto read = ledger::read_leaf(*entry);
    if (!read) return std::string("no statement");
    std::string words;
    std::size_t named = 0;
    for (const ledger::Record& record : read->statement.records) {
        if (named++ == max_named_records) {
            words += " and others";
            break;
        }
        words += (words.empty() ? "" : ", ") + std::string(record.kind()) + " " + ledger::quote(record.id) +
                 " of " + ledger::quote(record.source);
    }
    return words;
}

// A sentence on what was not compared; empty: everything was.
std::string Audit::derived_not_compared() const {
    const std::string what = "what the source has worked out from the records";
    if (options_.depth != Depth::everything) return what + ": only a whole audit derives it";
    if (!report_.derived) return what + ": the audit did not come to it";
    const std::uint64_t compared = report_.derived->compared;
    if (compared == 0)
        return what +
               ": it shows none of it; compare the derived digest with that of another audit, engine " +
               report_.derived->engine;
    if (compared == head_.checkpoint.size) return {};
    return what + " from leaf " + std::to_string(compared) +
           " on: it had not come further, or the leaf is not admissible";
}

// The same of the facts themselves.
std::string Audit::facts_not_compared() const {
    if (!report_.derived || report_.derived->facts_compared) return {};
    return "the facts themselves that the source keeps: only a folder shows them, and only where its state "
           "has "
           "come exactly as far as the head, and the same way";
}

}  // namespace socai::node::audit
