// Any bytes as a piece of evidence, verified under a policy that did not sign it: never a pass. Under the seeds' own: a pass or a sentence.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "ledger/evidence.hpp"
#include "strange_policy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto evidence = parse_evidence(bytes);
    if (!evidence) {
        assert(!evidence.error().detail.empty());
        return 0;
    }
    assert(parse_evidence(evidence->to_json()).value() == *evidence);
    assert(!verify_evidence(*evidence, strange_policy()));
    if (const auto verified = verify_evidence(*evidence, seed_policy()); !verified)
        assert(!verified.error().detail.empty());
    return 0;
}
