// A node whose ledger holds both worked shipments and more beside them, taken in by the whole engine, behind api::Backend:
// for tests of what inspection.* answers. Its queries are answered as a node's are.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "api/method.hpp"
#include "fake_backend.hpp"
#include "tests/unit/inspection/world.hpp"

namespace socai::api::testing {

class SampleLedger : public FakeBackend {
  public:
    SampleLedger();

    // Takes one record in; a refusal is a fault of the test.
    void add(const boost::json::value& record);
    const std::vector<RecordView>& records() const { return records_; }

    Derived derived() const override {
        return {{std::shared_ptr<const void>(), &world_.facts()}, &rules, records_.size(), 1'000};
    }
    Result<QueryResult> query(const QueryRequest& request) const override;
    std::string cursor_past(const QueryRequest& request, const ledger::Address& last) const override;
    Result<std::vector<RecordView>> dossier(std::string_view dossier_no) const override;
    std::optional<std::int64_t> time_of(std::uint64_t index) const override;

    // The answer of a read, as the dispatcher would give it.
    Answer ask(const Method& method, const boost::json::object& parameters) const;
    // … and as it would be given to somebody.
    Answer ask(const Method& method, const boost::json::object& parameters, Asker asker) const;

  private:
    inspection::test::World world_;
    std::vector<RecordView> records_;
};

}  // namespace socai::api::testing
