// Any bytes as the note of a configuration entry: refused, or spelt in exactly one way.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "node/member.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::node;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto note = decode_note(bytes);
    if (note) assert(encode_note(*note) == bytes);
    return 0;
}
