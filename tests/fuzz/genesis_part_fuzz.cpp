// Any bytes as a member's part of a genesis: refused with a sentence, or a part that has this one spelling and alone founds a
// ledger that says the same.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "ledger/founding.hpp"
#include "ledger/genesis_part.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto part = parse_part(bytes);
    if (!part) {
        assert(!part.error().detail.empty());
        return 0;
    }
    assert(part_text(*part) == bytes);
    const auto genesis = found({*part}, {});
    if (genesis)
        assert(consent_faults(*genesis).empty() &&
               part_text(part_of(*genesis, genesis->consents.front())) == bytes);
    else
        assert(!genesis.error().detail.empty());
    return 0;
}
