// Which shipments need no inspection whatever the history of the goods: by the circumstances of the import, which are a list of
// the law (Decree 15/2018 Art 13; Decree 132/2008 Art 7.7; Decree 85/2019 Art 22), or by a notice of exemption. That
// an alert beats them all (Decree 85/2019 Art 22.4) is the determination's business. Pure; threads as ledger/facts.hpp.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/alert_scope.hpp"
#include "inspection/catalog/catalog.hpp"
#include "inspection/fact_codec.hpp"
#include "ledger/admission.hpp"

namespace socai::inspection {

// A case of the law. `word` stands in `circumstances` of a registration and in `category` of a notice.
struct ExemptCase {
    std::string_view word;
    std::string_view regime;   // quality or food_safety
    std::string_view article;  // as cited: "NĐ 15/2018/NĐ-CP Đ13.1"
    std::string_view text_vi;
    std::string_view text_en;
};
// In the order of the articles.
std::span<const ExemptCase> exempt_cases();
// nullptr: no case of that regime has the word.
const ExemptCase* exempt_case(std::string_view regime, std::string_view word);

// An exemption_notice as the ledger holds it.
struct ExemptionNotice {
    ledger::Address at;
    std::string source;
    std::string notice_no;
    std::string regime;
    std::string category;
    std::string article;  // the first of its legal basis; empty: it names none
    // Whoever meets every member that is not empty is meant; none stands: nobody is.
    std::string goods_key, hs_prefix, tax_code, dossier_no, declaration_no;
    // Must stand in the registration too, unless the notice names one dossier or declaration.
    std::vector<std::string> circumstances;
    Date valid_from;
    std::optional<Date> valid_to;             // included
    std::optional<ledger::Address> ended_by;  // the record that superseded or stopped it
    std::optional<Date> stopped_on;           // then: the first day without it
    std::vector<std::string> authorities;     // the issuer, and whoever stands above it
    bool by_customs = false;                  // the issuer is a customs office or the Single Window

    bool in_force_on(Date day) const {
        return valid_from <= day && (!valid_to || day <= *valid_to) && (!stopped_on || day < *stopped_on);
    }

    template <class Codec>
    void members(Codec& codec) {
        codec(at, source, notice_no, regime, category, article, circumstances, goods_key, hs_prefix, tax_code,
              dossier_no, declaration_no, valid_from, valid_to, ended_by, stopped_on, authorities,
              by_customs);
    }
};

struct Exemption {
    std::string category;                   // the case's word, or the notice's category
    std::string article;                    // of the case; of the notice, if its category is no case
    std::optional<ledger::Address> notice;  // nothing: by circumstance
    std::optional<Date> last_day;           // of the notice's term
};
// Of a shipment of listed goods registered on `day`: a notice in force of whoever may exempt what `item` lists, the first in ledger order, else a circumstance in the order of the
// articles. `tax_code`, `dossier_no` and `declaration_no` may be empty: then notices that name one are not met. The
// twelfth digit of a declaration counts its amendments and is not compared. Nothing: not exempt.
//
// Who may exempt: the agency that the list names and the list's owner, offices below the one and authorities above either
// (Decree 132/2008 Art 7.8; Decree 85/2019 Art 22); customs and the Single Window for one shipment, in a case of the law. A
// notice of anybody else exempts nothing.
std::optional<Exemption> exemption_of(const ledger::Facts& facts, const CatalogItem& item, const Goods& goods,
                                      std::string_view regime, std::string_view tax_code,
                                      const std::vector<std::string>& circumstances,
                                      std::string_view dossier_no, std::string_view declaration_no, Date day);

// Takes exemption_notice records in: issued, stopped, superseded. A superseding notice ends the former with the day before its
// own first. One with status stopped is no notice of its own: it ends the one that it supersedes, and those of the same
// source and number, with the day before the later of its valid_from and its signed time.
ledger::Result<void> take_exemption(const ledger::Coming& coming, ledger::FactDraft& facts);

}  // namespace socai::inspection
