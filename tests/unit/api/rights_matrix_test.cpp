// Who may read and write what: every source of every role × every kind × every path, against a second statement of the rights
// that shares nothing with the tables of the code (rights_table.hpp). Figures, what is read in bulk, and writing by admission have
// files of their own: rights_of_figures_test.cpp, rights_in_bulk_test.cpp, rights_to_write_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <set>

#include "api/subscription.hpp"
#include "inspection/access/visibility_table.hpp"
#include "inspection/records/rules.hpp"
#include "matrix_ledger.hpp"
#include "rights_table.hpp"
#include "tests/unit/inspection/sample_kinds.hpp"

namespace json = boost::json;

namespace socai::api::testing {
namespace {

class RightsMatrix : public ::testing::Test {
  protected:
    std::vector<std::string> all_readers() const { return readers(*ledger.known); }
    char expected(const std::string& reader, const ledger::Record& record) const {
        return expected_sight(*ledger.known, reader, record);
    }

    // How the record is shown: as a whole, in part, or not. Checks on the way that a part is one.
    static char shown(const json::object& item, const ledger::Record& record) {
        const json::object& event = item.at("record").as_object();
        const bool whole = event == record.json;
        EXPECT_EQ(item.contains("partial"), !whole);
        if (!whole) {
            EXPECT_LT(event.at("data").as_object().size(), record.data().size());
            for (const auto& member : event.at("data").as_object())
                EXPECT_TRUE(record.data().contains(member.key())) << member.key();
            EXPECT_FALSE(event.at("data").as_object().contains("refs"));
        }
        return whole ? 'W' : 'p';
    }

