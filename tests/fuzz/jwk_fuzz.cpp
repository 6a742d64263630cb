// Any bytes as a private key file: refused without a word of the key, or written anew it reads the same.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "ledger/jwk.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto jwk = parse_jwk(bytes);
    if (!jwk) {
        assert(!jwk.error().detail.empty());
        return 0;
    }
    const auto again = parse_jwk(jwk_text(*jwk));
    assert(again->kid == jwk->kid && again->key.public_key() == jwk->key.public_key());
    return 0;
}
