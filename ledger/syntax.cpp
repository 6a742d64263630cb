#include "ledger/syntax.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <utility>

namespace socai::ledger {
namespace {

constexpr std::size_t max_origin_bytes = 128;
constexpr std::size_t max_word_bytes = 64;
constexpr std::size_t max_quoted_bytes = 80;

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_alphanumeric(char c) {
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
}

}  // namespace

bool is_agency_code(std::string_view text) {
    if (text.empty() || text.size() > max_agency_code_bytes) return false;
    char previous = '.';  // as after a dot: a part must begin here
    for (const char c : text) {
        if (c == '.' ? previous == '.' : !is_lower(c) && !is_digit(c) && c != '-') return false;
        previous = c;
    }
    return previous != '.';
}

bool is_record_id(std::string_view text) {
    return !text.empty() && text.size() <= max_record_id_bytes && std::ranges::all_of(text, [](char c) {
        return is_alphanumeric(c) || c == '.' || c == '_' || c == ':' || c == '-';
    });
}

bool is_kid_name(std::string_view text) {
    return !text.empty() && text.size() <= max_key_name_bytes && std::ranges::all_of(text, [](char c) {
        return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
    });
}

bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= max_word_bytes && is_lower(text.front()) &&
           std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool is_business_number(std::string_view text) {
    if (text.empty() || text.size() > max_business_number_bytes) return false;
    unsigned char previous = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        // C1 controls U+0080..U+009F are spelt C2 80..C2 9F.
        if (byte < 0x20 || byte == 0x7f || (previous == 0xc2 && byte < 0xa0)) return false;
        previous = byte;
    }
    return true;
}

bool is_origin(std::string_view text) {
    return !text.empty() && text.size() <= max_origin_bytes &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '+'; });
}

std::string quote(std::string_view text) {
    std::string result = "\"";
    std::size_t at = 0;
    while (at < text.size()) {
        utf8proc_int32_t code_point = -1;
        const utf8proc_ssize_t length =
            utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                             static_cast<utf8proc_ssize_t>(text.size() - at), &code_point);
        const std::size_t size = length > 0 ? static_cast<std::size_t>(length) : 1;
        if (at + size > max_quoted_bytes) {
            result += "...";
            break;
        }
        const bool printable = length > 0 && code_point >= 0x20 && code_point != '"' &&
                               (code_point < 0x7f || code_point >= 0xa0) &&
                               utf8proc_category(code_point) != UTF8PROC_CATEGORY_CF;
        if (printable) {
            result += text.substr(at, size);
        } else {
            result += '?';
        }
        at += size;
    }
    return result += '"';
}

}  // namespace socai::ledger
