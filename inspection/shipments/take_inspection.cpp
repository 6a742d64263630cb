// Certificates of conformity bodies, results of inspection agencies, and what came of failures: remedies and appeals.
#include <algorithm>

#include "inspection/catalog/bodies.hpp"
#include "inspection/catalog/catalog.hpp"
#include "inspection/method/goods_book.hpp"
#include "inspection/record_data.hpp"
#include "inspection/shipments/lifecycle.hpp"
#include "inspection/shipments/refusals.hpp"
#include "inspection/shipments/shipment_facts.hpp"
#include "inspection/shipments/under_way.hpp"
#include "ledger/time.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view certificates = "crt";  // body, certificate number
constexpr std::string_view orders = "rmo";        // source, id of the remedy_order
constexpr std::string_view appeals = "apl";       // source, id of the appeal that was filed

struct Certificate {
    Act act;             // that gave it its status
    std::string status;  // issued, suspended, withdrawn, restored
    std::vector<std::string> dossiers;
    template <class Codec>
    void members(Codec& codec) {
        codec(act, status, dossiers);
    }
};
struct Order {
    std::string dossier_no;
    std::vector<std::string> allowed;
    std::optional<Act> done;
    template <class Codec>
    void members(Codec& codec) {
        codec(dossier_no, allowed, done);
    }
};
struct Appeal {
    std::string appeal_no;
    std::string against;  // who made the act
    std::string about;    // the act: id of its record
    std::string status;   // filed, decided, withdrawn
    std::optional<Act> ended;
    template <class Codec>
    void members(Codec& codec) {
        codec(appeal_no, against, about, status, ended);
    }
};

Phrase remedies(const std::vector<std::string>& words) {
    Phrase all("");
    for (const std::string& word : words) {
        const std::string_view between = all.en.empty() ? "" : ", ";
        all.en.append(between).append(word);
        all.vi.append(between).append(vi_word(WordOf::remedy, word));
    }
    return all;
}

// --- conformity bodies

// What a record that restores a certificate leaves out stands as the certificate last had it.
void keep_terms(const DossierConformity& earlier, DossierConformity& restored) {
    if (restored.standard.empty()) restored.standard = earlier.standard;
    if (!restored.valid_from) restored.valid_from = earlier.valid_from;
    if (!restored.valid_to) restored.valid_to = earlier.valid_to;
}

ledger::Error no_designation(const ledger::Record& record, const AssessedGoods& goods) {
    Phrase about = goods.regime.empty() ? Phrase("any regime", "bất kỳ chế độ kiểm tra nào")
                                        : phrase(WordOf::regime, goods.regime);
    std::string goods_text;
    if (!goods.hs_code.empty()) goods_text += ", HS " + goods.hs_code;
    if (!goods.standard.empty()) goods_text += ", " + goods.standard;
    about.en += goods_text;
    about.vi += goods_text;
    return refusal(refusals::designation_missing, {record.source, phrase(date_of(record.time_ms)), about});
}

// A lot's dossier says which goods and which regime; a type's goods may be described in the record or known already.
ledger::Result<void> check_designation(const ledger::Record& record, const std::vector<Dossier>& dossiers,
                                       const ledger::Facts& facts) {
    const auto& data = record.data();
    const Date day = date_of(record.time_ms);
    AssessedGoods goods{{}, {}, std::string(text_at(data, "standard"))};
    if (dossiers.empty()) {
        if (const auto* described = object_at(data, "goods"))
            goods.hs_code = text_at(*described, "hs_code");
        else if (const auto known = find_goods(facts, text_at(data, "goods_key")))
            goods.hs_code = known->hs_code;
        // Of goods that nobody has described, nobody can say whether the body may assess them.
        if (goods.hs_code.empty() || !designation_for(facts, record.source, goods, day))
            return no_designation(record, goods);
    }
    for (const Dossier& dossier : dossiers) {
        goods.regime = dossier.regime();
        goods.hs_code = dossier.goods.hs_code;
        if (!designation_for(facts, record.source, goods, day)) return no_designation(record, goods);
    }
    return {};
}

