// The side file `acknowledged`: what this node has promised, remembered outside RocksDB (architecture.md 5),
// so that a log cut short by RocksDB's own recovery is told from a write that was never acknowledged, and what
// was acknowledged and lost stays promised until it is back.
//
// The file is two slots of 4,096 bytes, written in turn: a write overwrites the older slot and is synced, so
// a torn write never loses the state before it. Each slot holds the same image twice, at its start and in its
// middle, in different sectors: one rotten sector loses nothing, and only a write that was torn, or the loss
// of a whole page, falls back to the slot before. The intact image with the highest sequence counts.
//
//   file  = slot slot                       slot s holds the sequences with sequence mod 2 = s
//   slot  = image padding image padding     each half 2,048 bytes, padding zero
//   image = "SOCAIACK" version:u32 sequence:u64 term:u64 vote:u64 configuration:id
//           durable_write:u64 durable:id intended_write:u64 intended:id commit:u64 promised:id sha256:32
//   id    = term:u64 index:u64 hash:32      integers big-endian; sha256 over all before it; version is 2
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "consensus/types.hpp"
#include "storage/error.hpp"

namespace socai::storage {

// Log writes (batches that append or truncate) are numbered from 1; the log stores the number of its last
// batch in that very batch (LogMark). `durable` is the exact end of the log as write `durable_write` left it,
// `intended` the end as write `intended_write` leaves it: equal to the former when no log write is under way,
// else its successor. Naming ends by write number, not by index alone, is what makes a truncation by a new
// leader safe to sync in parallel with this file: whichever of the two reached the disk, the number in the
// log says whether the truncation took place, and so which end must be found.
struct SideState {
    consensus::HardState hard;
    std::uint64_t durable_write = 0;
    consensus::EntryId durable;  // synced before this slot was written: missing later means corruption
    std::uint64_t intended_write = 0;
    consensus::EntryId intended;  // synced together with this slot: may be missing after power loss
    consensus::Index commit;      // known committed; a lower bound
    // The highest entry by (term, index) that this node acknowledged and no longer holds; zero: nothing is
    // missing. Set when a loss is found, cleared once `durable` has come as far.
    consensus::EntryId promised;
    bool operator==(const SideState&) const = default;
};

// One owner; write() from one thread at a time.
class SideFile {
  public:
    // Creates the file (synced, with its directory) when absent and `create`; else reads it. Errors:
    // corrupt_side_file (absent, of another length, no intact image), wrong_version, io_error, no_space.
    static Result<std::unique_ptr<SideFile>> open(const std::string& path, bool create);
    ~SideFile();
    // What the file at `path` is like, read from the disk. Anything but whole also while it is written: look again.
    enum class Condition : std::uint8_t {
        whole,      // every byte is one that was written
        copy_lost,  // all that was written is there, but not twice
        // What one of the slots held is not there any more. If it was the newer one, what the node promised last is
        // forgotten: a vote, perhaps. (A first write ever that is lost to zeros cannot be told from none.)
        slot_lost,
    };
    static Condition condition(const std::string& path);
    SideFile(const SideFile&) = delete;
    SideFile& operator=(const SideFile&) = delete;

    const SideState& state() const { return state_; }
    // Writes the older slot and syncs. On return `state` is durable. After an error nothing is known of the
    // slot and the owner must not write again: a sync that failed once may falsely succeed when repeated.
    Result<void> write(const SideState& state);

  private:
    SideFile(int fd, std::string path, SideState state, std::uint64_t sequence);
    int fd_;
    std::string path_;
    SideState state_;
    std::uint64_t sequence_;  // of state_
};

}  // namespace socai::storage
