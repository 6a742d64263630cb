// Who may read in bulk, reader by reader and kind by kind (rights_table.hpp): entry bundles, which hold the bytes of every record
// (design/formats.md, "Who may read the bytes"), and what an export is made of.
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "api/http_routes.hpp"
#include "api/server_context.hpp"
#include "inspection/fields.hpp"
#include "inspection/viewer.hpp"
#include "ledger/tiles.hpp"
#include "matrix_ledger.hpp"
#include "rights_table.hpp"

namespace json = boost::json;

namespace socai::api::testing {
namespace {

class RightsMatrixInBulk : public ::testing::Test {
  protected:
    // The path of the bundle that ends with the leaf.
    static std::string bundle_path(std::size_t index) {
        return "/" + ledger::tile_path({.entries = true, .width = static_cast<std::uint32_t>(index + 1)});
    }
    // W the leaf's bytes, - a refusal that tells nothing of them.
    char by_bundle(const ServerContext& context, const Asker& asker, std::size_t index) const {
        const HttpAnswer answer = answer_http(context, asker, "GET", bundle_path(index));
        EXPECT_EQ(answer_http(context, asker, "HEAD", bundle_path(index)).status, answer.status);
        const std::string entry = ledger.entries(index, 1)->front();
        if (answer.status == 200) {
            EXPECT_EQ(answer.cache_control.substr(0, 7), "private");  // no cache keeps it for somebody else
            const auto bundle = ledger::split_bundle(answer.body);
            EXPECT_TRUE(bundle && bundle->size() == index + 1 && bundle->back() == entry);
            return 'W';
        }
        EXPECT_EQ(answer.status, 401u);
        EXPECT_NE(answer.body.find("credential_required"), std::string::npos);
        EXPECT_EQ(answer.body.find(ledger.records()[index].id), std::string::npos);
        EXPECT_EQ(answer.body.find(entry), std::string::npos);
        return '-';
    }
    // By hand: members, whose nodes hold every byte, and auditors.
    char expected_of_bundle(const std::string& reader) const {
        const ledger::Agency* agency = ledger.known->agency(reader);
        return agency != nullptr && has_any(*agency, "member auditor") ? 'W' : '-';
    }

