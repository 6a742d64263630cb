#include "ledger/entry.hpp"

#include <cassert>

#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace socai::ledger {
namespace {

// 253402300799999, the last millisecond of year 9999.
constexpr std::size_t max_time_digits = 15;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

Error malformed(std::string detail) {
    return invalid("malformed_entry", "entry: " + std::move(detail));
}

}  // namespace

std::string make_entry(std::int64_t time_ms, std::string_view statement) {
    assert(time_ms >= 0 && time_ms <= max_time_ms);
    std::string entry = std::to_string(time_ms);
    entry.reserve(entry.size() + 1 + statement.size());
    entry += ' ';
    entry += statement;
    return entry;
}

Result<EntryText> split_entry(std::string_view entry) {
    if (entry.size() > max_entry_bytes) {
        return Error{Fault::too_large, "entry_too_large",
                     "the entry has " + std::to_string(entry.size()) + " bytes; at most 65,535 are allowed"};
    }
    std::size_t digits = 0;
    std::int64_t time_ms = 0;
    for (; digits < entry.size() && is_digit(entry[digits]); ++digits) {
        if (digits == max_time_digits) return malformed("the accepted time is beyond year 9999");
        time_ms = time_ms * 10 + (entry[digits] - '0');
    }
    if (digits == 0) return malformed("it must begin with the accepted time in milliseconds, decimal");
    if (digits > 1 && entry.front() == '0') return malformed("the accepted time has a leading zero");
    if (time_ms > max_time_ms) return malformed("the accepted time is beyond year 9999");
    if (digits == entry.size() || entry[digits] != ' ') {
        return malformed("one space must follow the accepted time");
    }
    const std::string_view statement = entry.substr(digits + 1);
    if (statement.empty()) return malformed("no statement follows the accepted time");
    return EntryText{time_ms, statement};
}

std::string to_string(const Address& address) {
    std::string text = std::to_string(address.index);
    if (address.n > 0) text += "." + std::to_string(address.n);
    return text;
}

std::optional<Address> parse_address(std::string_view text) {
    const auto number = [](std::string_view digits) -> std::optional<std::uint64_t> {
        constexpr std::size_t max_digits = 18;  // below 2^63
        if (digits.empty() || digits.size() > max_digits) return std::nullopt;
        if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
        std::uint64_t value = 0;
        for (const char c : digits) {
            if (!is_digit(c)) return std::nullopt;
            value = value * 10 + static_cast<std::uint64_t>(c - '0');
        }
        return value;
    };
    const std::size_t dot = text.find('.');
    const auto index = number(text.substr(0, dot));
    if (!index) return std::nullopt;
    if (dot == std::string_view::npos) return Address{*index, 0};
    const auto n = number(text.substr(dot + 1));
    if (!n || *n >= max_bundle_records) return std::nullopt;
    return Address{*index, static_cast<std::uint32_t>(*n)};
}

}  // namespace socai::ledger
