// Conformity bodies and what they are designated for (design/domain.md 1, 2; Decree 85/2019 Art 25.3, 26.1.d; reference §2.2
// row 2), and which agency may inspect: by the records in force, never by a code's own text.
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/fact_codec.hpp"
#include "ledger/admission.hpp"

namespace socai::inspection {

enum class BodyStatus : std::uint8_t { registered, designated, recognised, suspended, revoked };
std::string_view word(BodyStatus status);

// What a record names goods by; an empty member leaves it open.
struct BodyScope {
    std::string regime;
    std::string technical_regulation;
    std::string standard;
    std::string hs_prefix;
    bool operator==(const BodyScope&) const = default;
    template <class Codec>
    void members(Codec& codec) {
        codec(regime, technical_regulation, standard, hs_prefix);
    }
};

struct Designation {
    ledger::Address at;
    std::string id;      // of the record
    std::string source;  // the ministry, or its list owner
    std::string body;
    std::string name;
    BodyStatus status = BodyStatus::registered;
    std::vector<BodyScope> scope;
    Date valid_from;
    std::optional<Date> valid_to;  // included
    std::optional<ledger::Address> superseded_by;

    bool in_force_on(Date day) const {
        return !superseded_by && valid_from <= day && (!valid_to || day <= *valid_to);
    }
    template <class Codec>
    void members(Codec& codec) {
        codec(at, id, source, body, name, status, scope, valid_from, valid_to, superseded_by);
    }
};

// In ledger order, superseded ones too. `body` empty: of every body.
std::vector<Designation> designations(const ledger::Facts& facts, std::string_view body);

// What a result is about. Empty members are not known, and no designation fails over them.
struct AssessedGoods {
    std::string regime;
    std::string hs_code;
    std::string standard;  // a technical regulation or a standard
};
// The designation that lets the body assess such goods on the day. Of each source a later one in force takes the place of an
// earlier one for the scopes that both name alike, and a suspension or a revocation takes away whatever the source said of
// the goods before it. Of those that stand one that gives a basis of clearance goes first. Nothing: there is none.
std::optional<Designation> designation_for(const ledger::Facts& facts, std::string_view body,
                                           const AssessedGoods& goods, Date day);
// Designated or recognised, as Decree 85/2019 Art 24.1 asks of whoever gives a basis of clearance; registered is not enough.
inline bool gives_clearance_basis(BodyStatus status) {
    return status == BodyStatus::designated || status == BodyStatus::recognised;
}

// Is `source` the agency that a list names, or an office below it that has `role`?
bool acts_for(const ledger::Registry& registry, std::string_view source, std::string_view agency,
              std::string_view role);

// Takes conformity_body records in.
ledger::Result<void> take_body(const ledger::Coming& coming, ledger::FactDraft& facts);

}  // namespace socai::inspection
