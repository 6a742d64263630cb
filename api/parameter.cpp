#include "api/parameter.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>

#include "inspection/calendar.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view view(const json::string& text) {
    return {text.data(), text.size()};
}

// A canonical number: no sign, no leading zero, exact in JSON.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t max) {
    if (text.empty() || !all_digits(text) || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number > max) return std::nullopt;
    return number;
}

std::optional<AddressText> parse_address(std::string_view text) {
    const std::size_t dot = text.find('.');
    const auto index = parse_number(text.substr(0, dot), max_integer);
    if (!index) return std::nullopt;
    if (dot == std::string_view::npos) return AddressText{*index, std::nullopt};
    const auto n = parse_number(text.substr(dot + 1), UINT32_MAX);
    if (!n) return std::nullopt;
    return AddressText{*index, static_cast<std::uint32_t>(*n)};
}

enum class Edge { begin, end };

// A time, or an edge of a day in Vietnam, within the times that the ledger knows.
std::optional<std::int64_t> parse_moment(std::string_view text, Edge edge) {
    constexpr std::int64_t day_ms = 86'400'000;
    if (const auto day = inspection::parse_date(text)) {
        const std::int64_t first = inspection::start_of(*day);
        return std::clamp<std::int64_t>(edge == Edge::begin ? first : first + day_ms - 1, 0,
                                        ledger::max_time_ms);
    }
    return ledger::parse_rfc3339(text);
}

std::optional<std::int64_t> exact_integer(const json::value& value) {
    if (value.is_int64()) return value.get_int64();
    return std::nullopt;  // uint64 is beyond int64; a double was written with a point or an exponent
}

std::string join(const std::vector<std::string_view>& words) {
    std::string text;
    for (const std::string_view word : words) {
        if (!text.empty()) text += ", ";
        text += '"';
        text += word;
        text += '"';
    }
    return text;
}

std::string bounds(const Parameter& parameter) {
    return std::to_string(parameter.min) + " to " + std::to_string(parameter.max);
}

// Checks one value against its description; `name` is its full name for sentences.
class ValueCheck {
  public:
    ValueCheck(const Parameter& parameter, const json::value& value, std::string name)
        : parameter_(parameter), value_(value), name_(std::move(name)) {}

    Result<void> run() const {
        switch (parameter_.type) {
            case ParameterType::string:
                return text();
            case ParameterType::digits:
                return digits();
            case ParameterType::time:
                return time();
            case ParameterType::moment:
                return moment();
            case ParameterType::position:
                return position();
            case ParameterType::integer:
                return integer();
            case ParameterType::boolean:
                return boolean();
            case ParameterType::choice:
                return choice();
            case ParameterType::address:
                return address();
            case ParameterType::string_list:
                return string_list();
            case ParameterType::object:
                return object();
        }
        assert(false && "a parameter type without a check");
        return {};
    }

  private:
    Error wrong_type(std::string_view expected) const {
        return invalid_params("wrong_type", name_ + " must be " + std::string(expected));
    }
    Error out_of_range(const std::string& expected) const {
        return invalid_params("out_of_range", name_ + " must be " + expected);
    }
    Error malformed(const std::string& expected) const {
        const std::string given =
            value_.is_string() ? ledger::quote(view(value_.get_string())) : std::string("a number");
        return invalid_params("malformed_value", name_ + " must be " + expected + ", not " + given);
    }

