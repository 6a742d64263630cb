// What the records of the generated trade say: one function a kind, or a few that belong together.
#include <algorithm>
#include <array>
#include <utility>

#include "node/generator/founding.hpp"
#include "node/generator/simulator.hpp"

namespace socai::node::generator {
namespace {

using inspection::Method;
using inspection::Reason;

constexpr std::string_view window = "customs.nsw";
constexpr std::ptrdiff_t max_counted = 100;  // inspection/schemas/method_transition.v1.json

std::string digits(std::uint64_t number, std::size_t width) {
    const std::string text = std::to_string(number);
    return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

// Sixty-four hexadecimal digits: of a document that nobody has.
std::string document_hash(Dice& dice) {
    static constexpr std::string_view hexadecimal = "0123456789abcdef";
    std::string text;
    for (int i = 0; i < 4; ++i)
        for (std::uint64_t bits = dice.next(), j = 0; j < 16; ++j, bits >>= 4) text += hexadecimal[bits & 15];
    return text;
}

std::string_view rule_set_of(std::string_view regime) {
    return regime == "quality" ? quality_rules : food_safety_rules;
}

std::string day_text(std::int64_t time_ms, std::int32_t days = 0) {
    return inspection::format_date({inspection::date_of(time_ms).days + days});
}

}  // namespace

// --- names

std::string Simulator::id(std::string_view what, std::uint64_t number) const {
    return prefix_ + std::string(what) + "-" + std::to_string(number);
}
std::string Simulator::dossier_no(const Shipment& shipment) const {
    return "NSW-" + std::string(ministries()[procedure(shipment).ministry].list_code) + "-" +
           day_text(shipment.registered_ms).substr(0, 4) + "-" + std::to_string(plan_.seed) + "-" +
           digits(shipment.number, 8);
}
std::string Simulator::declaration_no(const Shipment& shipment) const {
    return digits(plan_.seed % 1'000, 3) + digits(shipment.number, 8) + std::to_string(shipment.version);
}
std::string Simulator::key_text(std::size_t goods) const {
    return "sha256:" + ledger::to_hex(known_[goods].key);
}
std::string Simulator::transition_id(std::size_t goods, std::uint32_t transition) const {
    return id("tran", goods + 1) + "-" + std::to_string(transition);
}
std::string Simulator::declaration_id(const Shipment& shipment) const {
    return id("decl", shipment.number) + (shipment.version > 0 ? "-2" : "");
}
std::string Simulator::result_id(const Shipment& shipment) const {
    return id("res", shipment.number) + (shipment.corrected ? "-2" : "");
}

std::string Simulator::bill_of_lading(const Shipment& shipment) const {
    return "GBL" + std::to_string(plan_.seed) + "-" + std::to_string(shipment.number);
}

// --- goods

void Simulator::put_type_certificate(std::size_t goods, const GoodsText& text, std::int64_t time_ms) {
    const Procedure& about = goods_.procedure(goods);
    const Body& body = cast_.bodies[about.bodies[goods % about.bodies.size()]];
    const std::string number = "G" + std::to_string(plan_.seed) + "-T-" + digits(goods + 1, 7);
    RecordText record("conformity_result", body.code, id("type", goods + 1), number, time_ms);
    record.text("certificate_no", number)
        .text("scheme", "type_certification")
        .text("goods_key", key_text(goods))
        .raw("goods", text.json)
        .text("conclusion", "conforming")
        .text("valid_from", day_text(time_ms))
        .raw("valid_to", "null")
        .refer("under", body.designated_by, "g-body-" + body.code);
    ++counts_.certificates_of_type;
    put(std::move(record), 0, goods, {{}, 0, inspection::Certified{}});
}

void Simulator::put_transition(std::size_t goods, std::int64_t time_ms, const inspection::Standing& standing,
                               const Cause& cause) {
    Known& known = known_[goods];
    const std::string key = key_text(goods);
    std::string counted;
    // Passes made under an alert may be more than a record holds: the last of them.
    const auto& passes = standing.counted;
    for (auto pass = passes.end() - std::min<std::ptrdiff_t>(std::ssize(passes), max_counted);
         pass != passes.end(); ++pass)
        counted += std::string(counted.empty() ? "" : ",") + R"({"source":")" +
                   std::string(goods_.procedure(goods).family->inspector) + R"(","id":")" +
                   id("res", pass->n) + R"("})";
    RecordText record("method_transition", window, transition_id(goods, ++known.transitions), key, time_ms);
    record.text("goods_key", key)
        .text("ruleset", rule_set_of(regime(goods)))
        .text("from", inspection::word(known.published))
        .text("to", inspection::word(standing.method))
        .text("reason", inspection::word(standing.reason))
        .raw("counted", "[" + counted + "]")
        .text("effective_from", day_text(std::max(standing.since_ms, std::int64_t{0})))
        .raw("expires_at", standing.last_day ? "\"" + inspection::format_date(*standing.last_day) + "\""
                                             : std::string("null"))
        .refer(cause.rel, cause.source, cause.id);
    put(std::move(record), 0);
}

