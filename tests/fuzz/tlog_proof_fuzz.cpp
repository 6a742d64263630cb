// Any bytes as a tlog-proof: refused with a sentence, or what is written anew reads the same.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "ledger/tlog_proof.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto proof = parse_tlog_proof(bytes);
    if (!proof) {
        assert(!proof.error().detail.empty());
        return 0;
    }
    assert(proof->hashes.size() <= max_proof_hashes);
    assert(parse_tlog_proof(proof->to_string()).value() == *proof);
    verify_inclusion(proof->index, proof->head.checkpoint.size, {}, proof->hashes,
                     proof->head.checkpoint.root);
    return 0;
}
