#include "ledger/add_checkpoint.hpp"

#include <utility>

#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

constexpr std::string_view old_word = "old ";

Error malformed(std::string detail) {
    return invalid("malformed_add_checkpoint", "add-checkpoint: " + std::move(detail));
}

}  // namespace

std::string AddCheckpoint::to_string() const {
    return std::string(old_word) + std::to_string(old_size) + "\n" + hash_lines(proof) + "\n" +
           head.note.to_string();
}

Result<AddCheckpoint> parse_add_checkpoint(std::string_view body) {
    if (body.size() > max_add_checkpoint_bytes) return malformed("longer than 1 MiB and 8 KiB");
    const std::optional<std::string_view> line = take_line(body);
    if (!line || !line->starts_with(old_word)) return malformed("the first line must be: old <size>");
    const std::optional<std::uint64_t> old_size = parse_decimal(line->substr(old_word.size()));
    if (!old_size) return malformed("the old size must be a decimal number without leading zeros");
    std::optional<std::vector<Hash>> proof = take_hash_lines(body);
    if (!proof) {
        return malformed(
            "the old size must be followed by at most 63 lines of a hash each, 44 characters of base64, "
            "and an empty line");
    }
    Result<Head> head = parse_head(body);
    if (!head) return head.error();
    return AddCheckpoint{*old_size, *std::move(proof), *std::move(head)};
}

WitnessVerdict judge(const AddCheckpoint& request, const WitnessedTree& last) {
    const Checkpoint& checkpoint = request.head.checkpoint;
    if (request.old_size > checkpoint.size) return WitnessVerdict::bad_request;
    if (request.old_size != last.size) return WitnessVerdict::conflict;
    const bool holds =
        verify_consistency(last.size, checkpoint.size, last.root, checkpoint.root, request.proof);
    return holds ? WitnessVerdict::cosign : WitnessVerdict::unprovable;
}

}  // namespace socai::ledger
