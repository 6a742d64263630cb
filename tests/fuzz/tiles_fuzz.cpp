// Any bytes as the path of a tile, and as an entry bundle.
#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/tiles.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto name = parse_tile_path(bytes)) assert(tile_path(*name) == bytes);
    if (const auto entries = split_bundle(bytes)) {
        assert(entries->size() <= tile_width);
        std::string again;
        for (const std::string_view entry : *entries) append_bundle_entry(again, entry);
        assert(again == bytes);
    }
    return 0;
}
