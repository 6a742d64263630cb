// The method rules once more, written from design/domain.md 5 and reference/domain.md §1.9 and not from the engine: day by
// day, with lists that are searched from the beginning each time.
#pragma once

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "inspection/method/history.hpp"

namespace socai::inspection::test {

// `by` takes the place of events[place], in order and in time; what points to the old one points to it.
inline void replace(std::vector<Event>& events, std::size_t place, Event by) {
    by.time_ms = events[place].time_ms;
    const ledger::Address old = events[place].at;
    const ledger::Address now = by.at;
    events[place] = std::move(by);
    for (Event& event : events) {
        if (auto* lifted = std::get_if<AlertLifted>(&event.what); lifted && lifted->alert == old)
            lifted->alert = now;
        if (auto* out = std::get_if<CertificateWithdrawn>(&event.what); out && out->certificate == old)
            out->certificate = now;
    }
}

class SlowModel {
  public:
    SlowModel(const RuleSet& rules, const std::vector<Event>& events) : rules_(rules), events_(events) {
        const bool strict = rules.initial != Initial::normal;
        method_ = strict ? Method::strict : Method::normal;
        reason_ = rules.initial == Initial::strict_unless_certified ? Reason::not_certified
                                                                    : Reason::default_method;
    }

    std::pair<Method, Reason> run(std::int64_t when) {
        for (next_ = 0; next_ < events_.size(); ++next_) {
            const Event& event = events_[next_];
            live_until(date_of(std::max(today_start_, event.time_ms)));
            happen(event);
            if (alert_over_by(today_)) end_alerts();
            if (lapsed()) lapse();
            reconsider_certificates(Reason::certificate_over);
        }
        live_until(std::max(today_, date_of(when)));
        return {method_, reason_};
    }

  private:
    struct Open {
        ledger::Address at;
        std::optional<Date> last_day;
    };
    // Announced, and open from its day on.
    struct Announced {
        Open open;
        Date first_day;
        bool alert = false;
    };
    void open_certificate(const Open& open) {
        certificates_.push_back(open);
        if (rules_.initial == Initial::strict_unless_certified && !history_decides_ &&
            method_ == Method::strict) {
            method_ = Method::normal;
            reason_ = Reason::certified;
            forget();
        }
    }
    void open_alert(const Open& open) {
        alerts_.push_back(open);
        down(Reason::active_alert);
    }
    void open_announced(bool alert) {
        const auto due = [&](const Announced& each) {
            return each.alert == alert && each.first_day <= today_;
        };
        std::vector<Announced> opening;
        std::ranges::copy_if(announced_, std::back_inserter(opening), due);
        std::ranges::sort(opening, {}, [](const Announced& each) { return each.open.at; });
        std::erase_if(announced_, due);
        for (const Announced& each : opening) {
            if (alert)
                open_alert(each.open);
            else
                open_certificate(each.open);
        }
    }

