// Any bytes as a receipt, verified under a policy that did not sign it: never a pass.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "ledger/receipt.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    static const Policy policy =
        parse_policy(
            "log example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\nquorum none\n")
            .value();
    const auto receipt = parse_receipt(bytes);
    if (!receipt) {
        assert(!receipt.error().detail.empty());
        return 0;
    }
    assert(parse_receipt(receipt->to_json()).value().to_json() == receipt->to_json());
    assert(!verify_receipt(*receipt, policy));
    return 0;
}
