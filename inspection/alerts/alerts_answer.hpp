// Alerts as inspection.alerts tells them (design/domain.md 2, 11). Agencies see all of them. Others see what the issuer has
// published; and one about an importer, published or not, nobody sees but agencies and, once published, that importer.
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "inspection/alerts/alerts.hpp"
#include "inspection/method/history.hpp"
#include "inspection/viewer.hpp"

namespace socai::inspection {

bool may_see(const Viewer& viewer, const Alert& alert);
// Addresses of the records that raised or ended those which the viewer may not see.
std::vector<ledger::Address> hidden_alerts(const std::vector<Alert>& alerts, const Viewer& viewer);
// Would the standing's reason or its beginning tell of one of these?
bool tells_of(const Standing& standing, const std::vector<ledger::Address>& hidden);

// Members that are empty match everything.
struct AlertsQuestion {
    std::string alert_no = {};  // whatever has become of it
    std::string
        goods_key;  // that meet these goods, fully or nearly; nothing meets goods that nobody described but by their key
    std::string hs_prefix = {};  // about an HS code that begins so or with which it begins
    std::string tax_code = {};   // about this importer
    std::int64_t at_ms = 0;      // else: in force at this time, as far as the ledger knows now
    std::string cursor = {};     // next_cursor of the page before; what is none begins anew
    std::size_t limit = 100;
};
// Told as members of "shipments" of an alert that the viewer may see, for agencies: what is under way and touched by it.
using TouchedShipments = std::function<boost::json::array(const Alert&)>;

// { "alerts": [{alert_no, source, level, effect, scope, text, published, status, valid_from, valid_to, issued, ended,
//   match (of goods asked about: full or near), shipments, evidence}], "next_cursor": absent on the last page }
// In ledger order. A page looks at a few thousand alerts at most, so that it may be short and go on.
boost::json::object alerts_answer(const ledger::Facts& facts, const AlertsQuestion& question,
                                  const Viewer& viewer, const TouchedShipments& touched);

}  // namespace socai::inspection
