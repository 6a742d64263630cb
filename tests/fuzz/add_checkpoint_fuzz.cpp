// Any bytes as a request to a witness; then the decision over it.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "ledger/add_checkpoint.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto request = parse_add_checkpoint(bytes);
    if (!request) {
        assert(!request.error().detail.empty());
        return 0;
    }
    assert(request->to_string() == bytes);
    judge(*request, {});
    judge(*request, {request->old_size, {}});
    return 0;
}
