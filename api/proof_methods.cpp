// ledger.prove_inclusion, ledger.prove_consistency: RFC 6962 §2.1 proofs at any size.
#include <utility>

#include "api/access/record_sight.hpp"
#include "api/methods.hpp"
#include "api/views.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

std::optional<std::uint64_t> size_argument(const Arguments& arguments, std::string_view name) {
    const auto given = arguments.integer(name);
    if (!given) return std::nullopt;
    return static_cast<std::uint64_t>(*given);
}

// Of a leaf without a receipt: it may have none because nobody has its bytes any more.
WithdrawalPtr withdrawal_of(const Reading& reading, std::uint64_t index) {
    const auto leaf = reading.backend.leaf(index);
    return leaf ? leaf->withdrawal : nullptr;
}

bool may_have_statement(const Reading& reading, std::uint64_t index) {
    if (reading.asker.viewer.whole) return true;
    const auto leaf = reading.backend.leaf(index);
    return leaf && RecordSight(reading.backend, reading.asker.viewer).is_whole(leaf->records);
}

Answer prove_inclusion(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto proof =
        reading.backend.prove_inclusion(*size_argument(arguments, "index"), size_argument(arguments, "size"));
    if (!proof) return proof.error();
    json::object answer(storage);
    answer["index"] = proof->index;
    answer["size"] = proof->size;
    answer["leaf_hash"] = hash_text(proof->leaf);
    answer["hashes"] = hashes_json(proof->hashes, storage);
    answer["root"] = hash_text(proof->root);
    // A receipt holds the whole statement. Whoever may not have it is told, and need not wait for it.
    if (!may_have_statement(reading, proof->index))
        answer["receipt_withheld"] = true;
    else if (proof->receipt)
        answer["receipt"] = *proof->receipt;
    else if (const auto withdrawal = withdrawal_of(reading, proof->index))
        answer["withdrawn"] = withdrawal_json(*withdrawal, storage);
    return answer;
}

Answer prove_consistency(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const std::uint64_t from = *size_argument(arguments, "from_size");
    const std::optional<std::uint64_t> to = size_argument(arguments, "to_size");
    if (to && *to < from) {
        return invalid_params("out_of_range", "to_size must not be smaller than from_size");
    }
    const auto proof = reading.backend.prove_consistency(from, to);
    if (!proof) return proof.error();
    json::object answer(storage);
    answer["from_size"] = proof->from;
    answer["to_size"] = proof->to;
    answer["hashes"] = hashes_json(proof->hashes, storage);
    return answer;
}

Parameter size_parameter(std::string_view name, std::string_view summary, std::int64_t min, bool required) {
    return {.name = name,
            .type = ParameterType::integer,
            .summary = summary,
            .required = required,
            .min = min,
            .max = max_integer};
}

}  // namespace

std::vector<Method> proof_methods(const Limits& limits) {
    const std::vector<Code> errors{Code::invalid_params, Code::unavailable, Code::not_found};
    return {
        {"ledger.prove_inclusion", "That a leaf stands in the tree of a size",
         with_read_parameters(
             {size_parameter("index", "The leaf", 0, true),
              size_parameter("size",
                             "The tree's size in leaves; absent: what is final, when the leaf is, else all "
                             "that this node has applied",
                             1, false)},
             limits),
         "InclusionProof", errors, &prove_inclusion},
        {"ledger.prove_consistency", "That a tree extends a smaller one",
         with_read_parameters(
             {size_parameter("from_size", "The smaller tree's size", 0, true),
              size_parameter("to_size", "The larger one's; absent: all that this node has applied", 0,
                             false)},
             limits),
         "ConsistencyProof", errors, &prove_consistency},
    };
}

}  // namespace socai::api
