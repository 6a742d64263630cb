// Alerts in force and what they are about (design/domain.md 11; Decree 85/2019 Art 22.4, 27.3; Decree 15/2018 Art 17.3.c).
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/alert_scope.hpp"
#include "inspection/fact_codec.hpp"
#include "ledger/admission.hpp"

namespace socai::inspection {

enum class AlertStatus : std::uint8_t { in_force, lifted, superseded };

struct Alert {
    ledger::Address
        at;  // of the record that is in force: an amending alert takes the place of the one it supersedes
    std::string alert_no;
    std::string source;  // issuer
    AlertScope scope;
    std::string level;                // information, warning, serious
    std::vector<std::string> effect;  // method_strict, no_exemption, no_storage_release
    bool published = false;
    Date valid_from;
    std::optional<Date> valid_to;  // included
    std::int64_t time_ms = 0;      // signed
    std::int64_t accepted_ms = 0;
    AlertStatus status = AlertStatus::in_force;
    std::optional<ledger::Address> ended_by;
    std::int64_t ended_ms = 0;  // signed time of that
    std::string text;

    bool has_effect(std::string_view word) const;
    bool in_force_on(Date day) const {
        return status == AlertStatus::in_force && valid_from <= day && (!valid_to || day <= *valid_to);
    }
    // As far as the ledger knows now.
    bool was_in_force(std::int64_t at_ms) const {
        const Date day = date_of(at_ms);
        return time_ms <= at_ms && valid_from <= day && (!valid_to || day <= *valid_to) &&
               (!ended_by || at_ms < ended_ms);
    }
    template <class Codec>
    void members(Codec& codec) {
        codec(at, alert_no, source, scope.goods_key, scope.hs_prefix, scope.origin_country,
              scope.manufacturer_site_id, scope.tax_code, level, effect, published, valid_from, valid_to,
              time_ms, accepted_ms, status, ended_by, ended_ms, text);
    }
};

struct MatchedAlert {
    Alert alert;
    AlertMatch match = AlertMatch::full;
};
// Alerts in force on the day that the goods, brought in by this importer, meet fully or nearly; in ledger order.
std::vector<MatchedAlert> alerts_on(const ledger::Facts& facts, const Goods& goods, std::string_view tax_code,
                                    Date day);
// The same as of an earlier time, whatever became of them since: for questions.
std::vector<MatchedAlert> alerts_then(const ledger::Facts& facts, const Goods& goods,
                                      std::string_view tax_code, std::int64_t at_ms);
// Every alert that was ever about the goods (full matches), whatever became of it: for histories. In ledger order, from
// the address on, that included.
std::vector<Alert> alerts_ever(const ledger::Facts& facts, const Goods& goods, std::string_view tax_code,
                               const ledger::Address& from);
// Of the number, whatever became of them, in ledger order: amended alerts keep it, and two issuers may use the same.
std::vector<Alert> find_alerts(const ledger::Facts& facts, std::string_view alert_no);
// The last of them.
std::optional<Alert> find_alert(const ledger::Facts& facts, std::string_view alert_no);

// Takes `alert` records in. One that amends is an alert of its own and ends the one that it supersedes, or what amended that
// since. One with status lifted is none: it ends the alert that it supersedes or closes, whoever issued it (docs/law.md,
// "Where the law is silent"), and those of its own source with its number. Takes in descriptions of goods, too: by their
// establishment near matches are found. Comes before take_goods. Errors: parse_alert_scope's.
ledger::Result<void> take_alert(const ledger::Coming& coming, ledger::FactDraft& facts);

}  // namespace socai::inspection
