// A rule set: the parameters by which passes, failures and alerts decide how goods of one regime are inspected
// (design/domain.md 4). Data, written to the ledger as a `ruleset` record, so that a change of the law is a record and not
// a new program; data/rule_sets.jsonl and rule_sets_other.jsonl hold those of the law so far. Pure values; safe from any thread.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "inspection/calendar.hpp"
#include "inspection/method/method.hpp"
#include "ledger/error.hpp"

namespace socai::inspection {

// Whose passes count together.
enum class Scope : std::uint8_t { goods, goods_importer };
// What goods are under before anything is known of them.
enum class Initial : std::uint8_t { strict, normal, strict_unless_certified };
// Which passes count towards a lighter method.
enum class Counts : std::uint8_t { same_method, any_method };
// Among which shipments of a calendar year the share that is drawn stays below its bound.
enum class Denominator : std::uint8_t { nation, goods };

struct RuleSet {
    std::string id;             // "qd38-2021"
    std::uint32_t version = 0;  // the number after "@"
    std::string regime;         // "quality" or "food_safety"
    std::string list_code;      // of the catalog items it governs; empty: every list of the regime
    // Registration dates, both included.
    Date effective_from;
    std::optional<Date> effective_to;

    std::vector<std::string> goods_fields;  // which make goods identical (ledger/goods_key.hpp)
    Scope scope = Scope::goods;
    Initial initial = Initial::strict;
    Counts counts = Counts::same_method;
    std::int32_t needed = 3;                    // consecutive passes, 1 to 100
    std::optional<std::int32_t> window_months;  // within which they lie, 1 to 120; nothing: whenever
    Method lightest = Method::reduced;          // what passes under normal lead to: reduced or exempt
    std::optional<std::int32_t>
        reduced_term_months;           // how long that lasts, 1 to 120; nothing: until it is lost
    std::uint32_t sample_max_ppm = 0;  // of reduced shipments, at most 1,000,000
    Denominator sample_denominator = Denominator::nation;
    std::vector<std::string> clearance_bases;  // words of the guard (clearance)
    std::map<Reason, std::string> articles;    // of the law, as cited: "NĐ 15/2018/NĐ-CP Đ17.1.c"

    std::string name() const { return id + "@" + std::to_string(version); }
    bool in_force_on(Date date) const {
        return date >= effective_from && (!effective_to || date <= *effective_to);
    }
    // Empty where the rule set names none.
    std::string article(Reason reason) const;
};

// From the `data` of a ruleset record. Members that it does not know are faults; refs,
// legal_basis and the names and notes for people are left alone.
// Errors, Fault::invalid_statement: malformed_ruleset, with the member and what it may be.
ledger::Result<RuleSet> parse_rule_set(const boost::json::object& data);

}  // namespace socai::inspection
