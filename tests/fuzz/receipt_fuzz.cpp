// Any bytes as a receipt, verified under a policy that did not sign it: never a pass. Under the seeds' own: a pass or a sentence.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "ledger/receipt.hpp"
#include "strange_policy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto receipt = parse_receipt(bytes);
    if (!receipt) {
        assert(!receipt.error().detail.empty());
        return 0;
    }
    assert(parse_receipt(receipt->to_json()).value().to_json() == receipt->to_json());
    assert(!verify_receipt(*receipt, strange_policy()));
    if (const auto verified = verify_receipt(*receipt, seed_policy()); !verified)
        assert(!verified.error().detail.empty());
    return 0;
}
