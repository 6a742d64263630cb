// The side file: what was acknowledged, remembered outside RocksDB (architecture.md 5). Two slots, each with
// a sequence number and a SHA-256 checksum, written in turn and synced; the newest intact slot counts, so a
// torn write never loses the one before. Holds term, vote, the configuration's entry id, the id of the last
// entry certainly durable, the id of the last entry of the write under way, and a lower bound of the commit
// index.
#pragma once

#include <memory>
#include <string>

#include "consensus/types.hpp"
#include "storage/error.hpp"

namespace socai::storage {

struct SideState {
    consensus::HardState hard;
    consensus::EntryId
        durable;  // synced in the log before this slot was written: missing later means corruption
    consensus::EntryId
        intended;  // last entry of the write synced together with this slot: may be missing after power loss
    consensus::Index commit;  // known committed; a lower bound
    bool operator==(const SideState&) const = default;
};

class SideFile {
  public:
    // Creates the file (synced, with its directory) when absent and `create`; else reads it. Errors: both
    // slots damaged, io.
    static Result<std::unique_ptr<SideFile>> open(const std::string& path, bool create);
    ~SideFile();

    const SideState& state() const { return state_; }
    // Writes the other slot and fdatasyncs. On return it is durable.
    Result<void> write(const SideState& state);

  private:
    SideFile(int fd, std::string path, SideState state, std::uint64_t sequence);
    int fd_;
    std::string path_;
    SideState state_;
    std::uint64_t sequence_;
};

}  // namespace socai::storage