    // What `socai export` asks for a case (node/client/case_export.cpp): the records by their field and of a dossier the timeline,
    // then a receipt, which holds the statement, of each leaf. Gives the leaves whose receipts come.
    std::set<std::size_t> exported(const Asker& asker, std::string_view field, const std::string& number) const {
        std::set<std::size_t> found;
        const auto add = [&](const json::value& items) {
            for (const json::value& item : items.as_array()) found.insert(item.at("index").to_number<std::size_t>());
        };
        json::object parameters{{field, number}, {"limit", 1'000}};
        for (;;) {
            const Answer page = ledger.ask("ledger.query", parameters, asker);
            if (!page) ADD_FAILURE() << page.error().detail;
            if (!page) return {};
            add(page->at("items"));
            if (!page->contains("next_cursor")) break;
            parameters["cursor"] = page->at("next_cursor");
        }
        if (field == "dossier_no")
            if (const Answer dossier = ledger.ask("inspection.dossier", {{"dossier_no", number}}, asker); dossier)
                add(dossier->at("timeline"));
        std::set<std::size_t> leaves;
        for (const std::size_t index : found) {
            const Answer proof = ledger.ask("ledger.prove_inclusion", {{"index", static_cast<std::int64_t>(index)}}, asker);
            if (proof && proof->contains("receipt")) leaves.insert(index);
            EXPECT_EQ(proof && proof->contains("receipt"),
                      expected_sight(*ledger.known, asker.source, ledger.records()[index]) == 'W')
                << "'" << asker.source << "' exports " << ledger.records()[index].kind();
        }
        return leaves;
    }

    MatrixLedger ledger;
};

TEST_F(RightsMatrixInBulk, EntryBundlesAreForMembersAndAuditors) {
    const ServerContext closed({.open_bundles = false}, ledger);
    std::map<char, int> cells;
    for (const std::string& reader : readers(*ledger.known)) {
        const Asker asker = ledger.asker(reader);
        for (std::size_t index = 0; index < ledger.records().size(); ++index) {
            SCOPED_TRACE(::testing::Message() << "reader '" << reader << "', " << ledger.records()[index].kind());
            const char how = by_bundle(closed, asker, index);
            EXPECT_EQ(how, expected_of_bundle(reader));
            ++cells[how];
            // Never more than by asking for the record.
            if (how == 'W') {
                EXPECT_EQ(expected_sight(*ledger.known, reader, ledger.records()[index]), 'W');
            }
        }
        // What says nothing of the records is for everybody.
        EXPECT_EQ(answer_http(closed, asker, "GET", "/tile/0/000.p/1").status, 200u) << reader;
        EXPECT_EQ(answer_http(closed, asker, "GET", "/checkpoint").status, 200u) << reader;
    }
    for (const char how : {'W', '-'}) EXPECT_GT(cells[how], 200) << how;
}

// design/formats.md: "a ledger may be opened in its configuration".
TEST_F(RightsMatrixInBulk, EntryBundlesOfAnOpenLedgerAreForEverybody) {
    const ServerContext open({.open_bundles = true}, ledger);
    for (const std::string& reader : readers(*ledger.known))
        for (std::size_t index = 0; index < ledger.records().size(); ++index)
            EXPECT_EQ(by_bundle(open, ledger.asker(reader), index), 'W') << reader;
}

// A credential is an account: neither one that is over, nor a node that shows everything to whoever has none.
TEST_F(RightsMatrixInBulk, EntryBundlesTakeAnAccount) {
    const ServerContext closed({.open_bundles = false}, ledger);
    Asker lapsed = ledger.asker("most");
    lapsed.lapsed = true;
    ledger.seen_by_strangers = inspection::Viewer::all();
    for (std::size_t index = 0; index < ledger.records().size(); ++index) {
        EXPECT_EQ(by_bundle(closed, lapsed, index), '-');
        EXPECT_EQ(by_bundle(closed, ledger.asker(""), index), '-');
    }
}

// An export holds the leaves that its reader sees whole, all those that the case's number stands in, and no other.
TEST_F(RightsMatrixInBulk, AnExportHoldsWhatItsReaderSeesWhole) {
    // By the number: the leaves whose records carry it.
    std::map<std::pair<std::string_view, std::string>, std::set<std::size_t>> cases;
    for (std::size_t index = 0; index < ledger.records().size(); ++index) {
        const auto fields = inspection::fields_of(ledger.records()[index]);
        if (fields.dossier_no) cases[{"dossier_no", *fields.dossier_no}].insert(index);
        if (fields.declaration_no) cases[{"declaration_no", *fields.declaration_no}].insert(index);
        for (const std::string& code : fields.tax_codes) cases[{"tax_code", code}].insert(index);
    }
    ASSERT_GE(cases.size(), 6u);
    int held = 0;
    int withheld = 0;
    for (const std::string& reader : readers(*ledger.known)) {
        const Asker asker = ledger.asker(reader);
        for (const auto& [of, carrying] : cases) {
            SCOPED_TRACE(::testing::Message() << "reader '" << reader << "', " << of.first << " " << of.second);
            const std::set<std::size_t> leaves = exported(asker, of.first, of.second);
            // Nobody without account asks by a number, and a trader asks for no other trader.
            const bool of_others = reader.empty() || (of.first == "tax_code" && reader.starts_with("importer.") &&
                                                      !reader.ends_with(of.second));
            for (const std::size_t index : carrying) {
                const bool whole = expected_sight(*ledger.known, reader, ledger.records()[index]) == 'W';
                EXPECT_EQ(leaves.contains(index), whole && !of_others) << ledger.records()[index].kind();
                ++(whole && !of_others ? held : withheld);
            }
        }
    }
    EXPECT_GT(held, 200);
    EXPECT_GT(withheld, 100);
}

}  // namespace
}  // namespace socai::api::testing
