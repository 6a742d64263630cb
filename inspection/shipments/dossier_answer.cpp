#include "inspection/shipments/dossier_answer.hpp"

#include <algorithm>

#include "inspection/answer_text.hpp"
#include "inspection/guards/clearance_answer.hpp"
#include "inspection/shipments/shipment_facts.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

json::object told_act(const Act& act) {
    return {{"at", ledger::to_string(act.at)}, {"source", act.source}, {"time", vietnam_time(act.time_ms)}};
}

json::object told_result(const DossierResult& result) {
    json::object one = told_act(result.act);
    one["notice_no"] = result.notice_no;
    one["outcome"] = result.outcome;
    one["method"] = word(result.method);
    one["superseded"] = result.superseded;
    return one;
}

json::object told_certificate(const DossierConformity& certificate) {
    json::object one = told_act(certificate.act);
    one["certificate_no"] = certificate.certificate_no;
    one["scheme"] = certificate.scheme;
    one["status"] = certificate.status;
    one["conforming"] = certificate.conforming;
    one["superseded"] = certificate.superseded;
    return one;
}

json::array told_states(const Dossier& dossier) {
    json::array states;
    for (std::size_t i = 0; i < dossier.states.size(); ++i) {
        json::object one = told_act(dossier.states[i]);
        one["state"] = word(dossier.state_of[i]);
        states.push_back(std::move(one));
    }
    return states;
}

json::object step(std::string_view who, std::string_view what, std::string_view en, std::string_view vi,
                  std::string_view article) {
    return {{"who", who}, {"what", what}, {"en", en}, {"vi", vi}, {"article", article}};
}

// `over`: cleared, and nothing was left to be inspected after that.
json::array next_steps(const Dossier& dossier, const Determination& determination, bool over) {
    json::array steps;
    if (dossier.ended() || dossier.goods_gone()) return steps;
    const std::string_view importer = dossier.registration.source;
    const std::string_view agency =
        determination.agency.empty() ? std::string_view("inspection agency") : determination.agency;
    if (dossier.failing()) {
        if (dossier.result()->outcome == "fail" && !dossier.remedy_ordered)
            steps.push_back(step(agency, "remedy_order", "say which remedies are allowed",
                                 "ra văn bản yêu cầu xử lý hàng không đạt",
                                 "NĐ 132/2008/NĐ-CP Đ8.2; Luật 05/2007/QH12 Đ36"));
        else
            steps.push_back(step(importer, "remedy_completion", "put right what is at fault, and prove it",
                                 "khắc phục và chứng minh đã khắc phục",
                                 "NĐ 15/2018/NĐ-CP Đ20; NĐ 132/2008/NĐ-CP Đ8.2"));
        return steps;
    }
    if (over) return steps;
    switch (dossier.state) {
        case DossierState::submitted:
            steps.push_back(step(agency, "dossier_status", "receive the dossier, or say what is missing",
                                 "tiếp nhận hồ sơ hoặc yêu cầu bổ sung", "NĐ 85/2019/NĐ-CP Đ19"));
            break;
        case DossierState::supplement_requested:
            steps.push_back(step(importer, "inspection_registration", "hand in what is missing",
                                 "bổ sung giấy tờ còn thiếu", "NĐ 85/2019/NĐ-CP Đ18, Đ19"));
            break;
        default:
            break;
    }
    const bool inspected =
        dossier.method() != Method::exempt &&
        (dossier.method() != Method::reduced || (determination.drawn && determination.drawn->selected));
    if (dossier.result() == nullptr && inspected && determination.computed()) {
        if (dossier.method() == Method::strict && dossier.conformity.empty())
            steps.push_back(step(dossier.conformity_body.empty() ? "conformity body"
                                                                 : std::string_view(dossier.conformity_body),
                                 "conformity_result", "sample and assess the goods",
                                 "lấy mẫu và đánh giá sự phù hợp", "TTLT 110/2016 Đ4"));
        steps.push_back(step(agency, "inspection_result", "decide the dossier and tell customs",
                             "kết luận hồ sơ và thông báo cho hải quan",
                             "Luật Hải quan 54/2014/QH13 Đ35.3; NĐ 85/2019/NĐ-CP Đ25.2"));
    }
    if (dossier.declaration.empty())
        steps.push_back(step(importer, "customs_declaration", "declare the goods with this dossier",
                             "khai hải quan kèm hồ sơ này", "Luật Hải quan 54/2014/QH13 Đ29"));
    return steps;
}

