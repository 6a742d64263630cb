#include "ledger/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

// Our own, because libsodium 1.0.18 takes bytes above 0x7F for the last digit of the alphabet where char is
// signed, which would give one signature many spellings; and because decoding is on the path of every record.

namespace socai::ledger {
namespace {

constexpr std::uint8_t no_digit = 0xff;

struct Alphabet {
    std::array<char, 64> digits{};
    std::array<std::uint8_t, 256> values{};  // no_digit for everything else

    constexpr explicit Alphabet(const char (&last_two)[3]) {
        std::size_t n = 0;
        for (char c = 'A'; c <= 'Z'; ++c) digits[n++] = c;
        for (char c = 'a'; c <= 'z'; ++c) digits[n++] = c;
        for (char c = '0'; c <= '9'; ++c) digits[n++] = c;
        digits[n++] = last_two[0];
        digits[n++] = last_two[1];
        values.fill(no_digit);
        for (std::size_t i = 0; i < n; ++i) {
            values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
        }
    }

    std::uint8_t value(char digit) const { return values[static_cast<unsigned char>(digit)]; }
};

constexpr Alphabet standard_alphabet("+/");  // RFC 4648 table 1
constexpr Alphabet url_alphabet("-_");       // RFC 4648 table 2

std::string encode(std::string_view bytes, const Alphabet& alphabet) {
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3 + 2);
    std::uint32_t pending = 0;  // bits not yet spelt, in the low end
    int pending_bits = 0;
    for (const char byte : bytes) {
        pending = pending << 8 | static_cast<unsigned char>(byte);
        for (pending_bits += 8; pending_bits >= 6; pending_bits -= 6) {
            text += alphabet.digits[pending >> (pending_bits - 6) & 0x3f];
        }
    }
    if (pending_bits > 0) text += alphabet.digits[pending << (6 - pending_bits) & 0x3f];
    return text;
}

// `text` without padding.
std::optional<std::string> decode(std::string_view text, const Alphabet& alphabet) {
    const std::size_t rest = text.size() % 4;
    if (rest == 1) return std::nullopt;  // six bits make no byte
    std::string bytes;
    bytes.resize(text.size() / 4 * 3 + (rest == 0 ? 0 : rest - 1));
    std::size_t at = 0;
    std::size_t i = 0;
    for (; i + 4 <= text.size(); i += 4) {
        const std::uint8_t a = alphabet.value(text[i]);
        const std::uint8_t b = alphabet.value(text[i + 1]);
        const std::uint8_t c = alphabet.value(text[i + 2]);
        const std::uint8_t d = alphabet.value(text[i + 3]);
        if ((a | b | c | d) == no_digit) return std::nullopt;  // digits have six bits, no_digit has eight
        bytes[at++] = static_cast<char>(a << 2 | b >> 4);
        bytes[at++] = static_cast<char>(b << 4 | c >> 2);
        bytes[at++] = static_cast<char>(c << 6 | d);
    }
    if (rest == 0) return bytes;

    // Two or three digits remain: their last four or two bits spell nothing and must be zero.
    const std::uint8_t a = alphabet.value(text[i]);
    const std::uint8_t b = alphabet.value(text[i + 1]);
    const std::uint8_t c = rest == 3 ? alphabet.value(text[i + 2]) : std::uint8_t{0};
    if ((a | b | c) == no_digit) return std::nullopt;
    if ((rest == 2 ? b & 0x0f : c & 0x03) != 0) return std::nullopt;
    bytes[at++] = static_cast<char>(a << 2 | b >> 4);
    if (rest == 3) bytes[at++] = static_cast<char>(b << 4 | c >> 2);
    return bytes;
}

}  // namespace

std::string base64url(std::string_view bytes) {
    return encode(bytes, url_alphabet);
}

std::optional<std::string> base64url_decode(std::string_view text) {
    return decode(text, url_alphabet);
}

std::string base64(std::string_view bytes) {
    std::string text = encode(bytes, standard_alphabet);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    // At most two, so that what is left has 2, 3 or 4 digits in its last group.
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    return decode(text, standard_alphabet);
}

}  // namespace socai::ledger
