// Times, days and addresses as answers tell them (design/interfaces.md). Pure; safe from any thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspection/calendar.hpp"
#include "ledger/entry.hpp"

namespace socai::inspection {

// "2021-09-27T10:05:11.000+07:00". Precondition: as date_of.
std::string vietnam_time(std::int64_t time_ms);

// The address, the day, the time as a text; null where there is none.
boost::json::value told(const std::optional<ledger::Address>& address);
boost::json::value told(const std::optional<Date>& day);
boost::json::value told_time(const std::optional<std::int64_t>& time_ms);
boost::json::array told(const std::vector<ledger::Address>& addresses);

}  // namespace socai::inspection
