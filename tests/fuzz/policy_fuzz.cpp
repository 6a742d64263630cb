// Any bytes as a policy: refused with a sentence that names the line, or what is written anew reads the same.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "ledger/head.hpp"
#include "ledger/policy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto policy = parse_policy(bytes);
    if (!policy) {
        assert(!policy.error().detail.empty());
        return 0;
    }
    assert(parse_policy(policy->to_string()).value() == *policy);
    assert(policy_fingerprint(*policy).size() == 8 * 5 + 7);
    return 0;
}
