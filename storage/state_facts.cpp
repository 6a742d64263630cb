#include "storage/state_facts.hpp"

#include <rocksdb/db.h>

#include <cstdlib>
#include <utility>

namespace socai::storage {
namespace {

constexpr char small_table = '!';

}  // namespace

StoredFacts::StoredFacts(const StateDatabase& state, const rocksdb::Snapshot* snapshot, Damaged damaged)
    : state_(state), snapshot_(snapshot), damaged_(std::move(damaged)) {}

std::optional<std::string> StoredFacts::get(std::string_view key) const {
    auto value = state_.fact(key, snapshot_);
    if (!value) {
        damaged_(value.error());
        std::abort();
    }
    return *std::move(value);
}

void StoredFacts::scan(std::string_view prefix, std::string_view from, const Visit& visit) const {
    const std::string end = ledger::end_of_prefix(prefix);
    const rocksdb::Slice bound(end);
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    if (!end.empty()) options.iterate_upper_bound = &bound;
    const auto found = state_.iterate(options, StateFamily::facts);
    for (found->Seek(from > prefix ? from : prefix); found->Valid(); found->Next()) {
        if (!visit(found->key().ToStringView(), found->value().ToStringView())) return;
    }
    if (!found->status().ok()) {
        damaged_(state_.error(found->status(), "reading facts"));
        std::abort();
    }
}

std::optional<ledger::Fact> StoredFacts::last(std::string_view prefix, std::string_view end) const {
    const rocksdb::Slice bound(prefix.data(), prefix.size());
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    options.iterate_lower_bound = &bound;
    const auto found = state_.iterate(options, StateFamily::facts);
    const std::string beyond = ledger::end_of_prefix(prefix);
    const std::string_view bound_above = !beyond.empty() && beyond < end ? std::string_view(beyond) : end;
    found->SeekForPrev(bound_above);
    if (found->Valid() && found->key().ToStringView() == bound_above) found->Prev();
    if (!found->status().ok()) {
        damaged_(state_.error(found->status(), "reading facts"));
        std::abort();
    }
    if (!found->Valid() || !found->key().ToStringView().starts_with(prefix)) return std::nullopt;
    return ledger::Fact{found->key().ToString(), found->value().ToString()};
}

AppliedFacts::AppliedFacts(const StateDatabase& state, StoredFacts::Damaged damaged)
    : stored_(state, nullptr, std::move(damaged)) {}

Result<void> AppliedFacts::load() {
    std::vector<ledger::FactChange> changes;
    stored_.scan(std::string_view(&small_table, 1), {}, [&](std::string_view key, std::string_view value) {
        changes.push_back({std::string(key), std::string(value)});
        return true;
    });
    small_.apply(changes);
    return {};
}

void AppliedFacts::applied(const std::vector<ledger::FactChange>& changes) {
    std::vector<ledger::FactChange> small;
    for (const ledger::FactChange& change : changes) {
        if (change.key.starts_with(small_table)) small.push_back(change);
    }
    small_.apply(small);
}

const ledger::Facts& AppliedFacts::holder(std::string_view key) const {
    if (key.starts_with(small_table)) return small_;
    return stored_;
}

std::optional<std::string> AppliedFacts::get(std::string_view key) const {
    return holder(key).get(key);
}

void AppliedFacts::scan(std::string_view prefix, std::string_view from, const Visit& visit) const {
    holder(prefix).scan(prefix, from, visit);
}

std::optional<ledger::Fact> AppliedFacts::last(std::string_view prefix, std::string_view end) const {
    return holder(prefix).last(prefix, end);
}

namespace {

AppliedPosition sound(Result<AppliedPosition> position, const StoredFacts::Damaged& damaged) {
    if (!position) {
        damaged(position.error());
        std::abort();
    }
    return *position;
}

}  // namespace

FactsSnapshot::FactsSnapshot(const StateDatabase& state, StoredFacts::Damaged damaged)
    : snapshot_(state.files().get()),
      facts_(state, snapshot_.snapshot(), damaged),
      position_(sound(state.position(snapshot_.snapshot()), damaged)) {}

}  // namespace socai::storage
