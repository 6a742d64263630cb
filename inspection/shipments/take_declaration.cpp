// Declarations and customs' decisions about them: channel, storage, clearance.
#include <algorithm>

#include "inspection/catalog/catalog.hpp"
#include "inspection/guards/clearance.hpp"
#include "inspection/guards/risk_table.hpp"
#include "inspection/guards/storage.hpp"
#include "inspection/method/goods_book.hpp"
#include "inspection/record_data.hpp"
#include "inspection/records/tax_code.hpp"
#include "inspection/shipments/lifecycle.hpp"
#include "inspection/shipments/refusals.hpp"
#include "inspection/shipments/shipment_facts.hpp"
#include "inspection/shipments/under_way.hpp"
#include "ledger/time.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

// Is the dossier about the goods of the item? A declaration that tells no goods key is known by code and origin.
bool is_about(const Dossier& dossier, const Goods& goods) {
    if (!goods.goods_key.empty()) return goods.goods_key == dossier.goods.goods_key;
    return goods.hs_code == dossier.goods.hs_code && goods.origin_country == dossier.goods.origin_country;
}

// The heavier of what was determined at registration and now; the earlier where they weigh the same.
bool heavier(const Determination& now, const Determination& before) {
    if (now.computed() != before.computed()) return now.computed();
    if (!now.computed()) return now.listed && !before.listed;
    return lighter(before.method, now.method);
}

Goods declared_goods(const ledger::Facts& facts, const json::object& item,
                     const std::vector<Dossier>& carried) {
    Goods goods;
    goods.goods_key = text_at(item, "goods_key");
    goods.hs_code = text_at(item, "hs_code");
    goods.origin_country = text_at(item, "origin");
    // Lists go by the code: the goods keep the fullest that anybody gave of them.
    const auto complete = [&](const std::string& code) {
        if (code.size() > goods.hs_code.size() && code.starts_with(goods.hs_code)) goods.hs_code = code;
    };
    for (const Dossier& dossier : carried) {
        if (!is_about(dossier, goods)) continue;
        complete(dossier.goods.hs_code);
        // The dossier tells what the declaration left out: alerts are about keys and establishments.
        goods.goods_key = dossier.goods.goods_key;
        goods.manufacturer_site_id = dossier.goods.manufacturer_site_id;
        break;
    }
    if (goods.goods_key.empty()) return goods;
    if (const auto known = find_goods(facts, goods.goods_key)) {
        complete(known->hs_code);
        if (goods.manufacturer_site_id.empty()) goods.manufacturer_site_id = known->manufacturer_site_id;
    }
    return goods;
}

// Every regime that a list in force or a carried dossier names for the goods; sorted.
std::vector<std::string> regimes_of(const ledger::Facts& facts, const Goods& goods,
                                    const std::vector<Dossier>& carried, Date day) {
    std::vector<std::string> regimes;
    for (const CatalogItem& item : catalog_items(facts, goods.hs_code, day))
        regimes.insert(regimes.end(), item.regimes.begin(), item.regimes.end());
    for (const Dossier& dossier : carried)
        if (is_about(dossier, goods)) regimes.push_back(dossier.regime());
    std::ranges::sort(regimes);
    const auto repeated = std::ranges::unique(regimes);
    regimes.erase(repeated.begin(), repeated.end());
    return regimes;
}

Phrase goods_named(std::string_view code, std::string_view origin) {
    return {std::string(code) + " of " + std::string(origin),
            std::string(code) + ", xuất xứ " + std::string(origin)};
}

