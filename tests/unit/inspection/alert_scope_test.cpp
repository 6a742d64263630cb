#include "inspection/alert_scope.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <fstream>

#include "ledger/record.hpp"
#include "tests/project_folder.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

constexpr std::string_view importer = "9900000016";
constexpr std::string_view other_importer = "9900000048";

AlertScope scope(std::string_view text) {
    return parse_alert_scope(json::parse(text).as_object()).value();
}
std::string fault(std::string_view text) {
    const auto parsed = parse_alert_scope(json::parse(text).as_object());
    return parsed ? "none" : parsed.error().detail;
}
const Goods doll{"sha256:doll", "95030021", "ID", "ID-CTH-0007"};
const Goods mangosteen{"sha256:fruit", "08045030", "TH", "TH-DOA-EX-0142"};

TEST(AlertScope, WhoeverMeetsEveryMemberIsMeant) {
    EXPECT_EQ(match(scope(R"({"goods_key":"sha256:doll"})"), doll, importer), AlertMatch::full);
    EXPECT_EQ(match(scope(R"({"goods_key":"sha256:doll"})"), doll, other_importer), AlertMatch::full);
    EXPECT_EQ(match(scope(R"({"goods_key":"sha256:doll"})"), mangosteen, importer), AlertMatch::none);
    const AlertScope fruit =
        scope(R"({"hs_prefix":"080450","origin_country":"TH","manufacturer_site_id":"TH-DOA-EX-0142"})");
    EXPECT_EQ(match(fruit, mangosteen, importer), AlertMatch::full);
    Goods elsewhere = mangosteen;
    elsewhere.manufacturer_site_id = "TH-DOA-EX-0143";
    EXPECT_EQ(match(fruit, elsewhere, importer), AlertMatch::none);
    elsewhere = mangosteen;
    elsewhere.origin_country = "VN";
    EXPECT_EQ(match(fruit, elsewhere, importer), AlertMatch::none);
    elsewhere = mangosteen;
    elsewhere.hs_code = "08045";
    EXPECT_EQ(match(fruit, elsewhere, importer), AlertMatch::none);
    EXPECT_EQ(match(scope(R"({"hs_prefix":"0804"})"), mangosteen, importer), AlertMatch::full);
}

TEST(AlertScope, AnImporterIsOnlyMeantByItsTaxCode) {
    const AlertScope firm = scope(R"({"tax_code":"9900000016"})");
    EXPECT_TRUE(firm.concerns_an_importer());
    EXPECT_EQ(match(firm, doll, importer), AlertMatch::full);
    EXPECT_EQ(match(firm, doll, other_importer), AlertMatch::none);
    EXPECT_EQ(match(scope(R"({"tax_code":"9900000016","hs_prefix":"95"})"), mangosteen, importer),
              AlertMatch::none);
}

TEST(AlertScope, TheSameEstablishmentsOtherGoodsAreNear) {
    const AlertScope alert = scope(R"({"goods_key":"sha256:doll"})");
    Goods bigger = doll;
    bigger.goods_key = "sha256:bigger-doll";
    EXPECT_EQ(match(alert, bigger, importer, &doll), AlertMatch::near);
    EXPECT_EQ(match(alert, bigger, importer), AlertMatch::none);
    EXPECT_EQ(match(alert, doll, importer, &doll), AlertMatch::full);
    for (const auto member : {&Goods::hs_code, &Goods::origin_country, &Goods::manufacturer_site_id}) {
        Goods other = bigger;
        other.*member = "XX";
        EXPECT_EQ(match(alert, other, importer, &doll), AlertMatch::none);
    }
    Goods unknown = doll;
    unknown.manufacturer_site_id.clear();
    bigger.manufacturer_site_id.clear();
    EXPECT_EQ(match(alert, bigger, importer, &unknown), AlertMatch::none) << "two unknowns are not the same";
}

TEST(AlertScope, SaysWhatIsWrong) {
    EXPECT_EQ(fault("{}"), "data.scope names nothing: say which goods, origin, establishment or importer");
    EXPECT_EQ(fault(R"({"goods":"x"})"), "data.scope.goods is nothing that an alert can be about");
    EXPECT_EQ(fault(R"({"hs_prefix":"08 0"})"), "data.scope.hs_prefix must be 2 to 8 digits");
    EXPECT_EQ(fault(R"({"hs_prefix":"080450301"})"), "data.scope.hs_prefix must be 2 to 8 digits");
    EXPECT_EQ(fault(R"({"tax_code":99})"), "data.scope.tax_code must be a text of 1 to 256 bytes");
    EXPECT_EQ(fault(R"({"tax_code":""})"), "data.scope.tax_code must be a text of 1 to 256 bytes");
}

// The alerts of the sample shipments match the goods of their registrations, those of the other importer too.
TEST(AlertScope, OfTheSampleShipments) {
    for (const char* name : {"toys", "mangosteen"}) {
        std::ifstream file(project_file("data/shipment_") + name + ".jsonl");
        std::vector<std::pair<Goods, std::string>> shipments;
        std::vector<AlertScope> alerts;
        for (std::string line; std::getline(file, line);) {
            const auto record = ledger::parse_record(line).value();
            const json::object& data = record.data();
            if (record.kind() == "alert")
                alerts.push_back(parse_alert_scope(data.at("scope").as_object()).value());
            if (record.kind() != "inspection_registration") continue;
            shipments.emplace_back(
                goods_of(data.at("goods").as_object(), std::string(data.at("goods_key").as_string())),
                std::string(data.at("importer").as_object().at("tax_code").as_string()));
        }
        ASSERT_EQ(alerts.size(), 1U);
        ASSERT_FALSE(shipments.empty());
        for (const auto& [goods, tax_code] : shipments)
            EXPECT_EQ(match(alerts.front(), goods, tax_code), AlertMatch::full) << name;
    }
}

}  // namespace
}  // namespace socai::inspection
