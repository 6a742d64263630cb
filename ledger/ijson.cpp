#include "ledger/ijson.hpp"

#include <utf8proc.h>

#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <cassert>
#include <optional>
#include <string>

#include "ledger/open_names.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

bool is_json_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// RFC 7493 §2.1 forbids noncharacters: U+FDD0..U+FDEF and the last two code points of every plane. `text` is
// valid UTF-8.
bool has_noncharacter(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto first = static_cast<unsigned char>(text[i]);
        if (first < 0xef) [[likely]]
            continue;
        const std::size_t length = first == 0xef ? 3 : 4;
        assert(i + length <= text.size());  // the parser hands over whole characters only
        const auto last = static_cast<unsigned char>(text[i + length - 1]);
        const auto before = static_cast<unsigned char>(text[i + length - 2]);
        if (before == 0xbf && last >= 0xbe) {
            // EF BF BE/BF, or Fx xF BF BE/BF: the third byte from the end then ends in 1111.
            if (length == 3 || (static_cast<unsigned char>(text[i + 1]) & 0x0f) == 0x0f) return true;
        }
        if (length == 3 && before == 0xb7 && last >= 0x90 && last <= 0xaf) return true;
        i += length - 1;
    }
    return false;
}

// Receives Boost.JSON's events and builds the value, refusing what I-JSON forbids beyond JSON.
class Handler {
  public:
    // Required by basic_parser; the caller's bound on the text is the real one.
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();

    explicit Handler(std::string_view text)
        : stack_({}, buffer_.data(), buffer_.size()), names_(text.size()) {
        stack_.reset();
    }

    json::value release() { return stack_.release(); }
    // What was wrong, when the handler stopped the parser.
    const std::optional<Error>& fault() const { return fault_; }

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }

    bool on_object_begin(json::error_code&) {
        names_.open();
        return true;
    }
    bool on_object_end(std::size_t members, json::error_code&) {
        names_.close();
        stack_.push_object(members);
        return true;
    }
    bool on_array_begin(json::error_code&) { return true; }
    bool on_array_end(std::size_t elements, json::error_code&) {
        stack_.push_array(elements);
        return true;
    }

    bool on_key_part(std::string_view part, std::size_t, json::error_code& error) {
        if (has_noncharacter(part)) return refuse_noncharacter(error);
        name_parts_ += part;
        stack_.push_chars(part);
        return true;
    }
    bool on_key(std::string_view part, std::size_t, json::error_code& error) {
        if (has_noncharacter(part)) return refuse_noncharacter(error);
        bool added = false;
        if (name_parts_.empty()) [[likely]] {
            added = names_.add(part);
        } else {
            name_parts_ += part;
            added = names_.add(name_parts_);
        }
        if (!added) {
            const std::string_view name = name_parts_.empty() ? part : std::string_view(name_parts_);
            return refuse(error, "duplicate_name",
                          "the name " + quote(name) + " stands twice in one object; keep one");
        }
        name_parts_.clear();
        stack_.push_key(part);
        return true;
    }
    bool on_string_part(std::string_view part, std::size_t, json::error_code& error) {
        if (has_noncharacter(part)) return refuse_noncharacter(error);
        stack_.push_chars(part);
        return true;
    }
    bool on_string(std::string_view part, std::size_t, json::error_code& error) {
        if (has_noncharacter(part)) return refuse_noncharacter(error);
        stack_.push_string(part);
        return true;
    }

    bool on_number_part(std::string_view, json::error_code&) { return true; }
    bool on_int64(std::int64_t value, std::string_view, json::error_code& error) {
        if (value > max_json_integer || value < -max_json_integer) return refuse_integer(error);
        stack_.push_int64(value);
        return true;
    }
    bool on_uint64(std::uint64_t, std::string_view, json::error_code& error) {
        return refuse_integer(error);  // above the range of int64
    }
    bool on_double(double, std::string_view digits, json::error_code& error) {
        // Boost.JSON also reports integers that no 64-bit type holds as doubles.
        if (digits.find_first_of(".eE") == std::string_view::npos) return refuse_integer(error);
        return refuse(error, "fraction",
                      "numbers with a fraction or an exponent are not allowed; write decimals as strings");
    }
    bool on_bool(bool value, json::error_code&) {
        stack_.push_bool(value);
        return true;
    }
    bool on_null(json::error_code&) {
        stack_.push_null();
        return true;
    }
    bool on_comment_part(std::string_view, json::error_code&) { return true; }
    bool on_comment(std::string_view, json::error_code&) { return true; }

  private:
    bool refuse(json::error_code& error, std::string reason, std::string detail) {
        fault_ = invalid(std::move(reason), std::move(detail));
        error = json::error::syntax;  // any error stops the parser; fault_ says which
        return false;
    }
    bool refuse_integer(json::error_code& error) {
        return refuse(error, "integer_range",
                      "integers must lie within \u00b1(2^53 - 1); write larger numbers as strings");
    }
    bool refuse_noncharacter(json::error_code& error) {
        return refuse(error, "noncharacter",
                      "strings must not hold Unicode noncharacters such as U+FFFE (RFC 7493 2.1)");
    }

    std::array<unsigned char, 4096> buffer_;  // first memory of the stack: most records need no more
    json::value_stack stack_;
    OpenNames names_;
    std::string name_parts_;  // the front of a name that arrives in parts because of escapes
    std::optional<Error> fault_;
};

