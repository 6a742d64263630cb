#include "storage/recovery.hpp"

namespace socai::storage {
namespace {

std::string number(std::uint64_t value) {
    return std::to_string(value);
}

constexpr std::string_view refetch =
    " Do not delete anything: acknowledged entries must come back from the other nodes, with this folder "
    "moved "
    "aside and the node returned under a new node id.";

Error cut_short(const SideState& side, const LogMark& mark, const std::string& directory) {
    std::string detail = directory + "/log ends at Raft index " + number(mark.last.index.value) + " (write " +
                         number(mark.write) + "), but this node acknowledged everything to Raft index " +
                         number(side.durable.index.value) + " (write " + number(side.durable_write) + "). ";
    if (mark.last.index < side.durable.index) {
        detail +=
            "Missing: " + number(mark.last.index.value + 1) + " to " + number(side.durable.index.value) + ".";
    }
    return {"log_cut_short", detail + std::string(refetch)};
}

Error other_end(const consensus::EntryId& expected, const LogMark& mark, const std::string& directory) {
    return {"corrupt_log", directory + "/log ends at Raft index " + number(mark.last.index.value) +
                               " of term " + number(mark.last.term.value) + " after write " +
                               number(mark.write) + ", but that write left it at index " +
                               number(expected.index.value) + " of term " + number(expected.term.value) +
                               "." + std::string(refetch)};
}

}  // namespace

Result<LogEnd> judge_end(const SideState& side, const LogMark& mark, const std::string& directory) {
    if (mark.write < side.durable_write) return cut_short(side, mark, directory);
    if (mark.write > side.intended_write + 1) {
        return Error{"corrupt_side_file",
                     directory + "/acknowledged knows of write " + number(side.intended_write) +
                         ", but the log beside it has come to write " + number(mark.write) +
                         ": the file is an old copy. What this node voted since is not known: let it return "
                         "under a new node id."};
    }
    if (mark.write == side.intended_write) {
        if (mark.last != side.intended) return other_end(side.intended, mark, directory);
        return LogEnd::complete;
    }
    if (mark.write == side.durable_write) {
        if (mark.last != side.durable) return other_end(side.durable, mark, directory);
        return LogEnd::torn;
    }
    return LogEnd::ahead;
}

}  // namespace socai::storage
