// Any bytes as what remains of a withdrawn leaf: refused with a sentence, or read to what is spelt so and in no other way.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "ledger/remains.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto remains = parse_remains(bytes)) {
        assert(to_text(*remains) == bytes);
        assert(hash_of_leaf(bytes) == remains->leaf);
        const auto leaf = read_leaf(bytes);
        assert(leaf && leaf->withdrawn && leaf->time_ms == remains->time_ms);
        for (const Record& record : leaf->statement.records) assert(record.data().contains("refs"));
    } else {
        assert(!remains.error().detail.empty());
    }
    return 0;
}