// --- inspection agencies

// A remedy is ordered and confirmed by the inspecting agency, by customs, or by market surveillance.
ledger::Result<void> check_remedy_writer(const ledger::Coming& coming, const Dossier& dossier,
                                         const ledger::Facts& facts) {
    const ledger::Agency* writer = coming.registry.agency(coming.record.source);
    if (writer != nullptr && (writer->has_role("customs_office") || writer->has_role("market_surveillance")))
        return {};
    if (check_agency(coming, dossier, facts)) return {};
    return refusal(refusals::remedy_by_stranger, {coming.record.source, dossier.dossier_no});
}

}  // namespace

ledger::Result<void> check_agency(const ledger::Coming& coming, const Dossier& dossier,
                                  const ledger::Facts& facts) {
    const ledger::Record& record = coming.record;
    const ledger::Agency* writer = coming.registry.agency(record.source);
    const auto named = [&](std::string_view agency) {
        return acts_for(coming.registry, record.source, agency, "inspection_agency") ||
               acts_for(coming.registry, record.source, agency, "customs_office");
    };
    if (dossier.determination.listed && named(dossier.determination.agency)) return {};
    const auto item = catalog_item(facts, dossier.goods.hs_code, dossier.regime(), date_of(record.time_ms));
    if (item && named(item->agency)) return {};
    if (!dossier.determination.listed && !item && writer != nullptr && writer->has_role("inspection_agency"))
        return {};
    const Phrase agency = dossier.determination.listed ? Phrase(dossier.determination.agency)
                          : item                       ? Phrase(item->agency)
                                                       : Phrase("no agency", "không có cơ quan nào");
    return refusal(refusals::not_the_inspection_agency, {agency, dossier.dossier_no, record.source});
}

ledger::Result<void> take_conformity(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    const auto& data = record.data();
    const std::string_view certificate_no = text_at(data, "certificate_no");
    const std::string status(data.contains("status") ? text_at(data, "status") : "issued");
    const bool gives = status == "issued" || status == "restored";

    const FactKey key = FactKey(certificates).text(record.source).text(certificate_no);
    const auto stored = facts.get(key);
    Certificate certificate = stored ? decode_fact<Certificate>(*stored) : Certificate{};
    const ledger::Reference* superseded = reference_of(record, "supersedes");
    const ledger::Reference* closed = reference_of(record, "closes");
    if (auto may = check_certificate_move(certificate_no, certificate.status, status, superseded != nullptr);
        !may)
        return may;

    for (const ledger::Reference& reference : record.refs) {
        if (reference.rel != "for") continue;
        const auto dossier_no = dossier_of(facts, reference.source, reference.id);
        if (dossier_no && std::ranges::find(certificate.dossiers, *dossier_no) == certificate.dossiers.end())
            certificate.dossiers.push_back(*dossier_no);
    }
    std::vector<Dossier> dossiers;
    for (const std::string& dossier_no : certificate.dossiers)
        if (const auto dossier = find_dossier(facts, dossier_no)) dossiers.push_back(*dossier);
    if (gives) {
        if (auto designated = check_designation(record, dossiers, facts); !designated) return designated;
        const std::string_view goods_key = text_at(data, "goods_key");
        for (const Dossier& dossier : dossiers) {
            if (auto open = check_dossier_open(dossier); !open) return open;
            if (!goods_key.empty() && goods_key != dossier.goods.goods_key)
                return refusal(refusals::other_goods,
                               {dossier.dossier_no, dossier.goods.goods_key, goods_key});
        }
    }

    DossierConformity conformity;
    conformity.act = act_of(coming);
    conformity.certificate_no = certificate_no;
    conformity.scheme = text_at(data, "scheme");
    conformity.status = status;
    conformity.conforming = text_at(data, "conclusion") == "conforming";
    conformity.sampled_ms = ledger::parse_rfc3339(text_at(data, "sampled_at"));
    conformity.standard = text_at(data, "standard");
    conformity.valid_from = date_at(data, "valid_from");
    conformity.valid_to = date_at(data, "valid_to");
    for (Dossier& dossier : dossiers) {
        DossierConformity now = conformity;
        const DossierConformity* last_given = nullptr;
        for (DossierConformity& earlier : dossier.conformity) {
            const bool same = earlier.act.source == record.source && earlier.certificate_no == certificate_no;
            if (same && (earlier.status == "issued" || earlier.status == "restored")) last_given = &earlier;
            if (same || (superseded != nullptr && earlier.act.is(*superseded)) ||
                (closed != nullptr && earlier.act.is(*closed)))
                earlier.superseded = true;
        }
        if (status == "restored" && last_given != nullptr) keep_terms(*last_given, now);
        dossier.conformity.push_back(std::move(now));
        put_dossier(facts, std::move(dossier));
    }
    certificate.act = conformity.act;
    certificate.status = status;
    facts.put(key, encode_fact(certificate));
    return {};
}

