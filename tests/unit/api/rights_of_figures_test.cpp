// What figures tell, reader by reader and kind by kind: a figure as of a leaf less the figure as of the one before tells what that
// leaf is, so that a statistics answer may count only what its reader may know of (rights_table.hpp). Counts of agencies' work and
// of trade as a whole are for everybody (design/domain.md 15; reference/domain.md §3.4).
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "api/methods.hpp"
#include "inspection/access/account.hpp"
#include "matrix_ledger.hpp"
#include "rights_table.hpp"
#include "sample_ledger.hpp"
#include "tests/unit/inspection/sample_kinds.hpp"

namespace json = boost::json;

namespace socai::api::testing {
namespace {

// Both worked shipments, after them an example of every kind that may still come, and a trader who corrects himself.
class CountedLedger : public SampleLedger {
  public:
    CountedLedger() {
        known = std::make_shared<const ledger::Registry>(registry_with_keys());
        seen_by_strangers = {};
        std::set<std::string_view> kinds;
        for (const RecordView& view : records()) kinds.insert(view.record->kind());
        for (const inspection::EmbeddedKind& kind : inspection::embedded_kinds())
            if (!kinds.contains(kind.name) && kind.name != "storage_release")  // of goods that are not cleared
                add(inspection::test::examples_of(kind).accepted);
        for (const inspection::EmbeddedKind& kind : inspection::embedded_kinds()) {
            if (kind.name != "appeal") continue;
            json::value corrected = inspection::test::examples_of(kind).accepted;
            const json::object earlier{{"rel", "supersedes"}, {"source", corrected.at("source")}, {"id", corrected.at("id")}};
            corrected.at("data").at("refs").as_array().push_back(earlier);
            corrected.as_object()["id"] = "corrected";
            add(corrected);
        }
    }
    // Leaf 0 is the genesis.
    Derived derived() const override {
        Derived derived = SampleLedger::derived();
        derived.size = records().size() + 1;
        return derived;
    }
};

bool is_of(std::string_view name, std::string_view family) {
    return name == family || (name.starts_with(family) && name[family.size()] == '.');
}
bool is_of_any(std::string_view name, const std::vector<std::string_view>& families) {
    return std::ranges::any_of(families, [&](std::string_view family) { return is_of(name, family); });
}

// By hand, for whom figures are: of kinds that agencies share among themselves and what is worked out from them, agencies …
const std::vector<std::string_view> for_agencies{"alert_issued", "alert_lifted",  "time.alert_to_ledger",
                                                 "violation",    "exceptions",    "determinations",
                                                 "corrections"};
// … and of ACDD, customs (reference/domain.md §2.2, row 19).
const std::vector<std::string_view> for_customs{"acdd"};
// How many agencies anything was counted of, and shares: they follow from other figures.
const std::vector<std::string_view> of_others{"agencies", "ministries", "single_window", "stock.agencies_connected",
                                              "stock.ministries_connected", "stock.single_window_partners"};

// By hand, what a leaf of a kind may move; of the others, which do not count, nothing but what every record may.
const std::map<std::string, std::vector<std::string_view>, std::less<>>& moved_by() {
    static const std::map<std::string, std::vector<std::string_view>, std::less<>> table{
        {"acdd", {"acdd"}},
        {"alert", {"alert_issued", "alert_lifted", "time.alert_to_ledger"}},
        {"clearance_decision", {"clearance", "time.result_to_clearance", "time.declaration_to_clearance"}},
        {"co_form_d", {"co_form_d", "stock.co_form_d_received", "stock.co_form_d_sent"}},
        {"conformity_result", {"conformity", "time.sampling_to_conformity"}},
        {"customs_declaration", {"declarations", "method", "enterprises", "stock.enterprises"}},
        {"dossier_status", {"status", "time.registration_to_accepted", "time.registration_to_confirmed"}},
        {"ephyto", {"ephyto"}},
        {"inspection_registration",
         {"dossiers", "enterprises", "method", "determinations", "stock.dossiers", "stock.enterprises"}},
        {"inspection_result", {"result", "time.accepted_to_result", "time.registration_to_result"}},
        {"method_determination", {"method"}},
        {"procedure", {"stock.procedures_live", "stock.procedures_testing", "stock.procedures_retired"}},
        {"violation", {"violation"}},
    };
    return table;
}
const std::vector<std::string_view> by_every_kind{"corrections", "exceptions"};

class RightsMatrixOfFigures : public ::testing::Test {
  protected:
    Asker asker(const std::string& source) const {
        if (source.empty()) return {.viewer = ledger_.anonymous()};
        return {.viewer = inspection::viewer_for(*ledger_.known, source), .kid = source + "/record-1", .source = source};
    }
    json::object ask(const Asker& asker, std::size_t as_of, json::object more = {}) const {
        more["from"] = "2000-01-01";
        more["to"] = "2039-12-31";
        more["as_of"] = static_cast<std::int64_t>(as_of);
        const Answer answer = ledger_.ask(*table_.find("inspection.statistics"), more, asker);
        if (!answer) ADD_FAILURE() << answer.error().detail;
        return answer ? *answer : json::object();
    }
    // Of every leaf, the figures of the total that it moved.
    std::vector<std::set<std::string>> moves(const Asker& asker) const {
        std::vector<std::set<std::string>> all;
        json::object before = ask(asker, 0).at("total").as_object();
        for (std::size_t leaf = 1; leaf <= ledger_.records().size(); ++leaf) {
            json::object total = ask(asker, leaf).at("total").as_object();
            std::set<std::string> moved;
            for (const auto& [name, figure] : total) {
                const json::value* earlier = before.if_contains(name);  // of exceptions those that there were
                if (earlier == nullptr || *earlier != figure) moved.emplace(name);
            }
            all.push_back(std::move(moved));
            before = std::move(total);
        }
        return all;
    }
    // By hand, from the roles.
    bool may_see(const std::string& reader, std::string_view figure) const {
        const ledger::Agency* agency = ledger_.known->agency(reader);
        const auto has = [&](std::string_view roles) { return agency != nullptr && has_any(*agency, roles); };
        if (is_of_any(figure, for_customs)) return has("member auditor customs_office");
        return !is_of_any(figure, for_agencies) ||
               has("member auditor customs_office list_owner inspection_agency market_surveillance provincial_committee "
                   "nsw_operator");
    }

