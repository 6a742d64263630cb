// What the end of the log means, in the light of the side file. Pure: the log's end and the side file's state
// in, a verdict out, so that every case can be tested without a disk.
#pragma once

#include <string>

#include "storage/error.hpp"
#include "storage/log_format.hpp"
#include "storage/side_file.hpp"

namespace socai::storage {

enum class LogEnd : std::uint8_t {
    complete,  // the log ends where the side file says
    torn,      // the write under way never reached the log: it was never acknowledged
    // The write reached the log, its slot did not reach the side file: it was never acknowledged either, but
    // is whole, and keeping it is what a slower crash would have done.
    ahead,
    // A write that may have been acknowledged is missing, or the log ends elsewhere than its last write left
    // it. What is there may be used, what is not is promised (promised_after).
    lost,
};

// `mark` is the log's own.
//
//   mark.write == durable_write < intended_write   torn; the log must end at `durable`
//   mark.write == intended_write                   complete; the log must end at `intended`
//   mark.write == intended_write + 1               ahead; the slot of the next write was lost
//   mark.write <  durable_write                    lost
//   another end than the one that must be found    lost
//   mark.write >  intended_write + 1               error corrupt_side_file: the side file is older than the log
//
// `directory` is named in the error.
Result<LogEnd> judge_end(const SideState& side, const LogMark& mark, const std::string& directory);

// The highest entry by (term, index) that this node may have acknowledged, after `end` was found. A write that
// is torn was not; of any other end, or of a log that cannot be read at all (`lost`), the write that the side
// file calls intended must be taken for acknowledged.
consensus::EntryId promised_after(const SideState& side, LogEnd end);

}  // namespace socai::storage
