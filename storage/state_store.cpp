#include "storage/state_store.hpp"

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <shared_mutex>
#include <system_error>
#include <utility>

#include "ledger/governance/registry_facts.hpp"
#include "storage/file.hpp"
#include "storage/postings.hpp"
#include "storage/query.hpp"
#include "storage/state_batch.hpp"
#include "storage/state_database.hpp"
#include "storage/state_nodes.hpp"
#include "storage/tree_growth.hpp"

namespace socai::storage {
namespace {

constexpr std::uint64_t leaves_between_flushes = 50'000;  // architecture.md 4
// Stands in a folder whose state was found damaged while in use; it is thrown away at the next start.
constexpr std::string_view damaged_marker = "damaged";

Result<void> throw_away(const std::string& path) {
    std::error_code failure;
    std::filesystem::remove_all(path, failure);
    if (failure) return system_error("cannot delete the damaged state", path, failure.value());
    return {};
}

}  // namespace

struct StateStore::Impl {
    explicit Impl(std::string folder) : path(std::move(folder)) {}

    const std::string path;
    std::unique_ptr<StateDatabase> state;
    std::function<void(const Error&)> damage_handler;
    std::once_flag damage_once;

    // The applying thread only.
    TreeGrowth tree{ledger::Frontier()};
    std::optional<Error> failed;
    std::uint64_t unflushed_leaves = 0;
    std::optional<AppliedFacts> facts;

    // What is visible: changed by the applying thread once a batch is in the database.
    mutable std::shared_mutex mutex;
    AppliedPosition position;
    ledger::Frontier frontier;
    std::vector<LeafRun> runs;
    std::vector<std::string> types;
    std::shared_ptr<const ledger::Registry> registry;  // null: as founded

    static Result<std::unique_ptr<Impl>> open(const std::string& path, const Identity& identity,
                                              const IdInLog& id_in_log);
    Result<void> load();
    Result<void> write(std::span<const Apply> entries);
    void publish(const StateBatch& batch, std::span<const Apply> entries);

