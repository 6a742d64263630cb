#include "inspection/guards/clearance_answer.hpp"

#include <boost/json/array.hpp>

#include "inspection/answer_text.hpp"
#include "inspection/guards/storage.hpp"
#include "inspection/oversight/signals.hpp"
#include "inspection/records/tax_code.hpp"
#include "inspection/shipments/refusals.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& words) {
    json::array array;
    for (const std::string& each : words) array.emplace_back(each);
    return array;
}

json::object told_obstacle(const Obstacle& obstacle) {
    return {{"missing", obstacle.need}, {"en", obstacle.en}, {"vi", obstacle.vi}};
}
json::array told_obstacles(const std::vector<Obstacle>& obstacles) {
    json::array array;
    for (const Obstacle& each : obstacles) array.push_back(told_obstacle(each));
    return array;
}

// An alert about another importer is no trader's business; whoever sees this one is its importer, or an agency.
json::object told_alert(const MatchedAlert& matched) {
    const Alert& alert = matched.alert;
    return {{"alert_no", alert.alert_no},
            {"source", alert.source},
            {"level", alert.level},
            {"effect", texts(alert.effect)},
            {"valid_from", told(std::optional(alert.valid_from))},
            {"valid_to", told(alert.valid_to)},
            {"at", ledger::to_string(alert.at)}};
}

json::array told_alerts(const std::vector<MatchedAlert>& alerts, AlertMatch match, const Viewer& viewer) {
    json::array array;
    for (const MatchedAlert& each : alerts)
        if (each.match == match && (viewer.agency || each.alert.published)) array.push_back(told_alert(each));
    return array;
}

// An alert that its issuer has not published is for agencies (design/domain.md 2).
bool is_hidden(const RegimeVerdict& item, const Viewer& viewer, const ledger::Address& at) {
    if (viewer.agency) return false;
    for (const MatchedAlert& each : item.alerts)
        if (each.alert.at == at && !each.alert.published) return true;
    return false;
}
RegimeVerdict seen_by(const Viewer& viewer, RegimeVerdict item) {
    std::erase_if(item.evidence, [&](const ledger::Address& at) { return is_hidden(item, viewer, at); });
    if (!viewer.agency)
        std::erase_if(item.obstacles, [&](const Obstacle& each) {
            if (each.need != "alert") return false;
            for (const MatchedAlert& matched : item.alerts)
                if (!matched.alert.published) return true;
            return false;
        });
    return item;
}

json::object told_item(const RegimeVerdict& item, const Viewer& viewer) {
    const Determination& determination = item.determination;
    json::object told_one{{"line", item.line}, {"may_be_cleared", item.may_be_cleared}};
    told_one["regime"] =
        determination.regime.empty() ? json::value(nullptr) : json::value(determination.regime);
    told_one["listed"] = determination.listed;
    if (determination.listed) told_one["agency"] = determination.agency;
    if (!item.needs_basis) told_one["recorded_only"] = true;
    if (determination.computed()) {
        told_one["rule_set"] = determination.rule_set;
        told_one["method"] = word(item.method);
        told_one["reason"] = word(determination.reason);
        told_one["article"] = determination.article;
        if (!determination.exemption.empty()) told_one["exemption"] = determination.exemption;
    }
    if (determination.drawn) {
        const Determination::Drawn& drawn = *determination.drawn;
        told_one["draw"] = json::object{{"selected", drawn.selected},
                                        {"ticket", drawn.ticket},
                                        {"capped", drawn.capped},
                                        {"at", ledger::to_string(drawn.at)}};
    }
    if (!item.dossier_no.empty()) told_one["dossier_no"] = item.dossier_no;
    json::array bases;
    for (const Basis basis : item.bases) bases.emplace_back(word(basis));
    told_one["bases"] = std::move(bases);
    told_one["missing"] = told_obstacles(item.obstacles);
    told_one["alerts"] = told_alerts(item.alerts, AlertMatch::full, viewer);
    told_one["near_alerts"] = told_alerts(item.alerts, AlertMatch::near, viewer);
    told_one["evidence"] = told(item.evidence);
    return told_one;
}

