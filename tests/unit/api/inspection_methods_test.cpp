// What inspection.* takes and refuses, and that its answers are as /openrpc.json describes them.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <set>

#include "api/inspection_question.hpp"
#include "api/openrpc_schemas.hpp"
#include "sample_ledger.hpp"

namespace json = boost::json;

namespace socai::api::testing {
namespace {

const std::string doll = "sha256:8792fc7d2ae22195bc92350cc0bbc115b1e8ee894ee30bb871716fba17745e68";

class InspectionMethods : public ::testing::Test {
  protected:
    Answer ask(std::string_view name, std::string_view parameters) const {
        const Method* method = table.find(name);
        if (method == nullptr) throw std::runtime_error("no method " + std::string(name));
        return ledger.ask(*method,
                          json::parse(json::string_view(parameters.data(), parameters.size())).as_object());
    }
    json::object answered(std::string_view name, std::string_view parameters) const {
        const Answer answer = ask(name, parameters);
        EXPECT_TRUE(answer) << name << " " << parameters << ": " << answer.error().detail;
        return answer ? *answer : json::object();
    }
    void expect_error(std::string_view name, std::string_view parameters, Code code,
                      std::string_view reason) const {
        const Answer answer = ask(name, parameters);
        ASSERT_FALSE(answer) << name << " " << parameters << ": " << json::serialize(*answer);
        EXPECT_EQ(answer.error().code, code) << name << " " << parameters;
        EXPECT_EQ(answer.error().reason, reason) << name << " " << parameters;
        EXPECT_FALSE(answer.error().detail.empty());
    }
    std::vector<std::string> notices(std::string_view parameters) const {
        std::vector<std::string> found;
        const json::object answer = answered("inspection.results", parameters);
        for (const json::value& item : answer.at("items").as_array())
            found.emplace_back(item.at("notice_no").as_string());
        return found;
    }

