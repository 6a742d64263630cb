// Any bytes as an access token: refused with a sentence that quotes none of it, or within every bound.
#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/access_token.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto token = parse_access_token(bytes);
    if (!token) {
        assert(!token.error().detail.empty());
        assert(bytes.size() < 16 || token.error().detail.find(bytes) == std::string::npos);
        return 0;
    }
    assert(bytes.size() <= max_token_bytes);
    assert(token->expires_s > token->issued_s && token->expires_s - token->issued_s <= max_token_lifetime_s);
    assert(bytes.starts_with(token->signing_input) && bytes[token->signing_input.size()] == '.');
    assert(!check_access_token(*token, {}, token->audience,
                               token->issued_s * 1'000));  // no key signs with nothing
    return 0;
}
