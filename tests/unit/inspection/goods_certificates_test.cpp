// Certificates of goods: which schemes cover them, from when on, until when, and what ends them.
#include <gtest/gtest.h>

#include "tests/unit/inspection/goods_world.hpp"

namespace socai::inspection {
namespace {

using test::GoodsWorld;
using test::key_of;

const char* designation = R"({"body_code":"cab.cn-09","status":"designated","valid_from":"2021-01-01",
    "scope":[{"regime":"quality","hs_prefix":"9503"}]})";

TEST(GoodsBook, TypeSchemesCoverGoodsAndLotCertificatesDoNot) {
    GoodsWorld goods("qd38-2021@1");
    goods.record("most.tcvn", "conformity_body", "2021-01-01", designation);
    const auto certificate = [&](std::string_view scheme, std::string_view status,
                                 const std::string& refs = "[]", std::string_view body = "cab.cn-09") {
        goods.record(body, "conformity_result", "2021-03-02",
                     R"({"certificate_no":"C","scheme":")" + std::string(scheme) + R"(","status":")" +
                         std::string(status) + R"(","goods_key":")" + key_of(0) +
                         R"(","conclusion":"conforming","valid_to":"2023-03-01"})",
                     refs);
    };
    certificate("lot_certification", "issued");
    EXPECT_EQ(goods.method("2021-03-03"), Method::strict);
    certificate("type_certification", "issued");
    const std::string issued = goods.last_id();
    EXPECT_EQ(goods.method("2021-03-03"), Method::normal);
    EXPECT_EQ(goods.method("2023-03-02"), Method::strict) << "it has lapsed";
    certificate("type_certification", "withdrawn", R"([["closes","cab.cn-09",")" + issued + R"("]])");
    EXPECT_EQ(goods.at("2021-03-03").standing.reason, Reason::certificate_over);
    // Whatever the record that withdraws refers to, the certificate of its number is over.
    certificate("type_certification", "issued");
    ASSERT_EQ(goods.method("2021-03-03"), Method::normal);
    certificate("type_certification", "withdrawn");
    EXPECT_EQ(goods.method("2021-03-03"), Method::strict);
    certificate("type_certification", "restored");
    const std::string restored = goods.last_id();
    ASSERT_EQ(goods.method("2021-03-03"), Method::normal);
    certificate("type_certification", "withdrawn", R"([["closes","cab.cn-09",")" + issued + R"("]])");
    EXPECT_EQ(goods.method("2021-03-03"), Method::strict) << "not only " << restored;
    // And whatever scheme it names.
    certificate("type_certification", "restored");
    ASSERT_EQ(goods.method("2021-03-03"), Method::normal);
    certificate("test_report", "withdrawn");
    EXPECT_EQ(goods.method("2021-03-03"), Method::strict);
    certificate("type_certification", "issued", "[]", "lab.ex-03");
    EXPECT_EQ(goods.method("2021-03-03"), Method::strict) << "nobody designated that body for toys";
}

TEST(GoodsBook, ACertificateCorrectedToOtherGoodsIsOfThose) {
    GoodsWorld goods("qd38-2021@1");
    goods.record("most.tcvn", "conformity_body", "2021-01-01", designation);
    const auto certificate = [&](int which, std::string_view status, const std::string& refs = "[]") {
        goods.record(
            "cab.cn-09", "conformity_result", "2021-03-02",
            R"({"certificate_no":"C","scheme":"type_certification","conclusion":"conforming","status":")" +
                std::string(status) + R"(","goods_key":")" + key_of(which) + "\"}",
            refs);
    };
    certificate(0, "issued");
    certificate(1, "issued", R"([["supersedes","cab.cn-09",")" + goods.last_id() + R"("]])");
    EXPECT_EQ(goods.method("2021-03-03", 0), Method::strict);
    EXPECT_EQ(goods.method("2021-03-03", 1), Method::normal);
    certificate(1, "withdrawn");
    EXPECT_EQ(goods.method("2021-03-03", 1), Method::strict);
}

TEST(GoodsBook, ACertificateCoversGoodsFromItsFirstDayOn) {
    GoodsWorld goods("qd38-2021@1");
    goods.record("most.tcvn", "conformity_body", "2021-01-01", designation);
    goods.record("cab.cn-09", "conformity_result", "2021-03-02",
                 R"({"certificate_no":"C","scheme":"type_certification","status":"issued","goods_key":")" +
                     key_of(0) + R"(","conclusion":"conforming","valid_from":"2021-05-01"})");
    EXPECT_EQ(goods.method("2021-04-30"), Method::strict);
    EXPECT_EQ(goods.at("2021-05-01").standing.reason, Reason::certified);
}

// A restored certificate ends when it last ended.
TEST(GoodsBook, ARestoredCertificateKeepsItsTerm) {
    GoodsWorld goods("qd38-2021@1");
    goods.record("most.tcvn", "conformity_body", "2021-01-01", designation);
    const auto say = [&](std::string_view day, std::string_view status, std::string_view more) {
        goods.record("cab.cn-09", "conformity_result", day,
                     R"({"certificate_no":"C","scheme":"type_certification","status":")" +
                         std::string(status) + R"(","goods_key":")" + key_of(0) +
                         R"(","conclusion":"conforming")" + std::string(more) + "}");
    };
    say("2021-03-02", "issued", R"(,"valid_to":"2021-12-31")");
    say("2021-04-01", "suspended", "");
    EXPECT_EQ(goods.method("2021-04-15"), Method::strict);
    say("2021-05-01", "restored", "");
    EXPECT_EQ(goods.at("2021-12-31").standing.reason, Reason::certified);
    EXPECT_EQ(goods.method("2022-01-01"), Method::strict);
}

}  // namespace
}  // namespace socai::inspection
