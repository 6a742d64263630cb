// Any bytes as what an audit remembers: refused, or what is written anew reads the same.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "node/audit/state_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::node::audit;
    const auto state = parse_state({reinterpret_cast<const char*>(data), size});
    if (state) assert(parse_state(state->to_string()) == state);
    return 0;
}
