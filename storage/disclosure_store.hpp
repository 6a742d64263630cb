// The confidential members that this node holds, beside the log: what leaves commit to, by commitment. RocksDB in
// `<data>/disclosures` with a synced write-ahead log. Apart from log and state, so that no copy of them holds it, and small
// enough to be rewritten where something is to be gone for good.
//
// The bytes; integers big-endian:
//   family      key                     value
//   default     "format"                u32 version (1)
//               "identity"              three lines (identity.hpp)
//   told        commitment:32           received, ms:u64, disclosure
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

class DisclosureStore {
  public:
    struct Size {
        std::uint64_t count = 0;
        std::uint64_t bytes = 0;  // of the disclosures
    };

    // Opens the store in `directory`/disclosures, or makes it. Errors: corrupt_disclosures (nothing is thrown away), locked,
    // wrong_identity, wrong_version, io_error, no_space.
    static Result<std::unique_ptr<DisclosureStore>> open(const std::string& directory,
                                                         const Identity& identity);
    ~DisclosureStore();

    // Adds them, durably, all or none; what is there stays.
    Result<void> add(std::span<const ledger::Disclosure> disclosures, std::int64_t received_ms);
    // The disclosure's text. Nothing: not here, or no longer what the commitment says; then another node is to be asked.
    Result<std::optional<std::string>> find(const ledger::Hash& commitment) const;
    // Deletes them, and says how many were there; once it returns, no file of the store holds their bytes. Costs a rewrite of the tables that held them.
    Result<std::uint64_t> erase(std::span<const ledger::Hash> commitments);
    // Visits all, until `visit` answers false.
    using Visit = std::function<bool(const ledger::Hash& commitment, std::int64_t received_ms,
                                     std::string_view disclosure)>;
    Result<void> scan(const Visit& visit) const;
    Size size() const;

  private:
    struct Impl;
    explicit DisclosureStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace socai::storage
