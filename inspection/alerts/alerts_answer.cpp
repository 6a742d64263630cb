#include "inspection/alerts/alerts_answer.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "inspection/answer_text.hpp"
#include "inspection/method/goods_book.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

constexpr std::string_view table = "!alr";
constexpr std::size_t most_looked_at = 4000;

std::string_view word(AlertStatus status) {
    switch (status) {
        case AlertStatus::in_force:
            return "in_force";
        case AlertStatus::lifted:
            return "lifted";
        case AlertStatus::superseded:
            return "superseded";
    }
    return "in_force";
}

bool is_of(std::string_view tax_code, const Viewer& viewer) {
    return !viewer.tax_code.empty() &&
           (viewer.tax_code == tax_code ||
            (viewer.tax_code.size() == 10 && tax_code.starts_with(viewer.tax_code)));
}

bool about_code(const Alert& alert, std::string_view prefix, const std::optional<Goods>& alerted) {
    if (prefix.empty()) return true;
    if (alert.scope.hs_prefix)
        return alert.scope.hs_prefix->starts_with(prefix) || prefix.starts_with(*alert.scope.hs_prefix);
    return alerted && alerted->hs_code.starts_with(prefix);
}

std::optional<Goods> known(const ledger::Facts& facts, const std::optional<std::string>& goods_key) {
    if (!goods_key) return std::nullopt;
    const auto found = find_goods(facts, *goods_key);
    return found ? std::optional(found->goods()) : std::nullopt;
}

json::object told_scope(const AlertScope& scope) {
    json::object told_one;
    const auto tell = [&](std::string_view name, const std::optional<std::string>& value) {
        if (value) told_one[name] = *value;
    };
    tell("goods_key", scope.goods_key);
    tell("hs_prefix", scope.hs_prefix);
    tell("origin_country", scope.origin_country);
    tell("manufacturer_site_id", scope.manufacturer_site_id);
    tell("tax_code", scope.tax_code);
    return told_one;
}

json::object told_alert(const Alert& alert) {
    json::object told_one{
        {"alert_no", alert.alert_no},
        {"source", alert.source},
        {"level", alert.level},
        {"effect", json::array(alert.effect.begin(), alert.effect.end())},
        {"scope", told_scope(alert.scope)},
        {"text", alert.text},
        {"published", alert.published},
        {"status", word(alert.status)},
        {"valid_from", format_date(alert.valid_from)},
        {"valid_to", told(alert.valid_to)},
        {"issued", vietnam_time(alert.time_ms)},
        {"ended", alert.ended_by ? json::value(vietnam_time(alert.ended_ms)) : json::value()}};
    std::vector<ledger::Address> evidence{alert.at};
    if (alert.ended_by) evidence.push_back(*alert.ended_by);
    told_one["evidence"] = told(evidence);
    return told_one;
}

// The page as it is made.
class Page {
  public:
    Page(const ledger::Facts& facts, const AlertsQuestion& question, const Viewer& viewer,
         const TouchedShipments& touched)
        : facts_(facts),
          question_(question),
          viewer_(viewer),
          touched_(touched),
          goods_(question.goods_key.empty() ? std::nullopt
                                            : known(facts, std::optional(question.goods_key))) {
        if (!goods_ && !question.goods_key.empty()) goods_ = Goods{question.goods_key, {}, {}, {}};
    }

    void add(const Alert& alert) {
        if (!may_see(viewer_, alert)) return;
        if (question_.alert_no.empty() && !alert.was_in_force(question_.at_ms)) return;
        if (!question_.tax_code.empty() && alert.scope.tax_code != question_.tax_code) return;
        const auto alerted = known(facts_, alert.scope.goods_key);
        if (!about_code(alert, question_.hs_prefix, alerted)) return;
        json::object told_one = told_alert(alert);
        if (goods_) {
            const auto tax_code = alert.scope.tax_code.value_or(std::string());
            const AlertMatch how = match(alert.scope, *goods_, tax_code, alerted ? &*alerted : nullptr);
            if (how == AlertMatch::none) return;
            told_one["match"] = how == AlertMatch::full ? "full" : "near";
        }
        if (viewer_.agency && touched_) told_one["shipments"] = touched_(alert);
        alerts_.push_back(std::move(told_one));
    }
    bool full() const { return alerts_.size() >= question_.limit; }
    json::object finish(const std::optional<ledger::Address>& next) && {
        json::object answer{{"alerts", std::move(alerts_)}};
        if (next) answer["next_cursor"] = ledger::to_string(*next);
        return answer;
    }

  private:
    const ledger::Facts& facts_;
    const AlertsQuestion& question_;
    const Viewer& viewer_;
    const TouchedShipments& touched_;
    std::optional<Goods> goods_;
    json::array alerts_;
};

}  // namespace

bool may_see(const Viewer& viewer, const Alert& alert) {
    if (viewer.agency) return true;
    return alert.published && (!alert.scope.tax_code || is_of(*alert.scope.tax_code, viewer));
}

std::vector<ledger::Address> hidden_alerts(const std::vector<Alert>& alerts, const Viewer& viewer) {
    std::vector<ledger::Address> hidden;
    for (const Alert& alert : alerts) {
        if (may_see(viewer, alert)) continue;
        hidden.push_back(alert.at);
        if (alert.ended_by) hidden.push_back(*alert.ended_by);
    }
    return hidden;
}

bool tells_of(const Standing& standing, const std::vector<ledger::Address>& hidden) {
    if (standing.cause) return std::ranges::count(hidden, *standing.cause) != 0;
    // Without a record of its own comes what the end of an alert's term brings about.
    const bool of_alert = standing.reason == Reason::alert_over ||
                          standing.reason == Reason::passes_under_strict ||
                          standing.reason == Reason::passes_under_normal;
    return of_alert && !hidden.empty();
}

json::object alerts_answer(const ledger::Facts& facts, const AlertsQuestion& question, const Viewer& viewer,
                           const TouchedShipments& touched) {
    Page page(facts, question, viewer, touched);
    if (!question.alert_no.empty()) {
        for (const Alert& alert : find_alerts(facts, question.alert_no)) page.add(alert);
        return std::move(page).finish(std::nullopt);
    }
    std::string from;
    if (const auto after = ledger::parse_address(question.cursor))
        from = FactKey(table).address(*after).bytes() + '\0';
    // Looked at first, so that nothing else is read while the table is.
    std::vector<Alert> alerts;
    bool more = false;
    facts.scan(FactKey(table), from, [&](std::string_view, std::string_view value) {
        if (alerts.size() == most_looked_at) {
            more = true;
            return false;
        }
        alerts.push_back(decode_fact<Alert>(value));
        return true;
    });
    std::optional<ledger::Address> last;
    for (const Alert& alert : alerts) {
        if (page.full()) return std::move(page).finish(last);
        page.add(alert);
        last = alert.at;
    }
    return std::move(page).finish(more ? last : std::nullopt);
}

}  // namespace socai::inspection
