// Who may read which members of each kind of record: the one table (reference/domain.md §2.2, columns "readers" and "public";
// §2.4; design/domain.md 2). Pure values; safe from any thread.
//
// A list of members is of dotted paths below `data`, separated by blanks; lists are passed through ("items.hs_code"). "*" is the
// whole record, `subject` its subject, "reason!alert" `reason` unless its text tells of an alert. "" is nothing: the record is
// not there. `id`, `source`, `type`, `time` and `legal_basis` of a record that is shown at all are shown.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace socai::inspection {

// Which agencies read it, whole.
enum class AgencyReaders : std::uint8_t {
    all,
    customs,  // offices of customs; members and auditors all the same (viewer.hpp)
};
// When the columns for the public and for traders hold.
enum class Condition : std::uint8_t {
    always,
    published,  // its issuer has published it (data.published); about an importer: to that importer alone
};

struct VisibilityRow {
    std::string_view kind;
    std::string_view rests_on;  // the row of reference/domain.md §2.2, or what else
    AgencyReaders agencies = AgencyReaders::all;
    std::string_view everybody;        // without account
    std::string_view trader;           // of what concerns its own tax code (visibility.hpp)
    std::string_view conformity_body;  // of what concerns it
    Condition condition = Condition::always;
    // Which agencies open its confidential members (ledger/disclosure.hpp); a trader or a body opens what it reads whole.
    AgencyReaders opened_to = AgencyReaders::all;
};

// Sorted by kind. A kind without a row is for agencies alone.
std::span<const VisibilityRow> visibility_table();
const VisibilityRow* visibility_of(std::string_view kind);  // nullptr: no row

}  // namespace socai::inspection