// --- the dossier

void Simulator::put_registration(const Shipment& shipment) {
    const Procedure& about = procedure(shipment);
    const Family& kin = family(shipment);
    const Body& body = cast_.bodies[shipment.body];
    const std::string number = dossier_no(shipment);
    Dice papers = shipment.dice;
    RecordText record("inspection_registration", account(shipment), id("reg", shipment.number), number,
                      shipment.registered_ms);
    record.text("dossier_no", number)
        .text("procedure_code", about.code)
        .text("regime", kin.regime)
        .raw("importer", R"({"tax_code":")" + cast_.tax_code(shipment.enterprise) +
                             R"(","name":"Công ty hư cấu )" + std::to_string(shipment.enterprise + 1) +
                             R"("})");
    if (cast_.has_broker(shipment.enterprise)) record.text("declarant", account(shipment));
    record.text("goods_key", key_text(shipment.goods))
        .raw("goods", goods_.describe(shipment.goods).json)
        .number("quantity", shipment.quantity)
        .text("unit", kin.unit)
        .text("entry_gate", cast_.offices[shipment.office].gate)
        .text("expected_arrival", day_text(shipment.registered_ms, 1))
        .text("bill_of_lading", bill_of_lading(shipment))
        .text("conformity_body_chosen", body.code)
        .raw("documents", R"([{"type":"contract","sha256":")" + document_hash(papers) +
                              R"("},{"type":"packing_list","sha256":")" + document_hash(papers) + R"("}])")
        .refer("under", kin.list_owner, catalog_id(about));
    put(std::move(record), shipment.number);
}

void Simulator::put_determination(const Shipment& shipment, std::int64_t at_ms) {
    const std::string number = dossier_no(shipment);
    RecordText record("method_determination", window, id("det", shipment.number), number, at_ms);
    record.text("dossier_no", number)
        .text("goods_key", key_text(shipment.goods))
        .text("ruleset", rule_set_of(family(shipment).regime))
        .text("method", inspection::word(shipment.method))
        .text("reason", inspection::word(shipment.reason))
        .number("pass_streak_before", shipment.streak)
        .raw("random_selected", "null")
        .text("valid_for", "this_shipment")
        .refer("about", account(shipment), id("reg", shipment.number));
    if (shipment.reason == Reason::active_alert)
        record.refer("because_of", family(shipment).inspector, id("alert", shipment.met_alert));
    put(std::move(record), shipment.number);
}

void Simulator::put_status(const Shipment& shipment, Step step, std::int64_t at_ms) {
    const bool received = step == Step::receive;
    const std::string number = dossier_no(shipment);
    RecordText record("dossier_status", received ? window : family(shipment).inspector,
                      id(received ? "recv" : "acc", shipment.number), number, at_ms);
    record.text("dossier_no", number)
        .text("status", received ? "received" : "accepted")
        .refer("about", account(shipment), id("reg", shipment.number));
    put(std::move(record), shipment.number);
}

