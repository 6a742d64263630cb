#include "inspection/answer_text.hpp"

#include <algorithm>

namespace socai::inspection {
namespace {

std::string padded(std::int64_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    return std::string(width - std::min(width, digits.size()), '0') + digits;
}

}  // namespace

std::string vietnam_time(std::int64_t time_ms) {
    const Date day = date_of(time_ms);
    const std::int64_t rest = time_ms - start_of(day);
    return format_date(day) + "T" + padded(rest / 3'600'000, 2) + ":" + padded(rest / 60'000 % 60, 2) + ":" +
           padded(rest / 1000 % 60, 2) + "." + padded(rest % 1000, 3) + "+07:00";
}

boost::json::value told(const std::optional<ledger::Address>& address) {
    if (!address) return nullptr;
    return boost::json::value(ledger::to_string(*address));
}

boost::json::value told(const std::optional<Date>& day) {
    if (!day) return nullptr;
    return boost::json::value(format_date(*day));
}

boost::json::value told_time(const std::optional<std::int64_t>& time_ms) {
    if (!time_ms) return nullptr;
    return boost::json::value(vietnam_time(*time_ms));
}

boost::json::array told(const std::vector<ledger::Address>& addresses) {
    boost::json::array array;
    for (const ledger::Address& address : addresses) array.emplace_back(ledger::to_string(address));
    return array;
}

}  // namespace socai::inspection
