// What roles see, member by member. That every path shows the same, and the whole matrix, is tests/unit/api/rights_matrix_test.
#include "inspection/access/visibility.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>
#include <sstream>

#include "inspection/access/account.hpp"
#include "inspection/access/visibility_table.hpp"
#include "sample_kinds.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

using test::examples_of;
using test::record_of;

json::value example(std::string_view kind) {
    for (const EmbeddedKind& each : embedded_kinds())
        if (each.name == kind) return examples_of(each).accepted;
    throw std::runtime_error("no kind " + std::string(kind));
}
Viewer of(std::string_view source) {
    static const ledger::Registry registry = test::sample_registry();
    return viewer_for(registry, source);
}

TEST(Account, SeesByItsRolesAndNeverByItsCode) {
    EXPECT_EQ(described(of("customs")), "whole agency customs own public");
    EXPECT_EQ(described(of("customs.haiphong")), "agency customs own public");
    EXPECT_EQ(described(of("customs.nsw")), "agency own public");
    EXPECT_EQ(described(of("most.qlcl")), "agency own public");
    EXPECT_EQ(described(of("importer.9900000016")), "trader:9900000016 own public");
    EXPECT_EQ(described(of("cab.cn-09")), "conformity_body own public");
    EXPECT_EQ(described(of("asw.th")), "own public");
    EXPECT_EQ(described(of("customs.unregistered")), "own public");
    EXPECT_EQ(described(Viewer{}), "public");
    EXPECT_EQ(described(Viewer::all()), "whole agency customs public");
    EXPECT_TRUE(Viewer{}.is_public());
    EXPECT_FALSE(of("asw.th").is_public());

    ledger::Registry registry;
    registry.add_agency({"audit.kiemtoan", {}, {"auditor"}, {}, {}}).value();
    registry.add_agency({"importer.9900000017", {}, {"trader"}, {}, {}})
        .value();  // no tax code: a wrong check digit
    registry.add_agency({"customs.office", {}, {"stamp_collector"}, {}, {}}).value();
    EXPECT_TRUE(viewer_for(registry, "audit.kiemtoan").whole);
    EXPECT_EQ(described(viewer_for(registry, "importer.9900000017")), "own public");
    EXPECT_EQ(described(viewer_for(registry, "customs.office")), "own public");
}

TEST(Account, ATraderIsItsUnitsToo) {
    EXPECT_EQ(trader_tax_code("importer.9900000016"), "9900000016");
    EXPECT_EQ(trader_tax_code("importer"), std::nullopt);
    EXPECT_EQ(trader_tax_code("importer.x"), std::nullopt);
    json::value record = example("customs_declaration");
    record.at("data").at("importer_tax_code") = "9900000016001";
    EXPECT_TRUE(seen_by(of("importer.9900000016"), record_of(record), nullptr).is_whole());
    Viewer unit;
    unit.tax_code = "9900000016001";
    EXPECT_TRUE(seen_by(unit, record_of(record), nullptr).is_whole());
    record.at("data").at("importer_tax_code") = "9900000016002";
    EXPECT_FALSE(seen_by(unit, record_of(record), nullptr));
    record.at("data").at("importer_tax_code") = "9900000023";
    EXPECT_FALSE(seen_by(of("importer.9900000016"), record_of(record), nullptr));
}

// A record that names a tax code concerns that one and nobody else, whatever it refers to.
TEST(Visibility, ATaxCodeInTheRecordDecides) {
    json::value record = example("exemption_notice");
    record.at("data").at("tax_code") = "9900000023";
    record.at("data").as_object()["refs"] =
        json::array{{{"rel", "about"}, {"source", "importer.9900000016"}, {"id", "t-03"}}};
    EXPECT_EQ(seen_by(of("importer.9900000023"), record_of(record), nullptr).members.size(), 17U);
    EXPECT_EQ(seen_by(of("importer.9900000016"), record_of(record), nullptr).members.size(), 9U);
}

TEST(Visibility, APartHasOnlyItsMembers) {
    json::value record = example("inspection_result");
    record.as_object()["data"].as_object()["legal_basis"] = json::array{"Đ1"};
    const ledger::Record parsed = record_of(record);
    const Seen seen = seen_by({}, parsed, nullptr);
    ASSERT_EQ(seen.sight, Sight::part);
    const json::object shown = seen_json(parsed, seen, {});
    std::set<std::string> names, members;
    for (const auto& member : shown) names.emplace(member.key());
    for (const auto& member : shown.at("data").as_object()) members.emplace(member.key());
    EXPECT_EQ(names, (std::set<std::string>{"specversion", "id", "source", "type", "time", "datacontenttype",
                                            "data"}));
    EXPECT_EQ(members, (std::set<std::string>{"notice_no", "goods_key", "method", "outcome", "legal_basis"}));

    const Fields fields = seen_fields(parsed, seen);
    EXPECT_EQ(fields.dossier_no, std::nullopt);
    EXPECT_EQ(fields.subject, "");
    EXPECT_EQ(fields.goods_keys.size(), 1U);
    EXPECT_EQ(fields.time_ms, parsed.time_ms);
}

