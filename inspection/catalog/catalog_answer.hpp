// The lists of goods under inspection, as inspection.catalog tells them: public (design/domain.md 2; Decree 85/2019
// Art 26.1.b). Pure; threads as ledger/facts.hpp.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

#include "inspection/viewer.hpp"
#include "ledger/facts.hpp"

namespace socai::inspection {

// Members that are empty match everything.
struct CatalogQuestion {
    std::string hs_code = {};    // items that are about goods of this code: the longest code first
    std::string hs_prefix = {};  // items whose own code begins so
    std::string list_code = {}, agency = {}, regime = {};
    std::int64_t at_ms = 0;   // in force that day
    std::string cursor = {};  // next_cursor of the page before; what is none begins anew
    std::size_t limit = 100;
};
// { "items": [{list_code, hs_code, description, regimes, agency, procedure_code, technical_regulation, stage, level,
//   valid_from, valid_to, source, evidence}], "next_cursor": absent on the last page }
// By HS code, then in ledger order; with hs_code all at once. A page looks at a few thousand items at most, so that it may be
// short and go on.
boost::json::object catalog_answer(const ledger::Facts& facts, const CatalogQuestion& question,
                                   const Viewer& viewer);

}  // namespace socai::inspection