// A key is of goods with one code and one origin: a line of others may not borrow what is known of them. And where several
// dossiers, or several lines, could be meant, only the key says which.
ledger::Result<void> check_keys(const json::object& data, const ledger::Facts& facts,
                                const std::vector<Dossier>& carried) {
    std::vector<std::string_view> ridden;  // dossiers that a line without a key rides on
    for (const json::value& each : data.at("items").as_array()) {
        const json::object& item = each.as_object();
        const std::string line = std::to_string(item.at("line").as_int64());
        const std::string_view code = text_at(item, "hs_code");
        const std::string_view origin = text_at(item, "origin");
        if (const std::string_view key = text_at(item, "goods_key"); !key.empty()) {
            const auto known = find_goods(facts, key);
            if (!known || known->hs_code.empty()) continue;
            const bool same_code = known->hs_code.starts_with(code) || code.starts_with(known->hs_code);
            if (!same_code || known->origin_country != origin)
                return refusal(
                    refusals::key_of_other_goods,
                    {line, goods_named(known->hs_code, known->origin_country), goods_named(code, origin)});
            continue;
        }
        Goods goods;
        goods.hs_code = code;
        goods.origin_country = origin;
        const Dossier* meant = nullptr;
        for (const Dossier& dossier : carried) {
            if (!is_about(dossier, goods)) continue;
            if (meant != nullptr && meant->goods.goods_key != dossier.goods.goods_key)
                return refusal(refusals::goods_key_needed, {line, meant->dossier_no, dossier.dossier_no});
            meant = &dossier;
        }
        if (meant == nullptr) continue;
        if (std::ranges::find(ridden, meant->dossier_no) != ridden.end())
            return refusal(refusals::goods_key_needed,
                           {line, meant->dossier_no, {"another line's", "của dòng hàng khác"}});
        ridden.push_back(meant->dossier_no);
    }
    return {};
}

// The items as they are declared, before anything is determined.
std::vector<DeclaredItem> declared_items(const json::object& data, const ledger::Facts& facts,
                                         const std::vector<Dossier>& carried) {
    std::vector<DeclaredItem> items;
    for (const json::value& each : data.at("items").as_array()) {
        const json::object& declared = each.as_object();
        DeclaredItem item;
        item.line = static_cast<std::uint32_t>(declared.at("line").as_int64());
        item.goods = declared_goods(facts, declared, carried);
        items.push_back(std::move(item));
    }
    return items;
}

// What such goods of the declaration before its amendment were determined to be, whatever line they had then; the heaviest of
// several; nullptr: none. An amendment is no new shipment: it does not make lighter what was determined, nor free what was drawn.
const Determination* determined_before(const Declaration* before, const DeclaredItem& item,
                                       std::string_view regime) {
    const Determination* heaviest = nullptr;
    if (before == nullptr) return heaviest;
    for (const DeclaredItem& each : before->items) {
        if (each.goods.goods_key != item.goods.goods_key || each.goods.hs_code != item.goods.hs_code ||
            each.goods.origin_country != item.goods.origin_country)
            continue;
        for (const Determination& determination : each.determinations)
            if (determination.regime == regime && (heaviest == nullptr || heavier(determination, *heaviest)))
                heaviest = &determination;
    }
    return heaviest;
}

void determine_item(const ledger::Coming& coming, ledger::FactDraft& facts, const RuleBook& rules,
                    const Declaration& declaration, const Declaration* before,
                    const std::vector<Dossier>& carried, DeclaredItem& item) {
    const std::string_view bill_of_lading = text_at(coming.record.data(), "bill_of_lading");
    for (const std::string& regime : regimes_of(facts, item.goods, carried, date_of(coming.record.time_ms))) {
        const auto found = std::ranges::find_if(carried, [&](const Dossier& each) {
            return each.regime() == regime && is_about(each, item.goods);
        });
        const Dossier* dossier = found == carried.end() ? nullptr : &*found;
        ShipmentGoods shipment;
        shipment.goods = item.goods;
        shipment.regime = regime;
        shipment.tax_code = declaration.tax_code;
        if (dossier != nullptr) {
            shipment.goods.goods_key = dossier->goods.goods_key;
            shipment.circumstances = dossier->circumstances;
            shipment.dossier_no = dossier->dossier_no;
        }
        shipment.declaration_no = declaration.declaration_no;
        shipment.time_ms = coming.record.time_ms;
        shipment.asked_at = coming.address;
        Determination determination = determine_shipment(facts, rules, shipment);
        if (dossier != nullptr && !heavier(determination, dossier->determination))
            determination = dossier->determination;
        if (const Determination* earlier = determined_before(before, item, regime))
            if (!heavier(determination, *earlier)) determination = *earlier;
        if (determination.computed() && determination.method == Method::reduced && !determination.drawn)
            determination.drawn = draw_shipment(facts, rules, determination, declaration.declaration_no,
                                                bill_of_lading, shipment.goods.goods_key, coming);
        item.determinations.push_back(std::move(determination));
        item.dossier_nos.push_back(dossier != nullptr ? dossier->dossier_no : std::string());
        if (dossier != nullptr && item.dossier_no.empty()) item.dossier_no = dossier->dossier_no;
    }
}

