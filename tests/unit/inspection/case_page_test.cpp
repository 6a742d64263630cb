#include "inspection/case_page.hpp"

#include <gtest/gtest.h>

#include "tests/unit/inspection/sample_case.hpp"

namespace socai::inspection {
namespace {

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
}

TEST(CasePage, TellsTheHistoryInTwoLanguages) {
    const samples::SampleLedger ledger;
    const std::string page = case_page(samples::sample_case(ledger), std::string(64, 'a'), "12345 00001");
    for (const char* part :
         {"Hồ sơ vụ việc", "Case file", "Hồ sơ số", "Dossier", "NSW-2021-0004711", "Diễn biến", "History",
          "id=\"r4.1\"", "href=\"#r2\"", "decides", "most/1", "12345 00001", "không chứng minh",
          "does not prove", "That no record of the case was left out"}) {
        EXPECT_NE(page.find(part), std::string::npos) << part;
    }
    EXPECT_EQ(count(page, "<h3 "), 5U);
    EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
    EXPECT_TRUE(page.ends_with("</html>\n"));
    EXPECT_NE(case_page(samples::sample_case(ledger), "", "").find("not verified"), std::string::npos);
}

// Signers choose what their records say: none of it becomes markup, fetches anything or hides what stands around it.
TEST(CasePage, WhatARecordSaysStaysText) {
    samples::SampleLedger ledger;
    boost::json::object hostile = samples::carrying("h-1", "<script>alert(1)</script>");
    hostile["subject"] = "\"><img src=x onerror=alert(1)>&'";
    hostile["data"].as_object()["note"] = "</pre><script src=//x.example></script>\xe2\x80\xae";
    const std::uint64_t index = ledger.append(hostile, "customs.haiphong/1");
    Case file = samples::sample_case(ledger);
    file.scope.number = "<script>alert(1)</script>";
    samples::add_leaf(file, ledger, index, {0});
    file.records.push_back({{index + 1, 0}, 0, "<b>", "</pre><script>no record"});
    const std::string page = case_page(file, "<script>", "<script>");
    EXPECT_EQ(page.find("<script"), std::string::npos);
    EXPECT_EQ(page.find("<img"), std::string::npos);
    EXPECT_EQ(page.find("<b>"), std::string::npos);
    EXPECT_NE(page.find("&lt;script&gt;"), std::string::npos);
    EXPECT_EQ(count(page, "<bdi>"), count(page, "</bdi>"));
    EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
}

}  // namespace
}  // namespace socai::inspection
