#include "inspection/statistics/statistics_answer.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <map>
#include <set>
#include <string>

#include "inspection/statistics/figures.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

constexpr std::array groupings{Grouping::month, Grouping::quarter, Grouping::agency, Grouping::regime};
constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t ppm = 1'000'000;

constexpr Figure first_of_alerts = step_figure(Step::alert_to_ledger, part_count);
constexpr Figure last_of_alerts = step_figure(Step::alert_to_ledger, parts_of_step - 1);

// A figure as of a leaf and as of the one before tells what that leaf is. So whoever may not read a kind of record, nor be told
// of its part in another, is not told how many there are: what agencies share among themselves is for them, and ACDD for customs
// (design/domain.md 2; access/visibility_table.hpp: rows 16, 17, 19). A shipment's importer is not told of the alerts that meet
// it, and of departures from the rules inspection.exceptions tells agencies alone.
bool may_see(const Viewer& viewer, Figure figure) {
    if (figure >= first_of_alerts && figure <= last_of_alerts) return viewer.agency;
    switch (figure) {
        case Figure::alert_issued_information:
        case Figure::alert_issued_warning:
        case Figure::alert_issued_serious:
        case Figure::alert_lifted_information:
        case Figure::alert_lifted_warning:
        case Figure::alert_lifted_serious:
        case Figure::determinations_under_alert:
        case Figure::violation_minor:
        case Figure::violation_major:
        case Figure::violation_safety:
        case Figure::violation_annulled:
        case Figure::corrections:  // of every kind, also of those above
        case Figure::exceptions:
            return viewer.agency;
        case Figure::acdd_received:
        case Figure::acdd_cancelled:
            return viewer.customs;
        default:
            return true;
    }
}

// Of one total or group, while rows are added to it.
struct Sums {
    Amounts amounts;
    std::map<std::string, std::int64_t> exceptions;
    std::set<std::string> agencies;
    std::set<std::string> partners;
    Amounts stock;
    std::set<std::string> connected;
    std::set<std::string> connected_partners;

    void add(const Series& series, const Amounts& row) {
        gather(amounts, row);
        if (series.sheet == Sheet::exceptions)
            exceptions[series.detail] += number_of(row, Figure::exceptions);
        if (!series.agency.empty()) agencies.insert(series.agency);
        if (series.sheet == Sheet::single_window) partners.insert(series.agency);
    }
    void add_stock(const Series& series, const Amounts& row) {
        gather(stock, row);
        if (!series.agency.empty()) connected.insert(series.agency);
        if (series.sheet == Sheet::single_window) connected_partners.insert(series.agency);
    }
};
using Groups = std::map<std::string, Sums>;