    char by_get(const Asker& asker, const json::object& parameters, const ledger::Record& record) const {
        const Answer answer = ledger.ask("ledger.get", parameters, asker);
        if (!answer) {
            EXPECT_EQ(answer.error().code, Code::not_found);
            return '-';
        }
        const char how = shown(answer->at("records").at(0).as_object(), record);
        EXPECT_EQ(answer->contains("statement"), how == 'W');
        return how;
    }
    // All pages of a query, by one record a page.
    char by_query(const Asker& asker, json::object parameters, std::size_t index) const {
        parameters["limit"] = 1;
        char how = '-';
        for (std::size_t pages = 0; pages < 100; ++pages) {
            const Answer answer = ledger.ask("ledger.query", parameters, asker);
            if (!answer) ADD_FAILURE() << answer.error().detail;
            if (!answer) return '?';
            for (const json::value& item : answer->at("items").as_array())
                if (item.at("index").to_number<std::size_t>() == index)
                    how = shown(item.as_object(), ledger.records()[index]);
            if (!answer->contains("next_cursor")) break;
            EXPECT_FALSE(
                answer->at("items").as_array().empty());  // small enough to be looked through at once
            parameters["cursor"] = answer->at("next_cursor");
        }
        return how;
    }
    std::map<std::size_t, char> by_subscription(const Asker& asker, const inspection::Filter& filter) const {
        std::map<std::size_t, char> how;
        Subscription subscription(1, 0, filter, asker.source);
        const auto viewer = subscription.viewer_now(asker, ledger);
        for (;;) {
            const auto progress = subscription.advance(ledger, *viewer, [&](const std::string& message) {
                const json::value params = json::parse(message).at("params");
                const auto index = params.at("index").to_number<std::size_t>();
                how[index] = shown(params.at("records").at(0).as_object(), ledger.records()[index]);
                EXPECT_EQ(params.as_object().contains("statement"), how[index] == 'W');
                return true;
            });
            if (!progress || *progress == Subscription::Progress::caught_up) return how;
        }
    }
    // What a kind keeps confidential: 'W' it is told, '-' that there is a record is not told, 'p' neither.
    char by_disclosures(const Asker& asker, const ledger::Record& record) const {
        const Answer answer =
            ledger.ask("ledger.disclosures", {{"source", record.source}, {"id", record.id}}, asker);
        if (!answer) {
            EXPECT_EQ(answer.error().code, Code::not_found);
            return '-';
        }
        const json::object& member = answer->at("members").at(0).as_object();
        const bool told = member.at("status") == "disclosed";
        EXPECT_EQ(member.contains("value"), told);
        EXPECT_EQ(json::serialize(*answer).find("of " + record.id) != std::string::npos, told);
        if (!told) {
            EXPECT_EQ(member.at("status"), "withheld");
            EXPECT_EQ(member.at("why"), "not_for_you");
        }
        return told ? 'W' : 'p';
    }
    // By hand: whoever sees the record whole and has an account, but of customs' own the agencies of customs alone.
    char expected_of_disclosures(const std::string& reader, const ledger::Record& record, char wanted) const {
        if (wanted == '-') return '-';
        if (wanted == 'p' || reader.empty()) return 'p';
        const bool of_customs = record.kind() == "acdd" || record.kind() == "customs_declaration";
        const ledger::Agency* agency = ledger.known->agency(reader);
        const bool is_state = has_any(*agency,
                                      "member list_owner inspection_agency market_surveillance "
                                      "provincial_committee customs_office nsw_operator");
        if (!of_customs || !is_state || has_any(*agency, "auditor customs_office") || reader == "customs") return 'W';
        return ledger.known->is_under(record.source, reader) ? 'W' : 'p';
    }
    // By its record; that it is not for the reader is told as that there is none.
    char by_promise(const Asker& asker, const ledger::Record& record) const {
        const Answer answer = ledger.ask("ledger.promise", {{"source", record.source}, {"id", record.id}}, asker);
        if (answer) {
            EXPECT_EQ(answer->at("promise"), json::value("promise of " + record.id));
            return 'W';
        }
        const Answer of_none = ledger.ask("ledger.promise", {{"source", record.source}, {"id", "none"}}, asker);
        EXPECT_FALSE(of_none);
        EXPECT_EQ(answer.error().code, Code::not_found);
        EXPECT_EQ(answer.error().reason, "no_such_promise");
        EXPECT_EQ(answer.error().detail, of_none.error().detail);
        return '-';
    }
    // By hand. What stands: whoever sees the whole leaf, as with receipts. What waits or was refused is of a kind that the node
    // does not know any more: whoever would see all that its writer may write.
    char expected_of_promise(const std::string& reader, const ledger::Record& record) const {
        if (ledger.fate_of_promises == "committed") return expected(reader, record) == 'W' ? 'W' : '-';
        const ledger::Agency* agency = ledger.known->agency(reader);
        if (record.source == reader) return 'W';
        if (agency == nullptr) return '-';
        if (has_any(*agency, "member auditor customs_office")) return 'W';
        // An ACDD is for customs alone, and comes from a gateway.
        return has_any(*agency, "list_owner inspection_agency market_surveillance provincial_committee nsw_operator") &&
                       !has_any(*ledger.known->agency(record.source), "asw_gateway")
                   ? 'W'
                   : '-';
    }
    char by_receipt(const Asker& asker, std::size_t index) const {
        const Answer answer =
            ledger.ask("ledger.prove_inclusion", {{"index", static_cast<std::int64_t>(index)}}, asker);
        return answer && answer->contains("receipt") ? 'W' : '-';
    }
    char by_timeline(const Asker& asker, std::string_view dossier_no, std::size_t index) const {
        const Answer answer = ledger.ask("inspection.dossier", {{"dossier_no", dossier_no}}, asker);
        if (!answer) return '-';
        for (const json::value& item : answer->at("timeline").as_array())
            if (item.at("index").to_number<std::size_t>() == index)
                return shown(item.as_object(), ledger.records()[index]);
        return '-';
    }

