// Any bytes as the plan of a recovery, and as the leaf that opens an epoch: refused with a sentence, or read to what is spelt
// as a plan in one way.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "ledger/recovery_leaf.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto same = [](const RecoveryPlan& plan) {
        const auto again = parse_plan(plan_text(plan));
        return again && *again == plan;
    };
    if (const auto plan = parse_plan(bytes))
        assert(same(*plan));
    else
        assert(!plan.error().detail.empty());
    if (const auto leaf = parse_recovery_entry(bytes))
        assert(same(leaf->plan));
    else
        assert(!leaf.error().detail.empty());
    return 0;
}
