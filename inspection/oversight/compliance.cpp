#include "inspection/oversight/compliance.hpp"

#include <algorithm>

#include "inspection/oversight/enterprise.hpp"
#include "inspection/record_data.hpp"
#include "inspection/records/breach.hpp"
#include "ledger/time.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view table = "!cc";  // address of the record

const Rule out_of_order{"compliance.levels",
                        "TT 81/2019/TT-BTC Đ10-16",
                        "levels must go from the best to the worse, each once",
                        "các mức phải xếp từ tốt nhất đến kém hơn, mỗi mức một lần",
                        ledger::Fault::refused,
                        "levels_out_of_order"};

constexpr std::array<std::string_view, criterion_count> bounds{
    "max_minor_violations", "max_major_violations",  "max_safety_violations",
    "max_fail_ppm",         "max_late_certificates", "max_storage_violations"};

std::optional<std::int64_t> number_at(const boost::json::object& data, std::string_view name) {
    const boost::json::value* value = data.if_contains(name);
    return value != nullptr && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

// The same day so many months earlier, or that month's last day where it has no such day.
Date months_before(Date day, std::int64_t months) {
    ledger::CivilDay parts = ledger::civil_day(std::max(day.days, 0));
    const std::int64_t total = std::max<std::int64_t>(parts.year * 12 + parts.month - 1 - months, 1970 * 12);
    parts.year = total / 12;
    parts.month = total % 12 + 1;
    parts.day = std::min(parts.day, ledger::days_in_month(parts.year, parts.month));
    return {static_cast<std::int32_t>(ledger::days_since_epoch(parts))};
}

}  // namespace

std::string_view word(Criterion criterion) {
    return bounds[static_cast<std::size_t>(criterion)].substr(std::string_view("max_").size());
}

std::optional<ComplianceCriteria> criteria_on(const ledger::Facts& facts, Date day) {
    std::optional<ComplianceCriteria> found;
    facts.scan(FactKey(table), {}, [&](std::string_view, std::string_view value) {
        auto criteria = decode_fact<ComplianceCriteria>(value);
        if (criteria.in_force_on(day)) found = std::move(criteria);
        return true;
    });
    return found;
}

ComplianceFigures compliance_figures(const ledger::Facts& facts, const ComplianceCriteria& criteria,
                                     std::string_view tax_code, Date day) {
    ComplianceFigures all;
    all.first = months_before(day, criteria.window_months);
    all.last = {std::max(day.days, 1) - 1};  // before the first day there is none
    const EnterpriseCounts counts = enterprise_counts(facts, tax_code, all.first, all.last);
    const std::int64_t results = counts.passes + counts.fails;
    all.shipments = counts.shipments;
    all.figures = {counts.minor,
                   counts.major,
                   counts.safety,
                   results > 0 ? counts.fails * 1'000'000 / results : 0,
                   counts.late_certificates,
                   counts.storage_violations};
    return all;
}

int level_of(const ComplianceCriteria& criteria, const ComplianceFigures& figures) {
    for (const LevelBounds& level : criteria.levels) {
        bool kept = true;
        for (std::size_t i = 0; i < criterion_count; ++i)
            kept = kept && (!level.at_most[i] || figures.figures[i] <= *level.at_most[i]);
        if (kept) return static_cast<int>(level.level);
    }
    return 5;
}

std::optional<int> compliance_level(const ledger::Facts& facts, std::string_view tax_code, Date day) {
    const auto criteria = criteria_on(facts, day);
    if (!criteria) return std::nullopt;
    const ComplianceFigures figures = compliance_figures(facts, *criteria, tax_code, day);
    if (figures.shipments < criteria->min_shipments) return std::nullopt;
    return level_of(*criteria, figures);
}

ledger::Result<void> take_compliance_criteria(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    if (record.kind() != "compliance_criteria") return {};
    const auto& data = record.data();
    ComplianceCriteria criteria;
    criteria.at = coming.address;
    criteria.source = record.source;
    criteria.id = record.id;
    criteria.name = text_at(data, "criteria");
    criteria.effective_from = date_at(data, "effective_from").value();
    criteria.effective_to = date_at(data, "effective_to");
    criteria.window_months = number_at(data, "window_months").value();
    criteria.min_shipments = number_at(data, "min_shipments").value();
    for (const auto& each : *array_at(data, "levels")) {
        LevelBounds level{number_at(each.as_object(), "level").value(), {}};
        if (!criteria.levels.empty() && level.level <= criteria.levels.back().level)
            return Breach{&out_of_order,
                          std::string(out_of_order.article),
                          "/data/levels",
                          std::to_string(level.level),
                          {}}
                .error();
        for (const std::string_view bound : bounds)
            level.at_most.push_back(number_at(each.as_object(), bound));
        criteria.levels.push_back(std::move(level));
    }
    if (const ledger::Reference* superseded = reference_of(record, "supersedes")) {
        std::vector<ComplianceCriteria> ended;
        facts.scan(FactKey(table), {}, [&](std::string_view, std::string_view value) {
            auto known = decode_fact<ComplianceCriteria>(value);
            if (known.source == superseded->source && known.id == superseded->id)
                ended.push_back(std::move(known));
            return true;
        });
        for (ComplianceCriteria& known : ended) {
            known.superseded = true;
            facts.put(FactKey(table).address(known.at), encode_fact(known));
        }
    }
    facts.put(FactKey(table).address(coming.address), encode_fact(criteria));
    return {};
}

}  // namespace socai::inspection
