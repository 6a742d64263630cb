#include "ledger/hash.hpp"

#include <sodium.h>

#include <cstddef>

namespace socai::ledger {
namespace {

void update(crypto_hash_sha256_state& state, std::string_view bytes) {
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

// The value of one lower-case hexadecimal digit, or -1.
int digit_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    return -1;
}

}  // namespace

Hash sha256(std::string_view bytes) {
    Hash hash;
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    return hash;
}

Hash sha256(std::string_view first, std::string_view second) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    update(state, first);
    update(state, second);
    Hash hash;
    crypto_hash_sha256_final(&state, hash.data());
    return hash;
}

std::string to_hex(const Hash& hash) {
    std::string text(hash.size() * 2 + 1, '\0');  // libsodium ends it with a NUL
    sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
    text.pop_back();
    return text;
}

std::optional<Hash> hash_from_hex(std::string_view text) {
    Hash hash;
    if (text.size() != hash.size() * 2) return std::nullopt;
    for (std::size_t i = 0; i < hash.size(); ++i) {
        const int high = digit_value(text[2 * i]);
        const int low = digit_value(text[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        hash[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return hash;
}

}  // namespace socai::ledger
