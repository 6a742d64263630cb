#include "ledger/proof_lines.hpp"

#include <algorithm>
#include <charconv>

#include "ledger/base64.hpp"

namespace socai::ledger {

std::optional<std::string_view> take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

std::optional<std::uint64_t> parse_decimal(std::string_view digits) {
    if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

std::string hash_text(const Hash& hash) {
    return base64({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

std::optional<Hash> parse_hash_text(std::string_view text) {
    Hash hash;
    const std::optional<std::string> bytes = base64_decode(text);
    if (!bytes || bytes->size() != hash.size()) return std::nullopt;
    std::ranges::copy(*bytes, hash.begin());
    return hash;
}

std::string hash_lines(const std::vector<Hash>& hashes) {
    std::string text;
    for (const Hash& hash : hashes) text += hash_text(hash) + "\n";
    return text;
}

std::optional<std::vector<Hash>> take_hash_lines(std::string_view& text) {
    std::vector<Hash> hashes;
    while (true) {
        const std::optional<std::string_view> line = take_line(text);
        if (!line) return std::nullopt;
        if (line->empty()) return hashes;
        const std::optional<Hash> hash = parse_hash_text(*line);
        if (!hash || hashes.size() == max_proof_hashes) return std::nullopt;
        hashes.push_back(*hash);
    }
}

}  // namespace socai::ledger