std::string padded(std::uint32_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

std::string group_of(Grouping grouping, const Series& series, std::uint32_t month) {
    const std::string year = std::to_string(1970 + month / 12);
    switch (grouping) {
        case Grouping::month:
            return year + "-" + padded(month % 12 + 1);
        case Grouping::quarter:
            return year + "Q" + std::to_string(month % 12 / 3 + 1);
        case Grouping::agency:
            return series.agency;
        case Grouping::regime:
            break;
    }
    return series.regime;
}

// Writes the figures of one total, or of one group, which leaves out what is 0.
class FigureWriter {
  public:
    FigureWriter(const ledger::Facts& facts, const Viewer& viewer, bool sparse)
        : facts_(facts), viewer_(viewer), sparse_(sparse) {}

    json::object write(const Sums& sums, bool with_stock) && {
        for (const NamedFigure& named : named_figures())
            if (may_see(viewer_, named.figure)) put(named.name, number_of(sums.amounts, named.figure));
        for (const auto& [kind, number] : sums.exceptions) put("exceptions." + kind, number);
        shares(sums.amounts, "method.");
        const std::int64_t drawn = number_of(sums.amounts, Figure::method_reduced_drawn);
        const std::int64_t reduced = drawn + number_of(sums.amounts, Figure::method_reduced_not_drawn);
        put("method.drawn_of_reduced_ppm", reduced > 0 ? drawn * ppm / reduced : 0);
        shares(sums.amounts, "result.");
        for (std::size_t i = 0; i < step_count; ++i)
            if (const auto each = static_cast<Step>(i); may_see(viewer_, step_figure(each, part_count)))
                step(sums.amounts, each);
        put("agencies.active", size(sums.agencies));
        put("ministries.active", ministries(sums.agencies));
        put("single_window.partners", size(sums.partners));
        if (with_stock) stock(sums);
        return std::move(figures_);
    }

  private:
    void put(std::string_view name, std::int64_t number) {
        if (number != 0 || !sparse_) figures_[name] = number;
    }
    // Of all figures of a family in their sum.
    void shares(const Amounts& amounts, std::string_view family) {
        std::int64_t total = 0;
        for (const NamedFigure& named : named_figures())
            if (named.name.starts_with(family)) total += number_of(amounts, named.figure);
        put(std::string(family) + "total", total);
        for (const NamedFigure& named : named_figures()) {
            if (!named.name.starts_with(family)) continue;
            const std::int64_t number = number_of(amounts, named.figure);
            put(std::string(named.name) + ".share_ppm", total > 0 ? number * ppm / total : 0);
        }
    }
    void step(const Amounts& amounts, Step step) {
        const std::string name = "time." + std::string(word(step)) + ".";
        const std::int64_t count = number_of(amounts, step_figure(step, part_count));
        const std::int64_t minutes = number_of(amounts, step_figure(step, part_total_ms)) / minute_ms;
        put(name + "count", count);
        put(name + "total_minutes", minutes);
        put(name + "mean_minutes", count > 0 ? minutes / count : 0);
        std::int64_t so_far = 0;
        std::optional<std::int64_t> median;
        for (std::uint16_t i = 0; i <= bucket_hours.size(); ++i) {
            const std::int64_t number =
                number_of(amounts, step_figure(step, static_cast<std::uint16_t>(part_buckets + i)));
            const bool last = i == bucket_hours.size();
            put(name + (last ? "over_" : "within_") + std::to_string(bucket_hours[last ? i - 1U : i]) + "h",
                number);
            so_far += number;
            if (!median && !last && count > 0 && 2 * so_far >= count) median = bucket_hours[i];
        }
        if (median)
            figures_[name + "median_within_hours"] = *median;
        else if (!sparse_)
            figures_[name + "median_within_hours"] = nullptr;
    }
    void stock(const Sums& sums) {
        put("stock.dossiers", number_of(sums.stock, Figure::dossiers));
        put("stock.enterprises", number_of(sums.stock, Figure::enterprises));
        put("stock.procedures_testing", number_of(sums.stock, Figure::procedures_testing));
        put("stock.procedures_live", number_of(sums.stock, Figure::procedures_live));
        put("stock.procedures_retired", number_of(sums.stock, Figure::procedures_retired));
        put("stock.co_form_d_received", number_of(sums.stock, Figure::co_form_d_received));
        put("stock.co_form_d_sent", number_of(sums.stock, Figure::co_form_d_sent));
        put("stock.agencies_connected", size(sums.connected));
        put("stock.ministries_connected", ministries(sums.connected));
        put("stock.single_window_partners", size(sums.connected_partners));
    }
    static std::int64_t size(const std::set<std::string>& names) {
        return static_cast<std::int64_t>(names.size());
    }
    std::int64_t ministries(const std::set<std::string>& agencies) const {
        std::set<std::string> members;
        for (const std::string& agency : agencies) members.insert(ministry_of(facts_, agency));
        return size(members);
    }

    const ledger::Facts& facts_;
    const Viewer& viewer_;
    bool sparse_;
    json::object figures_;
};

// Visits the counts of the period as far as the viewer may see them: a row of nothing else is none, not even of its agency.
void visit_seen(const ledger::Facts& facts, const Viewer& viewer, Sheet sheet, const Period& period,
                std::uint64_t as_of, const VisitCounts& visit) {
    visit_counts(facts, sheet, period, as_of,
                 [&](const Series& series, std::uint32_t month, const Amounts& row) {
                     Amounts seen(row);
                     std::erase_if(seen, [&](const Amount& amount) { return !may_see(viewer, amount.figure); });
                     if (!seen.empty() || row.empty()) visit(series, month, seen);
                 });
}

json::object answer_for(const ledger::Facts& facts, const Period& period,
                        const StatisticsQuestion& question, const Viewer& viewer) {
    Sums total;
    std::map<Grouping, Groups> groups;
    for (const Grouping grouping : question.groupings) groups[grouping];
    for (const Sheet sheet : all_sheets) {
        visit_seen(facts, viewer, sheet, period, question.as_of,
                   [&](const Series& series, std::uint32_t month, const Amounts& row) {
                       total.add(series, row);
                       for (auto& [grouping, of_grouping] : groups)
                           of_grouping[group_of(grouping, series, month)].add(series, row);
                   });
        visit_seen(facts, viewer, sheet, {Date{0}, period.to}, question.as_of,
                   [&](const Series& series, std::uint32_t month, const Amounts& row) {
                       total.add_stock(series, row);
                       for (auto& [grouping, of_grouping] : groups)
                           if (grouping == Grouping::agency || grouping == Grouping::regime)
                               of_grouping[group_of(grouping, series, month)].add_stock(series, row);
                   });
    }
    json::object answer;
    answer["total"] = FigureWriter(facts, viewer, false).write(total, true);
    json::object all;
    for (const auto& [grouping, of_grouping] : groups) {
        const bool with_stock = grouping == Grouping::agency || grouping == Grouping::regime;
        json::array list;
        for (const auto& [name, sums] : of_grouping)
            list.push_back({{"group", name}, {"figures", FigureWriter(facts, viewer, true).write(sums, with_stock)}});
        all[word(grouping)] = std::move(list);
    }
    answer["groups"] = std::move(all);
    return answer;
}

ledger::Error malformed(std::string detail) {
    return {ledger::Fault::invalid_statement, "malformed_period", std::move(detail)};
}

std::optional<Grouping> parse_grouping(std::string_view text) {
    const auto found = std::ranges::find(groupings, text, [](Grouping each) { return word(each); });
    return found == groupings.end() ? std::nullopt : std::optional(*found);
}

ledger::Result<Period> parse_period(const json::object& params, std::string_view from, std::string_view to) {
    const auto date = [&](std::string_view name) -> std::optional<Date> {
        const json::value* value = params.if_contains(name);
        return value != nullptr && value->is_string() ? parse_date(value->get_string()) : std::nullopt;
    };
    const auto first = date(from);
    const auto last = date(to);
    if (!first || !last || *last < *first)
        return malformed(std::string(from) + " and " + std::string(to) +
                         " must be dates such as 2021-10-01, the first not after the second / " +
                         std::string(from) + " và " + std::string(to) +
                         " phải là ngày dạng 2021-10-01, ngày đầu không sau ngày cuối");
    return Period{*first, *last};
}

}  // namespace

