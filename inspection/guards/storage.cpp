#include "inspection/guards/storage.hpp"

#include <algorithm>

#include "inspection/oversight/signals.hpp"
#include "inspection/records/tax_code.hpp"
#include "inspection/shipments/refusals.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view open_storage = "sto";  // importer, day on which the result is due, base number
constexpr std::string_view bans = "stb";          // importer

struct OpenStorage {
    ledger::Address granted;
    template <class Codec>
    void members(Codec& codec) {
        codec(granted);
    }
};
// The one that lasts longest.
struct Ban {
    Date last_day;
    ledger::Address cause;
    bool violated = false;  // false: a result was late
    template <class Codec>
    void members(Codec& codec) {
        codec(last_day, cause, violated);
    }
};

std::optional<Ban> ban_of(const ledger::Facts& facts, std::string_view tax_code) {
    const auto value = facts.get(FactKey(bans).text(enterprise_of(tax_code)));
    if (!value) return std::nullopt;
    return decode_fact<Ban>(*value);
}

void ban(ledger::FactDraft& facts, std::string_view tax_code, const Ban& next) {
    const auto standing = ban_of(facts, tax_code);
    if (!standing || standing->last_day < next.last_day)
        facts.put(FactKey(bans).text(enterprise_of(tax_code)), encode_fact(next));
}

// Did a result of every carried dossier reach the ledger by the day, and does one stand? What it says of its own time is its
// writer's; one that was annulled is none.
bool result_in_time(const ledger::Facts& facts, const Declaration& declaration, Date due) {
    const auto carried = carried_dossiers(facts, declaration);
    return !carried.empty() && std::ranges::all_of(carried, [&](const auto& dossier) {
        const DossierResult* current = dossier->result();
        return current != nullptr && current->outcome != "annulled" &&
               std::ranges::any_of(dossier->results, [&](const DossierResult& each) {
                   return each.outcome != "annulled" && date_of(each.delivered_ms) <= due;
               });
    });
}

// The importer's ban on the day: one remembered, or that of storage still open whose result is overdue.
std::optional<Ban> ban_on(const ledger::Facts& facts, std::string_view tax_code, Date day) {
    const auto standing = ban_of(facts, tax_code);
    if (standing && day <= standing->last_day) return standing;
    std::optional<Ban> overdue;
    facts.scan(FactKey(open_storage).text(enterprise_of(tax_code)), {},
               [&](std::string_view key, std::string_view value) {
                   FactKeyReader reader(key, open_storage);
                   reader.text();
                   const Date due = reader.date();
                   if (due >= day) return false;  // sorted by the day: none after it is overdue
                   const auto declaration = find_declaration(facts, reader.text());
                   const Date last_day = last_day_of_term(due, late_result_ban_months);
                   if (last_day < day || !declaration || result_in_time(facts, *declaration, due))
                       return true;
                   overdue = Ban{last_day, decode_fact<OpenStorage>(value).granted, false};
                   return false;
               });
    return overdue;
}

FactKey storage_key(const Declaration& declaration) {
    return FactKey(open_storage)
        .text(enterprise_of(declaration.storage->tax_code))
        .date(storage_due(*declaration.storage))
        .text(declaration.base());
}

}  // namespace

Date storage_due(const StorageRelease& storage) {
    return storage.result_due.value_or(Date{date_of(storage.act.time_ms).days + storage_result_days});
}