// What comes from the exporting country through the ASEAN gateways.
void Simulator::put_border(const Shipment& shipment, Step step, std::int64_t at_ms) {
    const std::string_view country = goods_.origin(shipment.goods);
    const auto gateway = std::ranges::find(cast_.gateways, country, &Gateway::country);
    const GoodsText goods = goods_.describe(shipment.goods);
    const std::string serial = std::to_string(plan_.seed) + "-" + std::to_string(shipment.number);
    const std::string& consignee = cast_.tax_code(shipment.enterprise);
    if (step == Step::certificate_of_origin) {
        const std::string number = std::string(country) + "-FD-" + serial;
        RecordText record("co_form_d", gateway->agency, id("co", shipment.number), number, at_ms);
        record.text("certificate_no", number)
            .text("issue_date", day_text(at_ms))
            .text("exporter", goods.manufacturer)
            .text("consignee_tax_code", consignee)
            .text("origin_criterion", "RVC 42%")
            .raw("items", R"([{"line":1,"hs_code":")" + goods.hs_code.substr(0, 6) + R"(","quantity":)" +
                              std::to_string(shipment.quantity) + R"(,"unit":")" +
                              std::string(family(shipment).unit) + R"("}])")
            .text("direction", "received")
            .text("asw_status", "received");
        put(std::move(record), shipment.number);
    } else if (step == Step::export_declaration) {
        const std::string number = std::string(country) + "-ED-" + serial;
        RecordText record("acdd", gateway->agency, id("acdd", shipment.number), number, at_ms);
        record.text("export_declaration_no", number)
            .text("export_country", country)
            .text("export_date", day_text(at_ms))
            .text("status", "received")
            .text("exporter", goods.manufacturer)
            .text("consignee_tax_code", consignee)
            .text("hs_code", goods.hs_code.substr(0, 6))
            .number("packages", shipment.quantity / 50);
        put(std::move(record), shipment.number);
    } else {
        const std::string number = std::string(country) + "-PC-" + serial;
        RecordText record("ephyto", gateway->agency, id("phyto", shipment.number), number, at_ms);
        record.text("certificate_no", number)
            .text("nppo", country)
            .text("status", "issued")
            .text("botanical_name", "Planta exempli " + std::to_string(shipment.goods % 97))
            .text("hs_code", goods.hs_code)
            .number("quantity_kg", shipment.quantity)
            .text("consignee_tax_code", consignee)
            .text("issue_date", day_text(at_ms));
        put(std::move(record), shipment.number);
    }
}

// --- the declaration

void Simulator::put_declaration(Shipment& shipment, std::int64_t at_ms, bool amendment) {
    const Office& office = cast_.offices[shipment.office];
    const GoodsText goods = goods_.describe(shipment.goods);
    const std::string original = declaration_id(shipment);
    if (amendment) shipment.version = 1;
    // The ledger determines again what is declared, and the heavier holds.
    shipment.method =
        std::max(shipment.method, oracle_.standing(shipment.goods, family(shipment).regime, at_ms).method);
    const std::string number = declaration_no(shipment);
    RecordText record("customs_declaration", office.agency, declaration_id(shipment), number, at_ms);
    record.text("declaration_no", number)
        .number("version", shipment.version)
        .text("type_code", "A11")
        .text("office", office.code)
        .text("registered_at", time_text(at_ms))
        .text("status", amendment ? "amended" : "registered")
        .text("importer_tax_code", cast_.tax_code(shipment.enterprise));
    if (cast_.has_broker(shipment.enterprise)) record.text("declarant", account(shipment));
    record.text("exporter", goods.manufacturer)
        .raw("items", R"([{"line":1,"hs_code":")" + goods.hs_code + R"(","description":")" + goods.name +
                          R"(","origin":")" + goods.origin + R"(","quantity":)" +
                          std::to_string(shipment.quantity) + R"(,"unit":")" +
                          std::string(family(shipment).unit) + R"(","gross_mass_kg":)" +
                          std::to_string(shipment.quantity + (amendment ? 20 : 0)) + R"(,"goods_key":")" +
                          key_text(shipment.goods) + R"("}])")
        .text("bill_of_lading", bill_of_lading(shipment))
        .refer("carries", account(shipment), id("reg", shipment.number));
    const auto gateway = std::ranges::find(cast_.gateways, std::string_view(goods.origin), &Gateway::country);
    if (shipment.has_origin) record.refer("supported_by", gateway->agency, id("co", shipment.number));
    if (shipment.has_export) record.refer("supported_by", gateway->agency, id("acdd", shipment.number));
    if (shipment.has_plants) record.refer("supported_by", gateway->agency, id("phyto", shipment.number));
    if (amendment) record.refer("supersedes", office.agency, original);
    put(std::move(record), shipment.number);
}

