#include "inspection/statistics/figure.hpp"

#include <algorithm>

namespace socai::inspection {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;

constexpr std::array names{
    NamedFigure{Figure::dossiers, "dossiers.received"},
    NamedFigure{Figure::enterprises, "enterprises.first_seen"},
    NamedFigure{Figure::status_received, "status.received"},
    NamedFigure{Figure::status_supplement_requested, "status.supplement_requested"},
    NamedFigure{Figure::status_accepted, "status.accepted"},
    NamedFigure{Figure::status_confirmed, "status.confirmed"},
    NamedFigure{Figure::status_refused, "status.refused"},
    NamedFigure{Figure::status_decided, "status.decided"},
    NamedFigure{Figure::status_closed, "status.closed"},
    NamedFigure{Figure::status_withdrawn, "status.withdrawn"},
    NamedFigure{Figure::method_exempt, "method.exempt"},
    NamedFigure{Figure::method_reduced_pending, "method.reduced_pending"},
    NamedFigure{Figure::method_reduced_drawn, "method.reduced_drawn"},
    NamedFigure{Figure::method_reduced_not_drawn, "method.reduced_not_drawn"},
    NamedFigure{Figure::method_normal, "method.normal"},
    NamedFigure{Figure::method_strict, "method.strict"},
    NamedFigure{Figure::determinations_under_alert, "determinations.under_alert"},
    NamedFigure{Figure::result_pass, "result.pass"},
    NamedFigure{Figure::result_fail, "result.fail"},
    NamedFigure{Figure::result_label_fail, "result.label_fail"},
    NamedFigure{Figure::result_incomplete, "result.incomplete"},
    NamedFigure{Figure::result_annulled, "result.annulled"},
    NamedFigure{Figure::conformity_conforming, "conformity.conforming"},
    NamedFigure{Figure::conformity_non_conforming, "conformity.non_conforming"},
    NamedFigure{Figure::declarations, "declarations.registered"},
    NamedFigure{Figure::declarations_cancelled, "declarations.cancelled"},
    NamedFigure{Figure::clearance_cleared, "clearance.cleared"},
    NamedFigure{Figure::clearance_released, "clearance.released"},
    NamedFigure{Figure::clearance_storage, "clearance.storage"},
    NamedFigure{Figure::clearance_refused, "clearance.refused"},
    NamedFigure{Figure::alert_issued_information, "alert_issued.information"},
    NamedFigure{Figure::alert_issued_warning, "alert_issued.warning"},
    NamedFigure{Figure::alert_issued_serious, "alert_issued.serious"},
    NamedFigure{Figure::alert_lifted_information, "alert_lifted.information"},
    NamedFigure{Figure::alert_lifted_warning, "alert_lifted.warning"},
    NamedFigure{Figure::alert_lifted_serious, "alert_lifted.serious"},
    NamedFigure{Figure::violation_minor, "violation.minor"},
    NamedFigure{Figure::violation_major, "violation.major"},
    NamedFigure{Figure::violation_safety, "violation.safety"},
    NamedFigure{Figure::violation_annulled, "violation.annulled"},
    NamedFigure{Figure::co_form_d_received, "co_form_d.received"},
    NamedFigure{Figure::co_form_d_sent, "co_form_d.sent"},
    NamedFigure{Figure::co_form_d_used, "co_form_d.used"},
    NamedFigure{Figure::co_form_d_rejected, "co_form_d.rejected"},
    NamedFigure{Figure::co_form_d_cancelled, "co_form_d.cancelled"},
    NamedFigure{Figure::acdd_received, "acdd.received"},
    NamedFigure{Figure::acdd_cancelled, "acdd.cancelled"},
    NamedFigure{Figure::ephyto_received, "ephyto.received"},
    NamedFigure{Figure::ephyto_replaced, "ephyto.replaced"},
    NamedFigure{Figure::ephyto_withdrawn, "ephyto.withdrawn"},
    NamedFigure{Figure::corrections, "corrections.total"},
    NamedFigure{Figure::exceptions, "exceptions.total"},
};

constexpr std::array<std::string_view, step_count> steps{
    "registration_to_accepted", "registration_to_confirmed", "accepted_to_result",
    "registration_to_result",   "sampling_to_conformity",    "result_to_clearance",
    "declaration_to_clearance", "alert_to_ledger",
};

}  // namespace

std::span<const NamedFigure> named_figures() {
    return names;
}

std::optional<Figure> find_figure(std::string_view family, std::string_view word) {
    for (const NamedFigure& named : names) {
        const std::string_view name = named.name;
        if (name.size() == family.size() + 1 + word.size() && name.starts_with(family) &&
            name[family.size()] == '.' && name.ends_with(word)) {
            return named.figure;
        }
    }
    return std::nullopt;
}

std::string_view word(Step step) {
    return steps.at(static_cast<std::size_t>(step));
}

std::uint16_t bucket_of(std::int64_t ms) {
    const auto found =
        std::ranges::find_if(bucket_hours, [ms](std::int64_t hours) { return ms <= hours * hour_ms; });
    return static_cast<std::uint16_t>(found - bucket_hours.begin());
}

std::int64_t number_of(const Amounts& amounts, Figure figure) {
    const auto found = std::ranges::lower_bound(amounts, figure, {}, &Amount::figure);
    return found != amounts.end() && found->figure == figure ? found->number : 0;
}

void gather(Amounts& amounts, const Amounts& differences) {
    for (const Amount& difference : differences) {
        const auto found = std::ranges::lower_bound(amounts, difference.figure, {}, &Amount::figure);
        if (found == amounts.end() || found->figure != difference.figure) {
            if (difference.number != 0) amounts.insert(found, difference);
        } else if (found->number += difference.number; found->number == 0) {
            amounts.erase(found);
        }
    }
}

Amounts negated(Amounts amounts) {
    for (Amount& amount : amounts) amount.number = -amount.number;
    return amounts;
}

Amounts measured(Step step, std::int64_t ms) {
    Amounts amounts;
    gather(amounts, {{step_figure(step, part_count), 1},
                     {step_figure(step, part_total_ms), ms},
                     {step_figure(step, part_buckets + bucket_of(ms)), 1}});
    return amounts;
}

}  // namespace socai::inspection
