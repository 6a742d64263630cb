#include "ledger/governance/limits.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t day = 24 * 60 * minute;
// Outside these nobody could write any more, or anything would be believed.
constexpr std::array ranges{
    LimitRange{"max_backdate_ms", day, 366 * day, "ms"},
    LimitRange{"max_future_ms", 1'000, 60 * minute, "ms"},
};

std::string key_of(std::string_view name) {
    return "!limit/" + std::string(name);
}

std::int64_t limit(const Facts& facts, std::string_view name, std::int64_t founded) {
    const auto text = facts.get(key_of(name));
    if (!text) return founded;
    std::int64_t value = founded;
    std::from_chars(text->data(), text->data() + text->size(), value);
    return value;
}

}  // namespace

std::span<const LimitRange> limit_ranges() {
    return ranges;
}

TimeLimits time_limits(const Genesis& genesis, const Facts& facts) {
    return {limit(facts, "max_future_ms", genesis.parameters.max_future_ms),
            limit(facts, "max_backdate_ms", genesis.parameters.max_backdate_ms)};
}

Result<void> set_limit(FactDraft& facts, std::string_view name, std::int64_t value) {
    const auto range = std::ranges::find(ranges, name, &LimitRange::name);
    if (range == ranges.end())
        return Error{Fault::refused, "unknown_limit",
                     "there is no limit " + quote(name) + "; max_backdate_ms and max_future_ms are"};
    if (value < range->least || value > range->most)
        return Error{Fault::refused, "limit_out_of_range",
                     std::string(name) + " must be " + std::to_string(range->least) + " to " +
                         std::to_string(range->most)};
    facts.put(key_of(name), std::to_string(value));
    return {};
}

}  // namespace socai::ledger
