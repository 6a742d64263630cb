// Admission: the pure function that decides whether an entry may become the next leaf (formats.md, "Admission
// is a pure function of what stands before"). Leader, followers and auditors call the same one.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "ledger/entry.hpp"
#include "ledger/error.hpp"
#include "ledger/facts.hpp"
#include "ledger/genesis.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/registry.hpp"
#include "ledger/statement.hpp"

namespace socai::ledger {

// What the ledger remembers of a record that stands in it.
struct KnownRecord {
    Address address;
    Hash digest{};
    std::string kind;  // Record::kind; empty: of none that the view knows
};

// What admission may ask about the leaves that stand before. Implementations: storage's applied state, and
// Tail. Admission asks from one thread at a time.
class View {
  public:
    virtual ~View() = default;
    virtual std::uint64_t size() const = 0;         // leaves that stand before
    virtual std::int64_t last_time_ms() const = 0;  // accepted time of the last leaf; 0 when empty
    virtual std::optional<KnownRecord> find(std::string_view source, std::string_view id) const = 0;
    // The node (node_list.hpp: node_digest) that a policy leaf named so first; the genesis's are in the context. Asked
    // only where a policy is to be admitted.
    virtual std::optional<Hash> find_node(std::string_view name) const = 0;
    // What the rules derived from the leaves before. Lives and stays as it is until the view changes.
    virtual const Facts& facts() const = 0;
    // Agencies and keys as the leaves before left them. Nothing: as the genesis founded them.
    virtual std::shared_ptr<const Registry> registry() const { return nullptr; }
    // The root of the tree of the leaves before.
    virtual Hash root() const = 0;
    // The root of the tree that `leaf` would end.
    virtual Hash root_with(const Hash& leaf) const = 0;
};

// A record about to become part of the ledger: all that the rules may build on, so that every node builds the same.
struct Coming {
    const Record& record;
    Address address;
    std::int64_t accepted_ms = 0;
    // When it reached the others: its accepted time, but its signed time where a key with the right to import history writes
    // what is older than the ledger lets others write. What was brought in later was not late.
    std::int64_t delivered_ms = 0;
    const Registry& registry;
    std::function<Hash()> root;  // of the tree that ends with the record's entry; costs some hashes
};

// Rules that belong to inspection/ (schema, rights, guards); ledger/ declares, inspection/ implements, node/
// wires.
class Rules {
  public:
    virtual ~Rules() = default;
    // May `record` be written, as far as it and the registry tell: kind, schema, values, writer, references? Errors:
    // Fault::invalid_statement, Fault::forbidden, Fault::refused, with the rule's own reason. Called from several threads.
    virtual Result<void> check(const Record& record, const Registry& registry) const = 0;
    // The part of `check` that depends on the registry alone: may an agency with the source's roles write this kind? For
    // whoever has made the rest of the check before, over another registry. Nothing unless overridden. Any thread.
    virtual Result<void> check_writer(const Record& record, const Registry& registry) const;
    // May the reference at `position` of `record.refs` lead to a record of `kind`? Errors: Fault::refused.
    virtual Result<void> check_reference(const Record& record, std::size_t position,
                                         std::string_view kind) const = 0;
    // Why the reference at `position` of `record.refs` is refused, when it leads to nothing that stands before the record:
    // Fault::invalid_statement, unknown_reference. Rules say it in their own words.
    virtual Error unknown_reference(const Record& record, std::size_t position) const;
    // May the record come after what `facts` hold, and what do they hold after it? Writes into `facts`; after an error what
    // it wrote is worth nothing. Errors: Fault::refused, Fault::forbidden, with the rule's own reason.
    // Unless overridden, nothing follows from any record.
    virtual Result<void> take(const Coming& coming, FactDraft& facts) const;
    // The matter (governance/passage.hpp) over which the members put records of this kind in force; empty: they need no vote.
    // Unless overridden, none do.
    virtual std::string_view matter_of(std::string_view kind) const;
    // Has the ledger, as `facts` stand, put rules in force that these do not know? Then a sentence that says which; what
    // comes next they cannot judge, and whoever asks must stop. Nothing unless overridden.
    virtual std::optional<std::string> outgrown(const Facts& facts) const;
    // Do the rules in force, as `facts` stand, let a vote withdraw a leaf's bytes (remains.hpp)? Unless overridden, they do.
    virtual bool withdraw_bytes(const Facts& facts) const;
};

// Facts of the ledger that every admission needs. The origin and what was founded come from the genesis leaf.
struct Context {
    const Genesis& genesis;
    const Rules& rules;
};

// An admitted entry: a leaf-to-be, with what apply needs so that nothing is parsed twice.
struct Admitted {
    std::uint64_t index = 0;
    std::int64_t time_ms = 0;
    bool late = false;  // some record earlier than max_backdate and the key lacks historical_import
    Hash leaf{};        // RFC 6962 leaf hash of the entry
    std::string entry;  // the leaf's bytes, or what remains of them
    std::shared_ptr<const Statement> statement;
    bool withdrawn = false;  // `entry` is what remains (remains.hpp), and so is the statement
    std::vector<FactChange> changes;           // of View::facts()
    std::shared_ptr<const Registry> registry;  // after this leaf, where it changes it; else nothing
};

// Would the leaf, after what `before` holds, put rules in force that these do not know (Rules::outgrown)? Then the sentence that
// says which. Only what members decide over can.
std::optional<std::string> outgrown_by(const Rules& rules, const Facts& before, const Admitted& leaf);

// The statement's records all stand in the ledger already with the same bytes.
struct Duplicate {
    std::vector<Address> addresses;  // where each record stands, in the statement's order
};

using Verdict = std::variant<Admitted, Duplicate, Error>;

// The registry of the view, or what the genesis founded. Lives as long as the pointer and the genesis.
std::shared_ptr<const Registry> registry_of(const Genesis& genesis, const View& view);

// Stateless part, fit for a pool: the statement's audience is this ledger in some epoch (epochs.hpp), the key is in
// `registry`, the signature verifies. (Key validity at the index, and which epoch it is, are admit's.) Errors, all Fault::invalid_statement: wrong_audience,
// unknown_kid (it may be registered by a later leaf than the registry's), bad_signature.
Result<void> check_signature(const Genesis& genesis, const Registry& registry, const Statement& statement);

// The whole decision for `statement` at accepted time `time_ms` as leaf view.size(). `signature_checked` says
// that check_signature passed on these very bytes, so that the signature is not verified twice. Checks, in
// this order: size, audience, key, signature, purpose, source and delegation, kind (rules), the form of policies and acts of
// governance, time (accepted times never fall; not later than max_future), duplicates and conflicts,
// references (earlier entry, or earlier in the same bundle). Leaf 0 is parse_genesis's: an empty view admits
// nothing. Errors, in the order of the checks:
// - genesis_expected; Fault::too_large: entry_too_large
// - check_signature's, key_not_valid
// - Fault::forbidden: wrong_purpose, source_not_allowed, agency_held (the members have suspended the writer)
// - the rules' own
// - of a policy: Fault::forbidden: source_not_allowed, right_missing, node_changed; malformed_policy_leaf,
//   malformed_policy
// - of the first leaf of a new epoch, what recovery_leaf.hpp says of check_recovery
// - time_went_back, time_out_of_range (only a faulty leader causes these), future_time
// - Fault::conflict: other_content, known_records
// - unknown_reference, the rules' own of references
// - of an act of governance, what governance/acts.hpp says
// - the rules' own over what stands before (Rules::take)
Verdict admit(const Context& context, const View& view, std::shared_ptr<const Statement> statement,
              std::int64_t time_ms, bool signature_checked);

// The overlay for the uncommitted tail: admitted entries on top of a base view, droppable on truncation and
// trimmed as the base catches up. Not thread-safe: one thread owns it. The base outlives it and may move only
// forward, over leaves that the overlay holds; `applied` follows at once.
class Tail : public View {
  public:
    // `frontier` is the tree of the base's leaves.
    Tail(const View& base, Frontier frontier);

