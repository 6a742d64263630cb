#include "inspection/statistics/report_html.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "inspection/statistics/page_parts.hpp"
#include "inspection/statistics/report_sections.hpp"
#include "inspection/statistics/report_view.hpp"

namespace socai::inspection {
namespace {

using page::both;
using page::figure;
using page::shown;

constexpr std::string_view style =
    "@page{size:A4;margin:18mm 15mm}"
    "body{font:11pt/1.45 'Noto Serif','Times New Roman',serif;color:#111;max-width:62em;margin:2em auto;"
    "padding:0 1em}"
    "h1{font-size:1.5em;border-bottom:2px solid #111;padding-bottom:.3em}"
    "h2{font-size:1.15em;margin-top:2em}.en{color:#555;font-weight:normal;font-style:italic}"
    "p.note{font-size:.85em;color:#444}"
    "table{border-collapse:collapse;width:100%;font-size:.82em;margin:.8em 0}"
    "caption{text-align:left;font-weight:bold;padding:.3em 0}"
    "th,td{border:1px solid #999;padding:.25em .45em;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}thead th{background:#eee}tbody th{font-weight:normal}"
    ".n{text-align:right;font-variant-numeric:tabular-nums}"
    "figure{margin:.8em 0}svg{width:100%;max-width:46em;height:auto;font-size:11px;font-family:inherit}"
    "svg .now{fill:#234f82}svg .before{fill:#a9bfd8}svg .l{text-anchor:end}"
    "bdi{unicode-bidi:isolate}code{font-size:.9em;overflow-wrap:anywhere}"
    "footer{margin-top:2.5em;border-top:2px solid #111;font-size:.85em}"
    "@media print{body{margin:0;max-width:none}h2,caption{break-after:avoid}tr,figure,footer{"
    "break-inside:avoid}thead{display:table-header-group}h2.page{break-before:page}}";

struct GroupingTitle {
    std::string_view grouping, vietnamese, english;
};
constexpr std::array grouping_titles{
    GroupingTitle{"agency", "Theo cơ quan", "By agency"},
    GroupingTitle{"regime", "Theo chế độ kiểm tra", "By regime"},
    GroupingTitle{"quarter", "Theo quý", "By quarter"},
    GroupingTitle{"month", "Theo tháng", "By month"},
};

std::string title_of(std::string_view grouping) {
    for (const GroupingTitle& each : grouping_titles)
        if (each.grouping == grouping) return both(each.vietnamese, each.english);
    return shown(grouping);
}

// "" is what belongs to no agency, or to no regime.
std::string name_of(const GroupView& group) {
    return group.name.empty() ? both("không xác định", "not known") : shown(group.name);
}

// The page while it is written.
class Page {
  public:
    explicit Page(const boost::json::object& report)
        : view_(report), total_(view_.total()), compared_(view_.compared_total()) {}

    std::string html() const {
        std::string html = head();
        for (const ReportSection& section : report_sections()) {
            html += heading(section.vietnamese, section.english);
            if (!section.note_vietnamese.empty())
                html += "<p class=\"note\">" + both(section.note_vietnamese, section.note_english) + "</p>\n";
            html += table_of(section);
            if (section.charted) html += chart_of(section);
        }
        html += kinds_of_exceptions() + steps();
        for (const std::string& grouping : view_.groupings()) html += groups(grouping);
        return html + every_figure() + foot();
    }

  private:
    static std::string heading(std::string_view vietnamese, std::string_view english,
                               std::string_view attributes = {}) {
        return "<h2" + std::string(attributes) + ">" + both(vietnamese, english) + "</h2>\n";
    }

    std::string period() const { return shown(view_.asked("from")) + " – " + shown(view_.asked("to")); }
    std::string compared_period() const {
        return shown(view_.asked("compare_from")) + " – " + shown(view_.asked("compare_to"));
    }

