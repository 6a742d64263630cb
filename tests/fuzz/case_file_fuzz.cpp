// Any bytes as a case file, verified under a policy that signed none of its receipts: never a pass, but for one that claims
// nothing.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "inspection/case_file.hpp"
#include "strange_policy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto file = inspection::parse_case(bytes);
    if (!file) {
        assert(!file.error().detail.empty());
        return 0;
    }
    assert(inspection::parse_case(file->to_json()).value() == *file);
    const auto verified = inspection::verify_case(*file, ledger::strange_policy());
    assert(!verified ||
           (file->receipts.empty() && file->records.empty() && file->origin == "example.com/foo"));
    if (const auto own = inspection::verify_case(*file, ledger::seed_policy()))
        assert(own->places.size() == file->records.size());
    else
        assert(!own.error().detail.empty());
    for (const inspection::CaseReceipt& receipt : file->receipts) file->receipt_of(receipt);
    return 0;
}
