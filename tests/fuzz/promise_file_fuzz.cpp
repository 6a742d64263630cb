// Any bytes as a promise file, verified under a policy that introduced nobody: never a pass. Under the seeds' own: a pass or a sentence.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "ledger/promise_file.hpp"
#include "strange_policy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto file = parse_promise_file(bytes);
    if (!file) {
        assert(!file.error().detail.empty());
        return 0;
    }
    assert(parse_promise_file(file->to_json()).value() == *file);
    assert(!verify_promise_file(*file, strange_policy()));
    if (const auto verified = verify_promise_file(*file, seed_policy()); !verified)
        assert(!verified.error().detail.empty());
    return 0;
}