// What Circular 38/2015 Art 20.1.b keeps as it is once the goods are cleared.
bool same_content(const Declaration& a, const Declaration& b) {
    return a.tax_code == b.tax_code && a.dossiers == b.dossiers &&
           std::ranges::equal(a.items, b.items, [](const DeclaredItem& x, const DeclaredItem& y) {
               return x.line == y.line && x.goods.goods_key == y.goods.goods_key &&
                      x.goods.hs_code == y.goods.hs_code && x.goods.origin_country == y.goods.origin_country;
           });
}

ledger::Result<std::vector<Dossier>> carried_by(const ledger::Record& record, const Declaration& declaration,
                                                const ledger::Facts& facts) {
    std::vector<Dossier> carried;
    for (const ledger::Reference& reference : record.refs) {
        if (reference.rel != "carries") continue;
        const auto dossier_no = dossier_of(facts, reference.source, reference.id);
        const auto dossier = dossier_no ? find_dossier(facts, *dossier_no) : nullptr;
        if (!dossier) return refusal(refusals::dossier_unknown, {reference.id});
        if (std::ranges::find(carried, *dossier_no, &Dossier::dossier_no) != carried.end()) continue;
        if (enterprise_of(dossier->tax_code) != enterprise_of(declaration.tax_code))
            return refusal(refusals::other_importer,
                           {dossier->dossier_no, dossier->tax_code, declaration.tax_code});
        const bool own = dossier->declaration == declaration.base();
        // A dossier that ended after this declaration took it up stays with it.
        if (!own)
            if (auto open = check_dossier_open(*dossier); !open) return open.error();
        if (!own && !dossier->declaration.empty()) {
            const auto other = find_declaration(facts, dossier->declaration);
            const std::string_view bill = text_at(record.data(), "bill_of_lading");
            const bool surplus = !bill.empty() && bill == dossier->bill_of_lading;  // Decree 85/2019 Art 24.3
            if (other && !surplus)
                return refusal(refusals::dossier_carried, {dossier->dossier_no, other->declaration_no});
        }
        carried.push_back(*dossier);
    }
    return carried;
}

std::optional<int> level(const ledger::Facts& facts, const Declaration& declaration, Date day,
                         ComplianceLevel compliance) {
    return compliance == nullptr ? std::nullopt : compliance(facts, declaration.tax_code, day);
}

// The dossiers of a declaration that is gone, or that no longer carries them, are free again.
void let_go(ledger::FactDraft& facts, const Declaration& before, const Declaration& now) {
    for (const auto& carried : carried_dossiers(facts, before)) {
        const bool kept =
            !now.is_cancelled() && std::ranges::find(now.dossiers, carried->dossier_no) != now.dossiers.end();
        if (kept || carried->declaration != before.base()) continue;
        Dossier dossier = *carried;
        dossier.declaration.clear();
        put_dossier(facts, std::move(dossier));
    }
}

}  // namespace

ledger::Result<Declaration> declaration_named(const ledger::Record& record, const ledger::Facts& facts) {
    const std::string_view number = text_at(record.data(), "declaration_no");
    const auto declaration = find_declaration(facts, number);
    if (!declaration) return refusal(refusals::declaration_unknown, {number});
    if (auto alive = check_not_cancelled(*declaration); !alive) return alive.error();
    return *declaration;
}