// Green, yellow and red as the method allows: green holds nobody up, so that it is for the lightest.
void Simulator::put_channel(const Shipment& shipment, std::int64_t at_ms) {
    const Office& office = cast_.offices[shipment.office];
    Dice dice = shipment.dice;
    const std::uint64_t lot = dice.below(100);
    std::string_view channel = "yellow";
    std::string_view actions = R"(["check_documents"])";
    if (shipment.method == Method::strict) {
        if (lot < 30) channel = "red";
        actions = lot < 30 ? R"(["physical_check","joint_sampling_once","hold_until_inspection_result"])"
                           : R"(["check_documents","hold_until_inspection_result"])";
    } else if (shipment.method == Method::reduced && lot < 70) {
        channel = "green";
        actions = "[]";
    }
    const std::string number = declaration_no(shipment);
    RecordText record("channel_decision", office.agency, id("chan", shipment.number), number, at_ms);
    record.text("declaration_no", number)
        .text("customs_channel", channel)
        .text("specialised_channel", inspection::word(shipment.method))
        .raw("actions", actions)
        .refer("about", office.agency, declaration_id(shipment));
    put(std::move(record), shipment.number);
}

void Simulator::put_storage(const Shipment& shipment, std::int64_t at_ms) {
    const Office& office = cast_.offices[shipment.office];
    if (known_[shipment.goods].alert != 0) return;  // Decree 85/2019 Art 27
    const std::string number = declaration_no(shipment);
    RecordText record("storage_release", office.agency, id("store", shipment.number), number, at_ms);
    record.text("declaration_no", number)
        .text("status", "granted")
        .text("place", "Kho của doanh nghiệp (hư cấu)")
        .text("granted_at", time_text(at_ms))
        .text("result_due", day_text(at_ms, 30))
        .refer("about", office.agency, declaration_id(shipment));
    put(std::move(record), shipment.number);
}

void Simulator::put_clearance(const Shipment& shipment, std::int64_t at_ms) {
    const Office& office = cast_.offices[shipment.office];
    const std::string number = declaration_no(shipment);
    RecordText record("clearance_decision", office.agency, id("clear", shipment.number), number, at_ms);
    record.text("declaration_no", number)
        .text("decision", "cleared")
        .text("cleared_at", time_text(at_ms))
        .raw("duties_settled", "true")
        .refer("about", office.agency, declaration_id(shipment));
    if (shipment.inspected)
        record.text("basis", "inspection_result")
            .refer("based_on", family(shipment).inspector, result_id(shipment));
    else
        record.text("basis", "conformity_result")
            .refer("based_on", cast_.bodies[shipment.body].code, id("conf", shipment.number));
    put(std::move(record), shipment.number);
}

// --- assessment and inspection

