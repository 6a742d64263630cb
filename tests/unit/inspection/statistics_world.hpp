// A ledger for the tests of statistics: short ways to add the records that are counted, and to ask what was.
#pragma once

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>

#include "inspection/catalog/working_days.hpp"
#include "inspection/statistics/figures.hpp"
#include "inspection/statistics/statistics_answer.hpp"
#include "tests/unit/inspection/simple_shipments.hpp"

namespace socai::inspection::test {

inline const std::string toy_importer = "importer.9900000016";
inline const std::string fruit_importer = "importer.9900000023";

class StatisticsWorld {
  public:
    StatisticsWorld()
        : world_(shipments_.then([](const ledger::Coming& coming, ledger::FactDraft& facts) {
              take_working_calendar(coming, facts).value();
              take_statistics(coming, facts);
          })) {}

    std::uint64_t add(std::string_view source, std::string_view kind, std::string_view id,
                      std::string_view time, const json::object& data, std::string_view refs = "[]") {
        return world_.add(source, kind, id, time, json::serialize(data), refs).value().index;
    }
    // "P-strict" and so on; the record is named as the dossier.
    std::uint64_t registration(std::string_view number, std::string_view time,
                               std::string_view procedure = "P-strict", std::string_view regime = "quality",
                               const std::string& importer = toy_importer) {
        return add(importer, "inspection_registration", number, time,
                   {{"dossier_no", number},
                    {"procedure_code", procedure},
                    {"regime", regime},
                    {"importer", {{"tax_code", importer.substr(importer.find('.') + 1)}}}});
    }
    std::uint64_t status(std::string_view number, std::string_view time, std::string_view status = "accepted",
                         std::string_view source = "most.qlcl") {
        return add(source, "dossier_status", name("s"), time, {{"dossier_no", number}, {"status", status}});
    }
    std::uint64_t result(std::string_view id, std::string_view number, std::string_view time,
                         std::string_view outcome, std::string_view superseded = {},
                         std::string_view source = "most.qlcl") {
        const std::string refs = superseded.empty() ? "[]"
                                                    : R"([["supersedes",")" + std::string(source) + R"(",")" +
                                                          std::string(superseded) + R"("]])";
        return add(source, "inspection_result", id, time, {{"dossier_no", number}, {"outcome", outcome}},
                   refs);
    }
    // Carries a dossier of the toys' importer, or none.
    std::uint64_t declaration(std::string_view number, std::string_view time, std::string_view dossier = {},
                              std::string_view office = "03CE", std::string_view status = "registered",
                              const std::string& importer = toy_importer) {
        const std::string refs =
            dossier.empty() ? "[]"
                            : R"([["carries",")" + importer + R"(",")" + std::string(dossier) + R"("]])";
        return add("customs.haiphong", "customs_declaration", name("d"), time,
                   {{"declaration_no", number},
                    {"office", office},
                    {"status", status},
                    {"importer_tax_code", importer.substr(importer.find('.') + 1)}},
                   refs);
    }
    std::uint64_t clearance(std::string_view number, std::string_view time,
                            std::string_view decision = "cleared") {
        return add("customs.haiphong", "clearance_decision", name("k"), time,
                   {{"declaration_no", number}, {"decision", decision}});
    }

    json::object answer(std::string_view from, std::string_view to,
                        std::uint64_t as_of = std::numeric_limits<std::int32_t>::max(),
                        std::vector<Grouping> groupings = {}) const {
        StatisticsQuestion question;
        question.period = {parse_date(from).value(), parse_date(to).value()};
        question.as_of = as_of;
        question.groupings = std::move(groupings);
        return statistics_answer(world_.facts(), question, Viewer::all());
    }
    // Of the years 2020 to 2029.
    std::int64_t figure(std::string_view name,
                        std::uint64_t as_of = std::numeric_limits<std::int32_t>::max()) const {
        return of(answer("2020-01-01", "2029-12-31", as_of), name);
    }
    // Of one group, 0 where the group does not name it.
    std::int64_t figure(Grouping grouping, std::string_view group, std::string_view name) const {
        const json::object all = answer("2020-01-01", "2029-12-31", 1'000'000, {grouping});
        for (const json::value& each : all.at("groups").at(word(grouping)).as_array()) {
            if (each.at("group").as_string() != group) continue;
            const auto* value = each.at("figures").as_object().if_contains(name);
            return value == nullptr ? 0 : value->as_int64();
        }
        return 0;
    }
    static std::int64_t of(const json::object& answer, std::string_view name) {
        const json::value* value = answer.at("total").as_object().if_contains(name);
        if (value == nullptr) {
            ADD_FAILURE() << "no figure is named " << name;
            return -1;
        }
        return value->as_int64();
    }
    const World& world() const { return world_; }
    World& world() { return world_; }

  private:
    std::string name(const char* letter) { return letter + std::to_string(++named_); }

    SimpleShipments shipments_;
    World world_;
    int named_ = 0;
};

}  // namespace socai::inspection::test
