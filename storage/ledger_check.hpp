// Reads the log from its beginning, entry by entry, and recomputes from it everything that is computed from it: ids
// along the hash chain, leaf hashes, the roots that leaders put into the log, and every row of the stored tree. For
// the scrub of a running node and of a stopped one, and for backups. One owner.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "storage/log_database.hpp"
#include "storage/tree_check.hpp"

namespace socai::storage {

class LedgerCheck {
  public:
    // Where a check stands: everything up to `last` was checked, its leaves make `tree`.
    struct Place {
        consensus::EntryId last;
        ledger::Frontier tree;
    };
    // One stretch of the log.
    struct Stretch {
        std::size_t bytes = 0;  // that were read
        bool ended = false;     // nothing is left up to the limit
        // This entry cannot be read, or is not what its id names: its owner finds out more, then skip()s it.
        std::optional<consensus::Index> unreadable;
    };

    // `read_row` null: the tree is not stored, or not to be believed; only the root is computed then.
    LedgerCheck(const LogDatabase& log, Place from, TreeCheck::ReadRow read_row);

    // Checks on, at most to `last` and before the leaf that follows `size` leaves, about a quarter of a mebibyte. Errors: those of
    // read_row, and of reading the log other than damage.
    Result<Stretch> advance(consensus::Index last, std::uint64_t size);
    // Goes on behind an entry that cannot be read: `leaf` is its leaf hash as the tree has it, where it is a leaf.
    void skip(const consensus::EntryId& id, const std::optional<ledger::Hash>& leaf);

    Place place() const { return {last_, tree_.frontier()}; }
    const TreeCheck& tree() const { return tree_; }
    std::uint64_t entries() const { return entries_; }
    bool skipped() const { return skipped_; }
    // The first thing that does not fit together though every byte of it could be read: a sentence. What stands in
    // the log, or the tree beside it, is not what was written there, and which of them only others can tell.
    const std::optional<std::string>& contradiction() const { return contradiction_; }
    void contradict(std::string sentence);
    // Is all well so far, with nothing left out? Only then may a later check go on from place().
    bool spotless() const {
        return rows_ && !skipped_ && !contradiction_ && tree_.wrong().empty() && !tree_.too_many();
    }
    // The rows are not looked at from now on.
    void forget_rows() { rows_ = false; }

  private:
    const LogDatabase& log_;
    consensus::EntryId last_;
    TreeCheck tree_;
    bool rows_;
    bool skipped_ = false;  // roots are not compared behind an entry whose leaf is taken from the tree
    std::uint64_t entries_ = 0;
    std::optional<std::string> contradiction_;
};

}  // namespace socai::storage