    Result<void> text() const {
        if (!value_.is_string()) return wrong_type("a string");
        const auto size = static_cast<std::int64_t>(value_.get_string().size());
        if (size < parameter_.min || size > parameter_.max)
            return out_of_range(bounds(parameter_) + " bytes");
        return {};
    }
    Result<void> digits() const {
        if (!value_.is_string()) return wrong_type("a string of digits");
        const auto size = static_cast<std::int64_t>(value_.get_string().size());
        if (!all_digits(view(value_.get_string())) || size < parameter_.min || size > parameter_.max) {
            return malformed(bounds(parameter_) + " decimal digits");
        }
        return {};
    }
    Result<void> time() const {
        if (!value_.is_string()) return wrong_type("an RFC 3339 time in a string");
        if (!ledger::parse_rfc3339(view(value_.get_string()))) {
            return malformed("an RFC 3339 time with offset, such as \"2021-09-27T10:05:11+07:00\"");
        }
        return {};
    }
    Result<void> moment() const {
        if (!value_.is_string()) return wrong_type("a date or an RFC 3339 time in a string");
        if (!parse_moment(view(value_.get_string()), Edge::end)) {
            return malformed(
                "a date such as \"2021-09-27\", or an RFC 3339 time with offset, such as "
                "\"2021-09-27T10:05:11+07:00\"");
        }
        return {};
    }
    Result<void> position() const {
        if (value_.is_number()) return address();
        if (!value_.is_string()) return wrong_type("the index of a leaf, or a date or time in a string");
        const std::string_view text = view(value_.get_string());
        if (!parse_number(text, max_integer) && !parse_moment(text, Edge::end)) {
            return malformed(
                "the index of a leaf such as 12, a date such as \"2021-09-27\", or an RFC 3339 time with "
                "offset");
        }
        return {};
    }
    Result<void> integer() const {
        if (!value_.is_number()) return wrong_type("an integer");
        const auto number = exact_integer(value_);
        if (!number || *number < parameter_.min || *number > parameter_.max) {
            return out_of_range("an integer of " + bounds(parameter_));
        }
        return {};
    }
    Result<void> boolean() const {
        if (!value_.is_bool()) return wrong_type("true or false");
        return {};
    }
    Result<void> choice() const {
        if (!value_.is_string()) return wrong_type("one of " + join(parameter_.choices));
        const std::string_view word = view(value_.get_string());
        if (std::ranges::find(parameter_.choices, word) != parameter_.choices.end()) return {};
        return malformed("one of " + join(parameter_.choices));
    }
    Result<void> address() const {
        if (value_.is_number()) {
            const auto number = exact_integer(value_);
            if (number && *number >= 0 && *number <= max_integer) return {};
            return out_of_range("an integer of 0 to " + std::to_string(max_integer));
        }
        if (!value_.is_string()) return wrong_type("a number, or a string such as \"12.3\"");
        if (!parse_address(view(value_.get_string()))) {
            return malformed("\"<index>\" or \"<index>.<n>\" in decimal digits, such as \"12.3\"");
        }
        return {};
    }
    Result<void> string_list() const {
        const json::array* list = value_.if_array();
        if (list == nullptr) return wrong_type("an array of strings");
        const auto size = static_cast<std::int64_t>(list->size());
        if (size < parameter_.min || size > parameter_.max) {
            return out_of_range("an array of " + bounds(parameter_) + " strings");
        }
        for (std::size_t i = 0; i < list->size(); ++i) {
            if (!(*list)[i].is_string()) {
                return invalid_params("wrong_type", name_ + "[" + std::to_string(i) + "] must be a string");
            }
        }
        return {};
    }
    Result<void> object() const {
        const json::object* object = value_.if_object();
        if (object == nullptr) return wrong_type("an object");
        return check_parameters(parameter_.members, *object, name_ + ".");
    }

    const Parameter& parameter_;
    const json::value& value_;
    std::string name_;
};

std::string_view type_word(ParameterType type) {
    switch (type) {
        case ParameterType::integer:
            return "integer";
        case ParameterType::boolean:
            return "boolean";
        case ParameterType::string_list:
            return "array";
        case ParameterType::object:
            return "object";
        default:
            return "string";
    }
}

}  // namespace

Error invalid_params(std::string reason, std::string detail) {
    return Error{Code::invalid_params, std::move(reason), std::move(detail)};
}

Result<void> check_parameters(std::span<const Parameter> parameters, const json::object& given,
                              std::string_view place) {
    for (const auto& member : given) {
        const std::string_view key(member.key().data(), member.key().size());
        const auto found = std::ranges::find(parameters, key, &Parameter::name);
        const std::string name = std::string(place) + std::string(key.substr(0, 64));
        if (found == parameters.end()) {
            return invalid_params("unknown_parameter",
                                  ledger::quote(name) + " is not a parameter here; /openrpc.json lists them");
        }
        if (const auto checked = ValueCheck(*found, member.value(), name).run(); !checked) return checked;
    }
    for (const Parameter& parameter : parameters) {
        if (parameter.required && !given.contains(parameter.name)) {
            return invalid_params("missing_parameter",
                                  std::string(place) + std::string(parameter.name) + " is required");
        }
    }
    return {};
}

const Parameter& Arguments::described(std::string_view name) const {
    const auto found = std::ranges::find(parameters_, name, &Parameter::name);
    assert(found != parameters_.end() && "a method reads only parameters that it describes");
    return *found;
}

const json::value* Arguments::value(std::string_view name) const {
    const Parameter& parameter = described(name);
    if (const json::value* given = given_->if_contains(name); given != nullptr) return given;
    return parameter.standard.is_null() ? nullptr : &parameter.standard;
}

std::optional<std::string_view> Arguments::string(std::string_view name) const {
    const json::value* found = value(name);
    if (found == nullptr) return std::nullopt;
    return view(found->as_string());
}

std::optional<std::int64_t> Arguments::integer(std::string_view name) const {
    const json::value* found = value(name);
    if (found == nullptr) return std::nullopt;
    return found->as_int64();
}

