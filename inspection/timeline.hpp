// The timeline of a dossier: the records that carry its number, and those that refer to them, onward through
// every reference except from a catalog item or an alert, in ledger order. Pure: reads through an interface.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/entry.hpp"
#include "ledger/record.hpp"

namespace socai::inspection {

// What the timeline asks of the ledger; implemented by storage. Every answer is in any order; a record only
// refers to earlier ones, so that referring_to(target) is all after target.
class TimelineSource {
  public:
    virtual ~TimelineSource() = default;
    virtual std::vector<ledger::Address> with_dossier(std::string_view dossier_no) const = 0;
    virtual std::vector<ledger::Address> referring_to(const ledger::Address& target) const = 0;
    // The kind of the record at `address`, e.g. "catalog_item".
    virtual std::string kind_at(const ledger::Address& address) const = 0;
};

// Addresses in ledger order, each once: the first `limit` of them (a bound against hostile graphs). A catalog
// item or an alert may stand in a timeline, but what refers to it does not for that reason: it concerns other
// shipments too.
std::vector<ledger::Address> timeline(const TimelineSource& source, std::string_view dossier_no,
                                      std::size_t limit);

}  // namespace socai::inspection
