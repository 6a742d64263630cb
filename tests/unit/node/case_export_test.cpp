#include "node/client/case_export.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/json/parse.hpp>

#include "fake_node.hpp"
#include "node/client/receipts.hpp"
#include "tests/unit/inspection/sample_case.hpp"

namespace socai::node::client {
namespace {

namespace json = boost::json;
using inspection::CaseKind;
using inspection::CaseScope;
using inspection::samples::dossier_no;
using inspection::samples::SampleLedger;
using test::answer_to;
using test::error_to;
using test::FakeNode;

// A node that holds the sample ledger: it knows the dossier's records by field and its timeline, two items a page.
class SampleNode {
  public:
    FakeNode::Handler handler() {
        return [this](FakeNode::Session& session, const json::object& request) {
            const json::string& method = request.at("method").get_string();
            const json::object& params = request.at("params").get_object();
            if (method == "ledger.query") return session.send(answer_to(request, query(params)));
            if (method == "inspection.dossier") {
                return session.send(
                    answer_to(request, {{"timeline", items({{1, 0}, {2, 0}, {4, 1}, {5, 0}, {6, 0}})}}));
            }
            const auto index = static_cast<std::uint64_t>(params.at("index").get_int64());
            if (index >= ledger.size()) return session.send(error_to(request, -32007, "no_such_leaf", false));
            json::object answer{{"index", index}};
            if (waits-- <= 0)
                answer["receipt"] = json::parse(ledger.receipt_of(given.value_or(index)).to_json());
            session.send(answer_to(request, std::move(answer)));
        };
    }

    SampleLedger ledger;
    std::atomic<int> waits{0};           // answers without a receipt that come first
    std::optional<std::uint64_t> given;  // the receipt of this leaf, whichever was asked for
    std::vector<ledger::Address> by_field{{1, 0}, {2, 0}, {4, 1}};

  private:
    json::value query(const json::object& params) const {
        const std::size_t from =
            params.contains("cursor") ? std::stoul(std::string(params.at("cursor").get_string())) : 0;
        const std::size_t to = std::min(from + 2, by_field.size());
        json::object answer{{"as_of", {{"size", ledger.size()}, {"time", 5}}}};
        answer["items"] = items({by_field.begin() + static_cast<std::ptrdiff_t>(from),
                                 by_field.begin() + static_cast<std::ptrdiff_t>(to)});
        if (to < by_field.size()) answer["next_cursor"] = std::to_string(to);
        return answer;
    }

    json::array items(const std::vector<ledger::Address>& addresses) const {
        json::array list;
        for (const ledger::Address& address : addresses) {
            list.push_back(json::object{{"index", address.index},
                                        {"n", address.n},
                                        {"record", json::object{{"time", "2021-09-30T23:00:00Z"}}}});
        }
        return list;
    }
};

class CaseExport : public testing::Test {
  protected:
    Result<inspection::Case> fetch(CaseScope scope,
                                   std::chrono::milliseconds patience = std::chrono::seconds(30)) {
        FakeNode node(sample_.handler());
        RpcClient client({node.endpoint()});
        return fetch_case(client, scope, patience);
    }
    CaseScope dossier() const { return {CaseKind::dossier, std::string(dossier_no), {}, {}}; }
    ledger::Policy pinned_ = *ledger::parse_policy(ledger::samples::founded().policy);
    SampleNode sample_;
};

TEST_F(CaseExport, HoldsTheDossierAndWhatRefersToIt) {
    const auto file = fetch(dossier());
    ASSERT_TRUE(file) << file.error().detail;
    inspection::Case wanted = inspection::samples::sample_case(sample_.ledger);
    wanted.as_of_time_ms = 5;
    EXPECT_EQ(*file, wanted);
    EXPECT_TRUE(inspection::verify_case(*file, pinned_));
}

TEST_F(CaseExport, WaitsForReceipts) {
    sample_.waits = 20;
    const auto file = fetch(dossier());
    ASSERT_TRUE(file) << file.error().detail;
    EXPECT_EQ(file->receipts.size(), 5U);
}

TEST_F(CaseExport, GivesUpWhenNoReceiptComes) {
    sample_.waits = 1'000'000'000;
    const auto file = fetch(dossier(), std::chrono::milliseconds(1));
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().reason, "not_final");
    EXPECT_EQ(file.error().exit, Exit::no);
}

TEST_F(CaseExport, SaysThatNothingMatches) {
    sample_.by_field.clear();
    const auto file = fetch(dossier());
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().reason, "empty_case");
}

TEST_F(CaseExport, LeavesOutWhatDoesNotBelong) {
    // A node that names a record of another dossier: the case would not verify with it.
    sample_.by_field.push_back({3, 0});
    const auto file = fetch(dossier());
    ASSERT_TRUE(file) << file.error().detail;
    EXPECT_EQ(file->receipts.size(), 5U);
    EXPECT_TRUE(inspection::verify_case(*file, pinned_));
}

TEST_F(CaseExport, ANodeThatAnswersSomethingElseIsFound) {
    sample_.given = 1;
    EXPECT_EQ(fetch(dossier()).error().reason, "bad_answer");
    sample_.given.reset();
    sample_.by_field = {{4, 7}};  // no such record in the bundle
    EXPECT_EQ(fetch(dossier()).error().reason, "bad_answer");

    for (const char* answer :
         {"7", "{}", R"({"as_of":{"size":9}})", R"({"as_of":{"size":9},"items":[7]})",
          R"({"as_of":{"size":-1},"items":[]})", R"({"as_of":{"size":9},"items":[{"index":"x"}]})",
          R"({"as_of":{"size":9},"items":[],"next_cursor":"same"})"}) {
        FakeNode node([&](FakeNode::Session& session, const json::object& request) {
            session.send(answer_to(request, json::parse(answer)));
        });
        RpcClient client({node.endpoint()});
        const auto file = fetch_case(client, dossier(), std::chrono::milliseconds(1));
        ASSERT_FALSE(file);
        EXPECT_EQ(file.error().reason, "bad_answer") << answer;
        EXPECT_EQ(file.error().exit, Exit::unreachable);
    }
}

TEST_F(CaseExport, ANodeThatTurnsInACircleIsFound) {
    std::atomic<int> asked{0};
    FakeNode node([&](FakeNode::Session& session, const json::object& request) {
        session.send(answer_to(request, {{"as_of", {{"size", 9}, {"time", 5}}},
                                         {"items", json::array{json::object{{"index", 1}, {"n", 0}}}},
                                         {"next_cursor", asked++ % 2 == 0 ? "A" : "B"}}));
    });
    RpcClient client({node.endpoint()});
    const auto file = fetch_case(client, dossier(), std::chrono::milliseconds(1));
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().reason, "bad_answer");
    EXPECT_EQ(asked, 3);
}

TEST_F(CaseExport, AReceiptThatIsNoneIsFound) {
    FakeNode node([](FakeNode::Session& session, const json::object& request) {
        session.send(answer_to(request, {{"receipt", {{"entry", "x"}}}}));
    });
    RpcClient client({node.endpoint()});
    const auto fetched = fetch_receipts(client, std::vector<std::uint64_t>{1}, std::chrono::milliseconds(1),
                                        [](ledger::Receipt) { FAIL(); });
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().reason, "malformed_receipt");
    EXPECT_EQ(fetched.error().exit, Exit::unreachable);
}

}  // namespace
}  // namespace socai::node::client
