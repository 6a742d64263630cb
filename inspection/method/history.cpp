#include "inspection/method/history.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace socai::inspection {
namespace {

std::optional<Date> earlier(std::optional<Date> a, std::optional<Date> b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}
Date next_day(Date day) {
    return {day.days + 1};
}

}  // namespace

GoodsState::GoodsState(const RuleSet& rules) : rules_(&rules) {
    const bool strict = rules.initial != Initial::normal;
    const Reason reason =
        rules.initial == Initial::strict_unless_certified ? Reason::not_certified : Reason::default_method;
    standings_.push_back(
        {strict ? Method::strict : Method::normal, reason, 0, std::nullopt, std::nullopt, {}, {}});
}

GoodsState GoodsState::present() const {
    GoodsState present(*rules_);
    present.clock_ms_ = clock_ms_;
    present.standings_ = {now()};
    present.streak_ = streak_;
    present.alerts_ = alerts_;
    present.certificates_ = certificates_;
    present.earned_ = earned_;
    return present;
}

Standing GoodsState::at(std::int64_t time_ms) const {
    GoodsState then = present();
    then.go_on_to(time_ms);
    return then.now();
}

std::vector<ledger::Address> GoodsState::streak(std::int64_t time_ms) const {
    GoodsState then = present();
    then.go_on_to(time_ms);
    std::vector<ledger::Address> addresses;
    for (const Pass& pass : then.streak_) addresses.push_back(pass.at);
    return addresses;
}

void GoodsState::take(const Event& event) {
    go_on_to(event.time_ms);
    std::visit([&](const auto& what) { take(event, what); }, event.what);
    go_on_to(clock_ms_);  // what it brought may be over already
}

// --- time

bool GoodsState::any_in_force(const Terms& terms) {
    return std::ranges::any_of(terms, [](const auto& item) { return !item.second.first_day; });
}

// The last day before something begins or ends.
std::optional<Date> GoodsState::next_change(const Terms& terms) {
    std::optional<Date> first;
    for (const auto& [at, term] : terms)
        first =
            earlier(first, term.first_day ? std::optional(Date{term.first_day->days - 1}) : term.last_day);
    return first;
}

// What begins with the day after `day`, or has begun by then.
std::vector<ledger::Address> GoodsState::begin_by(Terms& terms, Date day) {
    std::vector<ledger::Address> begun;
    for (auto& [at, term] : terms) {
        if (!term.first_day || next_day(day) < *term.first_day) continue;
        term.first_day.reset();
        begun.push_back(at);
    }
    return begun;
}

// True when any was in force.
bool GoodsState::erase_over(Terms& terms, Date day) {
    return std::erase_if(terms, [&](const auto& item) {
               const Term& term = item.second;
               return !term.first_day && term.last_day && *term.last_day <= day;
           }) > 0;
}

// Whatever ends before `time_ms` ends, in the order of the days, and what begins by then begins.
void GoodsState::go_on_to(std::int64_t time_ms) {
    for (auto day = next_lapse(); day && start_of(next_day(*day)) <= std::max(time_ms, clock_ms_);
         day = next_lapse()) {
        clock_ms_ = std::max(clock_ms_, start_of(next_day(*day)));
        lapse(*day);
    }
    clock_ms_ = std::max(clock_ms_, time_ms);
}

std::optional<Date> GoodsState::next_lapse() const {
    return earlier(now().last_day, earlier(next_change(alerts_), next_change(certificates_)));
}

void GoodsState::lapse(Date day) {
    if (now().last_day && *now().last_day <= day) change(Method::normal, Reason::term_over, std::nullopt);
    for (const ledger::Address& certificate : begin_by(certificates_, day)) begin_again(certificate);
    if (erase_over(certificates_, day)) begin_again(std::nullopt);
    // Where one alert ends with the day before the next, nothing is released in between.
    for (const ledger::Address& alert : begin_by(alerts_, day)) fall(Reason::active_alert, alert);
    if (erase_over(alerts_, day) && !any_in_force(alerts_)) release(std::nullopt);
}

// --- what happens

void GoodsState::take(const Event& event, const Inspected& inspected) {
    if (inspected.outcome == Outcome::neutral) return;
    if (inspected.outcome == Outcome::fail) return fall(Reason::failed_inspection, event.at);
    if (rules_->counts == Counts::same_method && inspected.method != now().method) return;
    if (now().method == rules_->lightest) return;  // there is nothing lighter to earn
    streak_.push_back({event.at, event.time_ms});
    if (!any_in_force(alerts_)) lighten(event.at);
}

void GoodsState::take(const Event& event, const FoundFailing& found) {
    fall(found.reason, event.at);
}

void GoodsState::take(const Event& event, const Alerted& alerted) {
    const bool later = alerted.first_day && start_of(*alerted.first_day) > clock_ms_;
    alerts_[event.at] = {later ? alerted.first_day : std::nullopt, alerted.last_day};
    if (!later) fall(Reason::active_alert, event.at);
}

