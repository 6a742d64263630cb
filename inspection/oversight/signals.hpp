// Suspicions that agencies share (risk_signal; Joint Circular 110/2016 Art 6): listed for whoever looks at the goods, the
// declaration, the dossier or the importer while they are valid. They change no method and no channel, but no goods go to
// storage over one of an authority (Decree 85/2019 Art 27.2, 27.3; guards/storage.hpp). Agencies only.
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <boost/json/array.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/fact_codec.hpp"
#include "inspection/viewer.hpp"
#include "ledger/admission.hpp"

namespace socai::inspection {

struct RiskSignal {
    ledger::Address at;      // the latest record of it
    ledger::Address raised;  // the first
    std::string source;      // who raised it
    std::string number;      // subject of the record
    std::string severity;    // low, medium, high
    std::string status;      // raised, confirmed, dismissed
    std::string description;
    std::string goods_key, hs_code, origin_country, tax_code, dossier_no;
    std::string declaration;       // base number
    std::optional<Date> valid_to;  // included
    std::int64_t time_ms = 0;      // of the latest record, signed
    bool by_authority =
        false;  // of customs, or of an authority of a ministry or a province: no body, no gateway

    // Does it say that the goods do not conform?
    bool of_non_conformity() const {
        return status == "confirmed" || (severity == "high" && status != "dismissed");
    }
    bool valid_on(Date day) const { return status != "dismissed" && (!valid_to || day <= *valid_to); }
    template <class Codec>
    void members(Codec& codec) {
        codec(at, raised, source, number, severity, status, description, goods_key, hs_code, origin_country,
              tax_code, dossier_no, declaration, valid_to, time_ms, by_authority);
    }
};

// What may be asked about; what is empty is not.
struct SignalSubject {
    std::string declaration_no, dossier_no, goods_key, hs_code, tax_code;
};
// The newest about any of these, valid on the day, at most `most_signals`, in the order in which they were raised, each
// once. A signal about an HS code is about the codes that begin with it, unless it names goods as well.
constexpr std::size_t most_signals = 20;
std::vector<RiskSignal> risk_signals(const ledger::Facts& facts, std::span<const SignalSubject> subjects,
                                     Date day);
// Of these, those of an authority that say that the goods do not conform.
std::vector<RiskSignal> signals_against_storage(const ledger::Facts& facts,
                                                std::span<const SignalSubject> subjects, Date day);

// [{number, source, severity, status, description, valid_to, time, evidence}]; empty for callers who are no agency.
boost::json::array signals_answer(const std::vector<RiskSignal>& signals, const Viewer& viewer);

// Takes `risk_signal` records in: one that supersedes or closes another is its next state.
ledger::Result<void> take_risk_signal(const ledger::Coming& coming, ledger::FactDraft& facts);

}  // namespace socai::inspection
