// Any bytes as a signed note: refused with a sentence, or spelt in exactly one way.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "ledger/note.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto note = parse_note(bytes);
    if (note)
        assert(note->to_string() == bytes);
    else
        assert(!note.error().detail.empty());
    return 0;
}