void GoodsState::take(const Event& event, const AlertLifted& lifted) {
    const auto alert = alerts_.find(lifted.alert);
    if (alert == alerts_.end()) return;
    const bool was_in_force = !alert->second.first_day;
    alerts_.erase(alert);
    if (was_in_force && !any_in_force(alerts_)) release(event.at);
}

void GoodsState::take(const Event& event, const Certified& certified) {
    const bool later = certified.first_day && start_of(*certified.first_day) > clock_ms_;
    certificates_[event.at] = {later ? certified.first_day : std::nullopt, certified.last_day};
    begin_again(event.at);
}

void GoodsState::take(const Event& event, const CertificateWithdrawn& withdrawn) {
    if (certificates_.erase(withdrawn.certificate) > 0) begin_again(event.at);
}

void GoodsState::take(const Event& event, const Imposed& imposed) {
    if (!lighter(now().method, imposed.method)) return;
    earned_ = true;
    streak_.clear();
    change(imposed.method, Reason::imposed, event.at);
    standings_.back().article = imposed.article;
}

// --- what follows from it

void GoodsState::change(Method method, Reason reason, std::optional<ledger::Address> cause) {
    if (method != now().method) streak_.clear();
    standings_.push_back({method, reason, clock_ms_, std::nullopt, cause, {}, {}});
}

// Strict, and the series is gone. While an alert is in force it is the reason, whatever else happens.
void GoodsState::fall(Reason reason, const ledger::Address& cause) {
    earned_ = true;
    streak_.clear();
    if (reason == Reason::active_alert || !any_in_force(alerts_)) change(Method::strict, reason, cause);
}

// What goods begin with depends on certificates until their own history decides.
void GoodsState::begin_again(std::optional<ledger::Address> cause) {
    if (earned_ || rules_->initial != Initial::strict_unless_certified) return;
    const bool certified = any_in_force(certificates_);
    const Method method = certified ? Method::normal : Method::strict;
    if (method != now().method)
        change(method, certified ? Reason::certified : Reason::certificate_over, cause);
}

// No alert is in force any more.
void GoodsState::release(std::optional<ledger::Address> cause) {
    if (!lighten(cause)) change(Method::strict, Reason::alert_over, cause);
}

// To the next lighter method, when the passes within the window suffice.
bool GoodsState::lighten(const std::optional<ledger::Address>& cause) {
    if (streak_.empty()) return false;
    const auto latest = std::ranges::max_element(streak_, {}, &Pass::time_ms);
    const Date end = date_of(latest->time_ms);
    if (rules_->window_months) {
        std::erase_if(streak_, [&](const Pass& pass) {
            return last_day_of_term(date_of(pass.time_ms), *rules_->window_months) < end;
        });
    }
    if (streak_.size() < static_cast<std::size_t>(rules_->needed)) return false;

    Standing lighter;
    const bool strict = now().method == Method::strict;
    lighter.method = strict ? Method::normal : rules_->lightest;
    lighter.reason = strict ? Reason::passes_under_strict : Reason::passes_under_normal;
    lighter.since_ms = clock_ms_;
    lighter.cause = cause;
    for (const Pass& pass : streak_) lighter.counted.push_back(pass.at);
    if (lighter.method == rules_->lightest && rules_->reduced_term_months)
        lighter.last_day = last_day_of_term(end, *rules_->reduced_term_months);
    streak_.clear();
    earned_ = true;
    standings_.push_back(std::move(lighter));
    return true;
}

// --- corrections

// What the event points to, by the address under which it stands now.
void GoodsHistory::resolve(Event& event) const {
    const auto present = [&](ledger::Address& target) {
        if (const auto found = places_.find(target); found != places_.end())
            target = events_[found->second].at;
    };
    if (auto* lifted = std::get_if<AlertLifted>(&event.what)) present(lifted->alert);
    if (auto* withdrawn = std::get_if<CertificateWithdrawn>(&event.what)) present(withdrawn->certificate);
}

void GoodsHistory::add(Event event) {
    assert(places_.empty() || places_.rbegin()->first < event.at);
    resolve(event);
    places_.emplace(event.at, events_.size());
    state_.take(event);
    events_.push_back(std::move(event));
}

bool GoodsHistory::supersede(const ledger::Address& original, Event event) {
    const auto found = places_.find(original);
    if (found == places_.end()) return false;
    assert(places_.rbegin()->first < event.at);
    const std::size_t place = found->second;
    places_.emplace(event.at, place);
    event.time_ms = events_[place].time_ms;
    resolve(event);
    events_[place] = std::move(event);
    state_ = GoodsState(*rules_);
    for (Event& each : events_) {
        resolve(each);
        state_.take(each);
    }
    return true;
}

Standing GoodsHistory::as_of(std::int64_t time_ms) const {
    const auto& standings = state_.standings();
    const auto after = std::ranges::upper_bound(standings, time_ms, {}, &Standing::since_ms);
    if (after == standings.end()) return state_.at(time_ms);
    return after == standings.begin() ? standings.front() : *std::prev(after);
}

}  // namespace socai::inspection
