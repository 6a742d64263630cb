// A case file: the records of a dossier, of an enterprise over a period, or of a declaration, each with what proves that
// it stands in the ledger: a file that a court can keep and anybody can check offline with the pinned policy. Pure;
// safe from any thread.
//
//   {"format": "socai-case-v1", "origin": "<ledger>",
//    "case": {"dossier_no" | "tax_code" | "declaration_no": "…", "from_time"?: "<RFC 3339>", "to_time"?: "…"},
//    "as_of": {"size": <leaves>, "time": <ms>},
//    "records": [{"index", "n", "time", "kid", "record": "<its exact bytes>"}],  by index and n, each once
//    "receipts": [{"entry", "proof", "key": <position>, "chain": <position>}],   by index, one for each leaf above
//    "keys": [{"kid", "x", "entry", "proof"}],                                    as `key` of a receipt
//    "chains": [[{"entry", "proof"}, …], …]}                                      as `policies` of a receipt
//
// Receipts share keys and chains, because the leaf that registers the keys is large. A receipt of the ledger is put
// together again by `receipt_of`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inspection/fields.hpp"
#include "ledger/entry.hpp"
#include "ledger/error.hpp"
#include "ledger/receipt.hpp"

namespace socai::inspection {

inline constexpr std::string_view case_format = "socai-case-v1";
inline constexpr std::size_t max_case_bytes = std::size_t{64} << 20;
inline constexpr std::size_t max_case_records = 20'000;
inline constexpr std::size_t max_case_keys = 2'000;
inline constexpr std::size_t max_case_chains = 100;

enum class CaseKind { dossier, enterprise, declaration };

// What the case is about.
struct CaseScope {
    CaseKind kind = CaseKind::dossier;
    std::string number;                        // dossier number, tax code or declaration number
    std::optional<std::int64_t> from_time_ms;  // signed time, inclusive
    std::optional<std::int64_t> to_time_ms;    // exclusive

    std::string_view field() const;  // "dossier_no", "tax_code" or "declaration_no"
    Filter filter() const;
    bool operator==(const CaseScope&) const = default;
};

struct CaseRecord {
    ledger::Address address;
    std::int64_t time_ms = 0;  // accepted
    std::string kid;
    std::string bytes;  // of the record, exactly as signed
    bool operator==(const CaseRecord&) const = default;
};
struct CaseReceipt {
    ledger::ProvenEntry leaf;
    std::size_t key = 0;    // position in keys
    std::size_t chain = 0;  // position in chains
    bool operator==(const CaseReceipt&) const = default;
};
struct CaseKey {
    std::string kid;
    ledger::PublicKey key{};
    ledger::ProvenEntry leaf;
    bool operator==(const CaseKey&) const = default;
};

struct Case {
    std::string origin;
    CaseScope scope;
    std::uint64_t as_of_size = 0;  // leaves that the node had applied; its word, nobody signed it
    std::int64_t as_of_time_ms = 0;
    std::vector<CaseRecord> records;
    std::vector<CaseReceipt> receipts;
    std::vector<CaseKey> keys;
    std::vector<std::vector<ledger::ProvenEntry>> chains;

    // Takes over a receipt, sharing what the case has already: of two receipts by one key under one chain, the proof of
    // the first one's key serves both. Precondition: its index is larger than those before.
    void add(ledger::Receipt receipt);
    ledger::Receipt receipt_of(const CaseReceipt& receipt) const;
    std::string to_json() const;  // one line, ends in a newline
    bool operator==(const Case&) const = default;
};

// Form only, everything bounded, order included. Errors, Fault::invalid_statement: malformed_case, and those of its
// parts.
ledger::Result<Case> parse_case(std::string_view json);

// The exact bytes of each record of a statement, in order.
std::vector<std::string> record_bytes(const ledger::Statement& statement);

// Which records belong to a case: those that match its scope and, in a dossier, those of its period that refer to one
// that belongs. Asked in ledger order.
class CaseMembers {
  public:
    explicit CaseMembers(CaseScope scope) : scope_(std::move(scope)) {}
    // Remembers the record when it belongs.
    bool take(const ledger::Record& record);

  private:
    CaseScope scope_;
    std::set<std::pair<std::string, std::string>> names_;  // source, id
};

struct VerifiedCase {
    // By position in `records`: the record, and the receipt that proves it.
    struct Place {
        std::size_t receipt = 0;
        ledger::Record record;
    };
    std::vector<Place> places;
    std::vector<ledger::VerifiedReceipt> receipts;  // by position in `receipts`
};
// Everything that can be checked offline: every receipt; every record's bytes in its receipt's entry, at its place, with
// its accepted time and key; no receipt without a record; every record belongs to the case. That no record was left out
// cannot be checked. Errors: verify_receipt's with the leaf, no_receipt, spare_receipt, other_record, foreign_record,
// wrong_origin.
ledger::Result<VerifiedCase> verify_case(const Case& file, const ledger::Policy& pinned);

}  // namespace socai::inspection