    std::uint64_t size() const override;
    std::int64_t last_time_ms() const override;
    std::optional<KnownRecord> find(std::string_view source, std::string_view id) const override;
    std::optional<Hash> find_node(std::string_view name) const override;
    const Facts& facts() const override { return facts_; }
    Hash root() const override;  // of all leaves, base and overlay
    Hash root_with(const Hash& leaf) const override;
    std::shared_ptr<const Registry> registry() const override;

    // Precondition: `admitted` came from admit() over this view as it stands.
    void push(Admitted admitted);
    // Keeps the first `size` leaves: forgets later ones. Precondition: base size <= size <= this->size().
    // Costs a node hash for every leaf of the overlay that stays.
    void truncate(std::uint64_t size);
    // The base now contains the first `size` leaves: drops the overlay's copy of them. Precondition: as
    // truncate.
    void applied(std::uint64_t size);

    // The entry at leaf `index`, or nullptr when it is in the base or not there.
    const Admitted* at(std::uint64_t index) const;
    std::uint64_t base_size() const;
    std::size_t bytes() const;  // entry bytes held

  private:
    void forget_records(const Admitted& admitted);

    const View& base_;
    std::uint64_t base_size_;
    std::int64_t base_time_ms_;
    Frontier base_frontier_;        // of the base's leaves
    Frontier frontier_;             // of all leaves
    std::deque<Admitted> entries_;  // leaf base_size_ + i at position i
    // source, NUL, id -> where, of the overlay's records; looked up only, never iterated.
    std::unordered_map<std::string, KnownRecord> records_;
    FactDraft facts_;  // changes of the overlay's leaves
    // Of the overlay's leaves that change the registry: leaf, and the registry after it.
    std::deque<std::pair<std::uint64_t, std::shared_ptr<const Registry>>> registries_;
    std::size_t bytes_ = 0;
};

}  // namespace socai::ledger
