// The background scrub of a running node: round after round it reads what the disk holds of the log, the state, the
// side file, the outbox and the cosigner's state, past every cache, slowly, and compares it with what was written: files first (storage/table_files.hpp), then each entry and
// each row of the tree (storage/ledger_check.hpp). What it finds is repaired as it can be:
//
//   an entry that lost its content     fetched from the other nodes by its id (recovery.hpp)
//   a wrong row of the tree            written again, once the whole log has led to the root that this node holds
//   a damaged write-ahead log          what stands in it is in memory: moved into tables
//   a damaged side file, `cosigned`    written again from memory
//   a damaged table of the outbox      told: nobody else has what was promised there
//   other damage of RocksDB's files    the next start repairs: it copies what is proven into a new database, or
//                                      rebuilds the state from the log
//   a log that leads to another root   nothing is changed: which side is wrong only others can tell
//
// Not read: `final`, which a start that finds it damaged puts aside and learns anew; `evidence` and this object's own
// file, which nothing depends on; configuration and keys, which are not in the data folder.
//
// A thread of its own, of low priority; nobody waits for it. Thread-safe.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "node/error.hpp"
#include "storage/ledger_check.hpp"
#include "storage/log_store.hpp"
#include "storage/outbox_store.hpp"
#include "storage/state_store.hpp"
#include "storage/table_files.hpp"

namespace socai::node {

class Scrub {
  public:
    struct Options {
        std::uint64_t bytes_per_second = 0;  // 0: only when it is asked for
        std::chrono::seconds pause{};        // between the end of a round and the next
        std::string memory;                  // file in which rounds and places are remembered
    };
    struct Hooks {
        std::function<void(std::vector<consensus::DamagedEntry>)> lost;  // to be fetched
        std::function<void(std::function<void()> renewed)> renew_side_file;
        std::function<Result<bool>()> renew_cosigned;         // Cosigner::renew_if_altered
        std::function<const storage::OutboxStore*()> outbox;  // null: there is none
        std::function<std::int64_t()> wall_clock_ms;
    };
    struct Figures {
        bool running = false;
        std::uint64_t position = 0;       // bytes read of this round
        std::uint64_t of = 0;             // about so many in all
        std::uint64_t rounds = 0;         // full ones, over all starts
        std::int64_t last_round_ms = 0;   // how long the last one took
        std::int64_t last_ended_ms = 0;   // when, on the wall clock; 0: never
        std::uint64_t found = 0;          // faults, since start
        std::uint64_t repaired = 0;       // of them
        std::uint64_t at_next_start = 0;  // of them, those that a restart repairs
        std::uint64_t beyond_repair = 0;  // of them, those that only a person can deal with
        std::string not_completed;        // why the last round ended early: a sentence; empty: it did not
        std::string contradiction;        // a sentence; empty: none
    };

    // Both stores outlive this object.
    Scrub(const storage::LogStore& log, storage::StateStore& state, Options options, Hooks hooks);
    ~Scrub();

    void start();
    void stop();
    // A round begins at once, at this rate (0: as fast as it goes), or is begun again if one is under way. Gives
    // the number that `rounds` has come to when it has ended.
    std::uint64_t run_now(std::uint64_t bytes_per_second);
    // The content of these entries is whole again.
    void repaired(const std::vector<consensus::Index>& indices);

    Figures figures() const;

  private:
    enum class Fault { repaired, at_next_start, beyond_repair, told };
    enum class Came { through, interrupted, no_further };  // how far a round came
    void run();
    Came round();
    // scrub_files.cpp
    enum class Whose { log, state, outbox };
    bool check_files();
    bool check_database(rocksdb::DB& database, Whose whose);
    bool check_tables(rocksdb::DB& database, Whose whose);
    bool check_write_ahead_log(rocksdb::DB& database, const std::function<storage::Result<void>()>& renew);
    bool check_side_file();
    void check_cosigned();
    void check_small_files(const std::string& path, Whose whose);
    void condemn(const std::string& file, Whose whose);
    void judge_table_of_log(const storage::TableFile& table);
    // scrub_ledger.cpp
    Came check_entries();
    std::optional<storage::LedgerCheck::Place> beginning();
    Came read_ledger(storage::LedgerCheck& check, const ledger::Frontier& target);
    bool check_unreadable(storage::LedgerCheck& check, consensus::Index index);
    std::optional<ledger::Hash> leaf_hash(std::uint64_t leaf) const;
    void judge_tree(const storage::LedgerCheck& check, const ledger::Frontier& target,
                    const std::optional<std::string>& contradiction);
    void condemn_tree(const std::string& why);
    Came give_up(const std::string& why);

    bool pace(std::size_t bytes);
    bool pause(std::chrono::steady_clock::time_point until);
    void lost(std::vector<consensus::DamagedEntry> damaged);
    // True when it was not known.
    bool fault(const std::string& what, Fault fate, const std::string& sentence);
    void mended(const std::string& what);
    void remember();

    const storage::LogStore& log_;
    storage::StateStore& state_;
    const Options options_;
    const Hooks hooks_;

    // The scrub's thread only.
    std::map<std::string, storage::GrowingFiles> growing_;  // by folder
    std::map<std::string, std::string> as_found_;  // damaged tables: what was in them when they were judged
    std::optional<storage::LedgerCheck::Place>
        place_;                                  // all is well to there: an interrupted round goes on there
    std::chrono::steady_clock::time_point due_;  // at the present rate, what was read is paid for then
    std::chrono::steady_clock::time_point remembered_;

    mutable std::mutex mutex_;  // guards all below
    std::condition_variable changed_;
    bool stopping_ = false;
    bool asked_ = false;    // for a round at once
    bool restart_ = false;  // the round under way is given up for it
    std::uint64_t rate_ = 0;
    Figures figures_;
    std::map<std::string, Fault> faults_;  // by file or row
    std::set<consensus::Index> fetching_;  // entries that were found, not yet whole
    std::thread thread_;
};

// As `scrub` in node.status.
boost::json::object scrub_json(const Scrub::Figures& figures);

}  // namespace socai::node
