// Any bytes as leaf 0: refused with a sentence, or a registry that stands by itself.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "ledger/genesis.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto genesis = parse_genesis(bytes);
    if (genesis)
        assert(!genesis->origin.empty() && !genesis->nodes.empty());
    else
        assert(!genesis.error().detail.empty());
    return 0;
}
