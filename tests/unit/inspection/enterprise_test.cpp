// Whose shipments and findings count for whom, once declarations and violations are put right.
#include "inspection/oversight/enterprise.hpp"

#include <gtest/gtest.h>

#include "tests/unit/inspection/shipment_world.hpp"

namespace socai::inspection {
namespace {

using test::ShipmentWorld;

std::int64_t shipments_of(const ShipmentWorld& world, std::string_view tax_code) {
    return enterprise_counts(world.facts(), tax_code, {0}, {30'000}).shipments;
}

TEST(Enterprise, AnAmendmentToAnotherImporterMovesTheShipment) {
    ShipmentWorld world = ShipmentWorld::ready(take_enterprise);
    ASSERT_TRUE(world.declaration("104000123450", "", "pen", "96081000"));
    EXPECT_EQ(shipments_of(world, "9900000016"), 1);
    ASSERT_TRUE(world.declaration("104000123451", "", "pen", "96081000", "t-104000123450", "amended", "", "",
                                  "9900000048"));
    EXPECT_EQ(shipments_of(world, "9900000016"), 0);
    EXPECT_EQ(shipments_of(world, "9900000048"), 1);
    ASSERT_TRUE(world.declaration("104000123452", "", "pen", "96081000", "t-104000123451", "cancelled", "",
                                  "", "9900000048"));
    EXPECT_EQ(shipments_of(world, "9900000016"), 0);
    EXPECT_EQ(shipments_of(world, "9900000048"), 0);
}

TEST(Findings, AreOfTheGoodsOfWhatTheyAreAbout) {
    ShipmentWorld world = ShipmentWorld::ready();
    const auto violation = [&](std::string_view rel_to) {
        return world.add("most.dost-hcm", "violation", world.next_id("v"),
                         R"({"case_no":"V","found_in":"market","finding":"f","severity":"safety"})",
                         R"([["about",)" + std::string(rel_to) + "]]");
    };
    const auto reason = [&](std::string_view goods_key) {
        const RuleSet rules = *world.rules().find(world.facts(), "qd38-2021@1");
        return standing_of(world.facts(), rules, find_goods(world.facts(), goods_key)->goods(), {},
                           world.now_ms)
            .standing.reason;
    };
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.dossier("D2", "ball"));
    ASSERT_TRUE(world.dossier("D3", "kite"));
    ASSERT_TRUE(world.declaration("104000123450", "D2", "ball"));
    ASSERT_TRUE(
        world.certificate("D3", "C-3", "conforming", "lot_certification", "issued", "cab.cn-09", "", "lot"));
    EXPECT_TRUE(test::refused(violation(R"("customs.haiphong","unheard-of")"), "finding_without_goods",
                              "Luật 05/2007/QH12 Đ36.4"));
    ASSERT_TRUE(violation(R"("importer.9900000016","r-D1")"));
    EXPECT_EQ(reason("doll"), Reason::failed_check);
    EXPECT_NE(reason("ball"), Reason::failed_check);
    ASSERT_TRUE(violation(R"("customs.haiphong","t-104000123450")"));
    EXPECT_EQ(reason("ball"), Reason::failed_check);
    EXPECT_NE(reason("kite"), Reason::failed_check);
    ASSERT_TRUE(violation(R"("cab.cn-09","lot")"));
    EXPECT_EQ(reason("kite"), Reason::failed_check);
}

}  // namespace
}  // namespace socai::inspection
