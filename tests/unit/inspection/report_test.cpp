// Reports say what inspection.statistics answers, in every format, whatever stands in the answer.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <regex>

#include "inspection/statistics/page_parts.hpp"
#include "inspection/statistics/report_csv.hpp"
#include "inspection/statistics/report_html.hpp"
#include "inspection/statistics/report_json.hpp"
#include "inspection/statistics/report_period.hpp"
#include "inspection/statistics/report_sections.hpp"
#include "tests/unit/inspection/statistics_world.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;
using test::StatisticsWorld;

// Two quarters of some trade.
class Report : public ::testing::Test {
  protected:
    Report() {
        for (int i = 0; i < 12; ++i) {
            const std::string number = "D-" + std::to_string(i);
            const std::string month = i % 3 == 0 ? "08" : i % 3 == 1 ? "10" : "11";
            const std::string day = std::to_string(10 + i);
            const std::string at = "2021-" + month + "-" + day + "T";
            const char* method = i % 2 == 0 ? "P-strict" : "P-reduced";
            world_.registration(number, at + "09:00:00+07:00", method,
                                i % 4 == 0 ? "food_safety" : "quality");
            world_.status(number, at + "10:00:00+07:00");
            world_.result("r-" + number, number, at + "15:00:00+07:00", i % 5 == 0 ? "fail" : "pass");
            world_.declaration(std::to_string(10'400'000'000 + i) + "0", at + "15:30:00+07:00", number);
            world_.clearance(std::to_string(10'400'000'000 + i) + "0", at + "16:00:00+07:00");
        }
        world_.add("mard.bvtv", "alert", "a-1", "2021-10-04T08:00:00+07:00",
                   {{"alert_no", "CB-1"}, {"level", "serious"}});
        world_.add("asw.id", "co_form_d", "w-1", "2021-10-20T09:12:00+07:00", {{"asw_status", "received"}});
    }
    json::object report(std::vector<Grouping> groupings = {Grouping::agency, Grouping::regime,
                                                           Grouping::month},
                        bool compared = true, const Viewer& viewer = Viewer::all()) const {
        StatisticsQuestion question;
        question.period = parse_quarter("2021Q4").value();
        if (compared) question.compared = parse_quarter("2021Q3").value();
        question.as_of = world_.world().size() - 1;
        question.groupings = std::move(groupings);
        return {{"statistics", statistics_answer(world_.world().facts(), question, viewer)},
                {"as_of", {{"size", world_.world().size()}}},
                {"ledger", {{"origin", "socai.example/demo"}, {"size", 61}, {"root", "cm9vdA=="}}}};
    }

    StatisticsWorld world_;
};

// Every element is closed in turn, every attribute quoted, and no bare & or < stands in a text.
void expect_well_formed(const std::string& html) {
    static const std::vector<std::string> without_end{"!DOCTYPE", "meta", "br"};
    std::vector<std::string> open;
    std::size_t at = 0;
    while (at < html.size()) {
        if (html[at] == '&') {
            const std::size_t end = html.find(';', at);
            ASSERT_TRUE(end != std::string::npos && end - at < 8) << html.substr(at, 20);
        }
        ASSERT_NE(html[at], '>') << html.substr(at > 40 ? at - 40 : 0, 60);
        if (html[at] != '<') {
            ++at;
            continue;
        }
        std::size_t end = at;
        for (bool quoted = false; html[end] != '>' || quoted; ++end) {
            ASSERT_LT(end + 1, html.size());
            if (html[end] == '"') quoted = !quoted;
            ASSERT_TRUE(end == at || html[end] != '<') << html.substr(at, 80);
        }
        std::string tag = html.substr(at + 1, end - at - 1);
        at = end + 1;
        const bool closed = tag.ends_with("/");
        const bool closes = tag.starts_with("/");
        tag = tag.substr(closes ? 1 : 0, tag.find_first_of(" /", 1) - (closes ? 1 : 0));
        if (closes) {
            ASSERT_FALSE(open.empty()) << tag;
            ASSERT_EQ(open.back(), tag);
            open.pop_back();
        } else if (!closed && std::ranges::find(without_end, tag) == without_end.end()) {
            open.push_back(tag);
            if (tag == "style") {
                at = html.find("</style>", at);
            }
        }
    }
    EXPECT_TRUE(open.empty()) << open.back();
}

// The numbers of a table under a caption: name -> its cells.
using Cells = std::map<std::string, std::vector<std::string>>;
Cells annex_of(const std::string& html) {
    Cells cells;
    const std::size_t begin = html.find("Phụ lục");
    EXPECT_NE(begin, std::string::npos);
    static const std::regex row("<tr><th scope=\"row\"><code><bdi>([^<]*)</bdi></code></th>(.*?)</tr>");
    static const std::regex cell(
        "<td class=\"n\">(?:<data value=\"(-?[0-9]+)\"[^>]*>[^<]*</data>|([^<]*))</td>");
    const std::string annex = html.substr(begin);
    for (std::sregex_iterator it(annex.begin(), annex.end(), row), end; it != end; ++it) {
        const std::string inner = (*it)[2];
        for (std::sregex_iterator each(inner.begin(), inner.end(), cell); each != end; ++each)
            cells[(*it)[1]].push_back((*each)[1].matched ? (*each)[1] : (*each)[2]);
    }
    return cells;
}

// RFC 4180.
std::vector<std::vector<std::string>> rows_of(const std::string& csv) {
    std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
    bool quoted = false;
    for (std::size_t i = 0; i < csv.size(); ++i) {
        std::string& field = rows.back().back();
        if (quoted && csv[i] == '"' && i + 1 < csv.size() && csv[i + 1] == '"') {
            field += csv[++i];
        } else if (csv[i] == '"') {
            quoted = !quoted;
        } else if (!quoted && csv[i] == ',') {
            rows.back().emplace_back();
        } else if (!quoted && csv[i] == '\r') {
            EXPECT_EQ(csv.at(++i), '\n');
            rows.emplace_back(1);
        } else {
            field += csv[i];
        }
    }
    EXPECT_EQ(rows.back(), std::vector<std::string>(1));  // the last line ends too
    rows.pop_back();
    return rows;
}

std::string number_text(const json::value& value) {
    return value.is_null() ? "" : json::serialize(value);
}

TEST_F(Report, EveryTotalOfThePageIsTheAnswers) {
    const json::object made = report();
    const Cells cells = annex_of(report_html(made));
    const json::object& total = made.at("statistics").at("total").as_object();
    const json::object& before = made.at("statistics").at("compared").at("total").as_object();
    ASSERT_EQ(cells.size(), total.size());
    for (const auto& member : total) {
        const auto& cell = cells.at(std::string(member.key()));
        ASSERT_EQ(cell.size(), 3U) << member.key();
        const auto shown = [](const json::value& value) {
            return value.is_null() ? std::string("–") : json::serialize(value);
        };
        EXPECT_EQ(cell[0], shown(member.value())) << member.key();
        EXPECT_EQ(cell[1], shown(before.at(member.key()))) << member.key();
    }
    EXPECT_EQ(total.at("dossiers.received").as_int64(), 8);
    EXPECT_EQ(cells.at("dossiers.received")[2], "+4");
}

TEST_F(Report, EveryFigureOnThePageIsOneOfTheAnswer) {
    const json::object made = report();
    const std::string html = report_html(made);
    // What the answer says of each name, anywhere.
    std::multimap<std::string, std::string> answered;
    const std::function<void(const json::value&)> gather = [&](const json::value& value) {
        if (const auto* object = value.if_object())
            for (const auto& member : *object) {
                answered.emplace(member.key(), json::serialize(member.value()));
                gather(member.value());
            }
        if (const auto* array = value.if_array())
            for (const auto& each : *array) gather(each);
    };
    gather(made.at("statistics"));
    static const std::regex data("<data value=\"(-?[0-9]+)\" title=\"([^\"]+)\">");
    int seen = 0;
    for (std::sregex_iterator it(html.begin(), html.end(), data), end; it != end; ++it, ++seen) {
        const auto [first, last] = answered.equal_range((*it)[2]);
        const bool zero_of_a_group = (*it)[1] == "0";
        EXPECT_TRUE(zero_of_a_group ||
                    std::any_of(first, last, [&](const auto& each) { return each.second == (*it)[1]; }))
            << (*it)[2] << " = " << (*it)[1];
    }
    EXPECT_GT(seen, 300);
}

TEST_F(Report, ThePageNamesFiguresThatExist) {
    const json::object made = report();
    const json::object& total = made.at("statistics").at("total").as_object();
    for (const ReportSection& section : report_sections())
        for (const ReportRow& row : section.rows) EXPECT_TRUE(total.contains(row.figure)) << row.figure;
    for (const ReportRow& step : report_steps())
        EXPECT_TRUE(total.contains("time." + std::string(step.figure) + ".count")) << step.figure;
    for (const ReportRow& column : report_columns())
        EXPECT_TRUE(total.contains(column.figure)) << column.figure;
    EXPECT_EQ(report_steps().size(), step_count);
}

TEST_F(Report, ThePageStandsAloneAndPrints) {
    const std::string html = report_html(report());
    expect_well_formed(html);
    for (const std::string_view forbidden :
         {"<script", "http:", "https:", "src=", "href=", "url(", "@import"})
        EXPECT_EQ(html.find(forbidden), std::string::npos) << forbidden;
    for (const std::string_view wanted :
         {"@page", "@media print", "break-before:page", "<svg", "<caption>", "socai.example/demo",
          "cm9vdA==", "Thời gian xử lý theo cơ quan và bước", "Alerts and reaction by agency",
          "socai report --from 2021-10-01 --to 2021-12-31 --compare 2021-07-01..2021-09-30 --as-of 62 "
          "--group-by month,agency,regime"})
        EXPECT_NE(html.find(wanted), std::string::npos) << wanted;
}

TEST_F(Report, WithoutComparisonOrGroupsItIsShorter) {
    const std::string html = report_html(report({}, false));
    expect_well_formed(html);
    EXPECT_EQ(html.find("Kỳ so sánh"), std::string::npos);
    EXPECT_NE(html.find("--group-by none"), std::string::npos);
    for (const auto& [name, cell] : annex_of(html)) EXPECT_EQ(cell.size(), 1U) << name;
}

// A figure that is not told is not 0.
TEST_F(Report, WhatTheAskerMayNotSeeIsNotShownAsNothing) {
    const std::string html = report_html(report({Grouping::agency}, false, Viewer()));
    expect_well_formed(html);
    EXPECT_NE(html.find("title=\"dossiers.received\""), std::string::npos);
    for (const std::string_view hidden : {"title=\"alert_", "title=\"violation.", "title=\"exceptions.", "title=\"acdd.",
                                          "title=\"determinations.", "Alerts and reaction by agency"})
        EXPECT_EQ(html.find(hidden), std::string::npos) << hidden;
}

TEST_F(Report, HostileTextsStayTexts) {
    json::object made = report();
    const std::string hostile = "\"><script>alert('x')</script>,\r\n\u202e&amp;";
    json::object& statistics = made.at("statistics").as_object();
    made.at("ledger").as_object()["origin"] = hostile;
    statistics.at("question").as_object()["from"] = hostile;
    statistics.at("total").as_object()["exceptions." + hostile] = 7;
    statistics.at("groups").at("agency").as_array()[1].as_object()["group"] = hostile;
    statistics.at("groups").as_object()[hostile] =
        json::array{json::object{{"group", hostile}, {"figures", json::object{{hostile, 1}}}}};
    const std::string html = report_html(made);
    expect_well_formed(html);
    EXPECT_EQ(html.find("<script"), std::string::npos);
    bool found = false;
    for (const auto& row : rows_of(report_csv(made))) {
        ASSERT_EQ(row.size(), 7U);
        found = found || (row[0] == "exceptions." + hostile && row[5] == "7");
    }
    EXPECT_TRUE(found);
    EXPECT_EQ(json::parse(report_json(made)), json::value(made));
}

TEST_F(Report, WhatIsNoAnswerMakesAnEmptyReport) {
    for (
        const std::string_view text :
        {"{}", R"({"statistics":[]})", R"({"statistics":{"total":3,"groups":{"agency":7},"question":null}})",
         R"({"statistics":{"total":{"dossiers.received":"7","result.pass":1e300,"result.fail":-9223372036854775808},
              "groups":{"agency":[1,{"group":2}]},"compared":{"total":{"result.fail":9223372036854775807}}}})"}) {
        const json::object made = json::parse(json::string_view(text)).as_object();
        expect_well_formed(report_html(made));
        EXPECT_GE(rows_of(report_csv(made)).size(), 1U);
        EXPECT_EQ(json::parse(report_json(made)), json::value(made));
    }
}

TEST_F(Report, EveryRowOfTheCsvIsTheAnswers) {
    const json::object made = report();
    const json::object& statistics = made.at("statistics").as_object();
    const auto rows = rows_of(report_csv(made));
    EXPECT_EQ(rows.front(), (std::vector<std::string>{"name", "group_by", "group", "from", "to", "value",
                                                      "compare_value"}));
    std::size_t totals = 0;
    std::size_t of_groups = 0;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const auto& row = rows[i];
        ASSERT_EQ(row.size(), 7U);
        if (row[1].empty()) {
            EXPECT_EQ(row[5], number_text(statistics.at("total").at(row[0])));
            EXPECT_EQ(row[6], number_text(statistics.at("compared").at("total").at(row[0])));
            ++totals;
        } else if (row[3] == "2021-10-01" && !row[5].empty()) {
            for (const json::value& group : statistics.at("groups").at(row[1]).as_array()) {
                if (std::string_view(group.at("group").as_string()) != row[2]) continue;
                EXPECT_EQ(row[5], number_text(group.at("figures").at(row[0]))) << row[0];
            }
            ++of_groups;
        }
    }
    EXPECT_EQ(totals, statistics.at("total").as_object().size());
    std::size_t expected = 0;
    for (const auto& grouping : statistics.at("groups").as_object())
        for (const json::value& group : grouping.value().as_array())
            expected += group.at("figures").as_object().size();
    EXPECT_EQ(of_groups, expected);
}

TEST_F(Report, TheJsonIsTheReport) {
    const json::object made = report();
    EXPECT_EQ(json::parse(report_json(made)), json::value(made));
}

TEST_F(Report, AFullLengthOfTimeIsAsQuickAsAQuarter) {
    const json::object answer =
        world_.answer("1970-01-01", "9999-12-31", 1'000'000, {Grouping::month, Grouping::quarter});
    EXPECT_EQ(StatisticsWorld::of(answer, "dossiers.received"), 12);
    EXPECT_EQ(answer.at("groups").at("month").as_array().size(), 3U);
    EXPECT_EQ(answer.at("groups").at("quarter").as_array().size(), 2U);
    EXPECT_EQ(answer.at("groups").at("quarter").at(1).at("group").as_string(), "2021Q4");
}

TEST(ReportPeriod, QuartersPhasesAndDays) {
    const auto text = [](const std::optional<Period>& period) {
        return period ? format_date(period->from) + ".." + format_date(period->to) : std::string("none");
    };
    EXPECT_EQ(text(parse_quarter("2021Q4")), "2021-10-01..2021-12-31");
    EXPECT_EQ(text(parse_quarter("2024Q1")), "2024-01-01..2024-03-31");
    EXPECT_EQ(text(parse_quarter("9999Q4")), "9999-10-01..9999-12-31");
    EXPECT_EQ(text(parse_phase("1")), "2021-01-01..2023-12-31");
    EXPECT_EQ(text(parse_phase("2")), "2024-01-01..2026-12-31");
    EXPECT_EQ(text(parse_period("2021-02-28..2021-03-01")), "2021-02-28..2021-03-01");
    EXPECT_EQ(text(parse_period("2021Q3")), "2021-07-01..2021-09-30");
    for (const std::string_view wrong :
         {"", "2021Q5", "2021Q0", "2021q4", "21Q4", "0000Q1", "2021-03-01..2021-02-28",
          "2021-02-29..2021-03-01", "..", "2021-01-01..", "2021-01-01...2021-01-02", "3"})
        EXPECT_EQ(text(parse_period(wrong)), "none") << wrong;
    EXPECT_EQ(text(parse_phase("3")), "none");
}

TEST(StatisticsQuestions, AreReadFromParameters) {
    const auto read = [](std::string_view text) {
        return parse_statistics_question(json::parse(json::string_view(text)).as_object(), 100);
    };
    const auto question =
        read(R"({"from":"2021-10-01","to":"2021-12-31","compare_from":"2020-10-01","compare_to":"2020-12-31",
                 "as_of":7,"group_by":["agency","month","agency"],"read":"local"})");
    ASSERT_TRUE(question);
    EXPECT_EQ(question->as_of, 7U);
    EXPECT_EQ(format_date(question->compared.value().to), "2020-12-31");
    EXPECT_EQ(question->groupings, (std::vector<Grouping>{Grouping::agency, Grouping::month}));
    EXPECT_EQ(read(R"({"from":"2021-10-01","to":"2021-10-01"})")->as_of, 100U);
    EXPECT_EQ(read(R"({"from":"2021-10-01","to":"2021-10-01","as_of":101})")->as_of, 100U);
    EXPECT_TRUE(read(R"({"from":"2021-10-01","to":"2021-10-01","group_by":"none"})")->groupings.empty());
    for (const std::string_view wrong :
         {R"({})", R"({"from":"2021-10-01"})", R"({"from":"2021-10-02","to":"2021-10-01"})",
          R"({"from":"2021-10-01","to":20211231})", R"({"from":"2021-10-01","to":"2021-10-01","as_of":-1})",
          R"({"from":"2021-10-01","to":"2021-10-01","as_of":"7"})",
          R"({"from":"2021-10-01","to":"2021-10-01","compare_from":"2020-10-01"})",
          R"({"from":"2021-10-01","to":"2021-10-01","group_by":"week"})",
          R"({"from":"2021-10-01","to":"2021-10-01","group_by":[1]})"}) {
        const auto refused = read(wrong);
        ASSERT_FALSE(refused) << wrong;
        EXPECT_EQ(refused.error().reason, "malformed_period");
    }
}

