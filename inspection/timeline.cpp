#include "inspection/timeline.hpp"

#include <set>

namespace socai::inspection {

std::vector<ledger::Address> timeline(const TimelineSource& source, std::string_view dossier_no,
                                      std::size_t limit) {
    // References point backwards only, so that whatever the smallest pending address leads to comes after it:
    // the walk meets the records in ledger order and can stop at the limit.
    const std::vector<ledger::Address> carriers = source.with_dossier(dossier_no);
    std::set<ledger::Address> pending(carriers.begin(), carriers.end());
    std::vector<ledger::Address> result;
    while (!pending.empty() && result.size() < limit) {
        const ledger::Address next = *pending.begin();
        pending.erase(pending.begin());
        result.push_back(next);
        const std::string kind = source.kind_at(next);
        if (kind == "catalog_item" || kind == "alert") continue;
        for (const ledger::Address& referrer : source.referring_to(next)) {
            if (referrer > next)
                pending.insert(referrer);  // never back: each record once, whatever is stored
        }
    }
    return result;
}

}  // namespace socai::inspection
