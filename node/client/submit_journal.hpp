// Remembers which statements a ledger has acknowledged, so that a `submit` that was interrupted goes on where
// it stopped. Losing it costs time, never records: a resubmission answers as a duplicate. For that reason it
// is not synced.
//
// Text, so that a person can look: a first line "socai-submit 1 <ledger>", then one line for each
// acknowledged statement, its SHA-256 in hex. <ledger> is the SHA-256 of leaf 0's statement in hex: what one
// ledger has acknowledged means nothing to another.
#pragma once

#include <fstream>
#include <set>
#include <string>

#include "ledger/hash.hpp"
#include "node/error.hpp"

namespace socai::node::client {

class SubmitJournal {
  public:
    // Opens or begins the journal at `path` for `ledger`. A torn last line is dropped; a journal of another
    // ledger is begun anew. Errors: file_unreadable, file_unwritable, not_a_journal (another file, left
    // alone).
    static Result<SubmitJournal> open(const std::string& path, const ledger::Hash& ledger);

    bool contains(const ledger::Hash& statement) const { return acknowledged_.contains(statement); }
    std::size_t size() const { return acknowledged_.size(); }
    void add(const ledger::Hash& statement);
    // Hands the lines to the system; false when they could not be written.
    bool flush();
    // Nothing is left to resume: deletes the file.
    void remove();

  private:
    explicit SubmitJournal(std::string path) : path_(std::move(path)) {}

    std::string path_;
    std::ofstream file_;
    std::set<ledger::Hash> acknowledged_;
};

}  // namespace socai::node::client
