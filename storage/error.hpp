// Errors of storage as values. A fault of the disk is never repaired in silence: the node stops with
// `detail`, or its start says what was lost and comes back from the other nodes (log_store.hpp). Pure.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace socai::storage {

struct Error {
    // Stable snake_case word:
    //   io_error            the operating system refused a read, a write or a sync
    //   no_space            the disk is full
    //   locked              another process works in this folder
    //   wrong_identity      the folder is of another ledger or node
    //   wrong_version       the folder was written in a format that this program does not know
    //   corrupt_log         the log's bytes are not what was written; the next start repairs it
    //   corrupt_side_file   the file `acknowledged` is missing, damaged, or older than the log
    //   corrupt_state       the derived state lacks something it must hold; it may be deleted and is rebuilt
    //   corrupt_outbox      the node's promises are not what was written; a person has to look
    //   bad_cursor          a query's cursor is malformed or of another query
    std::string reason;
    std::string detail;  // a sentence: which file or index, what was expected, what to do
};
// What to do about a node whose promises are unknown: it can never again be believed under its old name.
inline constexpr std::string_view return_as_new =
    "let it return under a new node id, as a learner (socai cluster remove-node, then add-node).";

template <class T>
using Result = boost::system::result<T, Error>;

// Called by boost::system::result when .value() is asked of an error: a programming fault, never a path for
// bad input.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw std::logic_error(error.reason + ": " + error.detail);
}

}  // namespace socai::storage
