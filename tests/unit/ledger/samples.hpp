// A small founded ledger, keys and records that the tests of this module share.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/admission.hpp"
#include "ledger/genesis.hpp"
#include "ledger/jwk.hpp"

namespace socai::ledger::samples {

inline constexpr std::string_view origin = "ledger.example.vn/test";
inline constexpr std::string_view trader = "importer.9900000016";
// 2021-10-01T00:00:00Z, when the sample ledger is at work.
inline constexpr std::int64_t now_ms = 1'633'046'400'000;

// The key of this name: the same one every time.
Jwk key_named(std::string_view kid);

// Members customs and most, each with an office; the National Single Window customs.nsw speaks for one
// trader. Record keys: customs/1, customs.haiphong/1, customs.nsw/1, most/1, most.qlcl/1 (with
// historical_import), most.qlcl/late (valid from leaf 10 to 20). Two nodes. The members' other keys: founders.hpp.
Genesis genesis();
// Leaf 0 of that genesis, signed by customs/1.
std::string genesis_entry();

// A record's JSON object, to be changed as a test needs.
boost::json::object record(std::string_view id, std::string_view source = "customs.haiphong");
void refer(boost::json::object& record, std::string_view rel, std::string_view source, std::string_view id);
std::string text(const boost::json::object& record);
std::string bundle_text(const std::vector<boost::json::object>& records);

// Signed and parsed; the payload must be good.
std::shared_ptr<const Statement> statement(const boost::json::object& record, std::string_view kid);
std::shared_ptr<const Statement> bundle(const std::vector<boost::json::object>& records,
                                        std::string_view kid);

// Kinds are another module's: this one knows "alert" and "clearance_decision".
class SomeRules : public Rules {
  public:
    Result<void> check(const Record& record, const Registry& registry) const override;
    // A clearance_decision does not lead to an alert.
    Result<void> check_reference(const Record& record, std::size_t position,
                                 std::string_view kind) const override;
    // Counts records by subject ("count/<subject>") and remembers the last one's id ("last") until a record of subject "B"
    // comes. No more than twelve are of "A": too_many.
    Result<void> take(const Coming& coming, FactDraft& facts) const override;
};

// The naive view: a map of everything that stands.
class MapView : public View {
  public:
    // A founded ledger: leaf 0 stands.
    MapView() = default;
    explicit MapView(std::uint64_t size) : size_(size) {}

    std::uint64_t size() const override { return size_; }
    std::int64_t last_time_ms() const override { return time_ms_; }
    std::optional<KnownRecord> find(std::string_view source, std::string_view id) const override;
    std::optional<Hash> find_node(std::string_view name) const override;
    const Facts& facts() const override { return facts_; }
    std::shared_ptr<const Registry> registry() const override { return registry_; }
    // No tree stands behind the map: the leaf speaks for it.
    Hash root() const override { return empty_root(); }
    Hash root_with(const Hash& leaf) const override { return leaf; }
    void add(const Admitted& admitted);

  private:
    std::uint64_t size_ = 1;
    std::int64_t time_ms_ = now_ms - 1'000'000;
    std::map<std::pair<std::string, std::string>, KnownRecord> records_;
    std::map<std::string, Hash, std::less<>> nodes_;
    FactMap facts_;
    std::shared_ptr<const Registry> registry_;
};

}  // namespace socai::ledger::samples
