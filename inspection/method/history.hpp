// The method of goods as their history makes it (design/domain.md 5; reference/domain.md §1.9): what counted passes lead to,
// what failures and alerts undo, what lapses with time. One history for each goods key, or goods key and importer, under
// one rule set. Pure; one thread at a time.
//
// Two orders (design/domain.md 3): events come in the order of their place in the ledger, whatever dates they bear; windows
// and terms are of their signed times. Time never goes back: what is accepted later than something dated after it takes
// effect at that later time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "inspection/method/rule_set.hpp"
#include "ledger/entry.hpp"

namespace socai::inspection {

// --- what happens to goods

enum class Outcome : std::uint8_t {
    pass,
    fail,
    neutral,  // label fault, incomplete, annulled: neither breaks a series nor adds to it until decided
};
// An inspection at import, carried out under `method`.
struct Inspected {
    Outcome outcome = Outcome::neutral;
    Method method = Method::strict;
};
// A check after clearance, a violation or a complaint that went against the goods.
struct FoundFailing {
    Reason reason = Reason::failed_check;  // failed_check or upheld_complaint
};
// An alert that matches the goods. `last_day`: of its own term, if it sets one; `first_day`: where it begins after it was
// signed.
struct Alerted {
    std::optional<Date> last_day = {};
    std::optional<Date> first_day = {};
};
// The alert raised at `alert` is lifted.
struct AlertLifted {
    ledger::Address alert;
};
// A type scheme covers the goods, to its last day if it has one. Lot certificates are none (design/domain.md 5).
struct Certified {
    std::optional<Date> last_day = {};
    std::optional<Date> first_day = {};  // as of an alert
};
// It is withdrawn.
struct CertificateWithdrawn {
    ledger::Address certificate;
};
// Customs published a method stricter than what the history gives, with its reason and article (Decree 132/2008 Art 7.6;
// design/domain.md 6).
struct Imposed {
    Method method = Method::strict;
    std::string article = {};
};

struct Event {
    ledger::Address at;
    std::int64_t time_ms = 0;  // signed
    std::variant<Inspected, FoundFailing, Alerted, AlertLifted, Certified, CertificateWithdrawn, Imposed>
        what;
};

// --- what follows

// The method of the goods from `since_ms` on, until the next.
struct Standing {
    Method method = Method::strict;
    Reason reason = Reason::default_method;
    std::int64_t since_ms = 0;
    std::optional<Date> last_day;          // of the term; after it the goods are under normal again
    std::optional<ledger::Address> cause;  // the record that brought it about; none at the beginning
    std::vector<ledger::Address> counted;  // the passes, where they did
    std::string article = {};              // of an imposed method; for others the rule set names it
    bool operator==(const Standing&) const = default;
    template <class Codec>
    void members(Codec& codec) {
        codec(method, reason, since_ms, last_day, cause, counted, article);
    }
};

// Of its reason: the rule set's, or that by which it was imposed.
inline std::string article_of(const Standing& standing, const RuleSet& rules) {
    return standing.article.empty() ? rules.article(standing.reason) : standing.article;
}

// Events taken in one after another. A rule set must outlive it.
class GoodsState {
  public:
    explicit GoodsState(const RuleSet& rules);

    void take(const Event& event);

    // The method on the ledger as it is, for a shipment registered at `time_ms`: terms that are over by then are over.
    Standing at(std::int64_t time_ms) const;
    // Passes that count so far towards the next lighter method, at `time_ms`.
    std::vector<ledger::Address> streak(std::int64_t time_ms) const;
    // Every standing so far, the first that of unknown goods; since_ms never falls. Terms that lapse show once an event
    // follows.
    const std::vector<Standing>& standings() const { return standings_; }
    // The latest time taken in: what comes next takes effect then at the earliest.
    std::int64_t clock_ms() const { return clock_ms_; }

    // To be kept (fact_codec.hpp) and gone on with: without the standings before the present one.
    GoodsState present() const;
    template <class Codec>
    void members(Codec& codec) {
        codec(clock_ms_, standings_, streak_, alerts_, certificates_, earned_);
    }

  private:
    struct Pass {
        ledger::Address at;
        std::int64_t time_ms = 0;
        template <class Codec>
        void members(Codec& codec) {
            codec(at, time_ms);
        }
    };

    // Of an alert or a certificate.
    struct Term {
        std::optional<Date> first_day;  // until it has begun
        std::optional<Date> last_day;
        template <class Codec>
        void members(Codec& codec) {
            codec(first_day, last_day);
        }
    };
    using Terms = std::map<ledger::Address, Term>;
    static bool any_in_force(const Terms& terms);
    static std::optional<Date> next_change(const Terms& terms);
    static std::vector<ledger::Address> begin_by(Terms& terms, Date day);
    static bool erase_over(Terms& terms, Date day);

    const Standing& now() const { return standings_.back(); }
    void go_on_to(std::int64_t time_ms);
    std::optional<Date> next_lapse() const;
    void lapse(Date day);
    void change(Method method, Reason reason, std::optional<ledger::Address> cause);
    void fall(Reason reason, const ledger::Address& cause);
    void begin_again(std::optional<ledger::Address> cause);
    void release(std::optional<ledger::Address> cause);
    bool lighten(const std::optional<ledger::Address>& cause);

    void take(const Event& event, const Inspected& inspected);
    void take(const Event& event, const FoundFailing& found);
    void take(const Event& event, const Alerted& alerted);
    void take(const Event& event, const AlertLifted& lifted);
    void take(const Event& event, const Certified& certified);
    void take(const Event& event, const CertificateWithdrawn& withdrawn);
    void take(const Event& event, const Imposed& imposed);

    const RuleSet* rules_;
    std::int64_t clock_ms_ = 0;
    std::vector<Standing> standings_;
    std::vector<Pass> streak_;
    Terms alerts_;
    Terms certificates_;
    bool earned_ = false;  // the method rests on passes or a fall, not on what the goods begin with
};

// All events of one goods key, with corrections: a superseding event takes the place of the original in order and in time
// (design/domain.md 5), and the state is worked out again.
class GoodsHistory {
  public:
    explicit GoodsHistory(const RuleSet& rules) : rules_(&rules), state_(rules) {}

    // Precondition: `event.at` is after every other's.
    void add(Event event);
    // `event` stands in place of the one at `original`, or of what superseded that. False when there is no such event:
    // then nothing has changed.
    bool supersede(const ledger::Address& original, Event event);

    const GoodsState& state() const { return state_; }
    // The standing in force at `time_ms` as the history is known now.
    Standing as_of(std::int64_t time_ms) const;

  private:
    void resolve(Event& event) const;

    const RuleSet* rules_;
    std::vector<Event> events_;
    std::map<ledger::Address, std::size_t> places_;  // of each record, superseded ones too, among the events
    GoodsState state_;
};

}  // namespace socai::inspection
