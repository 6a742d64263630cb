// The `log` database: the Raft log, which is the ledger, in RocksDB with a synced write-ahead log, beside the
// side file (architecture.md 4, 5). Entry ids (term, chain hash) stand in a column family of their own, apart
// from payloads, so that an entry whose content is lost can be fetched again by id, and what was acknowledged
// and is gone is known to be gone (Alagappan et al., "Protocol-Aware Recovery for Consensus-Based Storage",
// FAST 2018). Formats: log_format.hpp and side_file.hpp. Verdicts at start: recovery.hpp, log_scan.hpp.
//
// Order of a commit: RocksDB's log and the side file are synced in parallel, both before write() returns. A
// crash may leave either, both or none; the number of the write stands in both, so that recovery knows which
// (recovery.hpp), also when the write truncates what was acknowledged before.
//
// Threads: write(), repair(), prune() and flush_side_file() from one thread (LogWriter's); the rest from any.
#pragma once

#include <cstdint>
#include <functional>
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

// What a start found wrong with the log, and what became of it. Nothing that was acknowledged is forgotten:
// what is gone is in LogSummary::promised, what has lost its content in LogSummary::damaged.
struct LogDamage {
    enum class Cure : std::uint8_t {
        searched,  // every entry was checked, and all that was acknowledged is there
        in_place,  // the log goes on in its database, without what was lost
        copied,    // the database was moved aside; what it provably held stands in a new one
        emptied,   // the database was moved aside and gave nothing back: all comes from the other nodes
    };
    Cure cure = Cure::searched;
    std::uint64_t intact = 0;   // entries that are held whole
    std::uint64_t damaged = 0;  // entries that are held by id alone
    // Entries that this node acknowledged beyond the end of what is held, as far as their indices tell.
    std::uint64_t lost = 0;
    std::string moved_to;  // where the damaged database is kept as evidence; empty: nothing was moved
    std::string sentence;  // for the operator: what was wrong, and what was done
};

struct LogStart {
    consensus::HardState hard;  // its configuration is one that the log holds, or index 0
    // `promised` and `damaged` stand until what is missing is back, over any number of starts.
    consensus::LogSummary log;
    consensus::Index commit;     // lower bound; 0, or the base, when the loss leaves nothing proven
    bool torn_tail_cut = false;  // a write that was never acknowledged was dropped
    // Of the log, ascending: the one in force at the base, where an entry made it, and all later ones. Where the
    // first is missing, it is the initial one.
    std::vector<consensus::ConfigurationEntry> configurations;
    std::optional<LogDamage> damage;  // found by this start; nothing when all was well
};

// How far the search for damage has come, entries: `done` of about `of`. Called seldom, on the opening thread.
using LogProgress = std::function<void(std::uint64_t done, std::uint64_t of)>;

class LogDatabase;
struct TableFile;

class LogStore {
  public:
    // Opens or creates `directory`/log and `directory`/acknowledged. Time does not grow with the log, unless
    // something is found wrong: then every entry is checked, and `progress` told. A torn tail (at most what
    // was intended and never acknowledged) is cut. Whatever is damaged or missing of RocksDB's files, the
    // start yields a log of which every entry is one that was written, and says what of the acknowledged it
    // no longer holds (start().damage, log.promised, log.damaged). A new, empty log keeps the hard state:
    // whoever then writes the first entry again must not lower its term. The damaged database is kept as
    // `directory`/log.damaged-<n>, the newest two of them.
    //
    // Errors: corrupt_side_file (missing, damaged, or older than the log: this node's promises are unknown, and
    // it must return under a new node id), wrong_identity, wrong_version, locked, no_space, io_error.
    static Result<std::unique_ptr<LogStore>> open(const std::string& directory, const Identity& identity,
                                                  const LogProgress& progress = {});
    ~LogStore();

    const LogStart& start() const;

