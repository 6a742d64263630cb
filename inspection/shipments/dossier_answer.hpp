// What inspection.dossier answers (design/interfaces.md): where a dossier stands, its method and why, results, certificates,
// the declaration that carries it with channel and clearance, and what is to be done next. The timeline and what the caller
// knows of deadlines are added by the API. For agencies, and for the trader whose dossier it is; anybody else is told nothing.
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

#include "inspection/shipments/dossier.hpp"
#include "inspection/viewer.hpp"

namespace socai::inspection {

// `deadlines` goes in as it is (clocks/). Nothing: no such dossier, or not for the viewer; callers answer both alike.
std::optional<boost::json::object> dossier_answer(const ledger::Facts& facts, std::string_view dossier_no,
                                                  const Viewer& viewer, boost::json::array deadlines);

// The method as it was determined: article, evidence, draw; for answers about dossiers, goods and declarations.
boost::json::object told_determination(const Determination& determination, Method method);

}  // namespace socai::inspection