    const MethodTable table{Limits{}};
    SampleLedger ledger;
};

TEST_F(InspectionMethods, AreServedAndDescribed) {
    const json::object schemas = result_schemas();
    int served = 0;
    for (const Method& method : table.all()) {
        if (!method.name.starts_with("inspection.")) continue;
        ++served;
        EXPECT_TRUE(std::holds_alternative<ReadHandler>(method.handler)) << method.name;
        EXPECT_TRUE(schemas.contains(method.result)) << method.name;
        std::set<std::string_view> names;
        for (const Parameter& parameter : method.parameters) names.insert(parameter.name);
        EXPECT_TRUE(names.contains("audience")) << method.name;
        EXPECT_TRUE(names.contains("min_size")) << method.name;
    }
    EXPECT_EQ(served, 11);
}

TEST_F(InspectionMethods, WrongParametersAreNamed) {
    struct Wrong {
        const char* method;
        const char* parameters;
        const char* reason;
    };
    for (const Wrong& wrong : std::initializer_list<Wrong>{
             {"inspection.clearance", "{}", "missing_parameter"},
             {"inspection.clearance", R"({"declaration_no":1})", "wrong_type"},
             {"inspection.clearance", R"({"declaration_no":"1040001234"})", "malformed_value"},
             {"inspection.clearance", R"({"declaration_no":"104000123450","at":"yesterday"})",
              "malformed_value"},
             {"inspection.dossier", "{}", "missing_parameter"},
             {"inspection.dossier", R"({"dossier_no":"","at":"2021-10-01"})", "out_of_range"},
             {"inspection.method", R"({"regime":"quality"})", "missing_parameter"},
             {"inspection.method", R"({"goods_key":"sha256:1","regime":"quality"})", "out_of_range"},
             {"inspection.goods", R"({"hs_prefix":"95x"})", "malformed_value"},
             {"inspection.goods", R"({"method":"loose"})", "malformed_value"},
             {"inspection.goods", R"({"limit":0})", "out_of_range"},
             {"inspection.results", R"({"outcome":"good"})", "malformed_value"},
             {"inspection.results", R"({"from":"2021-10-02","to":"2021-10-01"})", "out_of_range"},
             {"inspection.results", R"({"limit":1001})", "out_of_range"},
             {"inspection.catalog", R"({"hs_prefix":"123456789"})", "malformed_value"},
             {"inspection.catalog", R"({"at":"9999-12-31T23:59:59Z"})", "malformed_value"},
             {"inspection.alerts", R"({"at":"2021-02-30"})", "malformed_value"},
             {"inspection.enterprise", "{}", "missing_parameter"},
             {"inspection.enterprise", R"({"tax_code":"9900000017"})", "malformed_value"},
             {"inspection.exceptions", R"({"kind":"slow"})", "malformed_value"},
             {"inspection.exceptions", R"({"cursor":"nonsense"})", "bad_cursor"},
             {"inspection.statistics", "{}", "missing_parameter"},
             {"inspection.statistics", R"({"from":"2021-10-02","to":"2021-10-01"})", "malformed_period"},
             {"inspection.statistics", R"({"from":"2021-13-01","to":"2021-12-01"})", "malformed_period"},
             {"inspection.statistics", R"({"from":"2021-01-01","to":"2021-12-01","as_of":"soon"})",
              "malformed_value"},
         })
        expect_error(wrong.method, wrong.parameters, Code::invalid_params, wrong.reason);
}

TEST_F(InspectionMethods, WhatIsNotThereIsNotFound) {
    for (
        const auto& [method, parameters] : std::initializer_list<std::pair<const char*, const char*>>{
            {"inspection.clearance", R"({"declaration_no":"999999999990"})"},
            {"inspection.dossier", R"({"dossier_no":"NSW-NONE"})"},
            {"inspection.method",
             R"({"goods_key":"sha256:0000000000000000000000000000000000000000000000000000000000000000","regime":"quality"})"},
            {"inspection.statistics", R"({"from":"2021-01-01","to":"2021-12-01","as_of":100000})"},
            {"inspection.statistics", R"({"from":"2021-01-01","to":"2021-12-01","as_of":"1999-01-01"})"},
        }) {
        const Answer answer = ask(method, parameters);
        ASSERT_FALSE(answer) << method;
        EXPECT_EQ(answer.error().code, Code::not_found) << method << ": " << answer.error().reason;
    }
}

// `at` is what was asked, or the node's now, and every answer that depends on it says so.
TEST_F(InspectionMethods, EchoTheirTime) {
    ledger.now = 1'654'041'600'000;
    for (const auto& [method, parameters] : std::initializer_list<std::pair<const char*, std::string>>{
             {"inspection.clearance", R"("declaration_no":"104000123450")"},
             {"inspection.dossier", R"("dossier_no":"NSW-BKHCN-2021-0004711")"},
             {"inspection.method", "\"regime\":\"quality\",\"goods_key\":\"" + doll + "\""},
             {"inspection.goods", R"("limit":5)"},
             {"inspection.catalog", R"("hs_prefix":"95")"},
             {"inspection.procedures", R"("limit":5)"},
             {"inspection.alerts", R"("hs_prefix":"95")"},
             {"inspection.enterprise", R"("tax_code":"9900000016")"},
             {"inspection.exceptions", R"("limit":5)"},
         }) {
        EXPECT_EQ(answered(method, "{" + parameters + "}").at("at"), "2022-06-01T07:00:00.000+07:00")
            << method;
        EXPECT_EQ(answered(method, "{" + parameters + R"(,"at":"2022-03-05T01:00:00Z"})").at("at"),
                  "2022-03-05T08:00:00.000+07:00")
            << method;
        EXPECT_EQ(answered(method, "{" + parameters + R"(,"at":"2022-03-05"})").at("at"),
                  "2022-03-05T23:59:59.999+07:00")
            << method;
    }
}

TEST_F(InspectionMethods, ResultsAreListedByTheirFilters) {
    const auto all = notices("{}");
    EXPECT_EQ(all.size(), 5U);
    EXPECT_EQ(notices(R"({"outcome":"fail"})"), (std::vector<std::string>{"88/TB-KDTV", "88A/TB-KDTV"}));
    EXPECT_EQ(notices(R"({"hs_prefix":"0804"})"), (std::vector<std::string>{"88/TB-KDTV", "88A/TB-KDTV"}));
    EXPECT_EQ(notices(R"({"hs_prefix":"9503","method":"strict"})").size(), 3U);
    EXPECT_EQ(notices(R"({"regime":"food_safety"})").size(), 2U);
    EXPECT_EQ(notices(R"({"agency":"most.qlcl","goods_key":")" + doll + "\"}").size(), 3U);
    EXPECT_EQ(notices(R"({"agency":"most"})").size(), 0U);
    // Both ends of a period count: of 2021-10-07 09:02:30 in Vietnam.
    EXPECT_EQ(notices(R"({"from":"2021-10-07","to":"2021-10-07"})"),
              (std::vector<std::string>{"1187/TB-QLCL"}));
    EXPECT_EQ(notices(R"({"from":"2021-10-07T09:02:30+07:00","to":"2021-10-07T09:02:31+07:00"})").size(), 1U);
    EXPECT_EQ(notices(R"({"from":"2021-10-07T09:02:00+07:00","to":"2021-10-07T09:02:30+07:00"})").size(), 0U);
    EXPECT_EQ(notices(R"({"order":"desc","limit":1})"), (std::vector<std::string>{"1187/TB-QLCL"}));

