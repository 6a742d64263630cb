// What this node has promised to bring into the ledger and has not seen there yet, in the order in which it took it;
// and, for a while, what became of it. RocksDB in `<data>/outbox` with a synced write-ahead log: an item is durable
// before the promise leaves the node, and a refusal before anybody can ask for it.
//
// The bytes; integers big-endian:
//   family      key                 value
//   default     "format"            u32 version (1)
//               "identity"          three lines (identity.hpp)
//               "renewed"           empty: written to begin RocksDB's log anew; nobody reads it
//               "late"              u64: the ledger's size when something was last settled after its time; absent: never
//   waiting     number:u64          promise note's length:u32 promise note, statement
//   fates       number:u64          decided, ms:u64 kind:u8 (1 stands, 2 refused) index:u64 n:u32 accepted time:u64
//                                   promise note, refusal note, detail: each its length:u32 and the bytes
//   statements  SHA-256:32          number:u64 of the newest item of that statement
//   records     source 0x00 id      number:u64 of the newest item with that record
//
// One thread writes, any thread reads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/entry.hpp"
#include "ledger/hash.hpp"
#include "ledger/node_statement.hpp"
#include "storage/error.hpp"
#include "storage/identity.hpp"

namespace socai::storage {

// A statement that waits.
struct OutboxItem {
    std::uint64_t number = 0;  // rises in the order of acceptance
    ledger::Promise promise;
    std::string note;       // the promise, signed
    std::string statement;  // exact bytes
};

// What became of an item.
struct OutboxFate {
    std::uint64_t number = 0;
    std::int64_t decided_ms = 0;             // this node's clock
    std::optional<ledger::Address> address;  // it stands there; nothing: it was refused
    std::int64_t time_ms = 0;                // accepted time, when it stands
    std::string refusal;                     // the refusal's note, and its sentence for a person
    std::string detail;
};

struct OutboxFound {
    ledger::Promise promise;
    std::string note;
    std::optional<OutboxFate> fate;  // nothing: it waits
};

class Database;

class OutboxStore {
  public:
    // What a start has to know of an item, without its statement.
    struct Waiting {
        std::uint64_t number = 0;
        ledger::Promise promise;
        std::size_t bytes = 0;  // of the statement
    };

    // Opens the store in `directory`/outbox, or makes it. Errors: corrupt_outbox (damaged: nothing is thrown away, a
    // person has to look), wrong_identity, wrong_version, locked, io_error, no_space.
    static Result<std::unique_ptr<OutboxStore>> open(const std::string& directory, const Identity& identity);
    ~OutboxStore();

    // As found by open(), ascending; moved out.
    std::vector<Waiting> take_waiting();
    std::uint64_t next_number() const;  // larger than any in use when it was opened

    // Adds them, durably, all or none. Numbers rise.
    Result<void> add(std::span<const OutboxItem> items);
    // As the last settle() said, or as found by open().
    std::uint64_t late_size() const;

    // The items stop waiting and have these fates, all or none; durable where one of them is a refusal. `late_size`: the
    // leaves that hold everything that was ever settled late; remembered with the fates, and never lowered.
    Result<void> settle(std::span<const OutboxFate> fates, std::uint64_t late_size = 0);
    // Forgets the oldest fates until `keep` are left and none was decided before `since_ms`.
    Result<void> trim(std::size_t keep, std::int64_t since_ms);

    // The statement of an item that waits.
    Result<std::string> statement(std::uint64_t number) const;
    Result<std::optional<OutboxFound>> find(const ledger::Hash& statement) const;
    Result<std::optional<OutboxFound>> find(std::string_view source, std::string_view id) const;

    // For the scrub, any thread: the files themselves, and RocksDB's log begun anew with all that stands in it moved
    // into tables.
    const Database& files() const;
    Result<void> renew_write_ahead_log() const;
    // Writes the files again without the statements that wait no more. Any thread.
    Result<void> rewrite_settled() const;

  private:
    struct Impl;
    explicit OutboxStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace socai::storage
