// The verbs that ask inspection.*, by what they are about, and what their tables share.
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <span>
#include <vector>

#include "node/cli/inspection_verb.hpp"

namespace socai::node::cli {

std::vector<InspectionVerb> shipment_verbs();   // clearance, dossier
std::vector<InspectionVerb> goods_verbs();      // method, goods, results, catalog, alerts
std::vector<InspectionVerb> oversight_verbs();  // enterprise, exceptions, statistics

// Of next_steps.
inline constexpr std::array step_columns{
    Column{"WHO", "who"},   Column{"WHAT", "what"},       Column{"DUE", "due"},
    Column{"LATE", "late"}, Column{"ARTICLE", "article"}, Column{"", "en"},
};

// The table alone, or one line on standard error that there is nothing.
void print_list(const boost::json::object& answer, const char* list, std::span<const Column> columns);

}  // namespace socai::node::cli