json::object step(std::string_view who, std::string_view what, std::string_view en, std::string_view vi,
                  std::string_view article) {
    return {{"who", who}, {"what", what}, {"en", en}, {"vi", vi}, {"article", article}};
}

// Who does what for what is missing, each once.
json::array next_steps(const ClearanceVerdict& verdict, const Declaration& declaration) {
    const std::string customs = declaration.registration.source;
    const std::string importer = "importer." + declaration.tax_code;
    const std::string_view clearing = refusals::clearance_without_basis.article;
    json::array steps;
    if (declaration.is_cancelled() ||
        (declaration.is_cleared() && declaration.clearance->decision == "cleared"))
        return steps;
    if (!declaration.channel)
        steps.push_back(step(customs, "channel_decision", "give the declaration a channel",
                             "phân luồng tờ khai", "TT 81/2019/TT-BTC Đ22"));
    if (verdict.may_be_cleared) {
        steps.push_back(step(customs, "clearance_decision", "clear the declaration",
                             "quyết định thông quan hàng hóa", "Luật Hải quan 54/2014/QH13 Đ37"));
        return steps;
    }
    for (const RegimeVerdict& item : verdict.items) {
        const std::string agency =
            item.determination.agency.empty() ? std::string("inspection agency") : item.determination.agency;
        for (const Obstacle& each : item.obstacles) {
            if (each.need == "inspection_registration")
                steps.push_back(step(importer, each.need,
                                     "register the goods for inspection and carry the dossier",
                                     "đăng ký kiểm tra và gắn hồ sơ vào tờ khai", "NĐ 85/2019/NĐ-CP Đ13"));
            else if (each.need == "inspection_result")
                steps.push_back(step(agency, each.need,
                                     "inspect by the method and send the result to customs",
                                     "kiểm tra theo phương thức và gửi kết quả cho hải quan",
                                     "Luật Hải quan 54/2014/QH13 Đ35.3; NĐ 85/2019/NĐ-CP Đ25.2"));
            else if (each.need == "remedy")
                steps.push_back(step(importer, each.need,
                                     "carry out the remedy, or ask for another inspection",
                                     "thực hiện biện pháp xử lý hoặc đề nghị kiểm tra lại",
                                     "NĐ 132/2008/NĐ-CP Đ8.2; NĐ 15/2018/NĐ-CP Đ20, Đ21"));
        }
    }
    if (steps.empty())
        steps.push_back(step(customs, "clearance_decision", verdict.text_en(), verdict.text_vi(), clearing));
    return steps;
}

// What customs weighed is for agencies (access/visibility_table.cpp, channel_decision).
json::value told_channel(const Declaration& declaration, const Viewer& viewer) {
    if (!declaration.channel) return nullptr;
    const ChannelDecision& channel = *declaration.channel;
    json::object told_one{{"customs_channel", channel.customs_channel},
                          {"specialised_channel", channel.specialised_channel},
                          {"at", ledger::to_string(channel.act.at)}};
    if (viewer.agency && !channel.risk_level.empty()) told_one["risk_level"] = channel.risk_level;
    return told_one;
}

json::value told_clearance(const Declaration& declaration) {
    if (!declaration.clearance) return nullptr;
    const Clearance& clearance = *declaration.clearance;
    json::object told_one{{"decision", clearance.decision},
                          {"at", ledger::to_string(clearance.act.at)},
                          {"time", vietnam_time(clearance.act.time_ms)}};
    if (!clearance.basis.empty()) told_one["basis"] = clearance.basis;
    return told_one;
}