ledger::Result<void> take_declaration(const ledger::Coming& coming, ledger::FactDraft& facts,
                                      const RuleBook& rules) {
    const ledger::Record& record = coming.record;
    const json::object& data = record.data();
    Declaration declaration;
    declaration.declaration_no = text_at(data, "declaration_no");
    const auto standing = find_declaration(facts, declaration.declaration_no);
    const ledger::Reference* superseded = reference_of(record, "supersedes");
    if (standing) {
        if (auto may = check_declaration_change(*standing, declaration.declaration_no, superseded); !may)
            return may;
    } else if (superseded != nullptr) {
        return refusal(refusals::declaration_unknown, {declaration.declaration_no});
    }
    declaration.registration = act_of(coming);
    declaration.first = standing ? standing->first : declaration.registration;
    declaration.registered_ms =
        ledger::parse_rfc3339(text_at(data, "registered_at")).value_or(record.time_ms);
    declaration.status = data.contains("status")   ? text_at(data, "status")
                         : data.at("version") != 0 ? "amended"
                                                   : "registered";
    declaration.office = text_at(data, "office");
    declaration.type_code = text_at(data, "type_code");
    declaration.tax_code = text_at(data, "importer_tax_code");
    if (standing) declaration.acts = standing->acts;
    declaration.acts.push_back(declaration.registration);

    auto carried = carried_by(record, declaration, facts);
    if (!carried) return carried.error();
    for (const Dossier& dossier : *carried) declaration.dossiers.push_back(dossier.dossier_no);
    declaration.items = declared_items(data, facts, *carried);

    const Declaration* before = standing && !standing->is_cancelled() ? &*standing : nullptr;
    if (before != nullptr) {
        if (before->is_cleared()) {
            if (declaration.is_cancelled()) return check_not_cleared(*before);
            if (!same_content(*before, declaration))
                return refusal(refusals::cleared_content, {{"declaration " + before->declaration_no,
                                                            "hàng của tờ khai " + before->declaration_no},
                                                           ledger::to_string(before->clearance->act.at),
                                                           {"what is inspected", "nội dung được kiểm tra"}});
        }
        declaration.channel = before->channel;
        declaration.storage = before->storage;
        declaration.clearance = before->clearance;
        declaration.remedied = before->remedied;
    }
    // A cleared declaration stays as it was determined, and a cancelled one asks for no method any more.
    if (before != nullptr && (before->is_cleared() || declaration.is_cancelled())) {
        declaration.items = before->items;
    } else {
        if (auto told = check_keys(data, facts, *carried); !told) return told;
        for (const DeclaredItem& item : declaration.items)
            if (const auto listed = longer_listed_code(facts, item.goods.hs_code, date_of(record.time_ms)))
                return refusal(refusals::code_not_full,
                               {"line " + std::to_string(item.line), item.goods.hs_code, *listed});
        for (DeclaredItem& item : declaration.items)
            determine_item(coming, facts, rules, declaration, before, *carried, item);
    }
    if (before != nullptr && declaration.is_cancelled())
        end_storage(facts, *before, declaration.registration);

    if (standing) let_go(facts, *standing, declaration);
    if (!declaration.is_cancelled()) {
        for (Dossier& dossier : *carried) {
            if (!dossier.declaration.empty()) continue;  // its own, or the first of a surplus
            dossier.declaration = declaration.base();
            put_dossier(facts, std::move(dossier));
        }
    }
    put_declaration(facts, declaration);
    follow(facts, standing ? &*standing : nullptr, declaration);
    return {};
}