    std::string head() const {
        std::string html =
            "<!DOCTYPE html>\n<html lang=\"vi\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
            "'unsafe-inline'\">\n<title>Báo cáo kiểm tra chuyên ngành / Report on specialised inspection, " +
            page::escaped(view_.asked("from")) + " – " + page::escaped(view_.asked("to")) +
            "</title>\n<style>" + std::string(style) + "</style>\n</head>\n<body>\n<h1>" +
            both("Báo cáo kiểm tra chuyên ngành", "Report on specialised inspection") + "</h1>\n<p>" +
            both("Kỳ báo cáo", "Period") + ": <strong>" + period() + "</strong>";
        if (compared_)
            html += "<br>" + both("So với", "Compared with") + ": <strong>" + compared_period() + "</strong>";
        return html + "<br>" + both("Theo sổ cái tính đến mục số", "As of leaf") + ": <strong>" +
               shown(view_.asked("as_of")) + "</strong></p>\n";
    }

    // The cells after a figure's name: now and, where there is something to compare with, before and the difference.
    void add_comparison(std::vector<std::string>& cells, std::string_view name, const FiguresView& now,
                        const std::optional<FiguresView>& before) const {
        cells.push_back(figure(name, now.find(name)));
        if (!before) return;
        cells.push_back(figure(name, before->find(name)));
        cells.push_back(page::difference(now.number(name), before->number(name)));
    }
    void add_comparison_heads(std::vector<std::string>& heads) const {
        heads.push_back(both("Trong kỳ", "Period"));
        if (!compared_) return;
        heads.push_back(both("Kỳ so sánh", "Compared"));
        heads.push_back(both("Chênh lệch", "Difference"));
    }

    std::string table_of(const ReportSection& section) const {
        page::Table table{both(section.vietnamese, section.english), {both("Chỉ số", "Figure")}, 1, {}};
        add_comparison_heads(table.head);
        const auto share_of = [](const ReportRow& row) { return std::string(row.figure) + ".share_ppm"; };
        const bool shares = std::ranges::any_of(
            section.rows, [&](const ReportRow& row) { return total_.find(share_of(row)).has_value(); });
        if (shares) table.head.push_back(both("Tỷ trọng", "Share"));
        for (const ReportRow& row : section.rows) {
            std::vector<std::string> cells{both(row.vietnamese, row.english)};
            add_comparison(cells, row.figure, total_, compared_);
            if (shares) {
                const auto share = total_.find(share_of(row));
                cells.push_back(share ? figure(share_of(row), share, page::percent(*share)) : std::string());
            }
            table.rows.push_back(std::move(cells));
        }
        return table.html();
    }

    std::string chart_of(const ReportSection& section) const {
        std::vector<page::Bar> bars;
        for (const ReportRow& row : section.rows) {
            if (row.figure.ends_with(".total") || row.figure.starts_with("determinations.")) continue;
            std::optional<std::int64_t> before;
            if (compared_) before = compared_->number(row.figure);
            bars.push_back({std::string(row.vietnamese) + " / " + std::string(row.english),
                            total_.number(row.figure), before});
        }
        return page::bar_chart(std::string(section.vietnamese) + " / " + std::string(section.english), bars);
    }

    std::string kinds_of_exceptions() const {
        page::Table table{both("Sai lệch theo loại", "Departures by kind"), {both("Loại", "Kind")}, 1, {}};
        add_comparison_heads(table.head);
        for (const std::string& name : names_of_totals()) {
            constexpr std::string_view family = "exceptions.";
            if (!name.starts_with(family) || name == "exceptions.total") continue;
            std::vector<std::string> cells{"<code>" + shown(name.substr(family.size())) + "</code>"};
            add_comparison(cells, name, total_, compared_);
            table.rows.push_back(std::move(cells));
        }
        return table.rows.empty() ? std::string() : table.html();
    }

