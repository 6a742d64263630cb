#include "node/generator/simulator.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "ledger/record.hpp"
#include "node/generator/founding.hpp"
#include "node/generator/purposes.hpp"

namespace socai::node::generator {
namespace {

using inspection::Method;
using inspection::Reason;

// Goods are drawn until their method is the one that the mix lacks most, at most so often, the further ones among goods of the
// same procedure: this bends Zipf's law by little, and only while the mix is off.
constexpr int draws = 4;
constexpr std::uint64_t left_alone_percent = 60;  // of the dossiers, at first: nothing can be reduced yet

constexpr std::int64_t working_day_minutes = 480;

constexpr std::uint64_t million = 1'000'000;

// Parts per million of what they are about.
constexpr std::uint64_t reduced_without_inspection_ppm = 143'000;  // cleared on a conformity result
constexpr std::uint64_t assessed_ppm = 470'000;  // of those inspected under normal and reduced
constexpr std::uint64_t late_signed_ppm = 30'000;
constexpr std::uint64_t late_sent_ppm = 20'000;
constexpr std::uint64_t corrected_result_ppm = 110'000;
constexpr std::uint64_t amended_ppm = 105'000;
constexpr std::uint64_t stored_ppm = 250'000;  // of normal and strict
constexpr std::uint64_t export_declaration_ppm = 450'000;
constexpr std::uint64_t checked_after_ppm = 70'000;
constexpr std::uint64_t report_ppm = 85'000;
constexpr std::uint64_t signal_ppm = 80'000;
constexpr std::uint64_t violation_ppm = 300;
constexpr std::uint64_t channel_appeal_ppm = 2'000;
constexpr std::uint64_t failure_appeal_ppm = 400'000;
constexpr std::uint64_t failure_alert_ppm = 350'000;

}  // namespace

Simulator::Simulator(const Plan& plan, const Cast& cast, const GoodsTable& goods,
                     const TradeCalendar& calendar, MethodOracle& oracle, Sink sink)
    : plan_(plan),
      cast_(cast),
      goods_(goods),
      calendar_(calendar),
      oracle_(oracle),
      sink_(std::move(sink)),
      prefix_("g" + std::to_string(plan.seed) + "-"),
      known_(goods.shares().count()) {
    assert(plan.dossiers >= 1 && plan.dossiers <= max_dossiers);
}

bool Simulator::run(std::string_view rule_sets, const std::function<void(std::uint64_t)>& progress) {
    const std::int64_t morning = inspection::start_of(plan_.from) - 16 * hour_ms;  // 8:00 of the day before
    while (!rule_sets.empty() && wanted_) {
        const std::string_view line = rule_sets.substr(0, rule_sets.find('\n'));
        rule_sets.remove_prefix(std::min(line.size() + 1, rule_sets.size()));
        if (line.empty()) continue;
        const ledger::Record rules = ledger::parse_record(line).value();
        const Written record{rules.kind(),    rules.source, rules.id, line, rules.time_ms,
                             {written_++, 0}, {},           0,        {}};
        oracle_.take(record);
        ++counts_.founding;
        wanted_ = sink_(record);
    }
    found(cast_, morning, [&](RecordText record) { put(std::move(record), 0); });
    founding_ = false;

    for (std::uint64_t number = 0; number < plan_.dossiers && wanted_; ++number) {
        Dice arrival(plan_.seed, purpose::arrival, number);
        const std::int64_t time_ms = calendar_.time_of(number, plan_.dossiers, arrival);
        while (wanted_ && !events_.empty() && events_.top().at_ms <= time_ms) {
            const Event event = events_.top();
            events_.pop();
            happen(event);
        }
        register_dossier(number, time_ms);
        progress(number + 1);
    }
    while (wanted_ && !events_.empty()) {
        const Event event = events_.top();
        events_.pop();
        happen(event);
    }
    return wanted_;
}

// --- records on their way out

ledger::Address Simulator::send(RecordText& record, std::uint32_t number,
                                std::optional<inspection::Event> event, std::size_t goods) {
    const ledger::Address address{written_++, number};
    if (event) event->at = address;
    const std::string text = record.finish();
    const Written written{record.kind(),
                          record.source(),
                          record.id(),
                          text,
                          record.time_ms(),
                          address,
                          std::move(event),
                          goods,
                          event ? regime(goods) : std::string_view()};
    oracle_.take(written);
    if (founding_) {
        ++counts_.founding;
    } else {
        ++counts_.records;
        if (record.supersedes())
            ++counts_.corrections;
        else
            ++counts_.kinds.try_emplace(std::string(record.kind())).first->second;
    }
    if (wanted_) wanted_ = sink_(written);
    return address;
}

ledger::Address Simulator::put(RecordText record, std::uint32_t number) {
    return send(record, number, std::nullopt, 0);
}

ledger::Address Simulator::put(RecordText record, std::uint32_t number, std::size_t goods,
                               inspection::Event event) {
    event.time_ms = record.time_ms();
    const ledger::Address address = send(record, number, std::move(event), goods);
    known_[goods].expected = oracle_.standing(goods, regime(goods), record.time_ms()).method;
    return address;
}

// --- a dossier begins

// The method that the mix lacks most, and goods that are under it.
std::size_t Simulator::choose_goods(Dice& dice) {
    Method wanted = Method::reduced;
    std::int64_t lack = 0;
    for (const Method method : {Method::reduced, Method::normal, Method::strict}) {
        const auto place = static_cast<std::size_t>(method);
        const auto lacking = static_cast<std::int64_t>((counts_.dossiers + 1) * method_percent[place]) -
                             static_cast<std::int64_t>(counts_.methods[place] * 100);
        if (method == Method::reduced || lacking > lack) {
            wanted = method;
            lack = lacking;
        }
    }
    std::size_t goods = goods_.draw(dice);
    if (counts_.dossiers * 100 < plan_.dossiers * left_alone_percent) return goods;
    for (int i = 0; i < draws; ++i) {
        if (i > 0) goods = goods_.draw_alike(dice, goods);
        const Known& known = known_[goods];
        const Method expected = known.seen                                               ? known.expected
                                : regime(goods) == "quality" && !goods_.certified(goods) ? Method::strict
                                                                                         : Method::normal;
        if (expected == wanted || (wanted == Method::strict && regime(goods) != "quality")) break;
    }
    return goods;
}

void Simulator::register_dossier(std::uint64_t number, std::int64_t time_ms) {
    Dice choice(plan_.seed, purpose::choice, number);
    Dice course(plan_.seed, purpose::course, number);
    Shipment shipment;
    shipment.number = static_cast<std::uint32_t>(number + 1);
    shipment.goods = choose_goods(choice);
    shipment.enterprise = enterprises_.draw(choice);
    shipment.office = cast_.office_weights.draw(choice);
    shipment.body = procedure(shipment).bodies[choice.below(procedure(shipment).bodies.size())];
    shipment.registered_ms = time_ms;
    shipment.quantity = course.from_to(1, 400) * 50;
    meet(shipment.goods, time_ms);
    const inspection::Standing standing = oracle_.standing(shipment.goods, regime(shipment.goods), time_ms);
    shipment.method = standing.method;
    shipment.reason = standing.reason;
    shipment.streak =
        static_cast<std::uint32_t>(oracle_.streak(shipment.goods, regime(shipment.goods), time_ms).size());
    // A standing that an alert brought about has it as its cause. The term of one may be over without a record.
    if (standing.reason == Reason::active_alert)
        shipment.met_alert = standing.cause->n;
    else
        known_[shipment.goods].alert = 0;
    put_registration(shipment);
    count(shipment);
    std::uint32_t place = 0;
    if (free_.empty()) {
        place = static_cast<std::uint32_t>(shipments_.size());
        shipments_.emplace_back();
    } else {
        place = free_.back();
        free_.pop_back();
    }
    plan(shipment, place, course);
    shipment.dice = course;
    shipments_[place] = shipment;
}

// Goods that everybody imports are proven: the largest hundredth fails a tenth as often as the others, and `ppm` is the average
// of all. Without this what is imported most would hardly ever be out of strict inspection.
std::uint64_t Simulator::rate_of(std::size_t goods, std::uint64_t ppm) const {
    const std::size_t top = goods_.shares().count() / 100;
    const std::uint64_t tenfold =
        10 * million * ppm / (10 * million - 9 * goods_.shares().share_ppm(top)) * 10;
    return std::min(goods < top ? tenfold / 100 : tenfold / 10, million);
}

// Before the first registration of goods their type scheme, if they have one; and what time has made of their method.
void Simulator::meet(std::size_t goods, std::int64_t time_ms) {
    Known& known = known_[goods];
    if (!known.seen) {
        known.seen = true;
        const GoodsText text = goods_.describe(goods);
        known.key = ledger::hash_from_hex(goods_key(text).substr(7)).value();
        if (goods_.certified(goods)) put_type_certificate(goods, text, time_ms - hour_ms);
        known.published = oracle_.standing(goods, regime(goods), time_ms).method;
        known.expected = known.published;
        return;
    }
    // A term that is over is no record of its own.
    if (known.transitions > 0)
        publish_change(goods, time_ms - second_ms,
                       {"caused_by", "customs.nsw", transition_id(goods, known.transitions)});
}

void Simulator::later(Shipment& shipment, std::uint32_t place, Step step, std::int64_t at_ms) {
    ++shipment.steps;
    events_.push({at_ms, order_++, place, step});
}

// The whole course, from now: nothing in it depends on what others do meanwhile.
void Simulator::plan(Shipment& shipment, std::uint32_t place, Dice& dice) {
    const std::int64_t start = shipment.registered_ms;
    const auto working = [&](std::int64_t from, std::int64_t least, std::int64_t most) {
        return after_working_minutes(from, dice.from_to(least, most));
    };
    const bool reduced = shipment.method == Method::reduced;
    const bool strict = shipment.method == Method::strict;
    shipment.inspected = !reduced || !dice.happens(reduced_without_inspection_ppm);
    shipment.assessed = strict || !shipment.inspected || dice.happens(assessed_ppm);
    shipment.fails = shipment.inspected && dice.happens(rate_of(shipment.goods, plan_.fail_ppm));
    if (shipment.fails && !strict) shipment.assessed = false;  // the papers tell
    const std::string_view origin = goods_.origin(shipment.goods);
    const bool asean = std::ranges::find(cast_.gateways, origin, &Gateway::country) != cast_.gateways.end();
    shipment.has_origin = asean;
    shipment.has_export = asean && dice.happens(export_declaration_ppm);
    shipment.has_plants = asean && family(shipment).plants;

    later(shipment, place, Step::determine, start + dice.from_to(2, 5) * second_ms);
    later(shipment, place, Step::receive, start + dice.from_to(6, 20) * second_ms);
    const std::int64_t accepted = working(start, 30, 420);
    later(shipment, place, Step::accept, accepted);
    const std::int64_t declared = working(start, 60, 1'500) + dice.from_to(0, 59) * second_ms;
    // Inspection waits for the declaration: what is determined there may be stricter.
    std::int64_t ready = declared + 2 * second_ms;
    if (shipment.has_origin)
        later(shipment, place, Step::certificate_of_origin, start + dice.from_to(2, 40) * minute_ms);
    if (shipment.has_export)
        later(shipment, place, Step::export_declaration, start + dice.from_to(2, 40) * minute_ms);
    if (shipment.has_plants)
        later(shipment, place, Step::phytosanitary, start + dice.from_to(2, 40) * minute_ms);
    later(shipment, place, Step::declare, declared);
    const bool suspicious = known_[shipment.goods].alert != 0 || shipment.fails;
    if (dice.happens(amended_ppm)) {
        ready = declared + dice.from_to(30, 90) * minute_ms;
        later(shipment, place, Step::amend, ready);
    }

    std::int64_t assessed = std::max(accepted, ready);
    if (shipment.assessed) {
        shipment.sampled_ms = assessed + dice.from_to(1, 3) * hour_ms;
        assessed = strict ? working(shipment.sampled_ms, working_day_minutes, 4 * working_day_minutes)
                          : working(shipment.sampled_ms, 60, working_day_minutes);
        later(shipment, place, Step::assess, assessed);
        ready = std::max(ready, assessed);
    }
    if (shipment.inspected) {
        shipment.decided_ms = working(assessed, 30, 420);
        if (dice.happens(late_signed_ppm))
            shipment.decided_ms =
                working(shipment.decided_ms, 3 * working_day_minutes, 8 * working_day_minutes);
        std::int64_t sent = shipment.decided_ms;
        if (dice.happens(late_sent_ppm)) {
            sent = working(sent, 3 * working_day_minutes, 6 * working_day_minutes);
            ++counts_.late_results;
        }
        later(shipment, place, Step::decide, sent);
        if (dice.happens(corrected_result_ppm)) later(shipment, place, Step::correct, working(sent, 60, 960));
        ready = std::max(ready, sent);
        if (!reduced && !suspicious && dice.happens(stored_ppm) && sent > declared + 2 * hour_ms &&
            sent < declared + 20 * day_ms)
            later(shipment, place, Step::store, declared + dice.from_to(20, 60) * minute_ms);
    }
    if (dice.happens(signal_ppm))
        later(shipment, place, Step::signal, declared + dice.from_to(1, 200) * hour_ms);
    if (dice.happens(channel_appeal_ppm)) {
        shipment.appeals_channel = true;
        const std::int64_t filed = working(declared + minute_ms, 240, 960);
        later(shipment, place, Step::appeal, filed);
        later(shipment, place, Step::decide_appeal,
              working(filed, 5 * working_day_minutes, 12 * working_day_minutes));
    }
    if (shipment.fails) {
        const std::int64_t known = ready;
        later(shipment, place, Step::order_remedy, known + 30 * minute_ms);
        later(shipment, place, Step::complete_remedy,
              working(known, 3 * working_day_minutes, 15 * working_day_minutes));
        if (!shipment.appeals_channel && dice.happens(failure_appeal_ppm)) {
            const std::int64_t filed = working(known + hour_ms, working_day_minutes, 5 * working_day_minutes);
            later(shipment, place, Step::appeal, filed);
            later(shipment, place, Step::decide_appeal,
                  working(filed, 5 * working_day_minutes, 12 * working_day_minutes));
        }
        if (!known_[shipment.goods].alerted && dice.happens(failure_alert_ppm))
            later(shipment, place, Step::raise_alert, known + hour_ms);
        return;
    }
    const std::int64_t cleared = working(ready + 10 * minute_ms, 20, 300);
    later(shipment, place, Step::clear, cleared);
    if (dice.happens(checked_after_ppm))
        later(shipment, place, Step::check_after, working(cleared, 9'600, 28'800));
    if (dice.happens(report_ppm)) later(shipment, place, Step::report, working(cleared, 480, 9'600));
    if (!known_[shipment.goods].alerted && dice.happens(rate_of(shipment.goods, violation_ppm))) {
        const std::int64_t seen = working(cleared, 4'800, 24'000);
        later(shipment, place, Step::find_violation, seen);
        later(shipment, place, Step::raise_alert, seen + dice.from_to(20, 90) * minute_ms);
    }
}

void Simulator::happen(const Event& event) {
    Shipment& shipment = shipments_[event.shipment];
    const std::int64_t at_ms = event.at_ms;
    switch (event.step) {
        case Step::determine:
            put_determination(shipment, at_ms);
            break;
        case Step::receive:
        case Step::accept:
            put_status(shipment, event.step, at_ms);
            break;
        case Step::certificate_of_origin:
        case Step::export_declaration:
        case Step::phytosanitary:
            put_border(shipment, event.step, at_ms);
            break;
        case Step::declare:
            put_declaration(shipment, at_ms, false);
            put_channel(shipment, at_ms + 2 * second_ms);
            break;
        case Step::amend:
            put_declaration(shipment, at_ms, true);
            break;
        case Step::store:
            put_storage(shipment, at_ms);
            break;
        case Step::assess:
            put_assessment(shipment, at_ms);
            break;
        case Step::decide:
            put_result(shipment, at_ms, false);
            break;
        case Step::correct:
            put_result(shipment, at_ms, true);
            break;
        case Step::clear:
            put_clearance(shipment, at_ms);
            break;
        case Step::order_remedy:
        case Step::complete_remedy:
            put_remedy(shipment, event.step, at_ms);
            break;
        case Step::appeal:
        case Step::decide_appeal:
            put_appeal(shipment, event.step, at_ms);
            break;
        case Step::raise_alert: {
            if (known_[shipment.goods].alerted) break;  // by another dossier, meanwhile
            put_alert(shipment, event.step, at_ms);
            if (!shipment.alert_has_term)
                later(shipment, event.shipment, Step::lift_alert,
                      after_working_minutes(at_ms, shipment.dice.from_to(5, 30) * working_day_minutes));
            break;
        }
        case Step::lift_alert:
            put_alert(shipment, event.step, at_ms);
            break;
        case Step::find_violation:
            put_violation(shipment, at_ms);
            break;
        case Step::check_after:
        case Step::report:
        case Step::signal:
            put_afterwards(shipment, event.step, at_ms);
            break;
    }
    if (--shipment.steps == 0) free_.push_back(event.shipment);
}

// A transition record, if the method of the goods is another than the last one published.
void Simulator::publish_change(std::size_t goods, std::int64_t time_ms, const Cause& cause) {
    Known& known = known_[goods];
    const inspection::Standing standing = oracle_.standing(goods, regime(goods), time_ms);
    known.expected = standing.method;
    if (standing.method == known.published) return;
    put_transition(goods, time_ms, standing, cause);
    known.published = standing.method;
}

void Simulator::count(const Shipment& shipment) {
    const Procedure& about = procedure(shipment);
    const inspection::Date day = inspection::date_of(shipment.registered_ms);
    const std::int64_t hour = (shipment.registered_ms - inspection::start_of(day)) / hour_ms;
    const std::size_t goods_count = goods_.shares().count();
    ++counts_.dossiers;
    ++counts_.methods[static_cast<std::size_t>(shipment.method)];
    ++counts_.ministries[about.ministry];
    ++counts_.procedures[goods_.procedure_rank(shipment.goods)];
    counts_.top_enterprises += shipment.enterprise < enterprise_count / 100 ? 1 : 0;
    counts_.many_enterprises += shipment.enterprise < enterprise_count / 10 ? 1 : 0;
    counts_.top_goods += shipment.goods < goods_count / 100 ? 1 : 0;
    counts_.many_goods += shipment.goods < goods_count / 10 ? 1 : 0;
    ++counts_.hours[static_cast<std::size_t>(hour)];
    counts_.mondays += is_monday(day) ? 1 : 0;
    counts_.before_tet += is_before_tet(day) ? 1 : 0;
}

}  // namespace socai::node::generator
