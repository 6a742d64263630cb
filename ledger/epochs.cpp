#include "ledger/epochs.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cassert>
#include <charconv>

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view suffix = "/epoch-";
constexpr std::string_view current_key = "!epoch/current";
constexpr std::string_view numbered_prefix = "!epoch/n";
constexpr std::string_view head_key = "!epoch/head";
constexpr std::size_t number_digits = 6;

// The number that an origin ends in, with the length of what stands before it; nothing: it is a founding one.
struct Numbered {
    std::size_t founding = 0;
    std::uint64_t number = 0;
};
std::optional<Numbered> numbered(std::string_view origin) {
    const std::size_t at = origin.rfind(suffix);
    if (at == std::string_view::npos || at == 0) return std::nullopt;
    const std::string_view digits = origin.substr(at + suffix.size());
    Numbered found{at, 0};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), found.number);
    if (error != std::errc() || end != digits.data() + digits.size() || digits.front() == '0' ||
        found.number < 2 || found.number > max_epochs)
        return std::nullopt;
    return found;
}

std::string numbered_key(std::uint64_t number) {
    const std::string digits = std::to_string(number);
    return std::string(numbered_prefix) + std::string(number_digits - digits.size(), '0') + digits;
}

std::string text_of(const Epoch& epoch) {
    json::array agencies;
    for (const std::string& agency : epoch.agencies) agencies.emplace_back(agency);
    return json::serialize(json::object{{"number", epoch.number},
                                        {"leaf", epoch.leaf},
                                        {"origin", epoch.origin},
                                        {"agencies", std::move(agencies)}});
}

// Of what text_of wrote.
Epoch epoch_in(std::string_view text) {
    const json::value value = json::parse(json::string_view(text));
    Epoch epoch;
    epoch.number = value.at("number").to_number<std::uint64_t>();
    epoch.leaf = value.at("leaf").to_number<std::uint64_t>();
    epoch.origin = value.at("origin").as_string();
    for (const json::value& agency : value.at("agencies").as_array())
        epoch.agencies.emplace_back(agency.as_string());
    return epoch;
}

}  // namespace

std::string epoch_origin(std::string_view founding, std::uint64_t number) {
    assert(number >= 1 && number <= max_epochs);
    std::string origin(founding);
    return number == 1 ? origin : origin.append(suffix).append(std::to_string(number));
}

std::uint64_t epoch_number(std::string_view founding, std::string_view origin) {
    if (origin == founding) return 1;
    const auto found = numbered(origin);
    return found && origin.substr(0, found->founding) == founding ? found->number : 0;
}

std::string_view founding_origin(std::string_view origin) {
    const auto found = numbered(origin);
    return found ? origin.substr(0, found->founding) : origin;
}

bool is_founding_origin(std::string_view origin) {
    constexpr std::size_t longest_origin = 128;
    return founding_origin(origin) == origin && epoch_origin(origin, max_epochs).size() <= longest_origin;
}

bool is_same_or_earlier_epoch(std::string_view origin, std::string_view than) {
    if (origin == than) return true;
    const std::string_view founding = founding_origin(than);
    const std::uint64_t number = epoch_number(founding, origin);
    return number != 0 && number < epoch_number(founding, than);
}

Epoch current_epoch(const Genesis& genesis, const Facts& facts) {
    if (const auto text = facts.get(current_key)) return epoch_in(*text);
    return {1, 0, genesis.origin, {}};
}

std::vector<Epoch> epochs_of(const Genesis& genesis, const Facts& facts) {
    std::vector<Epoch> epochs{{1, 0, genesis.origin, {}}};
    facts.scan(numbered_prefix, {}, [&](std::string_view, std::string_view text) {
        epochs.push_back(epoch_in(text));
        return true;
    });
    return epochs;
}

std::optional<std::string> head_at_opening(const Facts& facts) {
    return facts.get(head_key);
}

void begin_epoch(const Epoch& epoch, std::string_view final_head, FactDraft& facts) {
    const std::string text = text_of(epoch);
    facts.put(current_key, text);
    facts.put(numbered_key(epoch.number), text);
    facts.put(head_key, std::string(final_head));
}

}  // namespace socai::ledger