    const json::array items = answered("inspection.results", R"({"outcome":"fail"})").at("items").as_array();
    EXPECT_TRUE(items[0].at("superseded").as_bool());
    EXPECT_FALSE(items[1].at("superseded").as_bool());
    EXPECT_EQ(items[0].at("goods").at("name"), "Quả măng cụt tươi");
    EXPECT_EQ(items[0].at("dossier_no"), "NSW-BNN-2021-0101993");
}

// Page by page, whatever the size of the pages and the filter, nothing is missed and nothing told twice.
TEST_F(InspectionMethods, PagesOfResultsJoin) {
    for (const std::string filter :
         {R"("order":"asc")", R"("order":"desc")", R"("outcome":"fail")", R"("regime":"quality")"}) {
        const auto whole = notices("{" + filter + "}");
        for (int limit = 1; limit <= 3; ++limit) {
            std::vector<std::string> joined;
            std::string cursor;
            for (int pages = 0; pages < 100; ++pages) {
                const json::object page =
                    answered("inspection.results",
                             "{" + filter + ",\"limit\":" + std::to_string(limit) + cursor + "}");
                EXPECT_LE(page.at("items").as_array().size(), static_cast<std::size_t>(limit));
                for (const json::value& item : page.at("items").as_array())
                    joined.emplace_back(item.at("notice_no").as_string());
                if (!page.contains("next_cursor")) break;
                cursor = ",\"cursor\":" + json::serialize(page.at("next_cursor"));
            }
            EXPECT_EQ(joined, whole) << filter << " by " << limit;
        }
    }
}

TEST_F(InspectionMethods, TimesBecomeSizes) {
    const auto& records = ledger.records();
    const std::uint64_t size = records.size();
    EXPECT_EQ(size_at(ledger, 0, size).value(), 0U);
    EXPECT_EQ(size_at(ledger, records.back().time_ms, size).value(), size);
    // Accepted times never fall in a ledger; of the sample's first file they do not.
    for (std::uint64_t known = 1; known <= 4; ++known)
        EXPECT_EQ(size_at(ledger, records[known - 1].time_ms, 4).value() >= known, true);
}

TEST_F(InspectionMethods, StatisticsAsOfALeafStayAsTheyWere) {
    const std::string period = R"({"from":"2021-01-01","to":"2022-12-31","group_by":["agency"],"as_of":)";
    const json::object before = answered("inspection.statistics", period + "20}");
    EXPECT_EQ(before.at("question").at("as_of"), 20);
    ledger.add(json::parse(
        R"({"specversion":"1.0","id":"r-9","source":"customs.haiphong","type":"vn.socai.risk_signal.v1","subject":"RR-9",
            "time":"2022-04-01T08:00:00+07:00","datacontenttype":"application/json",
            "data":{"severity":"low","description":"x","hs_code":"95030021","refs":[]}})"));
    EXPECT_EQ(answered("inspection.statistics", period + "20}"), before);
}

}  // namespace
}  // namespace socai::api::testing
