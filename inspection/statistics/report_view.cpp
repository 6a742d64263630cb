#include "inspection/statistics/report_view.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "ledger/ijson.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

const json::object nothing;

const json::object& object_in(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_object() ? value->get_object() : nothing;
}

std::string text_in(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || value->is_null() || value->is_structured()) return {};
    return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

std::vector<GroupView> groups_in(const json::object& answer, std::string_view grouping) {
    std::vector<GroupView> groups;
    const json::value* list = object_in(answer, "groups").if_contains(grouping);
    if (list == nullptr || !list->is_array()) return groups;
    for (const json::value& each : list->get_array())
        if (const json::object* group = each.if_object())
            groups.push_back({text_in(*group, "group"), FiguresView(&object_in(*group, "figures"))});
    return groups;
}

}  // namespace

std::optional<std::int64_t> FiguresView::find(std::string_view name) const {
    const json::value* value = all().if_contains(name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    boost::system::error_code inexact;
    const auto number = value->to_number<std::int64_t>(inexact);
    if (inexact || number > ledger::max_json_integer || number < -ledger::max_json_integer)
        return std::nullopt;
    return number;
}

const json::object& FiguresView::all() const {
    return figures_ == nullptr ? nothing : *figures_;
}

ReportView::ReportView(const json::object& report)
    : statistics_(&object_in(report, "statistics")),
      compared_(&object_in(*statistics_, "compared")),
      ledger_(&object_in(report, "ledger")) {}

FiguresView ReportView::total() const {
    return FiguresView(&object_in(*statistics_, "total"));
}

std::optional<FiguresView> ReportView::compared_total() const {
    if (compared_->empty()) return std::nullopt;
    return FiguresView(&object_in(*compared_, "total"));
}

std::vector<std::string> ReportView::groupings() const {
    std::vector<std::string> names;
    for (const json::key_value_pair& each : object_in(*statistics_, "groups")) names.emplace_back(each.key());
    return names;
}

std::vector<GroupView> ReportView::groups(std::string_view grouping) const {
    return groups_in(*statistics_, grouping);
}

std::vector<GroupView> ReportView::compared_groups(std::string_view grouping) const {
    return groups_in(*compared_, grouping);
}

FiguresView ReportView::compared_group(std::string_view grouping, std::string_view name) const {
    for (const GroupView& each : compared_groups(grouping))
        if (each.name == name) return each.figures;
    return FiguresView();
}

std::string ReportView::asked(std::string_view name) const {
    return text_in(question(), name);
}

std::string ReportView::ledger(std::string_view name) const {
    return text_in(*ledger_, name);
}

const json::object& ReportView::question() const {
    return object_in(*statistics_, "question");
}

std::string ReportView::command() const {
    std::string command = "socai report --from " + asked("from") + " --to " + asked("to");
    if (!compared_->empty()) command += " --compare " + asked("compare_from") + ".." + asked("compare_to");
    command += " --as-of " + asked("as_of");
    std::string groupings;
    for (const std::string& each : this->groupings()) groupings += (groupings.empty() ? "" : ",") + each;
    return groupings.empty() ? command + " --group-by none" : command + " --group-by " + groupings;
}

}  // namespace socai::inspection
