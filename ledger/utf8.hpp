// Walking over UTF-8 text from outside. Pure; safe from any thread.
#pragma once

#include <utf8proc.h>

#include <cstdint>
#include <string_view>

namespace socai::ledger {

// Is `text` valid UTF-8 (no overlong forms, no surrogates), and does `good` hold for every code point?
template <class Predicate>
bool every_code_point(std::string_view text, Predicate good) {
    const auto* next = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    auto left = static_cast<utf8proc_ssize_t>(text.size());
    while (left > 0) {
        utf8proc_int32_t code_point = 0;
        const utf8proc_ssize_t length = utf8proc_iterate(next, left, &code_point);
        if (length <= 0 || !good(std::int32_t{code_point})) return false;
        next += length;
        left -= length;
    }
    return true;
}

// The Unicode property White_Space (PropList.txt), whose list is closed in practice.
inline bool is_white_space(std::int32_t code_point) {
    switch (code_point) {
        case 0x20:
        case 0x85:
        case 0xa0:
        case 0x1680:
        case 0x2028:
        case 0x2029:
        case 0x202f:
        case 0x205f:
        case 0x3000:
            return true;
        default:
            return (code_point >= 0x09 && code_point <= 0x0d) ||
                   (code_point >= 0x2000 && code_point <= 0x200a);
    }
}

}  // namespace socai::ledger
