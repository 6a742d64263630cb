// What of a record somebody sees: all of it, some members, or that there is none. The same on every path that shows records:
// get, query, subscriptions, timelines, receipts. Pure; threads as ledger/facts.hpp.
//
// A record concerns a trader when it carries its tax code; carries it none, when it is about a dossier or a declaration of that
// tax code; and when it is about neither, when its source is the trader or it refers to a record of the trader as what it is
// for, about, or decides. It concerns a conformity body when a registration chose it, when a result rests on a certificate of
// its own, and when goods of such a registration are released to storage.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/storage_ptr.hpp>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "inspection/fields.hpp"
#include "inspection/viewer.hpp"
#include "ledger/facts.hpp"
#include "ledger/record.hpp"
#include "ledger/registry.hpp"

namespace socai::inspection {

enum class Sight : std::uint8_t { nothing, part, whole };

struct Seen {
    Sight sight = Sight::nothing;
    std::vector<std::string_view>
        members{};  // of a part: as in visibility_table.hpp; they live as long as the program

    explicit operator bool() const { return sight != Sight::nothing; }
    bool is_whole() const { return sight == Sight::whole; }
};

// `facts`: whose dossiers and declarations are. nullptr: nobody's; enough for a viewer that has no tax code and is no
// conformity body.
Seen seen_by(const Viewer& viewer, const ledger::Record& record, const ledger::Facts* facts);
inline bool needs_facts(const Viewer& viewer) {
    return !viewer.whole && (!viewer.tax_code.empty() || viewer.conformity_body);
}

// May the viewer have the confidential members of a record that it sees so: the writer, agencies by the table's `opened_to`,
// and a trader or a body that sees the record whole? Of what is kept for customs: its offices, and the member above them.
bool may_open(const ledger::Registry& registry, const Viewer& viewer, const ledger::Record& record,
              const Seen& seen);
// May a node of the agency hold those of a record of this source and type?
bool may_hold(const ledger::Registry& registry, std::string_view agency, std::string_view source,
              std::string_view type);

// Would the viewer see all of whatever the source may write? For what is told of a record whose kind is no longer known.
bool may_know_of(const ledger::Registry& registry, const Viewer& viewer, std::string_view source);

// The event with what is seen of it; `seen` is not nothing.
boost::json::object seen_json(const ledger::Record& record, const Seen& seen,
                              boost::json::storage_ptr storage);
// What a filter may look at: a member that is not seen matches nothing.
Fields seen_fields(const ledger::Record& record, const Seen& seen);

// May the filter match anything that the viewer sees? False only where it surely cannot, so that a search by what is not for
// the viewer tells nothing, not even by how long it takes.
bool may_ask_for(const Viewer& viewer, const Filter& filter);

}  // namespace socai::inspection
