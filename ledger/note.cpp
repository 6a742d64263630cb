#include "ledger/note.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>
#include <set>
#include <utility>

#include "ledger/utf8.hpp"

namespace socai::ledger {
namespace {

constexpr std::string_view line_prefix = "\xe2\x80\x94 ";  // em dash, space
constexpr std::size_t id_bytes = 4;
constexpr std::size_t time_bytes = 8;

Error malformed(std::string detail) {
    return {Fault::invalid_statement, "malformed_note", "signed note: " + std::move(detail)};
}

std::string big_endian(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
    return bytes;
}

std::uint64_t from_big_endian(std::string_view bytes) {
    assert(bytes.size() <= sizeof(std::uint64_t));
    std::uint64_t value = 0;
    for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

bool is_note_text(std::string_view bytes) {
    return every_code_point(bytes, [](std::int32_t c) { return c >= 0x20 || c == '\n'; });
}

// One signature line without its newline: em dash, space, name, space, base64(key id || signature).
std::optional<NoteSignature> parse_signature(std::string_view line) {
    if (!line.starts_with(line_prefix)) return std::nullopt;
    line.remove_prefix(line_prefix.size());
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || !is_key_name(line.substr(0, space))) return std::nullopt;
    const auto bytes = base64_decode(line.substr(space + 1));
    if (!bytes || bytes->size() <= id_bytes) return std::nullopt;
    return NoteSignature{
        std::string(line.substr(0, space)),
        static_cast<std::uint32_t>(from_big_endian(std::string_view(*bytes).substr(0, id_bytes))),
        bytes->substr(id_bytes)};
}

bool verify_raw(const PublicKey& key, std::string_view message, std::string_view bytes) {
    Signature signature;
    if (bytes.size() != signature.size()) return false;
    std::copy(bytes.begin(), bytes.end(), signature.begin());
    return verify_ed25519(key, message, signature);
}

// tlog-cosignature v1: eight bytes of time, in seconds, then the signature over a header that repeats the
// time, and the text (reference/transparency_log.md §1.4).
bool verify_cosignature(const PublicKey& key, std::string_view text, std::string_view bytes) {
    if (bytes.size() < time_bytes) return false;
    const std::uint64_t time = from_big_endian(bytes.substr(0, time_bytes));
    if (time > INT64_MAX) return false;
    const std::string message = "cosignature/v1\ntime " + std::to_string(time) + "\n" + std::string(text);
    return verify_raw(key, message, bytes.substr(time_bytes));
}

bool verify_by(const VerifierKey& key, std::string_view text, std::string_view bytes) {
    switch (key.type) {
        case NoteKeyType::ed25519:
            return verify_raw(key.key, text, bytes);
        case NoteKeyType::cosignature:
            return verify_cosignature(key.key, text, bytes);
    }
    return false;
}

}  // namespace

std::string Note::to_string() const {
    std::string bytes = text + "\n";
    for (const NoteSignature& signature : signatures) {
        bytes += std::string(line_prefix) + signature.name + " " +
                 base64(big_endian(signature.id) + signature.bytes) + "\n";
    }
    return bytes;
}

Result<Note> parse_note(std::string_view bytes) {
    if (bytes.size() > max_note_bytes) return malformed("longer than 1 MiB");
    if (!is_note_text(bytes)) return malformed("not UTF-8, or holds a control character other than newline");
    // The text may hold blank lines itself: the last one parts it from the signatures.
    const std::size_t split = bytes.rfind("\n\n");
    if (split == std::string_view::npos) return malformed("no blank line between text and signatures");
    Note note{std::string(bytes.substr(0, split + 1)), {}};
    std::string_view lines = bytes.substr(split + 2);
    if (lines.empty()) return malformed("no signature after the blank line");
    if (lines.back() != '\n') return malformed("the last line must end in a newline");
    while (!lines.empty()) {
        if (note.signatures.size() == max_note_signatures) return malformed("more than 100 signatures");
        const std::size_t end = lines.find('\n');
        auto signature = parse_signature(lines.substr(0, end));
        if (!signature) {
            return malformed("signature line " + std::to_string(note.signatures.size() + 1) +
                             " must be an em dash, a key name and base64, with single spaces between");
        }
        note.signatures.push_back(std::move(*signature));
        lines.remove_prefix(end + 1);
    }
    return note;
}

void sign_note(Note& note, std::string_view name, const KeyPair& key) {
    assert(note.text.ends_with('\n'));
    assert(is_key_name(name));
    const VerifierKey vkey{std::string(name), NoteKeyType::ed25519, key.public_key()};
    const Signature signature = key.sign(note.text);
    note.signatures.push_back({vkey.name, vkey.id(), std::string(signature.begin(), signature.end())});
}

Result<std::vector<std::size_t>> verify_note(const Note& note, std::span<const VerifierKey> keys) {
    std::vector<std::uint32_t> ids;
    ids.reserve(keys.size());
    for (const VerifierKey& key : keys) ids.push_back(key.id());

    std::set<std::size_t> verified;
    for (const NoteSignature& signature : note.signatures) {
        std::optional<std::size_t> known;
        bool good = false;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (ids[i] != signature.id || keys[i].name != signature.name) continue;
            known = i;
            if (!verify_by(keys[i], note.text, signature.bytes)) continue;
            verified.insert(i);
            good = true;
        }
        // Two keys may share 32 bits of id: the line is bad only if it verifies by none of them.
        if (known && !good) {
            return Error{Fault::invalid_statement, "bad_note_signature",
                         "signed note: the signature of the known key " + keys[*known].to_string() +
                             " does not verify; the text or the line was altered"};
        }
    }
    if (verified.empty()) {
        return Error{Fault::invalid_statement, "no_known_signature",
                     "signed note: none of its signatures is by a known key; check the keys or the policy"};
    }
    return std::vector<std::size_t>(verified.begin(), verified.end());
}

}  // namespace socai::ledger
