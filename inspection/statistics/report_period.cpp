#include "inspection/statistics/report_period.hpp"

#include <string>

namespace socai::inspection {

std::optional<Period> parse_quarter(std::string_view text) {
    if (text.size() != 6 || text[4] != 'Q' || text[5] < '1' || text[5] > '4') return std::nullopt;
    const auto year = parse_date(std::string(text.substr(0, 4)) + "-01-01");
    if (!year) return std::nullopt;
    const std::uint32_t month = month_of(*year) + static_cast<std::uint32_t>(text[5] - '1') * 3;
    return Period{first_day_of_month(month), {first_day_of_month(month + 3).days - 1}};
}

std::optional<Period> parse_phase(std::string_view text) {
    if (text == "1") return parse_period("2021-01-01..2023-12-31");
    if (text == "2") return parse_period("2024-01-01..2026-12-31");
    return std::nullopt;
}

std::optional<Period> parse_period(std::string_view text) {
    const std::size_t dots = text.find("..");
    if (dots == std::string_view::npos) return parse_quarter(text);
    const auto from = parse_date(text.substr(0, dots));
    const auto to = parse_date(text.substr(dots + 2));
    if (!from || !to || *to < *from) return std::nullopt;
    return Period{*from, *to};
}

}  // namespace socai::inspection