void Simulator::put_assessment(const Shipment& shipment, std::int64_t at_ms) {
    const Body& body = cast_.bodies[shipment.body];
    const std::string number = "G" + std::to_string(plan_.seed) + "-C-" + digits(shipment.number, 8);
    Dice papers = shipment.dice;
    papers.next();
    RecordText record("conformity_result", body.code, id("conf", shipment.number), number, at_ms);
    record
        .text("certificate_no", number)
        // Only a certificate is a basis for clearance; a report says what was measured.
        .text("scheme", shipment.inspected && family(shipment).regime != "quality" ? "test_report"
                                                                                   : "lot_certification")
        .text("sampled_at", time_text(shipment.sampled_ms))
        .raw("tests",
             shipment.fails
                 ? R"([{"name":"Chỉ tiêu an toàn","result":"fail"},{"name":"Cảm quan","result":"pass"}])"
                 : R"([{"name":"Chỉ tiêu an toàn","result":"pass"},{"name":"Cảm quan","result":"pass"}])")
        .text("conclusion", shipment.fails ? "non_conforming" : "conforming")
        .text("certificate_sha256", document_hash(papers))
        .refer("for", account(shipment), id("reg", shipment.number));
    put(std::move(record), shipment.number);
}

void Simulator::put_result(Shipment& shipment, std::int64_t at_ms, bool correction) {
    const std::string_view agency = family(shipment).inspector;
    const std::string number = dossier_no(shipment);
    const std::string original = result_id(shipment);
    shipment.corrected = correction;
    RecordText record("inspection_result", agency, result_id(shipment), number,
                      correction ? at_ms : shipment.decided_ms);
    record
        .text("notice_no", std::to_string(plan_.seed) + "-" + std::to_string(shipment.number) +
                               (correction ? "A/TB-KT" : "/TB-KT"))
        .text("dossier_no", number)
        .text("goods_key", key_text(shipment.goods))
        .text("method", inspection::word(shipment.method))
        .text("outcome", shipment.fails ? "fail" : "pass");
    if (shipment.fails)
        record.text("reason", "Chỉ tiêu an toàn vượt giới hạn")
            .raw("required_remedy", R"(["re_export","destroy"])");
    // The slip that is corrected: one digit of the quantity.
    record.number("quantity", shipment.quantity / (correction ? 1 : 10)).text("unit", family(shipment).unit);
    if (correction) record.text("correction_reason", "Sai số lượng ghi trên thông báo");
    record.refer("decides", account(shipment), id("reg", shipment.number));
    if (shipment.assessed)
        record.refer("based_on", cast_.bodies[shipment.body].code, id("conf", shipment.number));
    if (correction) {
        record.refer("supersedes", agency, original);
        put(std::move(record), shipment.number);
        return;
    }
    ++(shipment.fails ? counts_.failures : counts_.passes);
    const auto outcome = shipment.fails ? inspection::Outcome::fail : inspection::Outcome::pass;
    put(std::move(record), shipment.number, shipment.goods,
        {{}, 0, inspection::Inspected{outcome, shipment.method}});
    publish_change(shipment.goods, at_ms + 5 * second_ms, {"caused_by", agency, result_id(shipment)});
}

void Simulator::put_remedy(const Shipment& shipment, Step step, std::int64_t at_ms) {
    const std::string number = dossier_no(shipment);
    const std::string_view agency = family(shipment).inspector;
    if (step == Step::order_remedy) {
        RecordText record("remedy_order", agency, id("order", shipment.number), number, at_ms);
        record.text("dossier_no", number)
            .raw("allowed", R"(["re_export","destroy"])")
            .text("due", day_text(at_ms, 30))
            .refer("because_of", agency, result_id(shipment));
        put(std::move(record), shipment.number);
        return;
    }
    const Office& office = cast_.offices[shipment.office];
    RecordText record("remedy_completion", office.agency, id("remedy", shipment.number),
                      declaration_no(shipment), at_ms);
    record.text("declaration_no", declaration_no(shipment))
        .text("remedy", "re_export")
        .text("evidence_doc", "TX-" + std::to_string(plan_.seed) + "-" + std::to_string(shipment.number))
        .text("completed_at", time_text(at_ms - hour_ms))
        .refer("closes", agency, id("order", shipment.number))
        .refer("about", office.agency, declaration_id(shipment));
    put(std::move(record), shipment.number);
}

