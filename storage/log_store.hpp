// The `log` database: the Raft log, which is the ledger, in RocksDB with a synced write-ahead log, beside the
// side file (architecture.md 4, 5). Entry ids (term, chain hash) stand in a column family of their own, apart
// from payloads, so that a corrupt entry can be told from a torn tail and fetched again by id (Alagappan et
// al., "Protocol-Aware Recovery for Consensus-Based Storage", FAST 2018). Formats: log_format.hpp and
// side_file.hpp. Verdicts at start: recovery.hpp.
//
// Order of a commit: RocksDB's log and the side file are synced in parallel, both before write() returns. A
// crash may leave either, both or none; the number of the write stands in both, so that recovery knows which
// (recovery.hpp), also when the write truncates what was acknowledged before.
//
// Threads: write() and flush_side_file() from one thread (LogWriter's); the rest from any.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "consensus/core.hpp"
#include "storage/error.hpp"
#include "storage/identity.hpp"
#include "storage/side_file.hpp"

namespace socai::storage {

struct LogStart {
    consensus::HardState hard;  // its configuration is one that the log holds, or index 0
    consensus::LogSummary log;
    consensus::Index commit;     // lower bound, from the side file
    bool torn_tail_cut = false;  // a write that was never acknowledged was dropped
};

class LogStore {
  public:
    // Opens or creates `directory`/log and `directory`/acknowledged. Time does not grow with the log. A torn
    // tail (at most what was intended and never acknowledged) is cut; an acknowledged entry that is missing
    // is `log_cut_short`, anything else wrong names itself: corrupt_log, corrupt_side_file, wrong_identity,
    // wrong_version, locked, no_space, io_error. On any error the entries on disk are left as they were
    // found.
    static Result<std::unique_ptr<LogStore>> open(const std::string& directory, const Identity& identity);
    ~LogStore();

    const LogStart& start() const;

    // One group commit: hard state, truncation and appends of `jobs` in order, as one batch. On return all is
    // durable. Jobs that only change the hard state write only the side file. After an error nothing more is
    // written, every further call returns that error, and the node must stop: what reached the disk is known
    // only to the next start.
    Result<void> write(std::span<const consensus::StorageJob> jobs);
    // Tells the commit index for the next side-file write; written by itself when the log is idle
    // (flush_side_file). Any thread.
    void note_commit(consensus::Index commit);
    // Is something (the last durable entry, the commit index) newer than in the side file? Writer's thread.
    bool side_file_behind() const;
    // Writes the side file if it is behind. Called by the writer when idle and on shutdown.
    Result<void> flush_side_file();

    // Entries [first, last], stopping before `max_bytes` of payload are exceeded (at least one). Each is
    // checked: payload, chain and id agree, else corrupt_log. Fewer at the end of the log; none when `first`
    // is not in it.
    Result<std::vector<consensus::EntryPtr>> read(consensus::Index first, consensus::Index last,
                                                  std::size_t max_bytes) const;
    // The id at `index`, base included. Error corrupt_log when the log does not hold it.
    Result<consensus::EntryId> id_at(consensus::Index index) const;

  private:
    struct Impl;
    explicit LogStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace socai::storage
