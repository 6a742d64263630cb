#include "ledger/verifier_key.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include "ledger/base64.hpp"
#include "ledger/hash.hpp"
#include "ledger/utf8.hpp"

namespace socai::ledger {
namespace {

constexpr std::size_t id_digits = 8;

Error malformed(std::string detail) {
    return {Fault::invalid_statement, "malformed_vkey", "verifier key: " + std::move(detail)};
}

// The type byte and the key, as they are hashed and spelt.
std::string typed_key(const VerifierKey& vkey) {
    std::string bytes(1, static_cast<char>(vkey.type));
    bytes.append(vkey.key.begin(), vkey.key.end());
    return bytes;
}

std::uint32_t key_id(std::string_view name, std::string_view typed_key) {
    const Hash hash = sha256(std::string(name) + '\n', typed_key);
    return std::uint32_t{hash[0]} << 24 | std::uint32_t{hash[1]} << 16 | std::uint32_t{hash[2]} << 8 |
           hash[3];
}

std::string id_text(std::uint32_t id) {
    std::array<char, id_digits> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), id, 16).ptr;
    const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
    return std::string(id_digits - text.size(), '0').append(text);
}

}  // namespace

std::uint32_t VerifierKey::id() const {
    return key_id(name, typed_key(*this));
}

std::string VerifierKey::to_string() const {
    return name + "+" + id_text(id()) + "+" + base64(typed_key(*this));
}

Result<VerifierKey> parse_vkey(std::string_view text) {
    if (text.size() > max_vkey_bytes) return malformed("longer than 8 KiB");
    // The name holds no "+"; the base64 at the end may.
    const std::size_t name_end = text.find('+');
    const std::size_t id_end = name_end == std::string_view::npos ? name_end : text.find('+', name_end + 1);
    if (id_end == std::string_view::npos) return malformed("must be <name>+<8 hexadecimal digits>+<base64>");
    const std::string_view name = text.substr(0, name_end);
    const std::string_view id = text.substr(name_end + 1, id_end - name_end - 1);

    if (!is_key_name(name)) return malformed("the name before \"+\" is empty or holds white space");
    const std::optional<std::string> bytes = base64_decode(text.substr(id_end + 1));
    if (!bytes || bytes->empty()) return malformed("the part after the second \"+\" is not standard base64");
    const auto type = static_cast<std::uint8_t>(bytes->front());
    if (type != static_cast<std::uint8_t>(NoteKeyType::ed25519) &&
        type != static_cast<std::uint8_t>(NoteKeyType::cosignature)) {
        return Error{Fault::invalid_statement, "unknown_vkey_type",
                     "verifier key: type " + std::to_string(type) +
                         " is not checked here; use an Ed25519 key (type 1) or cosigner key (type 4)"};
    }
    VerifierKey vkey{std::string(name), NoteKeyType{type}, {}};
    if (bytes->size() != 1 + vkey.key.size()) return malformed("the key must be one type byte and 32 bytes");
    std::copy(bytes->begin() + 1, bytes->end(), vkey.key.begin());
    if (id_text(vkey.id()) != id) {
        return malformed("the key id does not belong to this name and key; copy the whole line again");
    }
    return vkey;
}

bool is_key_name(std::string_view name) {
    if (name.empty()) return false;
    return every_code_point(name, [](std::int32_t c) { return c >= 0x20 && c != '+' && !is_white_space(c); });
}

}  // namespace socai::ledger