ledger::Result<void> take_channel(const ledger::Coming& coming, ledger::FactDraft& facts,
                                  const RuleBook& rules, ComplianceLevel compliance) {
    const json::object& data = coming.record.data();
    auto declaration = declaration_named(coming.record, facts);
    if (!declaration) return declaration.error();
    if (auto open = check_not_cleared(*declaration); !open) return open;
    ChannelDecision decision{act_of(coming), std::string(text_at(data, "customs_channel")),
                             std::string(text_at(data, "specialised_channel")),
                             std::string(text_at(data, "risk_level"))};
    const Date day = date_of(coming.record.time_ms);
    const ClearanceVerdict verdict = may_be_cleared(facts, rules, *declaration, day);
    if (auto may = check_channel(risk_table_on(facts, day), verdict, *declaration, decision,
                                 level(facts, *declaration, day, compliance));
        !may)
        return may;
    declaration->acts.push_back(decision.act);
    declaration->channel = std::move(decision);
    put_declaration(facts, *declaration);
    return {};
}

ledger::Result<void> take_storage(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const json::object& data = coming.record.data();
    auto declaration = declaration_named(coming.record, facts);
    if (!declaration) return declaration.error();
    const std::string status(text_at(data, "status"));
    if (auto may = check_storage_move(*declaration, status); !may) return may;
    if (status == "granted") {
        if (auto open = check_not_cleared(*declaration); !open) return open;
        const Date day = date_of(coming.record.time_ms);
        if (auto may = check_storage(may_be_stored(facts, *declaration, day), *declaration); !may) return may;
    }
    StorageRelease storage{act_of(coming), status, date_at(data, "result_due"), declaration->tax_code};
    if (status == "granted")
        storage.result_due = storage_due(storage);
    else if (declaration->storage) {
        storage.result_due = declaration->storage->result_due;
        storage.tax_code = declaration->storage->tax_code;
    }
    declaration->acts.push_back(storage.act);
    declaration->storage = std::move(storage);
    remember_storage(facts, *declaration);
    put_declaration(facts, *declaration);
    return {};
}

ledger::Result<void> take_clearance(const ledger::Coming& coming, ledger::FactDraft& facts,
                                    const RuleBook& rules, ComplianceLevel compliance) {
    const json::object& data = coming.record.data();
    auto declaration = declaration_named(coming.record, facts);
    if (!declaration) return declaration.error();
    const std::string decision(text_at(data, "decision"));
    // Released goods wait for their duties and may still be cleared; nothing else follows either.
    const bool released_before = declaration->is_cleared() && declaration->clearance->decision == "released";
    if (!(released_before && decision == "cleared"))
        if (auto open = check_not_cleared(*declaration); !open) return open;
    const Date day = date_of(coming.record.time_ms);
    Clearance clearance{act_of(coming), decision, std::string(text_at(data, "basis")), 0};
    if (decision == "cleared" || decision == "released") {
        const ClearanceVerdict verdict = may_be_cleared(facts, rules, *declaration, day);
        if (auto may = check_clearance(verdict, *declaration, clearance.basis); !may) return may;
        if (auto may = check_cleared_channel(risk_table_on(facts, day), verdict, *declaration,
                                             level(facts, *declaration, day, compliance));
            !may)
            return may;
        if (clearance.basis.empty()) clearance.basis = basis_of(verdict);
        clearance.cleared_ms =
            ledger::parse_rfc3339(text_at(data, "cleared_at")).value_or(coming.record.time_ms);
    } else if (decision == "storage") {
        if (auto may = check_storage(may_be_stored(facts, *declaration, day), *declaration); !may) return may;
        // The release tells by when a result is due, and is what a ban comes from.
        if (!declaration->storage || declaration->storage->status != "granted")
            return refusal(refusals::storage_not_released, {declaration->declaration_no});
    }
    const Declaration before = *declaration;
    declaration->acts.push_back(clearance.act);
    declaration->clearance = std::move(clearance);
    put_declaration(facts, *declaration);
    follow(facts, &before, *declaration);
    if (!declaration->is_cleared()) return {};
    end_storage(facts, *declaration, declaration->clearance->act);
    for (const auto& open : carried_dossiers(facts, *declaration)) {
        if (open->cleared) continue;
        Dossier dossier = *open;
        dossier.cleared = declaration->clearance->act;
        put_dossier(facts, dossier);
        follow(facts, open.get(), dossier);
    }
    return {};
}

}  // namespace socai::inspection