std::optional<bool> Arguments::boolean(std::string_view name) const {
    const json::value* found = value(name);
    if (found == nullptr) return std::nullopt;
    return found->as_bool();
}

std::optional<std::int64_t> Arguments::time_ms(std::string_view name) const {
    const auto text = string(name);
    return text ? ledger::parse_rfc3339(*text) : std::nullopt;
}

std::optional<std::int64_t> Arguments::begin_ms(std::string_view name) const {
    const auto text = string(name);
    return text ? parse_moment(*text, Edge::begin) : std::nullopt;
}

std::optional<std::int64_t> Arguments::end_ms(std::string_view name) const {
    const auto text = string(name);
    return text ? parse_moment(*text, Edge::end) : std::nullopt;
}

std::optional<std::int64_t> Arguments::until_ms(std::string_view name) const {
    const auto text = string(name);
    if (!text) return std::nullopt;
    const auto end = parse_moment(*text, Edge::end);
    return inspection::parse_date(*text) ? std::optional(*end + 1) : end;
}

std::optional<Position> Arguments::position(std::string_view name) const {
    const json::value* found = value(name);
    if (found == nullptr) return std::nullopt;
    if (found->is_int64()) return Position{static_cast<std::uint64_t>(found->get_int64()), std::nullopt};
    const std::string_view text = view(found->as_string());
    if (const auto index = parse_number(text, max_integer)) return Position{*index, std::nullopt};
    return Position{std::nullopt, parse_moment(text, Edge::end)};
}

std::optional<AddressText> Arguments::address(std::string_view name) const {
    const json::value* found = value(name);
    if (found == nullptr) return std::nullopt;
    if (found->is_int64()) return AddressText{static_cast<std::uint64_t>(found->get_int64()), std::nullopt};
    return parse_address(view(found->as_string()));
}

std::vector<std::string> Arguments::strings(std::string_view name) const {
    std::vector<std::string> texts;
    if (const json::value* found = value(name); found != nullptr) {
        texts.reserve(found->as_array().size());
        for (const json::value& text : found->as_array()) texts.emplace_back(view(text.as_string()));
    }
    return texts;
}

Arguments Arguments::object(std::string_view name) const {
    static const json::object empty;
    const json::value* found = value(name);
    return Arguments(described(name).members, found == nullptr ? empty : found->as_object());
}

json::object schema_of(const Parameter& parameter) {
    if (parameter.type == ParameterType::address) {
        return {{"oneOf",
                 json::array{{{"type", "integer"}, {"minimum", 0}, {"maximum", max_integer}},
                             {{"type", "string"}, {"pattern", "^(0|[1-9][0-9]*)(\\.(0|[1-9][0-9]*))?$"}}}}};
    }
    if (parameter.type == ParameterType::moment || parameter.type == ParameterType::position) {
        json::array forms{{{"type", "string"}, {"format", "date"}},
                          {{"type", "string"}, {"format", "date-time"}}};
        if (parameter.type == ParameterType::position) {
            forms.push_back({{"type", "integer"}, {"minimum", 0}, {"maximum", max_integer}});
            forms.push_back({{"type", "string"}, {"pattern", "^(0|[1-9][0-9]*)$"}});
        }
        return {{"oneOf", std::move(forms)}};
    }
    json::object schema;
    schema["type"] = type_word(parameter.type);
    switch (parameter.type) {
        case ParameterType::string:
            schema["minLength"] = parameter.min;
            schema["maxLength"] = parameter.max;
            break;
        case ParameterType::digits:
            schema["pattern"] =
                "^[0-9]{" + std::to_string(parameter.min) + "," + std::to_string(parameter.max) + "}$";
            break;
        case ParameterType::time:
            schema["format"] = "date-time";
            break;
        case ParameterType::integer:
            schema["minimum"] = parameter.min;
            schema["maximum"] = parameter.max;
            break;
        case ParameterType::choice: {
            json::array words;
            for (const std::string_view word : parameter.choices) words.emplace_back(word);
            schema["enum"] = std::move(words);
            break;
        }
        case ParameterType::string_list:
            schema["items"] = {{"type", "string"}};
            schema["minItems"] = parameter.min;
            schema["maxItems"] = parameter.max;
            break;
        case ParameterType::object: {
            json::object properties;
            for (const Parameter& member : parameter.members) properties[member.name] = schema_of(member);
            schema["properties"] = std::move(properties);
            schema["additionalProperties"] = false;
            break;
        }
        case ParameterType::boolean:
        case ParameterType::address:
        case ParameterType::moment:
        case ParameterType::position:
            break;
    }
    if (!parameter.standard.is_null()) schema["default"] = parameter.standard;
    return schema;
}

}  // namespace socai::api
