// Registrations, statuses and published methods of dossiers.
#include <algorithm>

#include "inspection/catalog/bodies.hpp"
#include "inspection/catalog/catalog.hpp"
#include "inspection/record_data.hpp"
#include "inspection/shipments/lifecycle.hpp"
#include "inspection/shipments/refusals.hpp"
#include "inspection/shipments/shipment_facts.hpp"
#include "inspection/shipments/under_way.hpp"

namespace socai::inspection {
namespace {

Dossier registered(const ledger::Coming& coming) {
    const ledger::Record& record = coming.record;
    const auto& data = record.data();
    Dossier dossier;
    dossier.dossier_no = text_at(data, "dossier_no");
    dossier.registration = dossier.first = act_of(coming);
    dossier.procedure_code = text_at(data, "procedure_code");
    dossier.tax_code = text_at(data.at("importer").as_object(), "tax_code");
    dossier.goods = goods_of(data.at("goods").as_object(), std::string(text_at(data, "goods_key")));
    dossier.bill_of_lading = text_at(data, "bill_of_lading");
    dossier.conformity_body = text_at(data, "conformity_body_chosen");
    dossier.circumstances = texts_at(data, "circumstances");
    return dossier;
}

// What a change of the registration leaves as it was.
void keep_story(const Dossier& standing, Dossier& changed) {
    changed.first = standing.first;
    changed.state = standing.state;
    changed.states = standing.states;
    changed.state_of = standing.state_of;
    changed.stricter = standing.stricter;
    changed.published = standing.published;
    changed.conformity = standing.conformity;
    changed.declaration = standing.declaration;
    changed.remedy_ordered = standing.remedy_ordered;
    changed.remedied = standing.remedied;
    changed.remedy = standing.remedy;
    // What the agency accepted or confirmed is not what stands now: it is asked again (Decree 132/2008 Art 7.2).
    if (standing.state == DossierState::accepted || standing.confirmed()) {
        changed.state = DossierState::submitted;
        changed.states.push_back(changed.registration);
        changed.state_of.push_back(changed.state);
    }
}

Phrase drawn_or_not(bool selected) {
    return selected ? Phrase("selected", "được chọn") : Phrase("not selected", "không được chọn");
}

bool same_goods(const Goods& a, const Goods& b) {
    return a.goods_key == b.goods_key && a.hs_code == b.hs_code && a.origin_country == b.origin_country;
}

// Who may tell the state of a dossier: the inspecting agency (check_agency), and whoever stands above the one that the list
// names. What customs and the National Single Window tell decides nothing: a confirmation or an acceptance is a basis of
// clearance, and customs does not make its own (Decree 132/2008 Art 7.2).
ledger::Result<void> check_state_writer(const ledger::Coming& coming, const Dossier& dossier, DossierState to,
                                        const ledger::Facts& facts) {
    const std::string& source = coming.record.source;
    const ledger::Agency* writer = coming.registry.agency(source);
    const bool decides = to == DossierState::accepted || to == DossierState::confirmed ||
                         to == DossierState::refused || to == DossierState::decided;
    if (!decides && writer != nullptr &&
        (writer->has_role("customs_office") || writer->has_role("nsw_operator")))
        return {};
    const std::vector<std::string> line = coming.registry.line_of(dossier.determination.agency);
    if (dossier.determination.listed && std::ranges::find(line, source) != line.end()) return {};
    return check_agency(coming, dossier, facts);
}

}  // namespace

ledger::Result<Dossier> dossier_named(const ledger::Record& record, std::string_view rel,
                                      const ledger::Facts& facts) {
    const std::string_view dossier_no = text_at(record.data(), "dossier_no");
    const auto dossier = find_dossier(facts, dossier_no);
    if (!dossier) return refusal(refusals::dossier_unknown, {dossier_no});
    for (const ledger::Reference& reference : record.refs) {
        if (reference.rel != rel) continue;
        const auto other = dossier_of(facts, reference.source, reference.id);
        if (other && *other != dossier_no) return refusal(refusals::wrong_dossier, {dossier_no, *other});
    }
    return *dossier;
}

Determination governing_determination(const ledger::Facts& facts, const Dossier& dossier) {
    if (dossier.declaration.empty()) return dossier.determination;
    const auto declaration = find_declaration(facts, dossier.declaration);
    if (!declaration || declaration->is_cancelled()) return dossier.determination;
    for (const DeclaredItem& item : declaration->items)
        for (std::size_t i = 0; i < item.determinations.size(); ++i)
            if (item.dossier_nos[i] == dossier.dossier_no) return item.determinations[i];
    return dossier.determination;
}

ledger::Result<void> take_registration(const ledger::Coming& coming, ledger::FactDraft& facts,
                                       const RuleBook& rules) {
    const ledger::Record& record = coming.record;
    const ledger::Reference* superseded = reference_of(record, "supersedes");
    Dossier dossier = registered(coming);
    const std::string regime(text_at(record.data(), "regime"));
    if (const auto listed = longer_listed_code(facts, dossier.goods.hs_code, date_of(record.time_ms)))
        return refusal(refusals::code_not_full,
                       {"dossier " + dossier.dossier_no, dossier.goods.hs_code, *listed});
    const auto standing = find_dossier(facts, dossier.dossier_no);
    if (standing) {
        if (auto may = check_registration_change(*standing, superseded); !may) return may;
        // What was certified is this lot of these goods: under another bill it is another.
        const bool other_lot =
            !standing->conformity.empty() && standing->bill_of_lading != dossier.bill_of_lading;
        if (!same_goods(standing->goods, dossier.goods) || standing->regime() != regime || other_lot) {
            if (!standing->declaration.empty())
                return refusal(refusals::goods_settled, {dossier.dossier_no,
                                                         {"declaration " + standing->declaration,
                                                          "tờ khai " + standing->declaration}});
            if (!standing->conformity.empty()) {
                const std::string& certificate_no = standing->conformity.front().certificate_no;
                return refusal(refusals::goods_settled,
                               {dossier.dossier_no,
                                {"certificate " + certificate_no, "giấy chứng nhận " + certificate_no}});
            }
        }
        keep_story(*standing, dossier);
    } else if (superseded != nullptr) {
        const auto other = dossier_of(facts, superseded->source, superseded->id);
        return refusal(
            refusals::wrong_dossier,
            {dossier.dossier_no, other ? Phrase(*other) : Phrase("no dossier", "không có trong sổ cái")});
    }
    dossier.determination = determine_shipment(facts, rules,
                                               {.goods = dossier.goods,
                                                .regime = regime,
                                                .tax_code = dossier.tax_code,
                                                .circumstances = dossier.circumstances,
                                                .dossier_no = dossier.dossier_no,
                                                .declaration_no = {},
                                                .time_ms = record.time_ms,
                                                .asked_at = coming.address});
    put_dossier(facts, dossier);
    put_registration(facts, record, dossier.dossier_no);
    follow(facts, standing ? &*standing : nullptr, dossier);
    return {};
}

ledger::Result<void> take_status(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    auto named = dossier_named(record, "about", facts);
    if (!named) return named.error();
    Dossier& dossier = *named;
    const DossierState to = parse_dossier_state(text_at(record.data(), "status")).value();
    if (auto may = check_state_writer(coming, dossier, to, facts); !may) return may;
    if (auto may = check_dossier_move(dossier, to); !may) return may;
    const Dossier before = dossier;
    dossier.state = to;
    dossier.states.push_back(act_of(coming));
    dossier.state_of.push_back(to);
    put_dossier(facts, dossier);
    follow(facts, &before, dossier);
    return {};
}

ledger::Result<void> take_determination(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    const auto& data = record.data();
    auto named = dossier_named(record, "about", facts);
    if (!named) return named.error();
    Dossier& dossier = *named;
    if (auto open = check_dossier_open(dossier); !open) return open;
    if (text_at(data, "goods_key") != dossier.goods.goods_key)
        return refusal(refusals::other_goods,
                       {dossier.dossier_no, dossier.goods.goods_key, text_at(data, "goods_key")});
    const ledger::Reference* superseded = reference_of(record, "supersedes");
    if (dossier.published && dossier.published->source == record.source &&
        (superseded == nullptr || !dossier.published->is(*superseded)))
        return refusal(refusals::determination_published, {dossier.dossier_no, dossier.published->id});

    const Method method = parse_method(text_at(data, "method")).value();
    const Determination computed = governing_determination(facts, dossier);
    // Goods that no list names need no inspection; of a regime without a rule set the method is only recorded.
    const Method due = computed.listed ? computed.method : Method::exempt;
    if (computed.computed() || !computed.listed) {
        if (computed.computed() && text_at(data, "ruleset") != computed.rule_set)
            return refusal(refusals::other_rule_set,
                           {dossier.dossier_no, computed.rule_set, text_at(data, "ruleset")});
        if (lighter(method, due))
            return refusal(refusals::method_lighter,
                           {phrase(WordOf::method, word(due)), phrase(WordOf::reason, word(computed.reason)),
                            phrase(WordOf::method, word(method))},
                           computed.article);
        const auto* basis = array_at(data, "legal_basis");
        if (lighter(due, method) && (text_at(data, "reason").empty() || basis == nullptr || basis->empty()))
            return refusal(refusals::stricter_without_reason,
                           {phrase(WordOf::method, word(due)), phrase(WordOf::method, word(method))});
    }
    const auto* drawn = data.if_contains("random_selected");
    if (computed.drawn && drawn != nullptr && drawn->is_bool() &&
        drawn->get_bool() != computed.drawn->selected)
        return refusal(refusals::draw_contradicted,
                       {ledger::to_string(computed.drawn->at), drawn_or_not(computed.drawn->selected),
                        drawn_or_not(drawn->get_bool())});
    // What one customs office made stricter only that office takes back, by superseding it.
    const bool replaces = superseded != nullptr && dossier.published && dossier.published->is(*superseded);
    if (!dossier.stricter || replaces || lighter(*dossier.stricter, method)) {
        const bool stricter = lighter(due, method) && (computed.computed() || !computed.listed);
        dossier.stricter = stricter ? std::optional(method) : std::nullopt;
        dossier.published = act_of(coming);
    }
    put_dossier(facts, dossier);
    return {};
}

}  // namespace socai::inspection