json::value told_risk(const ledger::Facts& facts, const ClearanceVerdict& verdict,
                      const Declaration& declaration, std::optional<int> compliance, Date day) {
    const auto table = risk_table_on(facts, day);
    if (!table) return nullptr;
    const RiskFinding finding = find_risk(*table, verdict, declaration, compliance);
    json::object told_one{{"table", finding.table},
                          {"row", finding.row},
                          {"line", finding.line},
                          {"method", word(finding.column)},
                          {"compliance", compliance ? json::value(*compliance) : json::value(nullptr)},
                          {"risk_level", word(finding.risk)},
                          {"customs_channel", word(finding.channel)},
                          {"measures", texts(finding.measures)},
                          {"table_at", ledger::to_string(table->at)}};
    const auto given =
        declaration.channel ? parse_channel(declaration.channel->customs_channel) : std::nullopt;
    const Channel channel = given.value_or(finding.channel);
    if (const RiskCell* cell = find_cell(*table, channel, finding.column))
        told_one["cell"] = json::object{{"customs_channel", word(channel)},
                                        {"method", word(finding.column)},
                                        {"measures", texts(cell->measures)}};
    return told_one;
}

json::object told_storage(const StorageVerdict& verdict, const Declaration& declaration) {
    json::object told_one{{"allowed", verdict.allowed},
                          {"against", told_obstacles(verdict.obstacles)},
                          {"evidence", told(verdict.evidence)},
                          {"status", nullptr}};
    if (declaration.storage) {
        told_one["status"] = declaration.storage->status;
        told_one["result_due"] = told(declaration.storage->result_due);
    }
    return told_one;
}

}  // namespace

bool sees_importer(const Viewer& viewer, std::string_view tax_code) {
    if (viewer.agency) return true;
    return !viewer.tax_code.empty() && said_of(viewer.tax_code, tax_code);
}

namespace {

// What agencies have shared about the declaration, its goods, its dossiers or its importer, each once.
std::vector<RiskSignal> suspicions(const ledger::Facts& facts, const Declaration& declaration, Date day) {
    std::vector<SignalSubject> subjects{
        {.declaration_no = declaration.declaration_no, .tax_code = declaration.tax_code}};
    for (const DeclaredItem& item : declaration.items)
        subjects.push_back({.dossier_no = item.dossier_no,
                            .goods_key = item.goods.goods_key,
                            .hs_code = item.goods.hs_code});
    return risk_signals(facts, subjects, day);
}

}  // namespace

std::optional<json::object> clearance_answer(const ledger::Facts& facts, const RuleBook& rules,
                                             const ClearanceQuestion& question, const Viewer& viewer,
                                             ComplianceLevel compliance) {
    const auto declaration = find_declaration(facts, question.declaration_no);
    if (!declaration || !sees_importer(viewer, declaration->tax_code)) return std::nullopt;
    const Date day = date_of(question.at_ms);
    ClearanceVerdict verdict = may_be_cleared(facts, rules, *declaration, day);
    for (RegimeVerdict& item : verdict.items) item = seen_by(viewer, std::move(item));

    json::object answer{{"declaration_no", declaration->declaration_no},
                        {"at", vietnam_time(question.at_ms)},
                        {"status", declaration->status},
                        {"office", declaration->office},
                        {"importer_tax_code", declaration->tax_code},
                        {"may_be_cleared", verdict.may_be_cleared}};
    answer["basis"] = verdict.may_be_cleared ? json::value(basis_of(verdict)) : json::value(nullptr);
    json::array items;
    for (const RegimeVerdict& item : verdict.items) items.push_back(told_item(item, viewer));
    answer["items"] = std::move(items);
    answer["against"] = told_obstacles(verdict.obstacles);
    answer["channel"] = told_channel(*declaration, viewer);
    answer["clearance"] = told_clearance(*declaration);
    // How customs weighs an importer is for agencies; so are suspicions that speak against storage.
    if (viewer.agency) {
        answer["risk"] = told_risk(
            facts, verdict, *declaration,
            compliance == nullptr ? std::nullopt : compliance(facts, declaration->tax_code, day), day);
        answer["storage"] = told_storage(may_be_stored(facts, *declaration, day), *declaration);
        answer["signals"] = signals_answer(suspicions(facts, *declaration, day), viewer);
    }
    std::vector<ledger::Address> evidence{declaration->registration.at};
    for (const auto& dossier : carried_dossiers(facts, *declaration))
        evidence.push_back(dossier->registration.at);
    answer["evidence"] = told(evidence);
    answer["next_steps"] = next_steps(verdict, *declaration);
    return answer;
}

}  // namespace socai::inspection
