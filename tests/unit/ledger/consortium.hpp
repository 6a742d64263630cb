// A ledger of four members for tests of governance: each with a root, a registrar and a record key, an office under the
// first. Acts are signed, admitted and applied as a node would.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "tests/unit/ledger/samples.hpp"

namespace socai::ledger::samples {

// Agencies customs, most, mard, moit (with node <agency>-1 each), customs.haiphong and customs.nsw; keys <agency>/root,
// /registrar, /record. The offices have record keys alone.
Genesis consortium();

// Takes governed records in: "count/<kind>" and the last id of each ("last/<kind>").
class GovernedRules : public Rules {
  public:
    Result<void> check(const Record&, const Registry&) const override { return {}; }
    Result<void> check_reference(const Record&, std::size_t, std::string_view) const override { return {}; }
    Result<void> take(const Coming& coming, FactDraft& facts) const override;
    std::string_view matter_of(std::string_view kind) const override;
};

class Assembly {
  public:
    explicit Assembly(Genesis genesis = consortium());

    // The record's text, signed by `kid` and admitted at the present time; a refused one changes nothing. Gives the reason
    // of an error, "admitted" or "duplicate".
    std::string act(std::string_view kid, std::string_view kind, std::string_view id,
                    boost::json::object data, std::string_view source = {});
    // An ordinary record of the kind.
    std::string record(std::string_view kid, std::string_view id,
                       std::string_view kind = "clearance_decision");
    std::string propose(std::string_view member, std::string_view id, std::string_view matter,
                        boost::json::object change);
    std::string vote(std::string_view member, std::string_view proposal, bool yes = true,
                     std::string_view proposer = "customs");

    const Genesis& genesis() const { return genesis_; }
    const Registry& registry() const { return *registry_of_; }
    const Facts& facts() const { return view_.facts(); }
    std::uint64_t size() const { return view_.size(); }
    void wait_ms(std::int64_t ms) { now_ms_ += ms; }
    const std::string& detail() const { return detail_; }  // of the last error
    const MapView& view() const { return view_; }
    const Context& context() const { return context_; }

    // Everything that was admitted, in order.
    const std::vector<Admitted>& leaves() const { return leaves_; }

  private:
    std::string take(std::string_view kid, const boost::json::object& record);

    Genesis genesis_;
    GovernedRules rules_;
    Context context_{genesis_, rules_};
    MapView view_;
    std::shared_ptr<const Registry> registry_of_;
    std::int64_t now_ms_ = now_ms;
    std::string detail_;
    std::vector<Admitted> leaves_;
    std::size_t ballots_ = 0;
};

// A key as an act spells it, with the public half of key_named(kid).
boost::json::object key_json(std::string_view kid, std::string_view purpose);

}  // namespace socai::ledger::samples