    MatrixLedger ledger;
};

TEST_F(RightsMatrix, EveryKindHasARowInBoth) {
    std::set<std::string_view> kinds{"genesis", "recovery"};  // by the program alone, without a schema
    for (const inspection::EmbeddedKind& kind : inspection::embedded_kinds()) {
        kinds.insert(kind.name);
        EXPECT_TRUE(rights().contains(kind.name)) << kind.name;
        EXPECT_NE(inspection::visibility_of(kind.name), nullptr)
            << kind.name << ": add a row to visibility_table.cpp";
    }
    for (const inspection::VisibilityRow& row : inspection::visibility_table())
        EXPECT_TRUE(kinds.contains(row.kind)) << row.kind;
}

TEST_F(RightsMatrix, EverybodyReadsWhatIsHisOnEveryPath) {
    std::map<char, int> cells;
    for (const std::string& reader : all_readers()) {
        const Asker asker = ledger.asker(reader);
        const auto followed = by_subscription(asker, {});
        for (std::size_t index = 0; index < ledger.records().size(); ++index) {
            const ledger::Record& record = ledger.records()[index];
            SCOPED_TRACE(::testing::Message()
                         << "reader " << reader << ", " << record.kind() << " " << record.subject);
            const char wanted = expected(reader, record);
            ++cells[wanted];
            EXPECT_EQ(by_get(asker, {{"index", static_cast<std::int64_t>(index)}}, record), wanted);
            EXPECT_EQ(by_get(asker, {{"source", record.source}, {"id", record.id}}, record), wanted);
            EXPECT_EQ(by_query(asker, {}, index), wanted);
            EXPECT_EQ(by_query(asker, {{"order", "desc"}}, index), wanted);
            EXPECT_EQ(by_query(asker, {{"type", record.type}}, index), wanted);
            EXPECT_EQ(by_query(asker, {{"source", record.source}}, index), wanted);
            EXPECT_EQ(followed.contains(index) ? followed.at(index) : '-', wanted);
            EXPECT_EQ(by_receipt(asker, index), wanted == 'W' ? 'W' : '-');
            EXPECT_EQ(by_disclosures(asker, record), expected_of_disclosures(reader, record, wanted));
            const auto dossier_no = inspection::fields_of(record).dossier_no;
            const bool sees_dossier = asker.viewer.agency || !asker.viewer.tax_code.empty();
            if (dossier_no && sees_dossier &&
                (wanted != 'p' || asker.viewer.tax_code.empty() ||
                 importer_of().at(std::string(record.kind())) == reader)) {
                EXPECT_EQ(by_timeline(asker, *dossier_no, index), wanted);
            }
        }
    }
    for (const char how : {'W', 'p', '-'}) EXPECT_GT(cells[how], 20) << how;
}

// A filter finds only by what the reader sees: asking for the value of a member that is hidden gives nothing, not even a
// cursor.
TEST_F(RightsMatrix, NoFilterTellsWhatIsHidden) {
    int asked = 0;
    for (const std::string& reader : all_readers()) {
        const Asker asker = ledger.asker(reader);
        for (std::size_t index = 0; index < ledger.records().size(); ++index) {
            const ledger::Record& record = ledger.records()[index];
            const char right = expected(reader, record);
            if (right == 'W') continue;
            const auto fields = inspection::fields_of(record);
            std::vector<std::pair<std::string, std::string>> tries;
            tries.emplace_back("subject", fields.subject);
            if (fields.dossier_no) tries.emplace_back("dossier_no", *fields.dossier_no);
            if (fields.declaration_no) tries.emplace_back("declaration_no", *fields.declaration_no);
            for (const auto& code : fields.tax_codes) tries.emplace_back("tax_code", code);
            for (const auto& key : fields.goods_keys) tries.emplace_back("goods_key", key);
            for (const auto& code : fields.hs_codes) tries.emplace_back("hs_prefix", code.substr(0, 8));
            json::object seen;
            if (right == 'p')
                seen = ledger.ask("ledger.get", {{"index", static_cast<std::int64_t>(index)}}, asker)
                           ->at("records")
                           .at(0)
                           .at("record")
                           .as_object();
            for (const auto& [name, value] : tries) {
                SCOPED_TRACE(::testing::Message()
                             << reader << " asks by " << name << "=" << value << " for " << record.kind());
                // In the data, or as the subject; ids may repeat a number and are shown.
                const json::value empty = json::object();
                const std::string data = json::serialize(right == 'p' ? seen.at("data") : empty);
                const bool visible =
                    right == 'p' &&
                    (name == "subject" ? seen.contains("subject") : data.find(value) != std::string::npos);
                ++asked;
                EXPECT_EQ(by_query(asker, {{name, value}}, index), visible ? 'p' : '-');
                EXPECT_EQ(by_query(asker, {{name, value}, {"type", record.type}}, index),
                          visible ? 'p' : '-');
            }
        }
    }
    EXPECT_GT(asked, 200);
}

// Nobody writes what his roles do not let him, whatever else is right with the record.
TEST_F(RightsMatrix, NobodyWritesWhatIsNotHis) {
    const inspection::RecordRules rules;
    class Registered : public inspection::Surroundings {
      public:
        explicit Registered(const ledger::Registry& registry) : registry_(registry) {}
        const ledger::Registry* registry() const override { return &registry_; }

      private:
        const ledger::Registry& registry_;
    } const surroundings(*ledger.known);
    int refused = 0;
    for (const inspection::EmbeddedKind& kind : inspection::embedded_kinds()) {
        if (kind.name == "policy") continue;  // admission's own (ledger/policy_leaf.hpp)
        const json::value example = inspection::test::examples_of(kind).accepted;
        for (const auto& [code, agency] : ledger.known->agencies()) {
            json::value record = example;
            record.as_object()["source"] = code;
            const auto breaches = rules.judge(inspection::test::record_of(record), surroundings);
            const bool breach = std::ranges::any_of(breaches, [](const inspection::Breach& each) {
                return each.rule == &inspection::rules::writer_role;
            });
            EXPECT_EQ(breach, !has_any(agency, rights().find(kind.name)->second.writer))
                << code << " writes " << kind.name;
            refused += breach ? 1 : 0;
        }
    }
    EXPECT_GT(refused, 300);
}

TEST_F(RightsMatrix, WhatBecameOfAPromiseIsToldToWhoeverReadsTheRecord) {
    std::map<char, int> cells;
    for (const char* fate : {"accepted", "committed", "refused"}) {
        ledger.fate_of_promises = fate;
        for (const std::string& reader : all_readers()) {
            const Asker asker = ledger.asker(reader);
            for (const ledger::Record& record : ledger.records()) {
                const char wanted = expected_of_promise(reader, record);
                ++cells[wanted];
                EXPECT_EQ(by_promise(asker, record), wanted)
                    << "'" << reader << "' asks for the promise, " << fate << ", of " << record.kind() << " by " << record.source;
            }
        }
    }
    for (const char how : {'W', '-'}) EXPECT_GT(cells[how], 200) << how;
}

// An audience shows what whoever it is would see, and no more than the asker.
TEST_F(RightsMatrix, AnAudienceNarrows) {
    const Asker agency = ledger.asker("most.qlcl");
    const Asker stranger = ledger.asker("");
    for (std::size_t index = 0; index < ledger.records().size(); ++index) {
        const ledger::Record& record = ledger.records()[index];
        EXPECT_EQ(
            by_get(agency, {{"index", static_cast<std::int64_t>(index)}, {"audience", "public"}}, record),
            by_get(stranger, {{"index", static_cast<std::int64_t>(index)}}, record));
        EXPECT_EQ(by_query(agency, {{"audience", "public"}}, index), by_query(stranger, {}, index));
    }
    for (const char* method : {"ledger.get", "ledger.query", "ledger.promise"}) {
        json::object parameters{{"audience", "trader:9900000016"}};
        if (std::string_view(method) != "ledger.query") {
            parameters["source"] = "most.qlcl";
            parameters["id"] = "x";
        }
        const Answer answer = ledger.ask(method, parameters, stranger);
        ASSERT_FALSE(answer) << method;
        EXPECT_EQ(answer.error().reason, "audience_too_wide") << method;
    }
}

// A list ends early when it has looked at its share of rows, and goes on where it stopped: nothing is missed, nothing twice.
TEST_F(RightsMatrix, PagesEndEarlyAndGoOn) {
    for (const std::string& reader : all_readers()) {
        const Asker asker = ledger.asker(reader);
        std::vector<std::size_t> seen;
        json::object parameters{{"limit", 2}};
        for (;;) {
            const Answer answer = ledger.ask("ledger.query", parameters, asker);
            ASSERT_TRUE(answer);
            for (const json::value& item : answer->at("items").as_array())
                seen.push_back(item.at("index").to_number<std::size_t>());
            if (!answer->contains("next_cursor")) break;
            parameters["cursor"] = answer->at("next_cursor");
        }
        std::vector<std::size_t> wanted;
        for (std::size_t index = 0; index < ledger.records().size(); ++index)
            if (expected(reader, ledger.records()[index]) != '-') wanted.push_back(index);
        EXPECT_EQ(seen, wanted) << reader;
    }
}

}  // namespace
}  // namespace socai::api::testing
