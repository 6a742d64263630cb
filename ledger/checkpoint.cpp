#include "ledger/checkpoint.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include "ledger/base64.hpp"
#include "ledger/merkle_tree.hpp"

namespace socai::ledger {
namespace {

Error malformed(std::string detail) {
    return {Fault::invalid_statement, "malformed_checkpoint", "checkpoint: " + std::move(detail)};
}

// Takes the first line off `text`, without its newline; nothing when no newline is left.
std::optional<std::string_view> take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

std::optional<std::uint64_t> parse_size(std::string_view digits) {
    if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return size;
}

}  // namespace

std::string Checkpoint::to_string() const {
    return origin + "\n" + std::to_string(size) + "\n" +
           base64({reinterpret_cast<const char*>(root.data()), root.size()}) + "\n";
}

Result<Checkpoint> parse_checkpoint(std::string_view note_text) {
    const auto origin = take_line(note_text);
    const auto size_line = take_line(note_text);
    const auto root_line = take_line(note_text);
    if (!root_line) return malformed("must have three lines: origin, size, root");
    if (!note_text.empty()) return malformed("extension lines after the root are not accepted");
    if (origin->empty()) return malformed("line 1, the origin, is empty");

    const auto size = parse_size(*size_line);
    if (!size) return malformed("line 2 must be the tree's size, a decimal number without leading zeros");
    const auto root = base64_decode(*root_line);
    Checkpoint checkpoint{std::string(*origin), *size, {}};
    if (!root || root->size() != checkpoint.root.size()) {
        return malformed("line 3 must be the root hash, 32 bytes in base64 (44 characters)");
    }
    std::copy(root->begin(), root->end(), checkpoint.root.begin());
    if (checkpoint.size == 0 && checkpoint.root != empty_root()) {
        return malformed("a tree of size 0 must have the root SHA-256(\"\")");
    }
    return checkpoint;
}

}  // namespace socai::ledger
