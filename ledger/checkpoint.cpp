#include "ledger/checkpoint.hpp"

#include <utility>

#include "ledger/merkle_tree.hpp"
#include "ledger/proof_lines.hpp"

namespace socai::ledger {
namespace {

Error malformed(std::string detail) {
    return {Fault::invalid_statement, "malformed_checkpoint", "checkpoint: " + std::move(detail)};
}

}  // namespace

std::string Checkpoint::to_string() const {
    return origin + "\n" + std::to_string(size) + "\n" + hash_text(root) + "\n";
}

Result<Checkpoint> parse_checkpoint(std::string_view note_text) {
    const auto origin = take_line(note_text);
    const auto size_line = take_line(note_text);
    const auto root_line = take_line(note_text);
    if (!root_line) return malformed("must have three lines: origin, size, root");
    if (!note_text.empty()) return malformed("extension lines after the root are not accepted");
    if (origin->empty()) return malformed("line 1, the origin, is empty");

    const auto size = parse_decimal(*size_line);
    if (!size) return malformed("line 2 must be the tree's size, a decimal number without leading zeros");
    const auto root = parse_hash_text(*root_line);
    if (!root) return malformed("line 3 must be the root hash, 32 bytes in base64 (44 characters)");
    if (*size == 0 && *root != empty_root()) {
        return malformed("a tree of size 0 must have the root SHA-256(\"\")");
    }
    return Checkpoint{std::string(*origin), *size, *root};
}

}  // namespace socai::ledger
