// The histories of goods as facts: the events of each goods key under each regime in ledger order, and what they have come
// to under each rule set, so that a look replays nothing. For goods_book.cpp and determination.cpp alone.
//
//   table  key                                      value
//   gl     regime, goods key                        GoodsLog
//   ge     regime, goods key, place                 LoggedEvent
//   gp     source, id of a record                   vector of EventPlace: where the record's events stand
//   gs     rule set, goods key, importer or nothing Folded
//   gt     the same, number                         Standing: the number-th
//   gm     regime, goods key, address               MadeDetermination
//   wd     address of a correction, address         WouldHaveDiffered
//
// Alerts are not copied to every goods that they meet: a fold takes in those that lie between two events. Alerts about one
// importer make nobody else's goods strict, so they stay out of folds; whoever asks for that importer adds them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/fact_codec.hpp"
#include "inspection/method/goods_book.hpp"
#include "inspection/method/history.hpp"
#include "ledger/facts.hpp"

namespace socai::inspection {

// An event as it counts now: a correction takes its place, in order and in time.
struct LoggedEvent {
    enum class What : std::uint8_t { inspected, found_failing, certified, withdrawn, imposed };
    ledger::Address first;  // of the record that made the place
    ledger::Address at;     // of the record that speaks now
    std::int64_t time_ms = 0;
    std::string tax_code;  // of the importer; empty: everybody's
    What what = What::inspected;
    Outcome outcome = Outcome::neutral;
    Method method = Method::strict;
    Reason reason = Reason::failed_check;
    std::optional<Date> first_day, last_day;  // of a certificate
    ledger::Address certificate;              // `first` of the one withdrawn
    std::string rule_set, article;            // of an imposed method: under which alone, and by which

    Event event() const;
    template <class Codec>
    void members(Codec& codec) {
        codec(first, at, time_ms, tax_code, what, outcome, method, reason, first_day, last_day, certificate,
              rule_set, article);
    }
};

struct EventPlace {
    std::string regime;
    std::string goods_key;
    std::uint64_t place = 0;
    template <class Codec>
    void members(Codec& codec) {
        codec(regime, goods_key, place);
    }
};

// Adds an event to the goods' history under the regime, and tells where. `record` (source, id) is how later records refer
// to it.
EventPlace log_event(ledger::FactDraft& facts, const RuleBook& rules, std::string_view regime,
                     const Goods& goods, LoggedEvent event, const ledger::Record& record);
// Where the events of a record stand; empty: it has none.
std::vector<EventPlace> places_of(const ledger::Facts& facts, std::string_view source, std::string_view id);
void put_places(ledger::FactDraft& facts, const ledger::Record& record,
                const std::vector<EventPlace>& places);
std::optional<LoggedEvent> event_at(const ledger::Facts& facts, const EventPlace& place);
// `event` speaks at the place from now on: every rule set is folded anew, and determinations since that would have come out
// otherwise are noted.
void replace_event(ledger::FactDraft& facts, const RuleBook& rules, const EventPlace& place,
                   LoggedEvent event);

}  // namespace socai::inspection
