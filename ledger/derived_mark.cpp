#include "ledger/derived_mark.hpp"

namespace socai::ledger {
namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr int bits_a_digit = 4;

}  // namespace

std::string mark_text(std::uint64_t mark) {
    std::string text;
    for (int shift = 64 - bits_a_digit; shift >= 0; shift -= bits_a_digit)
        text.push_back(digits[(mark >> static_cast<unsigned>(shift)) & 0xFU]);
    return text + "\n";
}

std::optional<std::uint64_t> parse_mark(std::string_view text) {
    if (text.size() != mark_text_bytes || text.back() != '\n') return std::nullopt;
    std::uint64_t mark = 0;
    for (const char digit : text.substr(0, mark_text_bytes - 1)) {
        const std::size_t value = digits.find(digit);
        if (value == std::string_view::npos) return std::nullopt;
        mark = mark << static_cast<unsigned>(bits_a_digit) | value;
    }
    return mark;
}

}  // namespace socai::ledger
