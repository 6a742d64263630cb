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

std::string big_endian(std::uint64_t value, std::size_t size) {
    std::string bytes;
    for (std::size_t i = size; i-- > 0;) bytes += static_cast<char>(value >> (8 * i) & 0xff);
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

// What a tlog-cosignature v1 signs: a header that says the time, and the text (reference/transparency_log.md §1.4).
std::string cosigned_message(std::uint64_t time_s, std::string_view text) {
    return "cosignature/v1\ntime " + std::to_string(time_s) + "\n" + std::string(text);
}

// Its line: eight bytes of time, in seconds, then the signature.
bool verify_cosignature(const PublicKey& key, std::string_view text, std::string_view bytes) {
    if (bytes.size() < time_bytes) return false;
    const std::uint64_t time = from_big_endian(bytes.substr(0, time_bytes));
    if (time > INT64_MAX) return false;
    return verify_raw(key, cosigned_message(time, text), bytes.substr(time_bytes));
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
                 base64(big_endian(signature.id, id_bytes) + signature.bytes) + "\n";
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

void cosign_note(Note& note, std::string_view name, const KeyPair& key, std::uint64_t time_s) {
    assert(note.text.ends_with('\n'));
    assert(is_key_name(name));
    assert(time_s <= INT64_MAX);
    const VerifierKey vkey{std::string(name), NoteKeyType::cosignature, key.public_key()};
    const Signature signature = key.sign(cosigned_message(time_s, note.text));
    note.signatures.push_back(
        {vkey.name, vkey.id(), big_endian(time_s, time_bytes).append(signature.begin(), signature.end())});
}

std::optional<std::uint64_t> cosignature_time(const NoteSignature& line) {
    if (line.bytes.size() < time_bytes) return std::nullopt;
    return from_big_endian(std::string_view(line.bytes).substr(0, time_bytes));
}

Result<std::vector<VerifiedLine>> verify_lines(const Note& note, std::span<const VerifierKey> keys) {
    std::vector<std::uint32_t> ids;
    ids.reserve(keys.size());
    for (const VerifierKey& key : keys) ids.push_back(key.id());

    std::vector<VerifiedLine> verified;
    for (std::size_t line = 0; line < note.signatures.size(); ++line) {
        const NoteSignature& signature = note.signatures[line];
        std::optional<std::size_t> known;
        bool good = false;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (ids[i] != signature.id || keys[i].name != signature.name) continue;
            known = i;
            if (!verify_by(keys[i], note.text, signature.bytes)) continue;
            verified.push_back({i, line});
            good = true;
        }
        // Two keys may share 32 bits of id: the line is bad only if it verifies by none of them.
        if (known && !good) {
            return Error{Fault::invalid_statement, "bad_note_signature",
                         "signed note: the signature of the known key " + keys[*known].to_string() +
                             " does not verify; the text or the line was altered"};
        }
    }
    return verified;
}

Result<std::vector<std::size_t>> verify_note(const Note& note, std::span<const VerifierKey> keys) {
    const Result<std::vector<VerifiedLine>> lines = verify_lines(note, keys);
    if (!lines) return lines.error();
    if (lines->empty()) {
        return Error{Fault::invalid_statement, "no_known_signature",
                     "signed note: none of its signatures is by a known key; check the keys or the policy"};
    }
    std::set<std::size_t> verified;
    for (const VerifiedLine& line : *lines) verified.insert(line.key);
    return std::vector<std::size_t>(verified.begin(), verified.end());
}

}  // namespace socai::ledger