// The offset of the first byte that is not UTF-8.
std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        utf8proc_int32_t code_point = -1;
        const utf8proc_ssize_t length =
            utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                             static_cast<utf8proc_ssize_t>(text.size() - at), &code_point);
        if (length <= 0) return at;
        at += static_cast<std::size_t>(length);
    }
    return std::nullopt;
}

// The UTF-16 code unit of the escape "\uXXXX" at `at`, if that is what stands there.
std::optional<unsigned> unit_at(std::string_view text, std::size_t at) {
    if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
    unsigned unit = 0;
    for (const char c : text.substr(at + 2, 4)) {
        const unsigned lower = static_cast<unsigned char>(c) | 0x20u;
        if (c >= '0' && c <= '9') {
            unit = unit * 16 + static_cast<unsigned>(c - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            unit = unit * 16 + (lower - 'a' + 10);
        } else {
            return std::nullopt;
        }
    }
    return unit;
}

// The offset of the first escape inside a string that is half of a surrogate pair without the other half.
std::optional<std::size_t> find_lone_surrogate(std::string_view text) {
    bool in_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '"') in_string = !in_string;
        if (text[at] != '\\' || !in_string) continue;
        const std::optional<unsigned> unit = unit_at(text, at);
        if (!unit || *unit < 0xd800 || *unit > 0xdfff) {
            ++at;  // the escaped character
            continue;
        }
        const std::optional<unsigned> next = unit_at(text, at + 6);
        const bool paired = *unit < 0xdc00 && next && *next >= 0xdc00 && *next <= 0xdfff;
        if (!paired) return at;
        at += 11;  // both halves; the loop steps over the last character
    }
    return std::nullopt;
}

Error at_byte(std::size_t offset, std::string reason, const std::string& detail) {
    return invalid(std::move(reason), "byte " + std::to_string(offset) + ": " + detail);
}

// Boost.JSON reports several faults as plain syntax errors; this names them. Only on the way out.
Error explain(std::string_view text, std::size_t offset, const json::error_code& error,
              std::size_t max_depth) {
    const auto utf8 = find_invalid_utf8(text);
    if (utf8 && *utf8 <= offset) {
        return at_byte(*utf8, "invalid_utf8", "the text is not UTF-8 here");
    }
    const auto surrogate = find_lone_surrogate(text);
    if (surrogate && *surrogate <= offset) {
        return at_byte(*surrogate, "lone_surrogate",
                       "a \\u escape of half a surrogate pair stands without the other half");
    }
    if (error == json::error::too_deep) {
        return at_byte(offset, "too_deep", "nested deeper than " + std::to_string(max_depth) + " levels");
    }
    if (error == json::error::incomplete) return at_byte(offset, "not_json", "the text ends too early");
    return at_byte(offset, "not_json", "this is not JSON (RFC 8259)");
}

}  // namespace

Result<json::value> parse_ijson(std::string_view text, std::size_t max_depth) {
    json::parse_options options;
    options.max_depth = max_depth;
    json::basic_parser<Handler> parser(options, text);
    json::error_code error;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
    if (const auto& fault = parser.handler().fault()) return at_byte(used, fault->reason, fault->detail);
    if (error) return explain(text, used, error, max_depth);
    if (used < text.size()) {
        return at_byte(used, "not_json", "something follows the end of the JSON value");
    }
    return parser.handler().release();
}

std::string_view trim_json(std::string_view text) {
    while (!text.empty() && is_json_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_json_space(text.back())) text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> array_elements(std::string_view text) {
    text = trim_json(text);
    assert(text.size() >= 2 && text.front() == '[' && text.back() == ']');
    const std::string_view inner = trim_json(text.substr(1, text.size() - 2));
    std::vector<std::string_view> elements;
    if (inner.empty()) return elements;

    std::size_t begin = 0;
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t at = 0; at < inner.size(); ++at) {
        const char c = inner[at];
        if (in_string) {
            if (c == '\\') ++at;  // whatever is escaped, a quote included
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            ++depth;
        } else if (c == ']' || c == '}') {
            --depth;
        } else if (c == ',' && depth == 0) {
            elements.push_back(trim_json(inner.substr(begin, at - begin)));
            begin = at + 1;
        }
    }
    elements.push_back(trim_json(inner.substr(begin)));
    return elements;
}

}  // namespace socai::ledger
