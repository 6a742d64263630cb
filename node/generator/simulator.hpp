// The trade itself: dossiers come as the calendar says, each takes its course through the agencies, and every act is a
// record. Records leave in the order in which they reach the ledger, which is the order to submit them in; a record refers
// only to such before it. The same plan gives the same bytes on every machine.
//
// Memory: what is known of goods (some 100 bytes a key, the oracle's state beside it) and dossiers under way (those of about
// a fortnight, with checks afterwards of two months); nothing else grows. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/hash.hpp"
#include "node/generator/cast.hpp"
#include "node/generator/goods.hpp"
#include "node/generator/method_oracle.hpp"
#include "node/generator/record_text.hpp"
#include "node/generator/shares.hpp"
#include "node/generator/shipment.hpp"
#include "node/generator/trade_calendar.hpp"

namespace socai::node::generator {

struct Plan {
    // In every number and id; two runs fit one ledger when the last three digits differ.
    std::uint64_t seed = 1;
    std::uint64_t dossiers = 1'000;  // 1 to max_dossiers
    inspection::Date from, to;       // when they are registered, both included
    std::uint64_t fail_ppm = 400;    // of inspections
};
inline constexpr std::uint64_t max_dossiers = 99'999'999;

class Simulator {
  public:
    // Takes each record; false: no more is wanted.
    using Sink = std::function<bool(const Written&)>;

    // All outlive it.
    Simulator(const Plan& plan, const Cast& cast, const GoodsTable& goods, const TradeCalendar& calendar,
              MethodOracle& oracle, Sink sink);

    // `rule_sets`: records, one a line, as in data/rule_sets.jsonl; they go out first. `progress` is told how many dossiers have
    // begun. False when the sink wanted no more.
    bool run(std::string_view rule_sets, const std::function<void(std::uint64_t)>& progress);

    const Counts& counts() const { return counts_; }

  private:
    // What is remembered of goods.
    struct Known {
        ledger::Hash key{};
        bool seen = false;
        bool alerted = false;                                       // once is enough
        inspection::Method expected = inspection::Method::normal;   // as far as their own records tell
        inspection::Method published = inspection::Method::normal;  // by the last transition
        std::uint32_t alert = 0;                                    // the one in force; 0: none
        std::uint32_t transitions = 0;
    };
    struct Event {
        std::int64_t at_ms = 0;  // when it reaches the ledger
        std::uint64_t order = 0;
        std::uint32_t shipment = 0;  // place in shipments_
        Step step = Step::determine;
        bool operator>(const Event& other) const {
            return at_ms != other.at_ms ? at_ms > other.at_ms : order > other.order;
        }
    };
    struct Cause {
        std::string_view rel, source;
        std::string id;
    };

    ledger::Address put(RecordText record, std::uint32_t number);
    ledger::Address put(RecordText record, std::uint32_t number, std::size_t goods, inspection::Event event);
    ledger::Address send(RecordText& record, std::uint32_t number, std::optional<inspection::Event> event,
                         std::size_t goods);
    void register_dossier(std::uint64_t number, std::int64_t time_ms);
    std::size_t choose_goods(Dice& dice);
    void meet(std::size_t goods, std::int64_t time_ms);
    std::uint64_t rate_of(std::size_t goods, std::uint64_t ppm) const;
    void plan(Shipment& shipment, std::uint32_t place, Dice& dice);
    void later(Shipment& shipment, std::uint32_t place, Step step, std::int64_t at_ms);
    void happen(const Event& event);
    void publish_change(std::size_t goods, std::int64_t time_ms, const Cause& cause);
    void count(const Shipment& shipment);

    // The records of goods.
    void put_type_certificate(std::size_t goods, const GoodsText& text, std::int64_t time_ms);
    void put_transition(std::size_t goods, std::int64_t time_ms, const inspection::Standing& standing,
                        const Cause& cause);
    // The records of a shipment.
    void put_registration(const Shipment& shipment);
    void put_determination(const Shipment& shipment, std::int64_t at_ms);
    void put_status(const Shipment& shipment, Step step, std::int64_t at_ms);
    void put_border(const Shipment& shipment, Step step, std::int64_t at_ms);
    void put_declaration(Shipment& shipment, std::int64_t at_ms, bool amendment);
    void put_channel(const Shipment& shipment, std::int64_t at_ms);
    void put_storage(const Shipment& shipment, std::int64_t at_ms);
    void put_assessment(const Shipment& shipment, std::int64_t at_ms);
    void put_result(Shipment& shipment, std::int64_t at_ms, bool correction);
    void put_clearance(const Shipment& shipment, std::int64_t at_ms);
    void put_remedy(const Shipment& shipment, Step step, std::int64_t at_ms);
    void put_appeal(const Shipment& shipment, Step step, std::int64_t at_ms);
    void put_alert(Shipment& shipment, Step step, std::int64_t at_ms);
    void put_violation(Shipment& shipment, std::int64_t at_ms);
    void put_afterwards(const Shipment& shipment, Step step, std::int64_t at_ms);

    // Names.
    std::string id(std::string_view what, std::uint64_t number) const;
    std::string dossier_no(const Shipment& shipment) const;
    std::string declaration_no(const Shipment& shipment) const;
    const std::string& account(const Shipment& shipment) const { return cast_.account(shipment.enterprise); }
    const Procedure& procedure(const Shipment& shipment) const { return goods_.procedure(shipment.goods); }
    const Family& family(const Shipment& shipment) const { return *procedure(shipment).family; }
    std::string_view regime(std::size_t goods) const { return goods_.procedure(goods).family->regime; }
    std::string key_text(std::size_t goods) const;
    std::string declaration_id(const Shipment& shipment) const;
    std::string result_id(const Shipment& shipment) const;
    std::string bill_of_lading(const Shipment& shipment) const;
    std::string transition_id(std::size_t goods, std::uint32_t transition) const;

    const Plan plan_;
    const Cast& cast_;
    const GoodsTable& goods_;
    const TradeCalendar& calendar_;
    MethodOracle& oracle_;
    Sink sink_;
    const Zipf enterprises_{enterprise_count, 10};
    bool wanted_ = true;
    bool founding_ = true;
    std::string prefix_;  // of ids
    std::uint64_t written_ = 0;
    std::uint64_t order_ = 0;
    std::uint32_t alerts_ = 0, violations_ = 0;
    std::vector<Known> known_;  // by number of the goods
    std::vector<Shipment> shipments_;
    std::vector<std::uint32_t> free_;  // places in shipments_
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
    Counts counts_;
};

}  // namespace socai::node::generator