StorageVerdict may_be_stored(const ledger::Facts& facts, const Declaration& declaration, Date day) {
    StorageVerdict verdict;
    const auto obstacle = [&](std::string need, const ledger::Address& at, std::string en, std::string vi) {
        verdict.obstacles.push_back({std::move(need), std::move(en), std::move(vi)});
        verdict.evidence.push_back(at);
    };
    std::string last_alert;
    for (const DeclaredItem& item : declaration.items) {
        for (const MatchedAlert& each : alerts_on(facts, item.goods, declaration.tax_code, day)) {
            if (each.match != AlertMatch::full || !each.alert.has_effect("no_storage_release")) continue;
            if (each.alert.alert_no == last_alert) continue;
            last_alert = each.alert.alert_no;
            obstacle("alert", each.alert.at,
                     "alert " + last_alert + " forbids storage release of line " + std::to_string(item.line),
                     "cảnh báo " + last_alert + " không cho đưa về bảo quản hàng ở dòng " +
                         std::to_string(item.line));
        }
    }
    for (const auto& dossier : carried_dossiers(facts, declaration)) {
        const DossierResult* result = dossier->result();
        if (result != nullptr && result->outcome == "fail" && dossier->failing())
            obstacle("result", result->act.at,
                     "result " + result->notice_no + " of dossier " + dossier->dossier_no + " failed",
                     "kết quả " + result->notice_no + " của hồ sơ " + dossier->dossier_no + " không đạt");
    }
    std::vector<SignalSubject> subjects{{.declaration_no = declaration.declaration_no}};
    for (const std::string& dossier_no : declaration.dossiers) subjects.push_back({.dossier_no = dossier_no});
    // A ministry's word on the same kind of goods counts like one on the shipment (Decree 85/2019 Art 27.3).
    for (const DeclaredItem& item : declaration.items)
        if (!item.goods.goods_key.empty()) subjects.push_back({.goods_key = item.goods.goods_key});
    for (const RiskSignal& signal : signals_against_storage(facts, subjects, day)) {
        obstacle("risk_signal", signal.at, signal.source + " signalled signs that the goods do not conform",
                 signal.source + " đã báo hàng có dấu hiệu không đáp ứng tiêu chuẩn, quy chuẩn kỹ thuật");
    }
    if (const auto ban = ban_on(facts, declaration.tax_code, day)) {
        const Phrase last = phrase(ban->last_day);
        obstacle("importer", ban->cause,
                 (ban->violated ? "the importer broke the rules of storage; no storage until "
                                : "a result of stored goods was late; no storage until ") +
                     last.en,
                 (ban->violated
                      ? "người nhập khẩu đã vi phạm quy định về đưa hàng về bảo quản; không được đưa hàng về "
                        "bảo quản đến hết ngày "
                      : "người nhập khẩu nộp chậm kết quả kiểm tra của hàng đưa về bảo quản; không được đưa "
                        "hàng về bảo quản đến hết ngày ") +
                     last.vi);
    }
    verdict.allowed = verdict.obstacles.empty();
    return verdict;
}

std::string StorageVerdict::text_en() const {
    std::string text;
    for (const Obstacle& each : obstacles) text += (text.empty() ? "" : "; ") + each.en;
    return text;
}
std::string StorageVerdict::text_vi() const {
    std::string text;
    for (const Obstacle& each : obstacles) text += (text.empty() ? "" : "; ") + each.vi;
    return text;
}

ledger::Result<void> check_storage(const StorageVerdict& verdict, const Declaration& declaration) {
    if (verdict.allowed) return {};
    return refusal(refusals::storage_forbidden,
                   {declaration.declaration_no, {verdict.text_en(), verdict.text_vi()}});
}

void remember_storage(ledger::FactDraft& facts, const Declaration& declaration) {
    const StorageRelease& storage = *declaration.storage;
    if (storage.status == "granted")
        facts.put(storage_key(declaration), encode_fact(OpenStorage{storage.act.at}));
    else if (storage.status != "refused")
        end_storage(facts, declaration, storage.act);
    if (storage.status == "violated")
        ban(facts, storage.tax_code,
            {last_day_of_term(date_of(storage.act.time_ms), storage_ban_months), storage.act.at, true});
}

void end_storage(ledger::FactDraft& facts, const Declaration& declaration, const Act& act) {
    if (!declaration.storage || !facts.get(storage_key(declaration))) return;
    facts.erase(storage_key(declaration));
    const Date due = storage_due(*declaration.storage);
    if (due < date_of(act.time_ms) && !result_in_time(facts, declaration, due))
        ban(facts, declaration.storage->tax_code,
            {last_day_of_term(due, late_result_ban_months), act.at, false});
}

}  // namespace socai::inspection