// --- what is contested, what is found

void Simulator::put_appeal(const Shipment& shipment, Step step, std::int64_t at_ms) {
    const std::string number = "KN-" + std::to_string(plan_.seed) + "-" + std::to_string(shipment.number);
    const std::string_view office = cast_.offices[shipment.office].agency;
    const std::string_view decider = shipment.appeals_channel ? office : family(shipment).inspector;
    if (step == Step::appeal) {
        RecordText record("appeal", account(shipment), id("appeal", shipment.number), number, at_ms);
        record.text("appeal_no", number)
            .text("tax_code", cast_.tax_code(shipment.enterprise))
            .text("status", "filed")
            .text("ground", shipment.appeals_channel ? "Đề nghị xem xét lại kết quả phân luồng"
                                                     : "Đề nghị kiểm tra lại mẫu lưu")
            .text("request", shipment.appeals_channel ? "other" : "re_inspection");
        if (shipment.appeals_channel)
            record.refer("about", office, id("chan", shipment.number));
        else
            record.refer("about", decider, result_id(shipment));
        put(std::move(record), shipment.number);
        return;
    }
    RecordText record("appeal", decider, id("appeal", shipment.number) + "-2", number, at_ms);
    record.text("appeal_no", number)
        .text("status", "decided")
        .text("outcome", "rejected")
        .text("reason", "Quyết định đúng quy định")
        .refer("decides", account(shipment), id("appeal", shipment.number));
    put(std::move(record), shipment.number);
}