    CountedLedger ledger_;
    MethodTable table_{Limits{}};
};

TEST_F(RightsMatrixOfFigures, ALeafMovesTheFiguresOfItsKind) {
    const auto moved = moves({.viewer = inspection::Viewer::all()});
    std::set<std::string_view> counted;
    for (std::size_t i = 0; i < moved.size(); ++i) {
        const std::string_view kind = ledger_.records()[i].record->kind();
        const auto own = moved_by().find(kind);
        for (const std::string& figure : moved[i]) {
            const bool is_own = own != moved_by().end() && is_of_any(figure, own->second);
            EXPECT_TRUE(is_own || is_of_any(figure, by_every_kind) || is_of_any(figure, of_others)) << kind << " moves " << figure;
            if (is_own) counted.insert(own->first);
        }
    }
    // But a determination that is no stricter than what was computed changes nothing.
    EXPECT_EQ(counted.size() + 1, moved_by().size());
}

TEST_F(RightsMatrixOfFigures, EverybodyIsToldOfTheFiguresThatHeMaySee) {
    const auto all = moves({.viewer = inspection::Viewer::all()});
    std::map<bool, int> cells;
    for (const std::string& reader : readers(*ledger_.known)) {
        const auto told = moves(asker(reader));
        ASSERT_EQ(told.size(), all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            const ledger::Record& record = *ledger_.records()[i].record;
            SCOPED_TRACE(::testing::Message() << "'" << reader << "' is told of leaf " << i + 1 << ", " << record.kind());
            std::set<std::string> wanted;
            for (const std::string& figure : all[i]) {
                if (is_of_any(figure, of_others)) continue;
                if (may_see(reader, figure)) wanted.insert(figure);
                ++cells[may_see(reader, figure)];
            }
            std::set<std::string> own = told[i];
            std::erase_if(own, [](const std::string& figure) { return is_of_any(figure, of_others); });
            EXPECT_EQ(own, wanted);
            // That an agency did something is told with what it did.
            if (own.empty()) {
                EXPECT_TRUE(told[i].empty()) << *told[i].begin();
            }
            // Of a kind that agencies alone read, and the reader is none, there is nothing to be told; so of ACDD.
            const Rights& row = rights().at(std::string(record.kind()));
            const bool shared = row.everybody == '-' && row.trader == '-' && row.body == '-';
            if (shared && !may_see(reader, row.agency == '-' ? "acdd.received" : "violation.major")) {
                EXPECT_TRUE(std::ranges::all_of(own, [](const std::string& figure) { return is_of(figure, "corrections"); }))
                    << *own.begin();
            }
        }
    }
    EXPECT_GT(cells[true], 1'000);
    EXPECT_GT(cells[false], 100);
}

// An importer finds his own registration's leaf easily, and must not read off it that an alert meets his goods.
TEST_F(RightsMatrixOfFigures, AnImporterIsNotToldThatAnAlertMeetsHisGoods) {
    std::size_t met = 0;
    const auto all = moves({.viewer = inspection::Viewer::all()});
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i].contains("determinations.under_alert")) continue;
        ++met;
        for (const json::object& told : {ask(asker(ledger_.records()[i].record->source), i + 1), ask(asker(""), i + 1)}) {
            EXPECT_FALSE(told.at("total").as_object().contains("determinations.under_alert"));
            EXPECT_TRUE(told.at("total").as_object().contains("dossiers.received"));
        }
    }
    EXPECT_GT(met, 0u);
}

