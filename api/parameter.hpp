// What a method takes: the description that checks a caller's parameters is the one that /openrpc.json
// publishes. Values; safe from any thread.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/error.hpp"
#include "ledger/ijson.hpp"

namespace socai::api {

// Integers beyond this are not exact in every JSON library (RFC 7493 §2.2).
inline constexpr std::int64_t max_integer = ledger::max_json_integer;

enum class ParameterType {
    string,    // min..max bytes
    digits,    // a string of min..max decimal digits
    time,      // an RFC 3339 string with offset
    moment,    // the same, or a day in Vietnam, "2021-09-27"
    position,  // how far the ledger is read: a leaf, that included, as address without n; or a moment
    integer,   // min..max
    boolean,
    choice,       // one of `choices`, a string
    address,      // a leaf: an integer or a string of digits; or "<index>.<n>", a record of a bundle
    string_list,  // min..max strings
    object,       // of `members`
};

struct Parameter {
    std::string_view name;
    ParameterType type = ParameterType::string;
    std::string_view summary = {};
    bool required = false;
    std::int64_t min = 0;
    std::int64_t max = 0;
    std::vector<std::string_view> choices = {};
    boost::json::value standard = {};  // the value when absent; null: none
    std::vector<Parameter> members = {};
};

Error invalid_params(std::string reason, std::string detail);

// Is `given` what `parameters` say? Every fault names the parameter. Errors (invalid_params):
// unknown_parameter, missing_parameter, wrong_type, out_of_range, malformed_value. `place`
// stands before names in sentences ("filter.").
Result<void> check_parameters(std::span<const Parameter> parameters, const boost::json::object& given,
                              std::string_view place = {});

// An address as a parameter spells it. `n` only when the text names a record.
struct AddressText {
    std::uint64_t index = 0;
    std::optional<std::uint32_t> n;
};

// How far the ledger is to be read: to a leaf, that included, or to what was accepted by a time (of a day: by its end).
struct Position {
    std::optional<std::uint64_t> index;
    std::optional<std::int64_t> time_ms;
};

// Checked parameters, read by name; absent ones answer with their standard value. Precondition of every
// reader: check_parameters passed and the name is described with that type. Refers to what it was made from.
class Arguments {
  public:
    Arguments(std::span<const Parameter> parameters, const boost::json::object& given)
        : parameters_(parameters), given_(&given) {}

    bool has(std::string_view name) const { return value(name) != nullptr; }
    std::optional<std::string_view> string(std::string_view name) const;  // also digits and choices
    std::optional<std::int64_t> integer(std::string_view name) const;
    std::optional<bool> boolean(std::string_view name) const;
    std::optional<std::int64_t> time_ms(std::string_view name) const;  // milliseconds since the epoch
    // Of a moment: its first instant, and the last, which differ where it is a day …
    std::optional<std::int64_t> begin_ms(std::string_view name) const;
    std::optional<std::int64_t> end_ms(std::string_view name) const;
    // … and the end of a period until then: the first instant after a day, and a time itself, which is not included.
    std::optional<std::int64_t> until_ms(std::string_view name) const;
    std::optional<AddressText> address(std::string_view name) const;
    std::optional<Position> position(std::string_view name) const;
    std::vector<std::string> strings(std::string_view name) const;
    Arguments object(std::string_view name) const;  // an absent one is empty

  private:
    const Parameter& described(std::string_view name) const;
    const boost::json::value* value(std::string_view name) const;

    std::span<const Parameter> parameters_;
    const boost::json::object* given_;
};

// The JSON Schema (draft-07) of a parameter's value.
boost::json::object schema_of(const Parameter& parameter);

}  // namespace socai::api