std::string_view word(Grouping grouping) {
    static constexpr std::array<std::string_view, groupings.size()> words{"month", "quarter", "agency",
                                                                          "regime"};
    return words.at(static_cast<std::size_t>(grouping));
}

ledger::Result<StatisticsQuestion> parse_statistics_question(const json::object& params,
                                                             std::uint64_t last_index) {
    StatisticsQuestion question;
    const auto period = parse_period(params, "from", "to");
    if (!period) return period.error();
    question.period = *period;
    if (params.contains("compare_from") || params.contains("compare_to")) {
        const auto compared = parse_period(params, "compare_from", "compare_to");
        if (!compared) return compared.error();
        question.compared = *compared;
    }
    question.as_of = last_index;
    if (const json::value* as_of = params.if_contains("as_of")) {
        boost::system::error_code wrong;
        const auto index = as_of->is_number() ? as_of->to_number<std::int64_t>(wrong) : -1;
        if (wrong || index < 0)
            return malformed(
                "as_of must be the index of a leaf / as_of phải là số thứ tự của một mục trong sổ cái");
        question.as_of = std::min(static_cast<std::uint64_t>(index), last_index);
    }
    json::array words;
    if (const json::value* group_by = params.if_contains("group_by")) {
        if (group_by->is_array())
            words = group_by->get_array();
        else if (*group_by != "none")
            words.push_back(*group_by);
    }
    for (const json::value& each : words) {
        const auto grouping =
            each.is_string() ? parse_grouping(each.get_string()) : std::optional<Grouping>();
        if (!grouping)
            return malformed(
                "group_by must be none, month, quarter, agency or regime, or several of these in an array / "
                "group_by phải là none, month, quarter, agency, regime, hoặc một mảng gồm các từ đó");
        if (std::ranges::find(question.groupings, *grouping) == question.groupings.end())
            question.groupings.push_back(*grouping);
    }
    return question;
}

json::object statistics_answer(const ledger::Facts& facts, const StatisticsQuestion& question,
                               const Viewer& viewer) {
    json::object asked{{"from", format_date(question.period.from)},
                       {"to", format_date(question.period.to)},
                       {"as_of", question.as_of}};
    if (question.compared) {
        asked["compare_from"] = format_date(question.compared->from);
        asked["compare_to"] = format_date(question.compared->to);
    }
    json::array words;
    for (const Grouping grouping : question.groupings) words.emplace_back(word(grouping));
    asked["group_by"] = std::move(words);

    json::object answer{{"question", std::move(asked)}};
    for (auto& member : answer_for(facts, question.period, question, viewer)) answer[member.key()] = member.value();
    if (question.compared) answer["compared"] = answer_for(facts, *question.compared, question, viewer);
    return answer;
}

}  // namespace socai::inspection
