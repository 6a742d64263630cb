// The `log` database: the Raft log, which is the ledger, in RocksDB with a synced WAL, beside the side file
// (architecture.md 4, 5). Entry ids (term, chain hash) stand in a column family of their own, apart from
// payloads. One thread writes (LogWriter); any thread reads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "consensus/core.hpp"
#include "storage/error.hpp"
#include "storage/side_file.hpp"

namespace socai::storage {

// Whose folder this is; a folder of another cluster or node is refused.
struct Identity {
    std::string origin;
    std::string node;          // "customs-1"
    std::string genesis_hash;  // hex SHA-256 of the genesis entry
};

struct LogStart {
    consensus::HardState hard;
    consensus::LogSummary log;
    consensus::Index commit;     // lower bound, from the side file
    bool torn_tail_cut = false;  // a write that was never acknowledged was dropped
};

class LogStore {
  public:
    // Opens or creates `directory`/log and `directory`/acknowledged. Time does not grow with the log. A torn
    // tail (at most what was intended and never acknowledged) is cut; an acknowledged entry that is missing
    // is `log_cut_short`, anything else wrong names itself.
    static Result<std::unique_ptr<LogStore>> open(const std::string& directory, const Identity& identity);
    ~LogStore();

    const LogStart& start() const;

    // One group commit: hard state, truncation and appends of `jobs` in order, then WAL and side file synced
    // in parallel. On return all is durable. One thread only.
    Result<void> write(std::span<const consensus::StorageJob> jobs);
    // Tells the commit index for the next side-file write; written by itself when the log is idle
    // (flush_side_file).
    void note_commit(consensus::Index commit);
    // Writes the side file if something (durable, commit) is newer than in it. Called by the writer when idle
    // and on shutdown.
    Result<void> flush_side_file();

    // Entries [first, last], stopping after `max_bytes` of payload (at least one). Each is checked: digest,
    // chain and id agree, else corrupt_log. Stops early at a gap at the end.
    Result<std::vector<consensus::EntryPtr>> read(consensus::Index first, consensus::Index last,
                                                  std::size_t max_bytes) const;
    Result<consensus::EntryId> id_at(consensus::Index index) const;

  private:
    struct Impl;
    explicit LogStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace socai::storage
