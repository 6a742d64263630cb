#include "ledger/tlog_proof.hpp"

#include <utility>

#include "ledger/base64.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

constexpr std::string_view first_line = "c2sp.org/tlog-proof@v1";
constexpr std::string_view extra_word = "extra ";
constexpr std::string_view index_word = "index ";

Error malformed(std::string detail) {
    return invalid("malformed_tlog_proof", "proof: " + std::move(detail));
}

}  // namespace

std::string TlogProof::to_string() const {
    return std::string(first_line) + "\n" + std::string(index_word) + std::to_string(index) + "\n" +
           hash_lines(hashes) + "\n" + head.note.to_string();
}

Result<TlogProof> parse_tlog_proof(std::string_view text) {
    if (text.size() > max_tlog_proof_bytes) return malformed("longer than 1 MiB and 8 KiB");
    if (take_line(text) != first_line) {
        return malformed("the first line must be " + std::string(first_line));
    }
    std::optional<std::string_view> line = take_line(text);
    if (line && line->starts_with(extra_word)) {
        if (!base64_decode(line->substr(extra_word.size()))) return malformed("the extra line is not base64");
        line = take_line(text);
    }
    if (!line || !line->starts_with(index_word)) return malformed("there must be a line: index <n>");
    const std::optional<std::uint64_t> index = parse_decimal(line->substr(index_word.size()));
    if (!index) return malformed("the index must be a decimal number without leading zeros");
    std::optional<std::vector<Hash>> hashes = take_hash_lines(text);
    if (!hashes) {
        return malformed(
            "the index must be followed by at most 63 lines of a hash each, 44 characters of base64, and "
            "an empty line");
    }
    Result<Head> head = parse_head(text);
    if (!head) return head.error();
    return TlogProof{*index, *std::move(hashes), *std::move(head)};
}

Result<void> verify_tlog_proof(const TlogProof& proof, const Hash& leaf, const Policy& policy) {
    if (const Result<HeadSigners> signers = check_head(policy, proof.head); !signers) return signers.error();
    const Checkpoint& checkpoint = proof.head.checkpoint;
    if (verify_inclusion(proof.index, checkpoint.size, leaf, proof.hashes, checkpoint.root)) return {};
    return invalid("wrong_proof", "the entry does not stand at leaf " + std::to_string(proof.index) +
                                      " of the tree of " + std::to_string(checkpoint.size) +
                                      " leaves that was cosigned: entry or proof was altered");
}

}  // namespace socai::ledger
