// A report is inspection.statistics' answer and nothing else, so that whoever asks the same question finds the same numbers:
//
//     {"statistics": statistics_answer.hpp, "as_of": of the read, "ledger": {"origin", "size", "root"}}
//
// What the renderers (report_html, report_csv, report_json) read of it. It came from a node: what is missing or is something
// else counts as nothing, and no text of it becomes markup. Refers to the report, which must outlive it. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace socai::inspection {

// The figures of one total or group.
class FiguresView {
  public:
    explicit FiguresView(const boost::json::object* figures = nullptr) : figures_(figures) {}
    // Nothing where it is not named, is null or no integer that JSON holds exactly.
    std::optional<std::int64_t> find(std::string_view name) const;
    std::int64_t number(std::string_view name) const { return find(name).value_or(0); }
    const boost::json::object& all() const;

  private:
    const boost::json::object* figures_;
};

struct GroupView {
    std::string name;
    FiguresView figures;
};

class ReportView {
  public:
    explicit ReportView(const boost::json::object& report);

    FiguresView total() const;
    std::optional<FiguresView> compared_total() const;
    std::vector<std::string> groupings() const;
    std::vector<GroupView> groups(std::string_view grouping) const;
    std::vector<GroupView> compared_groups(std::string_view grouping) const;
    // Empty where there is none.
    FiguresView compared_group(std::string_view grouping, std::string_view name) const;

    // A member of the question, or of "ledger", as text; empty where there is none.
    std::string asked(std::string_view name) const;
    std::string ledger(std::string_view name) const;
    // The question as inspection.statistics takes it.
    const boost::json::object& question() const;
    // The command that makes the report again, without whom to ask.
    std::string command() const;

  private:
    const boost::json::object* statistics_;
    const boost::json::object* compared_;
    const boost::json::object* ledger_;
};

}  // namespace socai::inspection
