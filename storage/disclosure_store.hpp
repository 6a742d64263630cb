// The confidential members that this node holds, beside the log: what leaves commit to, by commitment. RocksDB in
// `<data>/disclosures` with a synced write-ahead log. Apart from log and state, so that no copy of them holds it, and small
// enough to be rewritten where something is to be gone for good.
//
// A disclosure is kept for the record that it was told for, and given out for no other: who copies a commitment into a record
// of his own gets nothing by it.
//
// The bytes; integers big-endian:
//   family      key                                       value
//   default     "format"                                  u32 version (1)
//               "identity"                                three lines (identity.hpp)
//               "rewrite"                                 empty: something was deleted, and its bytes may be on the disk still
//   told        commitment:32, SHA-256(source 0x00 id):32 received, ms:u64, source's length:u32, source, id's length:u32, id,
//                                                         disclosure
//
// Any thread reads and writes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ledger/disclosure.hpp"
#include "storage/error.hpp"
#include "storage/identity.hpp"

namespace socai::storage {

class Database;

// A disclosure and the record that it belongs to.
struct ToldFor {
    std::string source, id;
    ledger::Hash commitment{};
    std::string disclosure;  // its text
    bool operator==(const ToldFor&) const = default;
};

class DisclosureStore {
  public:
    struct Size {
        std::uint64_t count = 0;
        std::uint64_t bytes = 0;  // of the disclosures
    };

    // Opens the store in `directory`/disclosures, or makes it; ends a deletion that was interrupted. Errors: corrupt_disclosures
    // (nothing is thrown away), locked, wrong_identity, wrong_version, io_error, no_space.
    static Result<std::unique_ptr<DisclosureStore>> open(const std::string& directory,
                                                         const Identity& identity);
    ~DisclosureStore();

    // Adds them, durably, all or none; of what is there the time is renewed. Returns the bytes of those that are new.
    Result<std::uint64_t> add(std::span<const ToldFor> told, std::int64_t received_ms);
    // The disclosure's text. Nothing: not here for this record, or no longer what the commitment says; then another node is to
    // be asked.
    Result<std::optional<std::string>> find(std::string_view source, std::string_view id,
                                            const ledger::Hash& commitment) const;
    // Deletes them, durably, and says how many were there. Their bytes may be in the files until rewrite() is done.
    Result<std::uint64_t> erase(std::span<const ToldFor> told);
    // Where something was deleted since the last time: writes the files again without it. Takes as long as the store is large;
    // reads and writes go on meanwhile. Not from two threads at once.
    Result<void> rewrite();
    // Visits all, until `visit` answers false.
    using Visit = std::function<bool(const ToldFor& told, std::int64_t received_ms)>;
    Result<void> scan(const Visit& visit) const;
    Size size() const;

  private:
    struct Impl;
    explicit DisclosureStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace socai::storage
