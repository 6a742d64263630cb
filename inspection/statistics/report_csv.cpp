#include "inspection/statistics/report_csv.hpp"

#include <initializer_list>

#include "inspection/statistics/report_view.hpp"

namespace socai::inspection {
namespace {

// One field; in quotes where it has to be.
std::string field(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
    std::string quoted = "\"";
    for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
    return quoted + "\"";
}

std::string row(std::initializer_list<std::string_view> fields) {
    std::string line;
    for (const std::string_view each : fields) line += field(each) + ",";
    line.pop_back();
    return line + "\r\n";
}

std::string text(std::optional<std::int64_t> number) {
    return number ? std::to_string(*number) : std::string();
}

struct Part {
    std::string grouping, group, from, to;
};

// Every figure of `figures`, then those that only `compared` names.
void append(std::string& csv, const Part& part, const FiguresView& figures,
            const std::optional<FiguresView>& compared) {
    const auto add = [&](std::string_view name) {
        csv += row({name, part.grouping, part.group, part.from, part.to, text(figures.find(name)),
                    compared ? text(compared->find(name)) : std::string()});
    };
    for (const auto& member : figures.all()) add(member.key());
    if (!compared) return;
    for (const auto& member : compared->all())
        if (!figures.all().contains(member.key())) add(member.key());
}

}  // namespace

std::string report_csv(const boost::json::object& report) {
    const ReportView view(report);
    const std::string from = view.asked("from");
    const std::string to = view.asked("to");
    std::string csv = row({"name", "group_by", "group", "from", "to", "value", "compare_value"});
    append(csv, {"", "", from, to}, view.total(), view.compared_total());
    for (const std::string& grouping : view.groupings()) {
        const bool of_time = grouping == "month" || grouping == "quarter";
        for (const GroupView& group : view.groups(grouping)) {
            std::optional<FiguresView> compared;
            if (!of_time && view.compared_total()) compared = view.compared_group(grouping, group.name);
            append(csv, {grouping, group.name, from, to}, group.figures, compared);
        }
        for (const GroupView& group : view.compared_groups(grouping)) {
            bool shown = false;
            for (const GroupView& each : view.groups(grouping)) shown = shown || each.name == group.name;
            const Part part{grouping, group.name, of_time ? view.asked("compare_from") : from,
                            of_time ? view.asked("compare_to") : to};
            if (of_time)
                append(csv, part, group.figures, std::nullopt);
            else if (!shown)
                append(csv, part, FiguresView(), group.figures);
        }
    }
    return csv;
}

}  // namespace socai::inspection
