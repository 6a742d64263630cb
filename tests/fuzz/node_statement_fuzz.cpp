// Any bytes as the text of what a node signs: refused with a sentence, or spelt in exactly one way.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "ledger/node_statement.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto statement = parse_node_statement(bytes);
    if (statement)
        assert(statement->to_string() == bytes);
    else
        assert(!statement.error().detail.empty());
    return 0;
}
