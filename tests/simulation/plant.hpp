// For the tests of the checks: entries made by hand, good ones and others.
#pragma once

#include <optional>
#include <string>

#include "consensus/chain.hpp"
#include "ledger/entry.hpp"
#include "ledger/merkle_tree.hpp"
#include "tests/simulation/history.hpp"

namespace socai::simulation {

class Plant {
  public:
    explicit Plant(Statements& statements) : history_(statements) {}

    const History& history() const { return history_; }
    const consensus::EntryId& last() const { return history_.id_at(history_.last()); }

    // The leaf that would come next.
    consensus::EntryPtr leaf(const StatementPtr& statement, std::int64_t later_ms = 0,
                             std::optional<consensus::Digest> mark = {}) const {
        const std::string text =
            ledger::make_entry(history_.state().last_time_ms() + later_ms, statement->text);
        return consensus::make_entry(last(), {2}, consensus::EntryKind::payload, ledger::leaf_hash(text),
                                     mark, text);
    }
    std::optional<std::string> commit(const consensus::EntryPtr& entry) {
        return history_.commit(*entry, {2});
    }
    std::optional<std::string> commit(const StatementPtr& statement) { return commit(leaf(statement)); }

  private:
    History history_;
};

}  // namespace socai::simulation