void Simulator::put_alert(Shipment& shipment, Step step, std::int64_t at_ms) {
    const std::string_view agency = family(shipment).inspector;
    Known& known = known_[shipment.goods];
    const std::string scope = R"({"goods_key":")" + key_text(shipment.goods) + R"("})";
    if (step == Step::raise_alert) {
        shipment.alert = ++alerts_;
        shipment.alert_has_term = shipment.dice.happens(300'000);
        const std::string number = "CB-" + std::to_string(plan_.seed) + "-" + std::to_string(shipment.alert);
        const std::int32_t days = static_cast<std::int32_t>(shipment.dice.from_to(14, 45));
        RecordText record("alert", agency, id("alert", shipment.alert), number, at_ms);
        record.text("alert_no", number)
            .text("status", "issued")
            .raw("scope", scope)
            .text("level", shipment.violation != 0 ? "serious" : "warning")
            .text("source", "ministry")
            .raw("effect", R"(["method_strict","no_exemption","no_storage_release"])")
            .text("text", "Chỉ tiêu an toàn vượt giới hạn (mô phỏng)")
            .text("valid_from", day_text(at_ms))
            .raw("valid_to",
                 shipment.alert_has_term ? "\"" + day_text(at_ms, days) + "\"" : std::string("null"));
        if (shipment.violation != 0)
            record.refer("caused_by", cast_.surveillance(shipment.office), id("viol", shipment.violation));
        else
            record.refer("caused_by", agency, result_id(shipment));
        known.alert = shipment.alert;
        known.alerted = true;
        inspection::Alerted alerted;
        if (shipment.alert_has_term)
            alerted.last_day = inspection::Date{inspection::date_of(at_ms).days + days};
        put(std::move(record), shipment.alert, shipment.goods, {{}, 0, alerted});
        shipment.alert_index = written_ - 1;
        publish_change(shipment.goods, at_ms + 5 * second_ms,
                       {"caused_by", agency, id("alert", shipment.alert)});
        return;
    }
    const std::string number = "CB-" + std::to_string(plan_.seed) + "-" + std::to_string(shipment.alert);
    RecordText record("alert", agency, id("lift", shipment.alert), number, at_ms);
    record.text("alert_no", number)
        .text("status", "lifted")
        .raw("scope", scope)
        .text("level", shipment.violation != 0 ? "serious" : "warning")
        .raw("effect", R"(["method_strict","no_exemption","no_storage_release"])")
        .text("text", "Hết nguy cơ (mô phỏng)")
        .text("valid_from", day_text(at_ms))
        .refer("closes", agency, id("alert", shipment.alert));
    if (known.alert == shipment.alert) known.alert = 0;
    put(std::move(record), shipment.alert, shipment.goods,
        {{}, 0, inspection::AlertLifted{{shipment.alert_index, shipment.alert}}});
    publish_change(shipment.goods, at_ms + 5 * second_ms, {"caused_by", agency, id("lift", shipment.alert)});
}

void Simulator::put_violation(Shipment& shipment, std::int64_t at_ms) {
    shipment.violation = ++violations_;
    const std::string_view finder = cast_.surveillance(shipment.office);
    const std::string number = "VV-" + std::to_string(plan_.seed) + "-" + std::to_string(shipment.violation);
    RecordText record("violation", finder, id("viol", shipment.violation), number, at_ms);
    record.text("case_no", number)
        .text("found_in", "market_surveillance")
        .text("status", "decided")
        .text("goods_key", key_text(shipment.goods))
        .text("tax_code", cast_.tax_code(shipment.enterprise))
        .text("finding", "Chỉ tiêu an toàn vượt giới hạn (mô phỏng)")
        .text("severity", "safety")
        .text("action", "suspend_and_recall")
        .refer("about", cast_.offices[shipment.office].agency, id("clear", shipment.number));
    put(std::move(record), shipment.violation, shipment.goods, {{}, 0, inspection::FoundFailing{}});
    publish_change(shipment.goods, at_ms + 5 * second_ms,
                   {"caused_by", finder, id("viol", shipment.violation)});
}

void Simulator::put_afterwards(const Shipment& shipment, Step step, std::int64_t at_ms) {
    const Office& office = cast_.offices[shipment.office];
    const std::string& tax_code = cast_.tax_code(shipment.enterprise);
    const std::string serial = std::to_string(plan_.seed) + "-" + std::to_string(shipment.number);
    if (step == Step::check_after) {
        RecordText record("post_check", office.agency, id("check", shipment.number), "KTSTQ-" + serial,
                          at_ms);
        record.text("check_no", "KTSTQ-" + serial)
            .text("type", "post_clearance_audit")
            .text("status", "done")
            .text("outcome", "pass")
            .text("goods_key", key_text(shipment.goods))
            .text("tax_code", tax_code)
            .refer("about", office.agency, id("clear", shipment.number));
        put(std::move(record), shipment.number);
    } else if (step == Step::report) {
        RecordText record("periodic_report", account(shipment), id("report", shipment.number), "BC-" + serial,
                          at_ms);
        record.text("report_no", "BC-" + serial)
            .text("period_from", day_text(shipment.registered_ms))
            .text("period_to", day_text(at_ms))
            .text("addressee", family(shipment).inspector)
            .text("tax_code", tax_code)
            .text("goods_key", key_text(shipment.goods))
            .raw("figures", R"([{"name":"quantity","value":)" + std::to_string(shipment.quantity) +
                                R"(,"unit":")" + std::string(family(shipment).unit) + R"("}])")
            .refer("under", family(shipment).list_owner, catalog_id(procedure(shipment)));
        put(std::move(record), shipment.number);
    } else {
        RecordText record("risk_signal", office.agency, id("signal", shipment.number), "TH-" + serial, at_ms);
        record.text("severity", "low")
            .text("description", "Khai báo khác thường (mô phỏng)")
            .text("goods_key", key_text(shipment.goods))
            .text("dossier_no", dossier_no(shipment))
            .text("status", "raised")
            .refer("about", account(shipment), id("reg", shipment.number));
        put(std::move(record), shipment.number);
    }
}

}  // namespace socai::node::generator
