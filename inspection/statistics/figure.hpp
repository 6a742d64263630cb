// What is counted for Committee 1899 (design/domain.md 15; reference/domain.md §3.4): the figures by their stable names, and
// the steps whose length is measured. Pure values; safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace socai::inspection {

// Written in facts: appended to, never renumbered.
enum class Figure : std::uint16_t {
    dossiers = 1,     // received: first registrations
    enterprises = 2,  // importers seen for the first time
    determinations_under_alert = 3,

    method_exempt = 10,
    method_reduced_pending = 11,  // its declaration, and with it the draw, is yet to come
    method_reduced_drawn = 12,
    method_reduced_not_drawn = 13,
    method_normal = 14,
    method_strict = 15,

    status_received = 20,
    status_supplement_requested = 21,
    status_accepted = 22,
    status_confirmed = 23,
    status_refused = 24,
    status_decided = 25,
    status_closed = 26,
    status_withdrawn = 27,

    result_pass = 30,
    result_fail = 31,
    result_label_fail = 32,
    result_incomplete = 33,
    result_annulled = 34,
    conformity_conforming = 36,
    conformity_non_conforming = 37,

    declarations = 40,
    declarations_cancelled = 41,
    clearance_cleared = 42,
    clearance_released = 43,
    clearance_storage = 44,
    clearance_refused = 45,

    alert_issued_information = 50,
    alert_issued_warning = 51,
    alert_issued_serious = 52,
    alert_lifted_information = 53,
    alert_lifted_warning = 54,
    alert_lifted_serious = 55,
    violation_minor = 56,
    violation_major = 57,
    violation_safety = 58,
    violation_annulled = 59,

    co_form_d_received = 60,
    co_form_d_sent = 61,
    co_form_d_used = 62,
    co_form_d_rejected = 63,
    co_form_d_cancelled = 64,
    acdd_received = 65,
    acdd_cancelled = 66,
    ephyto_received = 67,
    ephyto_replaced = 68,
    ephyto_withdrawn = 69,

    procedures_testing = 70,  // what changed in how many there are, not how many there are
    procedures_live = 71,
    procedures_retired = 72,

    corrections = 80,  // records that supersede others
    exceptions = 81,   // departures from the rules; by kind in the series' detail

    first_of_steps = 1000,  // step_figure
};

struct NamedFigure {
    Figure figure;
    std::string_view name;  // "result.pass"
};
// Every figure of a period but those of steps, in the order of reports. procedures_* are no figures of a period: what is
// told of them is how many there are at its end.
std::span<const NamedFigure> named_figures();

// The figure named `<family>.<word>`, where a record spells `word`; nothing when there is none.
std::optional<Figure> find_figure(std::string_view family, std::string_view word);

// From what to what time is measured (signed times; working hours unless said otherwise).
enum class Step : std::uint16_t {
    registration_to_accepted,
    registration_to_confirmed,  // levels 1 and 2 (Decree 132/2008 Art 7.2)
    accepted_to_result,
    registration_to_result,
    sampling_to_conformity,
    result_to_clearance,
    declaration_to_clearance,
    alert_to_ledger,  // hours of the clock: an alert is urgent at night too (Decree 85/2019 Art 22.4)
};
inline constexpr std::size_t step_count = 8;
std::string_view word(Step step);

// What is kept of a step: how often, how long together, and how many took how long. Nothing that a correction could not
// count out again, so no longest and no shortest.
inline constexpr std::array<std::int64_t, 9> bucket_hours{2,  4,  8,  16, 24,
                                                          40, 56, 80, 160};  // at most; then more
inline constexpr std::uint16_t part_count = 0;
inline constexpr std::uint16_t part_total_ms = 1;
inline constexpr std::uint16_t part_buckets = 2;
inline constexpr std::uint16_t parts_of_step = part_buckets + bucket_hours.size() + 1;
constexpr Figure step_figure(Step step, std::uint16_t part) {
    return static_cast<Figure>(static_cast<std::uint16_t>(Figure::first_of_steps) +
                               static_cast<std::uint16_t>(step) * 16 + part);
}
static_assert(parts_of_step <= 16);
// The bucket of a length of time: its place in bucket_hours, or their number.
std::uint16_t bucket_of(std::int64_t ms);

// How much there is of some figures, by figure, each once; none of nothing.
struct Amount {
    Figure figure = Figure::dossiers;
    std::int64_t number = 0;
    bool operator==(const Amount&) const = default;
    template <class Codec>
    void members(Codec& codec) {
        codec(figure, number);
    }
};
using Amounts = std::vector<Amount>;
// What there is of one; 0 where it does not stand.
std::int64_t number_of(const Amounts& amounts, Figure figure);
// Adds each of `differences`, in any order.
void gather(Amounts& amounts, const Amounts& differences);
// The same the other way round.
Amounts negated(Amounts amounts);
// One measurement of a step.
Amounts measured(Step step, std::int64_t ms);

}  // namespace socai::inspection