    // One group commit: hard state, base, truncation and appends of `jobs` in order, as one batch. On return
    // all is durable. Jobs that only change the hard state write only the side file. After an error nothing
    // more is written, every further call returns that error, and the node must stop: what reached the disk
    // is known only to the next start.
    Result<void> write(std::span<const consensus::StorageJob> jobs);
    // Content for entries that are held by id alone. Each is checked: the id is the log's, the payload has
    // the digest, the digest has the id. What fits is durable on return and in the answer, ascending; what
    // does not is left out. After an error as write().
    Result<std::vector<consensus::Index>> repair(std::span<const consensus::EntryPtr> entries);
    // Puts what remains of withdrawn leaves (ledger/remains.hpp) in their place, durably, and remembers that the files have to
    // be written again without what stood there. Each must have the id and the digest of the entry that it replaces, else
    // error wrong_remains; error damaged_table where some of the log is damaged, so that nothing may be written over it. Then
    // nothing is written. After another error as write().
    Result<void> withdraw(std::span<const consensus::EntryPtr> remains);
    // Writes the files again in which withdrawn bytes may lie still; nothing where none do. Takes as long as the tables around
    // them are large. Any thread but the writer's, one at a time. Error damaged_table: some of the log is damaged, and so no
    // table of it may be rewritten; the bytes go when the log is replaced.
    Result<void> rewrite_withdrawn();
    // Drops every entry up to and including `base`, whose state is applied, durably. The configuration in
    // force there is kept with the base. Precondition: base..last. After an error as write().
    Result<void> prune(consensus::Index base);
    // Tells the highest index that is committed and durable here, for the next side-file write; written by
    // itself when the log is idle (flush_side_file). Any thread.
    void note_commit(consensus::Index commit);
    // Is something (the last durable entry, the commit index) newer than in the side file? Writer's thread.
    bool side_file_behind() const;
    // Writes the side file if it is behind. Called by the writer when idle and on shutdown.
    Result<void> flush_side_file();

    // Entries [first, last], stopping before `max_bytes` of payload are exceeded (at least one), before an
    // entry that is held by id alone, and at the end of the log; none when `first` is not in it. Each is
    // checked: payload, chain and id agree. Error corrupt_log when `first` itself is damaged: ask damage_in.
    Result<std::vector<consensus::EntryPtr>> read(consensus::Index first, consensus::Index last,
                                                  std::size_t max_bytes) const;
    // Which entries of [first, last] have lost their content? Remembers that the disk is not sound, so that
    // the next start checks everything. Error corrupt_log: ids, or a configuration, are lost, which this log
    // cannot do without while it runs; the node must stop, and its next start repairs.
    Result<std::vector<consensus::DamagedEntry>> damage_in(consensus::Index first,
                                                           consensus::Index last) const;
    // Those of the entries named by `ids` that this log holds under exactly that id and whole, in the order
    // asked, stopping before `max_bytes` of payload are exceeded (at least one).
    Result<std::vector<consensus::EntryPtr>> find(std::span<const consensus::EntryId> ids,
                                                  std::size_t max_bytes) const;
    // The id at `index`, base included. Error corrupt_log when the log does not hold it.
    Result<consensus::EntryId> id_at(consensus::Index index) const;

    // For the scrub and for backups, any thread.
    const LogDatabase& database() const;
    const std::string& directory() const;
    // What a table of the log that is not as it was written means.
    struct TableDamage {
        std::vector<consensus::DamagedEntry> lost;
        // All that is damaged of it is content, which is lost, or came back and stands elsewhere: it may stay in use.
        bool confined = false;
    };
    // Forgets what of the table is in memory, and looks. Error as damage_in, where more than content is lost.
    Result<TableDamage> damage_of(const TableFile& table) const;
    // Tells the next start that the database's files are damaged in a way that only a new database cures.
    void suspect_files(const std::string& why) const;
    // Is every image in the side file what was written? (Both slots, both copies.)
    bool side_file_is_whole() const;
    // Writes both slots of the side file anew. Writer's thread.
    Result<void> renew_side_file();

  private:
    struct Impl;
    explicit LogStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace socai::storage
