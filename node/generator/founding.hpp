// The records that trade rests on: rule sets, procedures, lists of goods, conformity bodies. They come first.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "inspection/method/rule_set.hpp"
#include "node/generator/cast.hpp"
#include "node/generator/record_text.hpp"

namespace socai::node::generator {

inline constexpr std::string_view quality_rules = "qd38-2021@1";
inline constexpr std::string_view food_safety_rules = "nd15-2018@1";

// The two that are in force in the generated trade, one for each regime, and their records byte for byte.
struct RuleSets {
    inspection::RuleSet quality, food_safety;
    std::string lines;  // JSONL
};
// Out of data/rule_sets.jsonl. Nothing when one is missing there, or not in force from the first to the last day.
std::optional<RuleSets> choose_rule_sets(std::string_view jsonl, inspection::Date from, inspection::Date to);

std::string catalog_id(const Procedure& procedure);

// All but the rule sets, which are copied as they are. Signed on the morning of `time_ms`.
void found(const Cast& cast, std::int64_t time_ms, const std::function<void(RecordText)>& put);

}  // namespace socai::node::generator
