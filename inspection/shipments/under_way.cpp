#include "inspection/shipments/under_way.hpp"

#include <algorithm>
#include <tuple>

#include "inspection/method/goods_book.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view by_code = "uwh";  // HS code, goods key, shipment
constexpr std::string_view by_site = "uws";  // establishment, shipment
constexpr std::string_view by_importer = "uwi";

// Two goods of one declaration share its number: the goods key tells them apart.
std::string shipment(const ShipmentUnderWay& each) {
    return each.dossier_no.empty() ? "c" + each.declaration_no : "d" + each.dossier_no;
}

std::vector<std::string> keys(const ShipmentUnderWay& each) {
    const std::string name = shipment(each);
    std::vector<std::string> all{
        FactKey(by_code).text(each.goods.hs_code).text(each.goods.goods_key).text(name).bytes()};
    const auto more = [&](std::string_view table, std::string_view what) {
        if (!what.empty())
            all.push_back(FactKey(table)
                              .text(what)
                              .text(each.goods.hs_code)
                              .text(each.goods.goods_key)
                              .text(name)
                              .bytes());
    };
    more(by_site, each.goods.manufacturer_site_id);
    more(by_importer, each.tax_code);
    return all;
}

bool is_under_way(const Dossier& dossier) {
    return !dossier.ended() && !dossier.cleared && !dossier.goods_gone();
}

std::vector<ShipmentUnderWay> of(const Dossier& dossier) {
    if (!is_under_way(dossier)) return {};
    return {{dossier.dossier_no, {}, dossier.goods, dossier.tax_code, dossier.first.at}};
}
std::vector<ShipmentUnderWay> of(const Declaration& declaration) {
    if (declaration.is_cancelled() || declaration.is_cleared()) return {};
    std::vector<ShipmentUnderWay> all;
    for (const DeclaredItem& item : declaration.items)
        all.push_back({{}, declaration.base(), item.goods, declaration.tax_code, declaration.first.at});
    return all;
}

bool same_goods(const Goods& a, const Goods& b) {
    return a.goods_key == b.goods_key && a.hs_code == b.hs_code && a.origin_country == b.origin_country &&
           a.manufacturer_site_id == b.manufacturer_site_id;
}

template <class Shipment>
void follow_changes(ledger::FactDraft& facts, const Shipment* before, const Shipment& now) {
    std::vector<std::pair<std::string, std::string>> wanted;
    for (const ShipmentUnderWay& each : of(now))
        for (std::string& key : keys(each)) wanted.emplace_back(std::move(key), encode_fact(each));
    std::vector<std::string> had;
    if (before != nullptr)
        for (const ShipmentUnderWay& each : of(*before))
            for (std::string& key : keys(each)) had.push_back(std::move(key));
    for (const std::string& key : had)
        if (std::ranges::none_of(wanted, [&](const auto& each) { return each.first == key; }))
            facts.erase(key);
    for (auto& [key, value] : wanted)
        if (std::ranges::find(had, key) == had.end()) facts.put(key, std::move(value));
}

}  // namespace

void follow(ledger::FactDraft& facts, const Dossier* before, const Dossier& now) {
    // Most records move a dossier and leave it under way.
    if (before != nullptr && is_under_way(*before) == is_under_way(now) &&
        same_goods(before->goods, now.goods) && before->tax_code == now.tax_code)
        return;
    follow_changes(facts, before, now);
}
void follow(ledger::FactDraft& facts, const Declaration* before, const Declaration& now) {
    follow_changes(facts, before, now);
}

std::vector<ShipmentUnderWay> touched_by(const ledger::Facts& facts, const Alert& alert, std::size_t limit) {
    const AlertScope& scope = alert.scope;
    std::optional<Goods> alerted;
    if (scope.goods_key)
        if (const auto known = find_goods(facts, *scope.goods_key)) alerted = known->goods();
    // The narrowest range that holds every full match, and every near one where goods are named.
    FactKey range(by_code);
    if (alerted)
        range.text(alerted->hs_code);
    else if (scope.tax_code)
        range = FactKey(by_importer).beginning(*scope.tax_code);  // and of units that depend on it
    else if (scope.manufacturer_site_id)
        range = FactKey(by_site).text(*scope.manufacturer_site_id);
    else if (scope.hs_prefix)
        range.beginning(*scope.hs_prefix);
    std::vector<ShipmentUnderWay> touched;
    facts.scan(range, {}, [&](std::string_view, std::string_view value) {
        auto each = decode_fact<ShipmentUnderWay>(value);
        each.match = match(scope, each.goods, each.tax_code, alerted ? &*alerted : nullptr);
        if (each.match != AlertMatch::none) touched.push_back(std::move(each));
        return touched.size() < limit;
    });
    return touched;
}

}  // namespace socai::inspection