    // How long one step took: how often, on average, in the middle, and how many were beyond 160 hours.
    void add_step(page::Table& table, std::vector<std::string> texts, std::string_view step,
                  const FiguresView& now, const std::optional<FiguresView>& before) const {
        const std::string name = "time." + std::string(step) + ".";
        const auto mean = [&](const FiguresView& figures) {
            const bool some = figures.number(name + "count") > 0;
            const std::int64_t minutes = figures.number(name + "mean_minutes");
            return figure(name + "mean_minutes", some ? std::optional(minutes) : std::nullopt,
                          page::hours(minutes));
        };
        if (now.number(name + "count") == 0 && (!before || before->number(name + "count") == 0)) return;
        texts.push_back(figure(name + "count", now.number(name + "count")));
        texts.push_back(mean(now));
        const auto median = now.find(name + "median_within_hours");
        texts.push_back(median ? "≤ " + figure(name + "median_within_hours", median) + " h" : "–");
        texts.push_back(figure(name + "over_160h", now.number(name + "over_160h")));
        if (before) {
            texts.push_back(figure(name + "count", before->number(name + "count")));
            texts.push_back(mean(*before));
        }
        table.rows.push_back(std::move(texts));
    }
    page::Table table_of_steps(std::string caption, std::vector<std::string> texts) const {
        page::Table table{std::move(caption), std::move(texts), 0, {}};
        table.texts = table.head.size();
        table.head.insert(table.head.end(), {both("Số lần", "Count"), both("Trung bình", "Mean"),
                                             both("Trung vị", "Median"), both("Trên 160 giờ", "Over 160 h")});
        if (compared_) {
            table.head.push_back(both("Số lần, kỳ so sánh", "Count, compared"));
            table.head.push_back(both("Trung bình, kỳ so sánh", "Mean, compared"));
        }
        return table;
    }

    std::string steps() const {
        page::Table table =
            table_of_steps(both("Thời gian xử lý theo bước", "Time by step"), {both("Bước", "Step")});
        for (const ReportRow& step : report_steps())
            add_step(table, {both(step.vietnamese, step.english)}, step.figure, total_, compared_);
        std::string html = heading("Thời gian xử lý", "Time to decision", " class=\"page\"");
        html += "<p class=\"note\">" +
                both("Giờ làm việc; trung vị là cận trên của nhóm thời gian chứa giá trị giữa.",
                     "Working hours; the median is the bound of the bucket in which the middle one lies.") +
                "</p>\n";
        html += table.html();
        if (view_.groups("agency").empty()) return html;
        page::Table by_agency = table_of_steps(
            both("Thời gian xử lý theo cơ quan và bước", "Time to decision by agency and step"),
            {both("Cơ quan", "Agency"), both("Bước", "Step")});
        for (const GroupView& group : view_.groups("agency")) {
            std::optional<FiguresView> before;
            if (compared_) before = view_.compared_group("agency", group.name);
            for (const ReportRow& step : report_steps())
                add_step(by_agency, {name_of(group), both(step.vietnamese, step.english)}, step.figure,
                         group.figures, before);
        }
        return html + by_agency.html();
    }

    std::string groups(const std::string& grouping) const {
        const std::vector<GroupView> all = view_.groups(grouping);
        if (all.empty()) return {};
        const bool of_time = grouping == "month" || grouping == "quarter";
        page::Table table{title_of(grouping), {title_of(grouping)}, 1, {}};
        for (const ReportRow& column : report_columns())
            table.head.push_back(both(column.vietnamese, column.english));
        std::vector<page::Bar> bars;
        for (const GroupView& group : all) {
            std::vector<std::string> cells{name_of(group)};
            // A group leaves out what is 0; what the total leaves out, whoever asked may not see.
            for (const ReportRow& column : report_columns())
                cells.push_back(figure(column.figure, total_.find(column.figure)
                                                          ? std::optional(group.figures.number(column.figure))
                                                          : std::nullopt));
            table.rows.push_back(std::move(cells));
            std::optional<std::int64_t> before;
            if (compared_ && !of_time)
                before = view_.compared_group(grouping, group.name).number("dossiers.received");
            bars.push_back(
                {group.name.empty() ? "–" : group.name, group.figures.number("dossiers.received"), before});
        }
        std::string html = "<h2>" + title_of(grouping) + "</h2>\n" + table.html();
        html += page::bar_chart("Hồ sơ tiếp nhận / Dossiers received", bars);
        if (grouping == "agency") html += alerts_by_agency(all) + procedures_by_agency(all);
        return html;
    }

