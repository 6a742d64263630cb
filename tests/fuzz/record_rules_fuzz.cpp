// Any bytes as a record, judged by the rules of its kind: every fault has a place in the record, a sentence and a reason, and
// what admission would say is the first of them.
#include <algorithm>
#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>

#include "inspection/records/record_rules.hpp"
#include "ledger/record.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai;
    static const inspection::RecordRules rules;
    static const inspection::Surroundings nothing_known;
    const auto record = ledger::parse_record({reinterpret_cast<const char*>(data), size});
    if (!record) {
        assert(!record.error().detail.empty());
        return 0;
    }
    constexpr std::size_t limit = 20;
    const auto breaches = rules.judge(*record, nothing_known, limit);
    assert(breaches.size() <= limit);
    for (const inspection::Breach& breach : breaches) {
        assert(breach.place.starts_with('/'));
        assert(!breach.error().reason.empty() &&
               breach.error().detail.find(breach.rule->vi) != std::string::npos);
    }
    const auto first = rules.judge(*record, nothing_known, 1);
    assert(first.size() == std::min<std::size_t>(breaches.size(), 1));
    assert(first.empty() || first.front().text() == breaches.front().text());
    return 0;
}
