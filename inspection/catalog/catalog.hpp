// Which goods must be inspected, by whom and under which regimes: the items of the lists that ministries publish
// (design/domain.md 1; reference/domain.md §2.2 row 1; Decree 85/2019 Art 21.4, 26.1). Pure; threads as ledger/facts.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/fact_codec.hpp"
#include "ledger/admission.hpp"

namespace socai::inspection {

enum class Stage : std::uint8_t { before_clearance, after_clearance };
// Decree 132/2008 Art 7.2, Circular 06/2020 Art 4.2: who assesses, and whether before or after clearance.
enum class ManagementLevel : std::uint8_t { none, level_1, level_2, level_3 };

struct CatalogItem {
    ledger::Address at;
    std::string source;  // the list's owner
    // Whose list it is in the end, and where the goods were first listed by it: of two ministries that list the same goods
    // under a regime, the first stands.
    std::string ministry;
    ledger::Address since;
    std::string list_code;
    std::string hs_code;  // 4 to 8 digits: every code that begins with it is meant (design/domain.md 16)
    std::vector<std::string> regimes;
    std::string agency;  // that inspects
    // Whose word on exemption counts for these goods: the agency, the list's owner, and whoever stands above them.
    std::vector<std::string> authorities;
    std::string procedure_code;
    std::string technical_regulation;
    std::string description;
    Stage stage = Stage::before_clearance;
    ManagementLevel level = ManagementLevel::none;
    Date valid_from;
    std::optional<Date> valid_to;  // included; cut short by what ends the item
    std::optional<ledger::Address>
        superseded_by;  // by an item in force from the same day or earlier: never in force
    std::optional<ledger::Address> ended_by;  // the record that superseded or closed it

    bool in_force_on(Date day) const {
        return !superseded_by && valid_from <= day && (!valid_to || day <= *valid_to);
    }
    bool has_regime(std::string_view regime) const;

    template <class Codec>
    void members(Codec& codec) {
        codec(at, source, ministry, since, list_code, hs_code, regimes, agency, authorities, procedure_code,
              technical_regulation, description, stage, level, valid_from, valid_to, superseded_by, ended_by);
    }
};

// Items in force on the day whose code the goods' code begins with, the longest code first, then in ledger order; under each
// regime those of one ministry, which listed such goods first: nobody takes goods off another's list with a longer code.
std::vector<CatalogItem> catalog_items(const ledger::Facts& facts, std::string_view hs_code, Date day);
// The first of them of the regime: whose agency inspects. Nothing: the goods are not listed under it.
std::optional<CatalogItem> catalog_item(const ledger::Facts& facts, std::string_view hs_code,
                                        std::string_view regime, Date day);

// The first listed code in force on the day that goes on where the goods' code stops: such goods cannot be told from listed
// ones until their code is given in full. Nothing: there is none.
std::optional<std::string> longer_listed_code(const ledger::Facts& facts, std::string_view hs_code, Date day);

// Takes catalog_item records in. A list belongs to the ministry that first published it: errors, Fault::refused,
// not_the_list_owner (Decree 85/2019 Art 21.4). A superseding item ends the one it names, or what superseded that, with the day before its
// own first; if that leaves no day, the former was never in force. A closing record is no item of its own: the item ends with
// its valid_to, or else with the day before the later of its valid_from and its signed time.
ledger::Result<void> take_catalog(const ledger::Coming& coming, ledger::FactDraft& facts);

}  // namespace socai::inspection