    std::string of_agencies(const std::vector<GroupView>& all, std::string caption,
                            const std::vector<ReportRow>& columns) const {
        page::Table table{std::move(caption), {both("Cơ quan", "Agency")}, 1, {}};
        for (const ReportRow& column : columns) table.head.push_back(both(column.vietnamese, column.english));
        for (const GroupView& group : all) {
            std::vector<std::string> cells{name_of(group)};
            std::int64_t some = 0;
            for (const ReportRow& column : columns) {
                some |= group.figures.number(column.figure);
                cells.push_back(figure(column.figure, group.figures.number(column.figure)));
            }
            if (some != 0) table.rows.push_back(std::move(cells));
        }
        return table.rows.empty() ? std::string() : table.html();
    }
    std::string alerts_by_agency(const std::vector<GroupView>& all) const {
        return of_agencies(all, both("Cảnh báo và phản ứng theo cơ quan", "Alerts and reaction by agency"),
                           {{"alert_issued.serious", "Nghiêm trọng", "Serious"},
                            {"alert_issued.warning", "Cảnh báo", "Warning"},
                            {"alert_issued.information", "Thông tin", "Information"},
                            {"alert_lifted.serious", "Gỡ: nghiêm trọng", "Lifted: serious"},
                            {"alert_lifted.warning", "Gỡ: cảnh báo", "Lifted: warning"},
                            {"alert_lifted.information", "Gỡ: thông tin", "Lifted: information"},
                            {"time.alert_to_ledger.mean_minutes", "Phút đến sổ cái, trung bình",
                             "Minutes to the ledger, mean"},
                            {"determinations.under_alert", "Hồ sơ thuộc diện", "Dossiers under one"}});
    }
    std::string procedures_by_agency(const std::vector<GroupView>& all) const {
        return of_agencies(all, both("Thủ tục hành chính, cuối kỳ", "Procedures at the end of the period"),
                           {{"stock.procedures_live", "Đã triển khai", "Live"},
                            {"stock.procedures_testing", "Đang thử nghiệm", "Testing"},
                            {"stock.procedures_retired", "Đã dừng", "Retired"}});
    }

    // Of the total and of what it is compared with.
    std::vector<std::string> names_of_totals() const {
        std::vector<std::string> names;
        for (const auto& member : total_.all()) names.emplace_back(member.key());
        if (!compared_) return names;
        for (const auto& member : compared_->all())
            if (!total_.all().contains(member.key())) names.emplace_back(member.key());
        return names;
    }
    std::string every_figure() const {
        page::Table table{both("Toàn bộ chỉ số", "Every figure"), {both("Tên", "Name")}, 1, {}};
        add_comparison_heads(table.head);
        for (const std::string& name : names_of_totals()) {
            std::vector<std::string> cells{"<code>" + shown(name) + "</code>"};
            add_comparison(cells, name, total_, compared_);
            table.rows.push_back(std::move(cells));
        }
        return heading("Phụ lục: toàn bộ chỉ số", "Annex: every figure", " class=\"page\"") + table.html();
    }

    std::string foot() const {
        const auto line = [](std::string_view vietnamese, std::string_view english, const std::string& html) {
            return "<p>" + both(vietnamese, english) + ": " + html + "</p>\n";
        };
        std::string html = "<footer>\n";
        html += line("Sổ cái", "Ledger", shown(view_.ledger("origin")));
        html += line("Tính đến mục số", "As of leaf", shown(view_.asked("as_of")));
        if (!view_.ledger("size").empty())
            html += line("Đầu sổ cái khi lập báo cáo", "Head when the report was made",
                         shown(view_.ledger("size")) + " " + both("mục", "leaves") + ", <code>" +
                             shown(view_.ledger("root")) + "</code>");
        html += line("Lập lại báo cáo này", "To make this report again",
                     "<code>" + shown(view_.command()) + "</code>");
        html += line(
            "Câu hỏi", "Question",
            "<code>inspection.statistics " + shown(boost::json::serialize(view_.question())) + "</code>");
        return html + "</footer>\n</body>\n</html>\n";
    }

    ReportView view_;
    FiguresView total_;
    std::optional<FiguresView> compared_;
};

}  // namespace

std::string report_html(const boost::json::object& report) {
    return Page(report).html();
}

}  // namespace socai::inspection
