// The order in which a printed report tells its figures, with their names in Vietnamese and English. Pure values.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace socai::inspection {

struct ReportRow {
    std::string_view figure;
    std::string_view vietnamese;
    std::string_view english;
};
struct ReportSection {
    std::string_view vietnamese;
    std::string_view english;
    std::string_view note_vietnamese;  // what is counted, where the names alone do not say
    std::string_view note_english;
    bool charted = false;
    std::vector<ReportRow> rows;
};
std::vector<ReportSection> report_sections();

// The steps whose length is measured, by their word (figure.hpp: Step), in the order of a shipment.
std::vector<ReportRow> report_steps();

// What tables by agency, regime, month or quarter tell of each.
std::vector<ReportRow> report_columns();

}  // namespace socai::inspection