ledger::Result<void> take_result(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    const auto& data = record.data();
    auto named = dossier_named(record, "decides", facts);
    if (!named) return named.error();
    Dossier& dossier = *named;
    if (auto agency = check_agency(coming, dossier, facts); !agency) return agency;
    if (text_at(data, "goods_key") != dossier.goods.goods_key)
        return refusal(refusals::other_goods,
                       {dossier.dossier_no, dossier.goods.goods_key, text_at(data, "goods_key")});
    const ledger::Reference* superseded = reference_of(record, "supersedes");
    if (auto may = check_result(dossier, superseded); !may) return may;

    for (DossierResult& earlier : dossier.results)
        earlier.superseded = earlier.superseded || superseded == nullptr || earlier.act.is(*superseded);
    DossierResult result;
    result.act = act_of(coming);
    result.delivered_ms = coming.delivered_ms;
    result.notice_no = text_at(data, "notice_no");
    result.outcome = text_at(data, "outcome");
    result.method = parse_method(text_at(data, "method")).value();
    dossier.results.push_back(result);
    // An annulled result leaves the dossier to be decided again.
    const DossierState to = result.outcome == "annulled" ? DossierState::accepted : DossierState::decided;
    if (!dossier.ended() && dossier.state != to) {
        dossier.state = to;
        dossier.states.push_back(result.act);
        dossier.state_of.push_back(to);
    }
    put_dossier(facts, std::move(dossier));
    return {};
}

