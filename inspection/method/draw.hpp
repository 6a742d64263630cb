// Which reduced shipments are checked all the same: a draw that nobody can foretell or steer, and that anybody can repeat
// (design/domain.md 7). Pure; integers only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "inspection/method/rule_set.hpp"
#include "ledger/hash.hpp"

namespace socai::inspection {

// A shipment, the same whatever is amended, cancelled or filed again: its declaration number (12 digits) without the
// amendment digit; without a declaration, its bill of lading and goods key.
std::string shipment_of_declaration(std::string_view declaration_no);
std::string shipment_of_bill(std::string_view bill_of_lading, std::string_view goods_key);

// The first 8 bytes of SHA-256(root || shipment), big-endian, modulo 1,000,000. `root`: of the tree that ends with the
// entry of the declaration, so that it is settled only when nobody can change it any more.
std::uint32_t ticket(const ledger::Hash& root, std::string_view shipment);

struct Draw {
    std::uint32_t ticket = 0;
    bool selected = false;
    bool capped = false;  // the ticket would have won, but the share is used up
    bool operator==(const Draw&) const = default;
};
// Of a calendar year, and of the goods where that is the denominator.
struct SampleShare {
    std::uint64_t drawn = 0;
    std::uint64_t shipments = 0;
    template <class Codec>
    void members(Codec& codec) {
        codec(drawn, shipments);
    }
};
// The draw of one more shipment. The share counts reduced shipments, this one included; it never exceeds `max_ppm` at any
// moment of the year.
Draw draw_from(SampleShare& share, const ledger::Hash& root, std::string_view shipment,
               std::uint32_t max_ppm);

// The draws of one rule set. Feed it reduced shipments in the order of the ledger.
class Sampler {
  public:
    // A rule set must outlive it.
    explicit Sampler(const RuleSet& rules) : rules_(&rules) {}

    using Draw = inspection::Draw;
    // The first draw of a shipment stands: drawn again, it answers the same, whatever the root. `time_ms` is the signed
    // time of the registration: its year in Vietnam is the one whose share counts. The share counts reduced shipments, this
    // one included, within the rule set's denominator; it never exceeds sample_max_ppm at any moment of the year.
    Draw draw(const ledger::Hash& root, std::string_view shipment, std::string_view goods_key,
              std::int64_t time_ms);

  private:
    const RuleSet* rules_;
    std::map<std::string, Draw, std::less<>> draws_;  // by shipment
    std::map<std::pair<std::int32_t, std::string>, SampleShare>
        shares_;  // by year, and goods key where that is the denominator
};

}  // namespace socai::inspection
