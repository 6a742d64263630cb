// May goods be taken to the importer's own storage before their inspection is over (Circular 38/2015 Art 32; Decree 85/2019
// Art 27.2, 27.3)? Not while an alert in force forbids it, a result failed, customs or a ministry has signalled that the goods
// do not conform, or the importer lately broke the rules of storage: for a year after a violation, for six months after a
// result that was due came too late (Art 32.6.c; reference/domain.md §3.3).
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inspection/guards/clearance.hpp"
#include "inspection/shipments/declaration.hpp"

namespace socai::inspection {

inline constexpr std::int32_t storage_ban_months = 12;     // after a violation
inline constexpr std::int32_t late_result_ban_months = 6;  // after a result that was late
inline constexpr std::int32_t storage_result_days = 30;    // Art 32.6.a, where the release names no day

struct StorageVerdict {
    bool allowed = false;
    std::vector<Obstacle> obstacles;
    std::vector<ledger::Address> evidence;
    std::string text_en() const;
    std::string text_vi() const;
};
StorageVerdict may_be_stored(const ledger::Facts& facts, const Declaration& declaration, Date day);
// Errors, Fault::refused: storage_forbidden.
ledger::Result<void> check_storage(const StorageVerdict& verdict, const Declaration& declaration);

// The day by which the result of stored goods is due.
Date storage_due(const StorageRelease& storage);
// Remembers how the importer keeps the rules of storage: call it with the declaration after a storage_release of it.
void remember_storage(ledger::FactDraft& facts, const Declaration& declaration);
// Storage that ends without a record of its own: with `act`, the clearance or the cancellation of the declaration. What was
// late by then stays late.
void end_storage(ledger::FactDraft& facts, const Declaration& declaration, const Act& act);

}  // namespace socai::inspection