json::value told_declaration(const std::shared_ptr<const Declaration>& declaration) {
    if (!declaration) return nullptr;
    json::object one{{"declaration_no", declaration->declaration_no},
                     {"status", declaration->status},
                     {"at", ledger::to_string(declaration->registration.at)},
                     {"channel", nullptr},
                     {"storage", nullptr},
                     {"clearance", nullptr}};
    if (declaration->channel) {
        json::object channel = told_act(declaration->channel->act);
        channel["customs_channel"] = declaration->channel->customs_channel;
        channel["specialised_channel"] = declaration->channel->specialised_channel;
        one["channel"] = std::move(channel);
    }
    if (declaration->storage) {
        json::object storage = told_act(declaration->storage->act);
        storage["status"] = declaration->storage->status;
        storage["result_due"] = told(declaration->storage->result_due);
        one["storage"] = std::move(storage);
    }
    if (declaration->clearance) {
        json::object clearance = told_act(declaration->clearance->act);
        clearance["decision"] = declaration->clearance->decision;
        clearance["basis"] = declaration->clearance->basis;
        one["clearance"] = std::move(clearance);
    }
    return one;
}

}  // namespace

json::object told_determination(const Determination& determination, Method method) {
    json::object one{{"regime", determination.regime}, {"listed", determination.listed}};
    if (determination.listed) {
        one["list"] = determination.list_code;
        one["agency"] = determination.agency;
    }
    if (!determination.computed()) {
        one["recorded_only"] = determination.listed;
        return one;
    }
    one["rule_set"] = determination.rule_set;
    one["method"] = word(method);
    one["computed_method"] = word(determination.method);
    one["reason"] = word(determination.reason);
    one["article"] = determination.article;
    one["pass_streak"] = determination.streak;
    one["needed"] = determination.needed;
    one["last_day"] = told(determination.last_day);
    one["determined_at"] = ledger::to_string(determination.made_at);
    one["evidence"] = told(determination.evidence);
    if (!determination.exemption.empty()) one["exemption"] = determination.exemption;
    if (determination.drawn)
        one["draw"] = json::object{{"selected", determination.drawn->selected},
                                   {"ticket", determination.drawn->ticket},
                                   {"capped", determination.drawn->capped},
                                   {"at", ledger::to_string(determination.drawn->at)}};
    return one;
}

std::optional<json::object> dossier_answer(const ledger::Facts& facts, std::string_view dossier_no,
                                           const Viewer& viewer, json::array deadlines) {
    const auto dossier = find_dossier(facts, dossier_no);
    if (!dossier || !sees_importer(viewer, dossier->tax_code)) return std::nullopt;
    const Determination determination = governing_determination(facts, *dossier);
    const Method method =
        dossier->stricter ? std::max(*dossier->stricter, determination.method) : determination.method;

    json::object answer{{"dossier_no", dossier->dossier_no},
                        {"procedure_code", dossier->procedure_code},
                        {"importer_tax_code", dossier->tax_code},
                        {"goods_key", dossier->goods.goods_key},
                        {"hs_code", dossier->goods.hs_code},
                        {"origin_country", dossier->goods.origin_country},
                        {"state", word(dossier->state)},
                        {"states", told_states(*dossier)},
                        {"method", told_determination(determination, method)},
                        {"stricter", nullptr}};
    if (dossier->stricter && dossier->published) {
        json::object stricter = told_act(*dossier->published);
        stricter["method"] = word(*dossier->stricter);
        answer["stricter"] = std::move(stricter);
    }
    answer["result"] =
        dossier->result() == nullptr ? json::value(nullptr) : json::value(told_result(*dossier->result()));
    json::array results;
    for (const DossierResult& each : dossier->results) results.push_back(told_result(each));
    answer["results"] = std::move(results);
    json::array conformity;
    for (const DossierConformity& each : dossier->conformity) conformity.push_back(told_certificate(each));
    answer["conformity"] = std::move(conformity);
    answer["declaration"] = told_declaration(
        dossier->declaration.empty() ? nullptr : find_declaration(facts, dossier->declaration));
    answer["remedy"] = nullptr;
    if (dossier->remedied) {
        json::object remedy = told_act(*dossier->remedied);
        remedy["remedy"] = dossier->remedy;
        answer["remedy"] = std::move(remedy);
    }
    std::vector<ledger::Address> evidence{dossier->registration.at};
    if (dossier->published) evidence.push_back(dossier->published->at);
    if (const DossierResult* result = dossier->result()) evidence.push_back(result->act.at);
    answer["evidence"] = told(evidence);
    answer["deadlines"] = std::move(deadlines);
    answer["next_steps"] =
        next_steps(*dossier, determination, dossier->cleared && !inspected_after_clearance(facts, *dossier));
    return answer;
}

}  // namespace socai::inspection
