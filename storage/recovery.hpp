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
};

// `mark` is the log's own; `last` the end found in the log, which the caller has compared with mark.last.
//
//   mark.write == durable_write < intended_write   torn; the log must end at `durable`
//   mark.write == intended_write                   complete; the log must end at `intended`
//   mark.write == intended_write + 1               ahead; the slot of the next write was lost
//   mark.write <  durable_write                    log_cut_short: an acknowledged write is missing
//   mark.write >  intended_write + 1               corrupt_side_file: the side file is older than the log
//   another end than the one that must be found    corrupt_log
//
// `directory` is named in errors.
Result<LogEnd> judge_end(const SideState& side, const LogMark& mark, const std::string& directory);

}  // namespace socai::storage
