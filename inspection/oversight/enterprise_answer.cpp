// How an enterprise's level comes about, step by step.
#include <array>

#include "inspection/answer_text.hpp"
#include "inspection/clocks/clocks.hpp"
#include "inspection/oversight/compliance.hpp"
#include "inspection/oversight/enterprise.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

bool counts_for(EnterpriseEventKind kind, Criterion criterion) {
    switch (criterion) {
        case Criterion::minor_violations:
            return kind == EnterpriseEventKind::minor_violation;
        case Criterion::major_violations:
            return kind == EnterpriseEventKind::major_violation;
        case Criterion::safety_violations:
            return kind == EnterpriseEventKind::safety_violation;
        case Criterion::fail_ppm:
            return kind == EnterpriseEventKind::fail;
        case Criterion::late_certificates:
            return kind == EnterpriseEventKind::late_certificate;
        case Criterion::storage_violations:
            return kind == EnterpriseEventKind::storage_violation;
    }
    return false;
}

json::array figures_of(const ComplianceFigures& figures, const std::vector<EnterpriseEvent>& events,
                       const std::vector<OwedCertificate>& owed) {
    json::array all;
    for (std::size_t i = 0; i < criterion_count; ++i) {
        const auto criterion = static_cast<Criterion>(i);
        json::array evidence;
        for (const EnterpriseEvent& event : events)
            if (counts_for(event.kind, criterion)) evidence.emplace_back(ledger::to_string(event.at));
        if (criterion == Criterion::late_certificates)
            for (const OwedCertificate& each : owed) evidence.emplace_back(ledger::to_string(each.start));
        all.push_back({{"criterion", word(criterion)},
                       {"figure", figures.figures[i]},
                       {"evidence", std::move(evidence)}});
    }
    return all;
}

json::array steps_of(const ComplianceCriteria& criteria, const ComplianceFigures& figures) {
    json::array steps;
    for (const LevelBounds& level : criteria.levels) {
        json::array bounds;
        bool kept = true;
        for (std::size_t i = 0; i < criterion_count; ++i) {
            if (!level.at_most[i]) continue;
            const bool holds = figures.figures[i] <= *level.at_most[i];
            kept = kept && holds;
            bounds.push_back({{"criterion", word(static_cast<Criterion>(i))},
                              {"figure", figures.figures[i]},
                              {"at_most", *level.at_most[i]},
                              {"holds", holds}});
        }
        steps.push_back({{"level", level.level}, {"holds", kept}, {"bounds", std::move(bounds)}});
        if (kept) break;
    }
    return steps;
}

}  // namespace

std::optional<json::object> enterprise_answer(const ledger::Facts& facts, std::string_view tax_code, Date day,
                                              const Viewer& viewer) {
    if (!viewer.agency && (viewer.tax_code.empty() || viewer.tax_code != tax_code)) return std::nullopt;
    json::object answer{{"tax_code", tax_code},
                        {"at", format_date(day)},
                        {"level", nullptr},
                        {"article", "TT 81/2019/TT-BTC Đ10-16"}};
    const auto criteria = criteria_on(facts, day);
    if (!criteria) {
        answer["vi"] = "Chưa có bộ tiêu chí tuân thủ nào có hiệu lực";
        answer["en"] = "No compliance criteria are in force";
        return answer;
    }
    const ComplianceFigures figures = compliance_figures(facts, *criteria, tax_code, day);
    const auto events = enterprise_events(facts, tax_code, figures.first, figures.last);
    const auto owed =
        owed_certificates(facts, tax_code, start_of(figures.first), start_of({figures.last.days + 1}));
    answer["criteria"] = criteria->name;
    answer["criteria_at"] = ledger::to_string(criteria->at);
    answer["window"] = json::object{{"from", format_date(figures.first)}, {"to", format_date(figures.last)}};
    answer["shipments"] = figures.shipments;
    answer["min_shipments"] = criteria->min_shipments;
    answer["figures"] = figures_of(figures, events, owed);
    answer["steps"] = steps_of(*criteria, figures);
    if (figures.shipments < criteria->min_shipments) {
        answer["vi"] = "Số lô trong kỳ chưa đủ để xếp mức";
        answer["en"] = "Too few shipments in the window to be rated";
        return answer;
    }
    const int level = level_of(*criteria, figures);
    answer["level"] = level;
    answer["vi"] = "Mức " + std::to_string(level) + ": mức tốt nhất mà mọi ngưỡng đều được đáp ứng";
    answer["en"] = "Level " + std::to_string(level) + ": the best whose every bound is kept";
    if (level == 5) {
        answer["vi"] = "Mức 5: không đáp ứng ngưỡng của mức nào";
        answer["en"] = "Level 5: the bounds of no level are kept";
    }
    return answer;
}

}  // namespace socai::inspection