// Groups keep to the same, and name agencies, regimes and times, never an enterprise; an audience narrows.
TEST_F(RightsMatrixOfFigures, GroupsTellNoMoreThanTotals) {
    const json::object grouped{{"group_by", {"month", "quarter", "agency", "regime"}},
                               {"compare_from", "2021-01-01"},
                               {"compare_to", "2021-12-31"}};
    const std::size_t last = ledger_.records().size();
    const json::object strangers = ask(asker(""), last, grouped);
    for (const std::string& reader : readers(*ledger_.known)) {
        SCOPED_TRACE(reader);
        const json::object answer = ask(asker(reader), last, grouped);
        std::size_t figures = 0;
        for (const json::object* part : {&answer, &answer.at("compared").as_object()}) {
            std::vector<const json::object*> sets{&part->at("total").as_object()};
            for (const auto& [grouping, groups] : part->at("groups").as_object()) {
                for (const json::value& group : groups.as_array()) {
                    sets.push_back(&group.at("figures").as_object());
                    const std::string name(group.at("group").as_string());
                    const ledger::Agency* agency = ledger_.known->agency(name);
                    EXPECT_EQ(agency != nullptr && !agency->has_role("trader"), grouping == "agency" && !name.empty()) << name;
                    EXPECT_EQ(json::serialize(group).find("99000000"), std::string::npos) << json::serialize(group);
                }
            }
            for (const json::object* set : sets)
                for (const auto& [name, figure] : *set) {
                    ++figures;
                    EXPECT_TRUE(figure.is_number() || figure.is_null()) << name;
                    EXPECT_TRUE(may_see(reader, name)) << name;
                }
        }
        EXPECT_GT(figures, 100u);
        json::object of_everybody = grouped;
        of_everybody["audience"] = "public";
        EXPECT_EQ(ask(asker(reader), last, of_everybody), strangers);
    }
}

}  // namespace
}  // namespace socai::api::testing