ledger::Result<void> take_remedy(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    const auto& data = record.data();
    if (record.kind() == "remedy_order") {
        auto named = dossier_named(record, "about", facts);
        if (!named) return named.error();
        if (auto may = check_remedy_writer(coming, *named, facts); !may) return may;
        named->remedy_ordered = true;
        put_dossier(facts, *named);
        facts.put(FactKey(orders).text(record.source).text(record.id),
                  encode_fact(Order{named->dossier_no, texts_at(data, "allowed"), std::nullopt}));
        return {};
    }

    const ledger::Reference& closes = *reference_of(record, "closes");
    const FactKey key = FactKey(orders).text(closes.source).text(closes.id);
    const auto stored = facts.get(key);
    const std::string_view dossier_no = text_at(data, "dossier_no");
    const std::string_view declaration_no = text_at(data, "declaration_no");
    const Phrase order_name(closes.id + " of " + closes.source, closes.id + " của " + closes.source);
    if (!stored) return refusal(refusals::remedy_without_order, {order_name, dossier_no});
    Order order = decode_fact<Order>(*stored);
    const auto before = find_dossier(facts, order.dossier_no);
    if (!before) return refusal(refusals::dossier_unknown, {order.dossier_no});
    if (auto may = check_remedy_writer(coming, *before, facts); !may) return may;
    if (!dossier_no.empty() && dossier_no != order.dossier_no)
        return refusal(refusals::remedy_without_order, {order_name, dossier_no});
    if (!declaration_no.empty()) {
        const auto declaration = find_declaration(facts, declaration_no);
        if (!declaration ||
            std::ranges::find(declaration->dossiers, order.dossier_no) == declaration->dossiers.end())
            return refusal(refusals::remedy_without_order, {order_name, declaration_no});
    }
    const std::string remedy(text_at(data, "remedy"));
    if (std::ranges::find(order.allowed, remedy) == order.allowed.end())
        return refusal(refusals::remedy_not_ordered,
                       {order_name, remedies(order.allowed), phrase(WordOf::remedy, remedy)});
    const ledger::Reference* superseded = reference_of(record, "supersedes");
    if (order.done && (superseded == nullptr || !order.done->is(*superseded)))
        return refusal(refusals::remedy_done, {order_name, order.done->id});

    order.done = act_of(coming);
    facts.put(key, encode_fact(order));
    Dossier dossier = *before;
    dossier.remedied = order.done;
    dossier.remedy = remedy;
    put_dossier(facts, dossier);
    follow(facts, before.get(), dossier);
    const std::string_view carrier =
        declaration_no.empty() ? std::string_view(dossier.declaration) : declaration_no;
    if (!carrier.empty()) {
        if (const auto carrying = find_declaration(facts, carrier)) {
            Declaration declaration = *carrying;
            declaration.remedied = order.done;
            declaration.acts.push_back(*order.done);
            put_declaration(facts, std::move(declaration));
        }
    }
    return {};
}

ledger::Result<void> take_appeal(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    const auto& data = record.data();
    const std::string_view status = text_at(data, "status");
    const ledger::Reference* superseded = reference_of(record, "supersedes");
    const ledger::Reference* about = reference_of(record, "about");
    if (status == "filed") {
        const ledger::Agency* writer = coming.registry.agency(record.source);
        if (writer == nullptr || !writer->has_role("trader"))
            return refusal(refusals::appeal_of_agency, {text_at(data, "appeal_no"), record.source});
        if (about != nullptr)
            facts.put(FactKey(appeals).text(record.source).text(record.id),
                      encode_fact(Appeal{std::string(text_at(data, "appeal_no")), about->source, about->id,
                                         std::string(status), std::nullopt}));
        return {};
    }
    // A decision decides what was filed; whoever filed may take it back by superseding it.
    const ledger::Reference* filed = reference_of(record, "decides");
    if (filed == nullptr) filed = superseded;
    if (filed == nullptr) return refusal(refusals::appeal_not_filed, {text_at(data, "appeal_no")});
    const FactKey key = FactKey(appeals).text(filed->source).text(filed->id);
    const auto stored = facts.get(key);
    if (!stored) return refusal(refusals::appeal_not_filed, {text_at(data, "appeal_no")});
    Appeal appeal = decode_fact<Appeal>(*stored);
    if (appeal.ended && (superseded == nullptr || !appeal.ended->is(*superseded)))
        return refusal(refusals::appeal_decided,
                       {appeal.appeal_no, phrase(WordOf::appeal, appeal.status), appeal.ended->id});
    const std::string_view decider = status == "decided" ? std::string_view(appeal.against) : filed->source;
    if (record.source != decider)
        return refusal(refusals::appeal_decider, {appeal.appeal_no, decider, record.source});
    if (about != nullptr && (about->source != appeal.against || about->id != appeal.about))
        return refusal(
            refusals::appeal_about_other,
            {appeal.appeal_no, appeal.about + " of " + appeal.against, about->id + " of " + about->source});
    appeal.status = status;
    appeal.ended = act_of(coming);
    facts.put(key, encode_fact(appeal));
    return {};
}

}  // namespace socai::inspection
