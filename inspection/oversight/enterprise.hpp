// What the ledger knows of an enterprise's conduct, by tax code: shipments, results, violations, certificates that came late
// or not at all, storage rules broken. Each event stands under its day, with running totals, so that the counts of any span
// of days are two look-ups; an event of an earlier day than the last moves the totals after it. A corrected result counts on
// the day of the correction, a violation once however often its case is written down, and not at all once it is annulled.
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/fact_codec.hpp"
#include "inspection/viewer.hpp"
#include "ledger/admission.hpp"

namespace socai::inspection {

enum class EnterpriseEventKind : std::uint8_t {
    shipment,  // a declaration
    pass,
    fail,
    minor_violation,
    major_violation,
    safety_violation,
    late_certificate,
    storage_violation,
};
std::string_view word(EnterpriseEventKind kind);

struct EnterpriseEvent {
    EnterpriseEventKind kind = EnterpriseEventKind::shipment;
    Date day;
    ledger::Address at;
    std::string subject;  // declaration, dossier or case
};
struct EnterpriseCounts {
    std::int64_t shipments = 0, passes = 0, fails = 0, minor = 0, major = 0, safety = 0,
                 late_certificates = 0, storage_violations = 0;
    bool operator==(const EnterpriseCounts&) const = default;
    template <class Codec>
    void members(Codec& codec) {
        codec(shipments, passes, fails, minor, major, safety, late_certificates, storage_violations);
    }
};

// Of the days, both included. Certificates still owed count as late on the day after which they are missed.
EnterpriseCounts enterprise_counts(const ledger::Facts& facts, std::string_view tax_code, Date first,
                                   Date last);
// In order of the days, then of the ledger.
std::vector<EnterpriseEvent> enterprise_events(const ledger::Facts& facts, std::string_view tax_code,
                                               Date first, Date last);

// Adds a certificate that came late, on the day when it was missed. Called by clocks.
void add_late_certificate(ledger::FactDraft& facts, std::string_view tax_code, Date day,
                          const ledger::Address& at, std::string_view dossier_no);

// The level on the day, and how it comes about: the criteria, each figure with its records, each level with the bounds that
// hold or do not. Nothing: the caller may not see it (agencies, and the trader himself).
std::optional<boost::json::object> enterprise_answer(const ledger::Facts& facts, std::string_view tax_code,
                                                     Date day, const Viewer& viewer);

// Takes in what counts. After shipments.
ledger::Result<void> take_enterprise(const ledger::Coming& coming, ledger::FactDraft& facts);

}  // namespace socai::inspection
