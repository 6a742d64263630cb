// The `state` database: everything derived from the log - tiles, leaf map, record ids, indexes - without a
// WAL, flushed atomically with the applied position at least every 64 MiB or 50,000 leaves (architecture.md
// 4). May be deleted: it is rebuilt from the log. Format: state_database.hpp.
//
// Threads: one thread applies; any thread reads. Reads see whole batches only: a batch is written as one, and
// its leaves become visible (size()) after that; what a reader finds beyond the size it knows, it ignores.
//
// Damage that is found while reading through an interface that has no errors (ledger::View, TimelineSource,
// NodeReader) must not turn into a wrong answer: the state is marked for rebuilding, `on_damage` is called,
// and the process aborts.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "consensus/types.hpp"
#include "inspection/fields.hpp"
#include "inspection/timeline.hpp"
#include "ledger/admission.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/tiles.hpp"
#include "storage/applied_position.hpp"
#include "storage/error.hpp"
#include "storage/identity.hpp"
#include "storage/query_page.hpp"
#include "storage/state_facts.hpp"

namespace socai::storage {

// One committed entry to apply; `leaf` is null for no-ops and configurations.
struct Apply {
    consensus::EntryId id;
    const ledger::Admitted* leaf = nullptr;
};

class StateDatabase;

class StateStore : public ledger::View, public inspection::TimelineSource, public ledger::NodeReader {
  public:
    // The id of the entry that the log holds at an index (its base included), or nothing.
    using IdInLog = std::function<std::optional<consensus::EntryId>(consensus::Index)>;

    // Opens or creates `directory`/state. A state that is of another format version, damaged, or not of this
    // log (which holds no such entry as the last one applied) is thrown away and rebuilt by the caller's
    // replay; that it was is told in `rebuilt` (may be null). Errors: wrong_identity, locked, io_error,
    // no_space.
    static Result<std::unique_ptr<StateStore>> open(const std::string& directory, const Identity& identity,
                                                    const IdInLog& id_in_log, bool* rebuilt);
    ~StateStore() override;

    // Called once, by whichever thread finds damage, before the process aborts. Set before the store is
    // shared between threads.
    void on_damage(std::function<void(const Error&)> handler);

    // What the genesis founded; outlives the store. Called once, before the store is shared between threads: until then it
    // knows of no change of the registry (ledger/governance/registry_facts.hpp).
    void founded(const ledger::Registry& registry);

    AppliedPosition position() const;
    // The frontier of the applied leaves; kept in memory.
    ledger::Frontier frontier() const;
    // Applies entries, which follow the position without gaps, as one atomic batch. One thread only. After an
    // error nothing more is applied: corrupt_state, io_error, no_space.
    Result<void> apply(std::span<const Apply> entries);
    // Makes everything applied durable (shutdown, tests). Otherwise flushes happen in the background.
    Result<void> flush();

    // ledger::View
    std::uint64_t size() const override;
    std::int64_t last_time_ms() const override;
    std::optional<ledger::KnownRecord> find(std::string_view source, std::string_view id) const override;
    std::optional<ledger::Hash> find_node(std::string_view name) const override;
    // As applied; for the applying thread, which alone sees them stand still.
    const ledger::Facts& facts() const override;
    ledger::Hash root() const override;
    ledger::Hash root_with(const ledger::Hash& leaf) const override;
    // As applied. Any thread.
    std::shared_ptr<const ledger::Registry> registry() const override;
    // The same as they are now, whatever is applied later. Any thread.
    std::unique_ptr<FactsSnapshot> snapshot_facts() const;

    // inspection::TimelineSource: addresses in ledger order.
    std::vector<ledger::Address> with_dossier(std::string_view dossier_no) const override;
    std::vector<ledger::Address> referring_to(const ledger::Address& target) const override;
    // Empty for an address that holds no record.
    std::string kind_at(const ledger::Address& address) const override;

    // ledger::NodeReader, for applied leaves
    std::optional<ledger::Hash> node(std::uint32_t level, std::uint64_t index) const override;
    // Bytes of a hash tile, `name.width` hashes; nothing when not there yet.
    std::optional<std::string> tile(const ledger::TileName& name) const;

    // Raft index of leaf `index` (< size()).
    std::optional<consensus::Index> raft_index_of(std::uint64_t leaf) const;
    // Of the facts after the first `size` leaves (storage/state_database.hpp: digest_mark); nothing beyond those applied.
    std::optional<std::uint64_t> facts_mark(std::uint64_t size) const;
    // Leaves among the Raft entries up to and including `index` (for durable and committed sizes): exact for
    // applied ones; entries beyond the applied position are all taken as leaves.
    std::uint64_t leaves_up_to(consensus::Index index) const;

    // Records in ledger order that match `filter`, from leaf `from_index` on (descending: from the end down
    // to it), at most `limit`. Work is bounded: a page may hold fewer, even none, and still give a cursor; no
    // cursor means that there is nothing more. A cursor belongs to its filter and order and survives
    // concurrent appends. `fields` loads the Fields of a record; it is asked only for conditions that the
    // indexes cannot decide (query.hpp). Errors: bad_cursor, corrupt_state, corrupt_log.
    Result<QueryPage> query(
        const inspection::Filter& filter, std::uint64_t from_index, bool descending, std::size_t limit,
        const std::optional<std::string>& cursor,
        const std::function<std::optional<inspection::Fields>(const ledger::Address&)>& fields) const;
    // The cursor with which query() goes on at `next`, an address of a page with this filter and order: for a
    // caller that gives out only the front of that page.
    static std::string query_cursor(const inspection::Filter& filter, bool descending,
                                    const ledger::Address& next);

    // For the scrub and for backups, any thread.
    const StateDatabase& database() const;
    // Takes a leaf, whose bytes go, out of the indexes over what its records say: of each record stays what `remains` tells of
    // it, as if it had been applied from that; `digest` is the SHA-256 of what remains. Durable on return. Any thread.
    Result<void> forget_content(std::uint64_t leaf, const ledger::Statement& whole, const ledger::Statement& remains,
                                const ledger::Hash& digest);
    // Leaves that were applied from what remained of them, or stand as if they had been, with the SHA-256 of that, ascending.
    std::vector<std::pair<std::uint64_t, ledger::Hash>> applied_as_remains() const;
    // The state is damaged in a way that only a new one cures: the next start throws it away. Best effort.
    void doubt(const std::string& why);
    // Writes a row of the tree that holds something else than it must. Only full rows: nothing is appended to them
    // any more. Errors as apply().
    Result<void> rewrite_row(std::uint32_t level, std::uint64_t row, std::string_view bytes);

  private:
    struct Impl;
    explicit StateStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace socai::storage