TEST(StatisticsQuestions, AnAnswerToItsOwnQuestionIsTheSame) {
    StatisticsWorld world;
    world.registration("A-1", "2021-10-04T10:00:00+07:00");
    StatisticsQuestion question;
    question.period = parse_quarter("2021Q4").value();
    question.compared = parse_quarter("2021Q3").value();
    question.groupings = {Grouping::regime, Grouping::quarter};
    const json::object answer = statistics_answer(world.world().facts(), question, Viewer::all());
    world.registration("A-2", "2021-10-05T10:00:00+07:00");
    const auto again = parse_statistics_question(answer.at("question").as_object(), 1);
    ASSERT_TRUE(again);
    EXPECT_EQ(statistics_answer(world.world().facts(), *again, Viewer::all()), answer);
}

TEST(PageParts, NumbersReadAsPeopleWriteThem) {
    EXPECT_EQ(page::grouped(0), "0");
    EXPECT_EQ(page::grouped(999), "999");
    EXPECT_EQ(page::grouped(3'500'000), "3\u202f500\u202f000");
    EXPECT_EQ(page::grouped(-1'000), "\u22121\u202f000");
    EXPECT_EQ(page::percent(666'666), "66.66\u202f%");
    EXPECT_EQ(page::percent(50), "0.00\u202f%");
    EXPECT_EQ(page::percent(1'000'000), "100.00\u202f%");
    EXPECT_EQ(page::hours(725), "12\u202fh\u202f05");
}

}  // namespace
}  // namespace socai::inspection
