#include "tests/simulation/history.hpp"

#include "consensus/chain.hpp"
#include "ledger/entry.hpp"
#include "tests/simulation/trace.hpp"

namespace socai::simulation {

History::History(Statements& statements) : statements_(statements), state_(statements) {
    add_point({1});
}

void History::add_point(consensus::Term in_term) {
    points_.push_back(
        {state_.applied_id(), in_term, state_.size(), state_.digest(), state_.frontier().root()});
}

std::optional<std::string> History::commit(const consensus::Entry& entry, consensus::Term in_term) {
    if (entry.id.index <= last()) {
        if (id_at(entry.id.index) == entry.id) return std::nullopt;
        return "commits " + text(entry.id) + " where " + text(id_at(entry.id.index)) +
               " was committed before";
    }
    if (entry.id.index != last() + 1) return "commits " + text(entry.id) + " and leaves a gap";
    if (!consensus::follows(points_.back().id, entry))
        return "commits " + text(entry.id) + ", which does not chain";
    if (entry.kind != consensus::EntryKind::payload) {
        state_.apply(entry.id, nullptr);
        add_point(in_term);
        return std::nullopt;
    }
    const auto split = ledger::split_entry(entry.payload);
    if (!split) return "commits " + text(entry.id) + ", which is no leaf";
    const auto& statement = statements_.judged(split->statement);
    if (!statement || !statements_.number_of(**statement)) {
        return "commits " + text(entry.id) + ", whose statement nobody signed";
    }
    if (split->time_ms < state_.last_time_ms()) return "commits " + text(entry.id) + ", whose time went back";
    for (const ledger::Record& record : (*statement)->records) {
        if (state_.find(record.source, record.id)) return "commits record " + record.id + " a second time";
    }
    const Leaf leaf{split->time_ms, entry.digest, *statement};
    state_.apply(entry.id, &leaf);
    add_point(in_term);
    if (entry.mark && *entry.mark != points_.back().root)
        return "commits " + text(entry.id) + " with another root";
    return std::nullopt;
}

std::optional<std::string> History::compare(consensus::Index index, const State& applied,
                                            bool with_root) const {
    const Point& point = points_[index.value - 1];
    if (applied.applied_id() != point.id) return "applied another entry than " + text(point.id);
    if (applied.size() != point.size) return "applied another number of leaves at " + text(point.id);
    if (applied.digest() != point.digest) return "derived another state at " + text(point.id);
    if (with_root && applied.frontier().root() != point.root) return "has another root at " + text(point.id);
    return std::nullopt;
}

std::optional<std::vector<Leaf>> History::leaves_at(const consensus::EntryId& id) const {
    if (!contains(id)) return std::nullopt;
    const auto& all = state_.leaves();
    return std::vector<Leaf>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size_at(id.index)));
}

}  // namespace socai::simulation
