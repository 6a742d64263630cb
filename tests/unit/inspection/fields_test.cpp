#include "inspection/fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <functional>

namespace socai::inspection {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ledger::Record with_data(std::string_view data) {
    ledger::Record record;
    record.type = "vn.socai.customs_declaration.v1";
    record.source = "customs.haiphong";
    record.subject = "104000123450";
    record.time_ms = 1'000;
    record.json["data"] = boost::json::parse(data);
    return record;
}

TEST(Fields, AreReadFromTheirPlaces) {
    const Fields fields = fields_of(with_data(R"({
        "dossier_no":"NSW-1","declaration_no":"104000123450",
        "importer":{"tax_code":"9900000016","name":"x"},"importer_tax_code":"9900000023",
        "consignee_tax_code":"9900000016","tax_code":"9900000048",
        "goods_key":"sha256:b","hs_code":"9503","goods":{"hs_code":"95030021","goods_key":"sha256:not here"},
        "items":[{"goods_key":"sha256:a","hs_code":"080450"},{"goods_key":"sha256:b"},7,{"hs_code":"95030021"}],
        "scope":{"goods_key":"sha256:c","hs_prefix":"08","tax_code":"not here"}})"));
    EXPECT_EQ(fields.type, "vn.socai.customs_declaration.v1");
    EXPECT_EQ(fields.source, "customs.haiphong");
    EXPECT_EQ(fields.subject, "104000123450");
    EXPECT_EQ(fields.time_ms, 1'000);
    EXPECT_EQ(fields.dossier_no, "NSW-1");
    EXPECT_EQ(fields.declaration_no, "104000123450");
    EXPECT_THAT(fields.tax_codes, ElementsAre("9900000016", "9900000023", "9900000048"));
    EXPECT_THAT(fields.goods_keys, ElementsAre("sha256:a", "sha256:b", "sha256:c"));
    EXPECT_THAT(fields.hs_codes, ElementsAre("08", "080450", "9503", "95030021"));
}

TEST(Fields, OfAnotherShapeAreLeftOut) {
    const Fields fields = fields_of(with_data(R"({
        "dossier_no":17,"declaration_no":"","importer":"x","tax_code":null,"goods_key":["a"],"items":{"hs_code":"1"},
        "scope":[{"hs_prefix":"08"}],"goods":{"hs_code":"9503.00.21"},"hs_code":"12345678901"})"));
    EXPECT_FALSE(fields.dossier_no);
    EXPECT_FALSE(fields.declaration_no);
    EXPECT_THAT(fields.tax_codes, IsEmpty());
    EXPECT_THAT(fields.goods_keys, IsEmpty());
    EXPECT_THAT(fields.hs_codes, IsEmpty());
    EXPECT_FALSE(fields_of(with_data(R"({"dossier_no":")" + std::string(257, 'x') + "\"}")).dossier_no);
    EXPECT_FALSE(fields_of(with_data(R"({"dossier_no":"a\u0000b"})")).dossier_no);
}

class Filtering : public testing::Test {
  protected:
    static bool match(const std::function<void(Filter&)>& change) {
        Filter filter;
        EXPECT_TRUE(filter.empty());
        change(filter);
        EXPECT_FALSE(filter.empty());
        return matches(filter, fields_of(with_data(R"({"dossier_no":"NSW-1","declaration_no":"104",
            "tax_code":"9900000016","importer_tax_code":"9900000023","goods_key":"sha256:a",
            "items":[{"hs_code":"95030021"},{"hs_code":"080450"}]})")));
    }
};

TEST_F(Filtering, AnEmptyFilterMatchesEverything) {
    EXPECT_TRUE(matches(Filter{}, Fields{}));
}

TEST_F(Filtering, EachMemberMustMatch) {
    EXPECT_TRUE(match([](Filter& filter) { filter.type = "vn.socai.customs_declaration.v1"; }));
    EXPECT_FALSE(match([](Filter& filter) { filter.type = "vn.socai.customs_declaration"; }));
    EXPECT_TRUE(match([](Filter& filter) { filter.source = "customs.haiphong"; }));
    EXPECT_FALSE(match([](Filter& filter) { filter.source = "customs"; }));
    EXPECT_TRUE(match([](Filter& filter) { filter.subject = "104000123450"; }));
    EXPECT_FALSE(match([](Filter& filter) { filter.subject = "x"; }));
    EXPECT_TRUE(match([](Filter& filter) { filter.dossier_no = "NSW-1"; }));
    EXPECT_FALSE(match([](Filter& filter) { filter.dossier_no = "NSW-2"; }));
    EXPECT_TRUE(match([](Filter& filter) { filter.declaration_no = "104"; }));
    EXPECT_FALSE(match([](Filter& filter) { filter.declaration_no = "105"; }));
    EXPECT_TRUE(match([](Filter& filter) { filter.tax_code = "9900000023"; }));
    EXPECT_FALSE(match([](Filter& filter) { filter.tax_code = "9900000048"; }));
    EXPECT_TRUE(match([](Filter& filter) { filter.goods_key = "sha256:a"; }));
    EXPECT_FALSE(match([](Filter& filter) { filter.goods_key = "sha256:"; }));
    for (const char* prefix : {"9", "9503", "95030021", "0804"}) {
        EXPECT_TRUE(match([&](Filter& filter) { filter.hs_prefix = prefix; })) << prefix;
    }
    for (const char* prefix : {"5", "950300210", "080451"}) {
        EXPECT_FALSE(match([&](Filter& filter) { filter.hs_prefix = prefix; })) << prefix;
    }
    EXPECT_FALSE(match([](Filter& filter) {
        filter.dossier_no = "NSW-1";
        filter.tax_code = "other";
    }));
}

TEST_F(Filtering, TimesAreFromInclusiveToExclusive) {
    EXPECT_TRUE(match([](Filter& filter) { filter.from_time_ms = 1'000; }));
    EXPECT_FALSE(match([](Filter& filter) { filter.from_time_ms = 1'001; }));
    EXPECT_FALSE(match([](Filter& filter) { filter.to_time_ms = 1'000; }));
    EXPECT_TRUE(match([](Filter& filter) { filter.to_time_ms = 1'001; }));
}

TEST_F(Filtering, WhatARecordLacksDoesNotMatch) {
    Filter filter;
    filter.dossier_no = "";
    EXPECT_FALSE(matches(filter, Fields{}));
}

}  // namespace
}  // namespace socai::inspection
