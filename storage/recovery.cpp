#include "storage/recovery.hpp"

#include <algorithm>

namespace socai::storage {

Result<LogEnd> judge_end(const SideState& side, const LogMark& mark, const std::string& directory) {
    if (mark.write < side.durable_write) return LogEnd::lost;
    if (mark.write > side.intended_write + 1) {
        return Error{"corrupt_side_file",
                     directory + "/acknowledged knows of write " + std::to_string(side.intended_write) +
                         ", but the log beside it has come to write " + std::to_string(mark.write) +
                         ": the file is an old copy. What this node voted since is not known: " +
                         std::string(return_as_new)};
    }
    if (mark.write == side.intended_write) {
        return mark.last == side.intended ? LogEnd::complete : LogEnd::lost;
    }
    if (mark.write == side.durable_write) return mark.last == side.durable ? LogEnd::torn : LogEnd::lost;
    return LogEnd::ahead;
}

consensus::EntryId promised_after(const SideState& side, LogEnd end) {
    consensus::EntryId promised = std::max(side.promised, side.durable, consensus::is_behind);
    if (end != LogEnd::torn) promised = std::max(promised, side.intended, consensus::is_behind);
    return promised;
}

}  // namespace socai::storage
