// Any bytes as the body of a frame: decode() refuses them with a sentence, or they have exactly this
// encoding.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "network/frame.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::network;
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    WireSignature signature{};
    const auto decoded = decode(body, &signature);
    if (const auto* payload = std::get_if<Payload>(&decoded))
        assert(encode(*payload, signature).substr(frame_length_bytes) == body);
    else
        assert(!std::get<DecodeError>(decoded).detail.empty());
    return 0;
}
