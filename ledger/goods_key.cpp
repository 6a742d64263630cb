#include "ledger/goods_key.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "ledger/hash.hpp"
#include "ledger/ijson.hpp"
#include "ledger/syntax.hpp"
#include "ledger/utf8.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

const utf8proc_uint8_t* octets(std::string_view text) {
    return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

Error not_utf8(std::string_view text) {
    return invalid("invalid_utf8", "the text " + quote(text) + " is not UTF-8");
}

// One code point at the front of `text`, with its length in bytes; nothing when it is not UTF-8.
struct CodePoint {
    utf8proc_int32_t value;
    std::size_t bytes;
};
std::optional<CodePoint> front(std::string_view text) {
    utf8proc_int32_t value = -1;
    const utf8proc_ssize_t length =
        utf8proc_iterate(octets(text), static_cast<utf8proc_ssize_t>(text.size()), &value);
    if (length <= 0) return std::nullopt;
    return CodePoint{value, static_cast<std::size_t>(length)};
}

// RFC 8785 §3.2.3 sorts names by UTF-16 code units, which is neither byte nor code point order.
std::optional<std::u16string> to_utf16(std::string_view text) {
    std::u16string units;
    while (!text.empty()) {
        const auto point = front(text);
        if (!point) return std::nullopt;
        if (point->value < 0x10000) {
            units += static_cast<char16_t>(point->value);
        } else {
            const utf8proc_int32_t rest = point->value - 0x10000;
            units += static_cast<char16_t>(0xd800 + (rest >> 10));
            units += static_cast<char16_t>(0xdc00 + (rest & 0x3ff));
        }
        text.remove_prefix(point->bytes);
    }
    return units;
}

// RFC 8785 §3.2.2.2. `text` is valid UTF-8.
void append_string(std::string_view text, std::string& out) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\r':
                out += "\\r";
                break;
            default:
                if (byte < 0x20) {
                    out += "\\u00";
                    out += hex[byte >> 4];
                    out += hex[byte & 0xf];
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

Result<void> append_canonical(const json::value& value, std::size_t depth, std::string& out);

Result<void> append_object(const json::object& object, std::size_t depth, std::string& out) {
    std::vector<std::pair<std::u16string, const json::key_value_pair*>> members;
    members.reserve(object.size());
    for (const json::key_value_pair& member : object) {
        auto units = to_utf16(member.key());
        if (!units) return not_utf8(member.key());
        members.emplace_back(*std::move(units), &member);
    }
    std::ranges::sort(members);
    out += '{';
    bool first = true;
    for (const auto& [units, member] : members) {
        if (!std::exchange(first, false)) out += ',';
        append_string(member->key(), out);
        out += ':';
        if (Result<void> done = append_canonical(member->value(), depth + 1, out); !done) return done;
    }
    out += '}';
    return {};
}

Result<void> append_array(const json::array& array, std::size_t depth, std::string& out) {
    out += '[';
    bool first = true;
    for (const json::value& element : array) {
        if (!std::exchange(first, false)) out += ',';
        if (Result<void> done = append_canonical(element, depth + 1, out); !done) return done;
    }
    out += ']';
    return {};
}

// `depth`: levels of arrays and objects around `value`.
Result<void> append_canonical(const json::value& value, std::size_t depth, std::string& out) {
    if (value.is_structured() && depth == max_json_depth) {
        return invalid("too_deep", "nested deeper than " + std::to_string(max_json_depth) + " levels");
    }
    switch (value.kind()) {
        case json::kind::null:
            out += "null";
            return {};
        case json::kind::bool_:
            out += value.get_bool() ? "true" : "false";
            return {};
        case json::kind::object:
            return append_object(value.get_object(), depth, out);
        case json::kind::array:
            return append_array(value.get_array(), depth, out);
        case json::kind::double_:
            return invalid("fraction", "numbers with a fraction are not allowed; write decimals as strings");
        case json::kind::string:
            if (!to_utf16(value.get_string())) return not_utf8(value.get_string());
            append_string(value.get_string(), out);
            return {};
        case json::kind::int64:
        case json::kind::uint64:
            break;
    }
    boost::system::error_code out_of_range;
    const auto number = value.to_number<std::int64_t>(out_of_range);
    if (out_of_range || number > max_json_integer || number < -max_json_integer) {
        return invalid("integer_range", "integers must lie within \u00b1(2^53 - 1)");
    }
    out += std::to_string(number);
    return {};
}

// NFC (UAX #15), so that one Vietnamese text typed on two systems is one text.
std::optional<std::string> to_nfc(std::string_view text) {
    utf8proc_uint8_t* normalised = nullptr;
    const utf8proc_ssize_t size =
        utf8proc_map(octets(text), static_cast<utf8proc_ssize_t>(text.size()), &normalised,
                     static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(normalised, &std::free);
    if (size < 0) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(normalised), static_cast<std::size_t>(size));
}

Result<std::string> normalise_text(std::string_view text) {
    const std::optional<std::string> nfc = to_nfc(text);
    if (!nfc) return not_utf8(text);
    std::string result;
    bool pending_space = false;
    for (std::string_view rest = *nfc; !rest.empty();) {
        const auto point = front(rest);
        if (!point) return not_utf8(text);
        if (is_white_space(point->value)) {
            pending_space = !result.empty();
        } else {
            if (std::exchange(pending_space, false)) result += ' ';
            result += rest.substr(0, point->bytes);
        }
        rest.remove_prefix(point->bytes);
    }
    return result;
}

// Normalises every string value inside `value`; names are the schema's and stay.
Result<void> normalise(json::value& value, std::size_t depth) {
    if (depth > max_json_depth) {
        return invalid("too_deep", "nested deeper than " + std::to_string(max_json_depth) + " levels");
    }
    if (json::string* text = value.if_string()) {
        const Result<std::string> normalised = normalise_text(*text);
        if (!normalised) return normalised.error();
        *text = *normalised;
    } else if (json::array* array = value.if_array()) {
        for (json::value& element : *array) {
            if (Result<void> done = normalise(element, depth + 1); !done) return done;
        }
    } else if (json::object* object = value.if_object()) {
        for (json::key_value_pair& member : *object) {
            if (Result<void> done = normalise(member.value(), depth + 1); !done) return done;
        }
    }
    return {};
}

}  // namespace

Result<std::string> canonical_json(const json::value& value) {
    std::string text;
    if (Result<void> done = append_canonical(value, 0, text); !done) return done.error();
    return text;
}

Result<std::string> goods_key(const json::object& goods, std::span<const std::string_view> fields) {
    json::object chosen;
    for (const std::string_view field : fields) {
        const json::value* value = goods.if_contains(field);
        if (value == nullptr) {
            return invalid("goods_field_missing", "the goods lack the field \"" + std::string(field) +
                                                      "\", which is part of their identity");
        }
        json::value copy = *value;
        if (Result<void> done = normalise(copy, 1); !done) return done.error();
        chosen[field] = std::move(copy);
    }
    const Result<std::string> text = canonical_json(chosen);
    if (!text) return text.error();
    return "sha256:" + to_hex(sha256(*text));
}

}  // namespace socai::ledger