    void live_until(Date day) {
        while (today_ < day) {
            ++today_.days;
            today_start_ = start_of(today_);
            if (lapsed()) lapse();
            open_announced(false);
            const std::size_t certificates = certificates_.size();
            std::erase_if(certificates_,
                          [&](const Open& open) { return open.last_day && *open.last_day < today_; });
            if (certificates != certificates_.size()) reconsider_certificates(Reason::certificate_over);
            open_announced(true);
            if (alert_over_by(today_)) end_alerts();
        }
    }
    bool lapsed() const { return term_ && *term_ < today_; }
    void lapse() {
        method_ = Method::normal;
        reason_ = Reason::term_over;
        forget();
    }
    // Passes before this moment count no more.
    void forget() {
        term_.reset();
        passes_.clear();
    }
    bool alert_over_by(Date day) const {
        return std::ranges::any_of(alerts_,
                                   [&](const Open& open) { return open.last_day && *open.last_day < day; });
    }
    void end_alerts() {
        std::erase_if(alerts_, [&](const Open& open) { return open.last_day && *open.last_day < today_; });
        if (alerts_.empty()) after_alerts();
    }
    void after_alerts() {
        reason_ = Reason::alert_over;
        maybe_lighter();
    }
    void reconsider_certificates(Reason when_gone) {
        if (rules_.initial != Initial::strict_unless_certified || history_decides_) return;
        std::erase_if(certificates_,
                      [&](const Open& open) { return open.last_day && *open.last_day < today_; });
        if (!certificates_.empty() && method_ == Method::strict) {
            method_ = Method::normal;
            reason_ = Reason::certified;
            forget();
        } else if (certificates_.empty() && method_ == Method::normal) {
            method_ = Method::strict;
            reason_ = when_gone;
            forget();
        }
    }
    void down(Reason reason) {
        history_decides_ = true;
        method_ = Method::strict;
        if (alerts_.empty() || reason == Reason::active_alert) reason_ = reason;
        forget();
    }
    void maybe_lighter() {
        if (!alerts_.empty() || method_ == rules_.lightest || passes_.empty()) return;
        Date end{0};
        for (const Event& pass : passes_) end = std::max(end, date_of(pass.time_ms));
        std::vector<Event> within;
        for (const Event& pass : passes_) {
            if (!rules_.window_months ||
                last_day_of_term(date_of(pass.time_ms), *rules_.window_months) >= end)
                within.push_back(pass);
        }
        passes_ = within;
        if (passes_.size() < static_cast<std::size_t>(rules_.needed)) return;
        history_decides_ = true;
        reason_ = method_ == Method::strict ? Reason::passes_under_strict : Reason::passes_under_normal;
        method_ = method_ == Method::strict ? Method::normal : rules_.lightest;
        forget();
        if (method_ == rules_.lightest && rules_.reduced_term_months)
            term_ = last_day_of_term(end, *rules_.reduced_term_months);
    }
    void happen(const Event& event) {
        if (const auto* inspected = std::get_if<Inspected>(&event.what)) {
            if (inspected->outcome == Outcome::fail) down(Reason::failed_inspection);
            if (inspected->outcome != Outcome::pass || method_ == rules_.lightest) return;
            if (rules_.counts == Counts::same_method && inspected->method != method_) return;
            passes_.push_back(event);
            maybe_lighter();
        } else if (const auto* found = std::get_if<FoundFailing>(&event.what)) {
            down(found->reason);
        } else if (const auto* alerted = std::get_if<Alerted>(&event.what)) {
            const Open open{event.at, alerted->last_day};
            if (alerted->first_day && *alerted->first_day > today_)
                announced_.push_back({open, *alerted->first_day, true});
            else
                open_alert(open);
        } else if (const auto* lifted = std::get_if<AlertLifted>(&event.what)) {
            std::erase_if(announced_,
                          [&](const Announced& each) { return each.alert && each.open.at == lifted->alert; });
            const auto gone =
                std::erase_if(alerts_, [&](const Open& open) { return open.at == lifted->alert; });
            if (gone > 0 && alerts_.empty()) after_alerts();
        } else if (const auto* certified = std::get_if<Certified>(&event.what)) {
            const Open open{event.at, certified->last_day};
            if (certified->first_day && *certified->first_day > today_)
                announced_.push_back({open, *certified->first_day, false});
            else
                open_certificate(open);
        } else if (const auto* withdrawn = std::get_if<CertificateWithdrawn>(&event.what)) {
            std::erase_if(announced_, [&](const Announced& each) {
                return !each.alert && each.open.at == withdrawn->certificate;
            });
            std::erase_if(certificates_, [&](const Open& open) { return open.at == withdrawn->certificate; });
            reconsider_certificates(Reason::certificate_over);
        } else if (const auto* imposed = std::get_if<Imposed>(&event.what)) {
            if (!lighter(method_, imposed->method)) return;
            history_decides_ = true;
            method_ = imposed->method;
            reason_ = Reason::imposed;
            forget();
        }
    }

    const RuleSet& rules_;
    const std::vector<Event>& events_;
    std::size_t next_ = 0;
    Date today_{0};
    std::int64_t today_start_ = 0;
    Method method_ = Method::strict;
    Reason reason_ = Reason::default_method;
    std::optional<Date> term_;  // of the lightest method: its last day
    bool history_decides_ = false;
    std::vector<Event> passes_;
    std::vector<Open> alerts_, certificates_;
    std::vector<Announced> announced_;
};

inline std::pair<Method, Reason> slow_method(const RuleSet& rules, const std::vector<Event>& events,
                                             std::int64_t when) {
    return SlowModel(rules, events).run(when);
}

}  // namespace socai::inspection::test