    AppliedPosition visible() const {
        const std::shared_lock lock(mutex);
        return position;
    }
    [[noreturn]] void stop(const Error& error);
    // The value of a read whose caller cannot be told of damage.
    template <class T>
    T sound(Result<T> result) {
        if (!result) stop(result.error());
        return *std::move(result);
    }
    std::vector<ledger::Address> members(std::string prefix);
};

Result<std::unique_ptr<StateStore::Impl>> StateStore::Impl::open(const std::string& path,
                                                                 const Identity& identity,
                                                                 const IdInLog& id_in_log) {
    auto state = StateDatabase::open(path, identity);
    if (!state) return state.error();
    auto impl = std::make_unique<Impl>(path);
    impl->state = *std::move(state);
    if (auto loaded = impl->load(); !loaded) return loaded.error();
    if (const AppliedPosition& at = impl->position; at.raft_index.value != 0) {
        const std::optional<consensus::EntryId> held = id_in_log(at.raft_index);
        if (!held || held->hash != at.raft_hash) {
            return impl->state->damage(
                "the log does not hold the entry that it applied last, at Raft index " +
                std::to_string(at.raft_index.value));
        }
    }
    std::error_code failure;
    if (std::filesystem::exists(std::filesystem::path(path) / damaged_marker, failure)) {
        return impl->state->damage("it was found damaged while in use");
    }
    return impl;
}

Result<void> StateStore::Impl::load() {
    auto found_position = state->position();
    if (!found_position) return found_position.error();
    position = *found_position;
    auto found_runs = state->runs();
    if (!found_runs) return found_runs.error();
    runs = *std::move(found_runs);
    auto found_types = state->types();
    if (!found_types) return found_types.error();
    types = *std::move(found_types);
    if (runs.empty() != (position.size == 0) || (!runs.empty() && runs.back().leaf >= position.size)) {
        return state->damage("the leaf map does not fit the applied position");
    }
    auto found_frontier = read_frontier(*state, position.size);
    if (!found_frontier) return found_frontier.error();
    frontier = *std::move(found_frontier);
    tree = TreeGrowth(frontier);
    facts.emplace(*state, [this](const Error& error) { stop(error); });
    return facts->load();
}

void StateStore::Impl::stop(const Error& error) {
    std::call_once(damage_once, [&] {
        std::ofstream(std::filesystem::path(path) / damaged_marker) << error.detail << '\n';
        std::fprintf(stderr, "%s: %s\n", error.reason.c_str(), error.detail.c_str());
        if (damage_handler) damage_handler(error);
    });
    std::abort();
}

Result<void> StateStore::Impl::write(std::span<const Apply> entries) {
    // Only this thread changes runs, types and position, so it reads them without the lock.
    StateBatch batch(*state, position, runs.empty() ? std::nullopt : std::optional(runs.back()), types, tree);
    for (const Apply& entry : entries) {
        if (auto added = batch.add(entry.id, entry.leaf); !added) return added;
    }
    if (auto written = state->write(batch.finish()); !written) return written;
    for (const Apply& entry : entries) {
        if (entry.leaf != nullptr) facts->applied(entry.leaf->changes);
    }
    unflushed_leaves += batch.position().size - position.size;
    publish(batch, entries);
    if (unflushed_leaves < leaves_between_flushes) return {};
    unflushed_leaves = 0;
    return state->flush(false);
}

void StateStore::Impl::publish(const StateBatch& batch, std::span<const Apply> entries) {
    const std::unique_lock lock(mutex);
    position = batch.position();
    runs.insert(runs.end(), batch.new_runs().begin(), batch.new_runs().end());
    types.insert(types.end(), batch.new_types().begin(), batch.new_types().end());
    for (const Apply& entry : entries) {
        if (entry.leaf == nullptr) continue;
        frontier.append(entry.leaf->leaf);
        if (entry.leaf->registry) registry = entry.leaf->registry;
    }
}

std::vector<ledger::Address> StateStore::Impl::members(std::string prefix) {
    const std::uint64_t end = pack({visible().size, 0});
    const auto stream = stream_of(*state, std::move(prefix), Direction::ascending);
    std::vector<ledger::Address> addresses;
    std::uint64_t from = 0;
    while (const auto found = sound(stream->seek(from))) {
        if (*found >= end) break;
        addresses.push_back(unpack(*found));
        from = *found + 1;
    }
    return addresses;
}

StateStore::StateStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StateStore::~StateStore() = default;

Result<std::unique_ptr<StateStore>> StateStore::open(const std::string& directory, const Identity& identity,
                                                     const IdInLog& id_in_log, bool* rebuilt) {
    if (rebuilt != nullptr) *rebuilt = false;
    const std::string path = directory + "/state";
    auto impl = Impl::open(path, identity, id_in_log);
    if (!impl && impl.error().reason == "corrupt_state") {
        if (auto gone = throw_away(path); !gone) return gone.error();
        if (rebuilt != nullptr) *rebuilt = true;
        impl = Impl::open(path, identity, id_in_log);
    }
    if (!impl) return impl.error();
    return std::unique_ptr<StateStore>(new StateStore(*std::move(impl)));
}

void StateStore::on_damage(std::function<void(const Error&)> handler) {
    impl_->damage_handler = std::move(handler);
}

AppliedPosition StateStore::position() const {
    return impl_->visible();
}

ledger::Frontier StateStore::frontier() const {
    const std::shared_lock lock(impl_->mutex);
    return impl_->frontier;
}

Result<void> StateStore::apply(std::span<const Apply> entries) {
    if (impl_->failed) return *impl_->failed;
    if (entries.empty()) return {};
    auto done = impl_->write(entries);
    if (!done) impl_->failed = done.error();
    return done;
}

Result<void> StateStore::flush() {
    return impl_->state->flush(true);
}

std::uint64_t StateStore::size() const {
    return impl_->visible().size;
}

std::int64_t StateStore::last_time_ms() const {
    return impl_->visible().last_time_ms;
}

std::optional<ledger::KnownRecord> StateStore::find(std::string_view source, std::string_view id) const {
    const std::uint64_t size = this->size();
    std::optional<ledger::KnownRecord> known = impl_->sound(impl_->state->record(source, id));
    if (known && known->address.index >= size) known.reset();  // of a batch that is not visible yet
    if (known) known->kind = kind_at(known->address);
    return known;
}

std::optional<ledger::Hash> StateStore::find_node(std::string_view name) const {
    return impl_->sound(impl_->state->node(name));
}

const ledger::Facts& StateStore::facts() const {
    return *impl_->facts;
}

void StateStore::founded(const ledger::Registry& registry) {
    auto changed = ledger::registry_in_facts(registry, facts());
    const std::unique_lock lock(impl_->mutex);
    impl_->registry = std::move(changed);
}

std::shared_ptr<const ledger::Registry> StateStore::registry() const {
    const std::shared_lock lock(impl_->mutex);
    return impl_->registry;
}

ledger::Hash StateStore::root() const {
    return frontier().root();
}

ledger::Hash StateStore::root_with(const ledger::Hash& leaf) const {
    ledger::Frontier grown = frontier();
    grown.append(leaf);
    return grown.root();
}

std::unique_ptr<FactsSnapshot> StateStore::snapshot_facts() const {
    return std::make_unique<FactsSnapshot>(*impl_->state, [this](const Error& error) { impl_->stop(error); });
}

std::vector<ledger::Address> StateStore::with_dossier(std::string_view dossier_no) const {
    return impl_->members(posting_prefix(Field::dossier, dossier_no));
}

std::vector<ledger::Address> StateStore::referring_to(const ledger::Address& target) const {
    return impl_->members(posting_prefix(Field::reference, pack(target)));
}

std::string StateStore::kind_at(const ledger::Address& address) const {
    if (address.index >= size()) return {};
    const auto block = impl_->sound(impl_->state->leaf_block(address.index / leaves_a_block));
    const std::optional<LeafInfo> info = leaf_info_in(block.value_or(""), address.index);
    if (!info) impl_->stop(impl_->state->damage("the table of leaves is too short"));
    if (address.n >= info->records) return {};
    const std::shared_lock lock(impl_->mutex);
    ledger::Record record;
    record.type = impl_->types.at(info->type);
    return std::string(record.kind());
}

std::optional<std::uint64_t> StateStore::facts_mark(std::uint64_t size) const {
    if (size == 0 || size > this->size()) return std::nullopt;
    const auto block = impl_->sound(impl_->state->leaf_block((size - 1) / leaves_a_block));
    const std::optional<LeafInfo> info = leaf_info_in(block.value_or(""), size - 1);
    if (!info) impl_->stop(impl_->state->damage("the table of leaves is too short"));
    return info->facts;
}

std::optional<ledger::Hash> StateStore::node(std::uint32_t level, std::uint64_t index) const {
    return impl_->sound(read_node(*impl_->state, size(), level, index));
}

std::optional<std::string> StateStore::tile(const ledger::TileName& name) const {
    if (name.entries || name.width == 0) return std::nullopt;
    if (ledger::tile_width_at(name.level, name.index, size()) < name.width) return std::nullopt;
    auto bytes = impl_->sound(impl_->state->row(name.level * ledger::tile_height, name.index));
    const std::size_t length = name.width * hash_bytes;
    if (!bytes || bytes->size() < length) impl_->stop(impl_->state->damage("a tile is missing or too short"));
    bytes->resize(length);
    return bytes;
}

std::optional<consensus::Index> StateStore::raft_index_of(std::uint64_t leaf) const {
    const std::shared_lock lock(impl_->mutex);
    if (leaf >= impl_->position.size) return std::nullopt;
    const auto after =
        std::upper_bound(impl_->runs.begin(), impl_->runs.end(), leaf,
                         [](std::uint64_t wanted, const LeafRun& run) { return wanted < run.leaf; });
    assert(after != impl_->runs.begin());
    const LeafRun& run = *std::prev(after);
    return run.raft_index + (leaf - run.leaf);
}

std::uint64_t StateStore::leaves_up_to(consensus::Index index) const {
    const std::shared_lock lock(impl_->mutex);
    const AppliedPosition& position = impl_->position;
    if (index >= position.raft_index) return position.size + (index.value - position.raft_index.value);
    const auto after =
        std::upper_bound(impl_->runs.begin(), impl_->runs.end(), index,
                         [](consensus::Index wanted, const LeafRun& run) { return wanted < run.raft_index; });
    if (after == impl_->runs.begin()) return 0;
    const LeafRun& run = *std::prev(after);
    const std::uint64_t run_end = after == impl_->runs.end() ? position.size : after->leaf;
    return std::min(run_end, run.leaf + (index.value - run.raft_index.value) + 1);
}

Result<QueryPage> StateStore::query(
    const inspection::Filter& filter, std::uint64_t from_index, bool descending, std::size_t limit,
    const std::optional<std::string>& cursor,
    const std::function<std::optional<inspection::Fields>(const ledger::Address&)>& fields) const {
    const Query wanted{.filter = filter,
                       .from_index = from_index,
                       .direction = descending ? Direction::descending : Direction::ascending,
                       .limit = limit,
                       .cursor = cursor};
    return run_query(*impl_->state, size(), wanted, fields);
}

std::string StateStore::query_cursor(const inspection::Filter& filter, bool descending,
                                     const ledger::Address& next) {
    return cursor_at({.filter = filter,
                      .direction = descending ? Direction::descending : Direction::ascending,
                      .cursor = {}},
                     next);
}

Result<void> StateStore::forget_content(std::uint64_t leaf, const ledger::Statement& whole,
                                        const ledger::Statement& remains, const ledger::Hash& digest) {
    assert(whole.records.size() == remains.records.size());
    rocksdb::WriteBatch batch;
    for (std::size_t n = 0; n < whole.records.size(); ++n) {
        const std::uint64_t packed = pack({leaf, static_cast<std::uint32_t>(n)});
        const auto stays = posting_prefixes(inspection::fields_of(remains.records[n]));
        for (const std::string& prefix : posting_prefixes(inspection::fields_of(whole.records[n])))
            if (std::ranges::find(stays, prefix) == stays.end())
                batch.Delete(impl_->state->family(StateFamily::postings), posting_key(prefix, packed));
    }
    put_remains(batch, *impl_->state, leaf, digest);
    if (auto written = impl_->state->write(batch); !written) return written;
    return impl_->state->flush(true);
}

std::vector<std::pair<std::uint64_t, ledger::Hash>> StateStore::applied_as_remains() const {
    return impl_->sound(impl_->state->remains());
}

const StateDatabase& StateStore::database() const {
    return *impl_->state;
}

void StateStore::doubt(const std::string& why) {
    std::ofstream(impl_->path + "/" + std::string(damaged_marker)) << why << '\n';
}

Result<void> StateStore::rewrite_row(std::uint32_t level, std::uint64_t row, std::string_view bytes) {
    assert(bytes.size() == row_nodes * hash_bytes);
    rocksdb::WriteBatch batch;
    batch.Put(impl_->state->family(StateFamily::tree), row_key(level, row), bytes);
    return impl_->state->write(batch);
}

}  // namespace socai::storage