// An alert that is not published is not betrayed by the reason of what came of it.
TEST(Visibility, AReasonThatTellsOfAnAlertIsLeftOut) {
    json::value record = example("method_transition");
    for (const auto& [reason, shows] :
         {std::pair("active_alert", false), std::pair("three_consecutive_passes_12m", true)}) {
        record.at("data").at("reason") = reason;
        const ledger::Record parsed = record_of(record);
        const json::object shown = seen_json(parsed, seen_by({}, parsed, nullptr), {});
        EXPECT_EQ(shown.at("data").as_object().contains("reason"), shows) << reason;
    }
}

TEST(Visibility, AlertsAreForAgenciesUntilTheyArePublished) {
    json::value record = example("alert");
    const auto sees = [&](const Viewer& viewer) {
        return static_cast<bool>(seen_by(viewer, record_of(record), nullptr));
    };
    EXPECT_FALSE(sees({}));
    EXPECT_FALSE(sees(of("importer.9900000016")));
    EXPECT_TRUE(sees(of("mard.bvtv")));
    record.at("data").as_object()["published"] = true;
    EXPECT_TRUE(sees({}));
    record.at("data").at("scope").as_object()["tax_code"] = "9900000016";
    EXPECT_FALSE(sees({}));
    EXPECT_TRUE(sees(of("importer.9900000016")));
    EXPECT_FALSE(sees(of("importer.9900000023")));
    record.at("data").as_object()["published"] = false;
    EXPECT_FALSE(sees(of("importer.9900000016")));
}

TEST(Visibility, AKindWithoutARowIsForAgencies) {
    json::value record = example("alert");
    record.as_object()["type"] = "vn.socai.something_new.v1";
    const ledger::Record parsed = record_of(record);
    EXPECT_FALSE(seen_by({}, parsed, nullptr));
    EXPECT_FALSE(seen_by(of("importer.9900000016"), parsed, nullptr));
    EXPECT_TRUE(seen_by(of("mard.bvtv"), parsed, nullptr).is_whole());
    EXPECT_TRUE(seen_by(of("most.qlcl"), parsed, nullptr).is_whole());  // its own
}

TEST(Visibility, NobodyAsksForAnotherByName) {
    const Filter own{.tax_code = "9900000016"}, other{.tax_code = "9900000023"}, dossier{.dossier_no = "D-1"},
        goods{.goods_key = "sha256:x"};
    EXPECT_FALSE(may_ask_for({}, own));
    EXPECT_FALSE(may_ask_for({}, dossier));
    EXPECT_TRUE(may_ask_for({}, goods));
    EXPECT_TRUE(may_ask_for(of("importer.9900000016"), own));
    EXPECT_FALSE(may_ask_for(of("importer.9900000016"), other));
    EXPECT_TRUE(may_ask_for(of("importer.9900000016"), dossier));
    EXPECT_TRUE(may_ask_for(of("most.qlcl"), other));
}

// What everybody may ask for is decided by what the table shows everybody: no public column names a member that may_ask_for
// takes for hidden.
TEST(Visibility, ThePublicPartNamesNoShipment) {
    for (const VisibilityRow& row : visibility_table()) {
        std::istringstream members{std::string(row.everybody)};
        for (std::string member; members >> member;) {
            EXPECT_NE(member, "dossier_no") << row.kind;
            EXPECT_NE(member, "declaration_no") << row.kind;
            EXPECT_EQ(member.find("tax_code"), std::string::npos) << row.kind;
            EXPECT_NE(member, "refs") << row.kind;
        }
    }
}

// Every member that the table names is one that the kind has.
TEST(Visibility, TheTableNamesMembersThatThereAre) {
    for (const VisibilityRow& row : visibility_table())
        for (const std::string_view list : {row.everybody, row.trader, row.conformity_body}) {
            std::istringstream members{std::string(list)};
            for (std::string member; members >> member;) {
                if (member == "*" || member == "subject") continue;
                const std::string name = member.substr(0, member.find_first_of(".!"));
                for (const EmbeddedKind& kind : embedded_kinds()) {
                    if (kind.name != row.kind) continue;
                    const json::value schema = json::parse(json::string_view(kind.schema));
                    EXPECT_TRUE(schema.at("properties").as_object().contains(name))
                        << row.kind << " " << member;
                }
            }
        }
}

// What stays of a withdrawn record (ledger/remains.hpp) is shown to everybody who saw a part of it, and shows no more.
TEST(Visibility, AWithdrawnRecordOfAnyKindIsShownAsItIs) {
    const std::vector<Viewer> viewers{Viewer{},           Viewer::all(),     of("customs"),       of("customs.haiphong"), of("most.qlcl"),
                                      of("customs.nsw"), of("cab.cn-09"), of("importer.9900000016"), of("asw.th")};
    std::size_t parts = 0;
    for (const EmbeddedKind& kind : embedded_kinds()) {
        ledger::Record record = record_of(examples_of(kind).accepted);
        record.subject.clear();
        record.json.erase("subject");
        record.json["data"] = json::object{{"refs", json::array{}}};
        for (const Viewer& viewer : viewers) {
            const Seen seen = seen_by(viewer, record, nullptr);
            if (!seen) continue;
            const json::object shown = seen_json(record, seen, {});
            EXPECT_FALSE(shown.contains("subject")) << kind.name;
            EXPECT_EQ(shown.at("id"), record.json.at("id")) << kind.name;
            EXPECT_EQ(seen_fields(record, seen).subject, "") << kind.name;
            parts += seen.is_whole() ? 0 : 1;
        }
    }
    EXPECT_GT(parts, 10U);
}

}  // namespace
}  // namespace socai::inspection
