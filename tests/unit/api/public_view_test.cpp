// What callers without account, and traders, can learn from inspection.*: never what the law does not publish
// (design/domain.md 2; reference/domain.md §2.2, §2.4). Every method of the table is asked about everything that the ledger
// holds, and every text and number of every answer is held against everything in the records that is not public.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <functional>
#include <map>
#include <set>

#include "sample_ledger.hpp"

namespace json = boost::json;

namespace socai::api::testing {
namespace {

using Texts = std::set<std::string, std::less<>>;

constexpr std::string_view importer = "9900000016";
constexpr std::string_view other_importer = "9900000048";
const std::string goods_key = "sha256:8792fc7d2ae22195bc92350cc0bbc115b1e8ee894ee30bb871716fba17745e68";

// Members of a record that the law publishes, by kind; "*" is all of them. What has no line publishes nothing, an alert is
// public once its issuer publishes it, unless it is about an importer.
const std::map<std::string, Texts>& published_members() {
    static const std::map<std::string, Texts> members{
        {"catalog_item", {"*"}},
        {"conformity_body", {"*"}},
        {"procedure", {"*"}},
        {"ruleset", {"*"}},
        {"inspection_result", {"notice_no", "goods_key", "method", "outcome"}},
        {"exemption_notice",
         {"notice_no", "regime", "category", "goods_key", "hs_prefix", "valid_from", "valid_to"}},
        {"method_transition",
         {"goods_key", "ruleset", "from", "to", "reason", "effective_from", "expires_at"}},
        {"inspection_registration",
         {"goods_key", "regime", "goods.goods_name", "goods.hs_code", "goods.brand", "goods.model",
          "goods.origin_country", "goods.manufacturer.name", "goods.manufacturer.country",
          "goods.manufacturer.site_id"}},
    };
    return members;
}

bool is_published(const ledger::Record& record, std::string_view path) {
    const json::object& data = record.json.at("data").as_object();
    if (path.starts_with("legal_basis")) return true;
    if (record.kind() == "alert") {
        const json::value* published = data.if_contains("published");
        return published != nullptr && published->is_bool() && published->get_bool() &&
               !data.at("scope").as_object().contains("tax_code");
    }
    const auto found = published_members().find(std::string(record.kind()));
    if (found == published_members().end()) return false;
    return found->second.contains("*") || found->second.contains(path);
}

// Every scalar of `value` with its path: "items.customs_value", positions left out.
void each_scalar(const json::value& value, const std::string& path,
                 const std::function<void(const std::string& path, const json::value& scalar)>& visit) {
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object)
            each_scalar(member.value(), (path.empty() ? "" : path + ".") + std::string(member.key()), visit);
    } else if (const auto* array = value.if_array()) {
        for (const json::value& element : *array) each_scalar(element, path, visit);
    } else {
        visit(path, value);
    }
}

bool is_word_or_date(std::string_view text) {
    const bool word = std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    const bool date = text.size() >= 10 && text[4] == '-' && text[7] == '-' &&
                      std::ranges::all_of(text.substr(0, 4), [](char c) { return c >= '0' && c <= '9'; });
    return word || date;
}

// What answers to somebody must not hold: texts as parts of texts, numbers as they are.
struct Secrets {
    Texts texts;
    std::set<std::int64_t> numbers;
};

// `concerns`: records that whoever asks may see as a whole.
Secrets secrets_of(const SampleLedger& ledger, const std::function<bool(const ledger::Record&)>& concerns) {
    Secrets secrets;
    Texts known;
    std::set<std::int64_t> known_numbers;
    for (const RecordView& view : ledger.records()) {
        const ledger::Record& record = *view.record;
        const bool open = concerns(record);
        if (open || !record.source.starts_with("importer."))
            known.insert(record.source);
        else
            secrets.texts.insert(record.source);
        each_scalar(record.json.at("data"), "", [&](const std::string& path, const json::value& scalar) {
            const bool reference =
                path.starts_with("refs.") || path.starts_with("evidence.") || path.starts_with("counted.");
            const bool visible = open || is_published(record, path);
            if (scalar.is_int64()) (visible ? known_numbers : secrets.numbers).insert(scalar.get_int64());
            if (!scalar.is_string()) return;
            const std::string text(scalar.get_string());
            if (reference && !text.starts_with("importer.")) return;  // ids and codes of agencies
            if (visible || text.size() < 6 || is_word_or_date(text) || text.starts_with("sha256:"))
                known.insert(text);
            else
                secrets.texts.insert(text);
        });
    }
    for (const std::string& text : known) secrets.texts.erase(text);
    for (const std::int64_t number : known_numbers) secrets.numbers.erase(number);
    std::erase_if(secrets.numbers,
                  [](std::int64_t number) { return number < 10'000; });  // lines, versions, counts
    return secrets;
}

json::value parsed(std::string_view text) {
    return json::parse(json::string_view(text.data(), text.size()));
}

json::object record(std::string_view source, std::string_view kind, std::string_view id,
                    std::string_view subject, std::string_view time, std::string_view data) {
    return {{"specversion", "1.0"},
            {"id", id},
            {"source", source},
            {"type", "vn.socai." + std::string(kind) + ".v1"},
            {"subject", subject},
            {"time", time},
            {"datacontenttype", "application/json"},
            {"data", parsed(data)}};
}

class PublicView : public ::testing::Test {
  protected:
    PublicView() {
        // An alert that nobody published, one about an importer that its issuer called published, and one that is public.
        ledger.add(record(
            "most.qlcl", "alert", "a-1", "CB-SECRET-1", "2022-03-05T08:00:00+07:00",
            R"({"alert_no":"CB-SECRET-1","scope":{"hs_prefix":"9503","origin_country":"ID"},"level":"warning",
                              "effect":["no_exemption"],"text":"SECRET text of an unpublished alert",
                              "valid_from":"2022-03-05","valid_to":null,"refs":[]})"));
        ledger.add(record(
            "most.qlcl", "alert", "a-2", "CB-SECRET-2", "2022-03-05T08:01:00+07:00",
            R"({"alert_no":"CB-SECRET-2","scope":{"hs_prefix":"95","tax_code":"9900000016"},"level":"warning",
                              "effect":["no_exemption"],"text":"SECRET text about an importer","published":true,
                              "valid_from":"2022-03-05","valid_to":null,"refs":[]})"));
        ledger.add(record(
            "most.qlcl", "alert", "a-3", "CB-OPEN-3", "2022-03-05T08:02:00+07:00",
            R"({"alert_no":"CB-OPEN-3","scope":{"hs_prefix":"950300","origin_country":"ID"},"level":"warning",
                              "effect":["no_exemption"],"text":"Open text of a published alert","published":true,
                              "valid_from":"2022-03-05","valid_to":null,"refs":[]})"));
        ledger.add(record("customs.haiphong", "risk_signal", "r-1", "RR-SECRET-1",
                          "2022-03-05T09:00:00+07:00",
                          R"({"severity":"medium","description":"SECRET suspicion","hs_code":"95030021",
                              "country_of_origin":"ID","importer_tax_code":"9900000016","refs":[]})"));
        ledger.add(record("customs.haiphong", "customs_declaration", "d-1", "104000999990",
                          "2022-03-06T09:00:00+07:00",
                          R"({"declaration_no":"104000999990","version":0,"type_code":"A11","office":"03CE",
                              "registered_at":"2022-03-06T09:00:00+07:00","importer_tax_code":"9900000048",
                              "declarant":"broker.9900000030","exporter":"SECRET exporter",
                              "items":[{"line":1,"hs_code":"95030021","description":"SECRET description","origin":"ID",
                                        "quantity":7345101,"unit":"PCE","customs_value":"734510277.5","currency":"SECRETCUR",
                                        "gross_mass_kg":"7345103",
                                        "goods_key":"sha256:8792fc7d2ae22195bc92350cc0bbc115b1e8ee894ee30bb871716fba17745e68"}],
                              "container_nos":["SECRETU1234564"],
                              "refs":[{"rel":"carries","source":"importer.9900000048","id":"t-14"}]})"));
        ledger.add(record(
            "cab.cn-09", "conformity_result", "c-1", "SECRET-CR-1", "2022-03-10T09:00:00+07:00",
            R"({"certificate_no":"SECRET-CR-1","scheme":"lot_certification","sampled_at":"2022-03-07T09:00:00+07:00",
                              "sample_ids":["SECRET-S-1"],
                              "tests":[{"name":"SECRET lead migration","method":"SECRET method","value":"0.0734510","unit":"mg/kg",
                                        "limit":"0.0734511","result":"fail"}],
                              "conclusion":"non_conforming","reason":"SECRET reason of a laboratory",
                              "refs":[{"rel":"for","source":"importer.9900000048","id":"t-14"}]})"));
        ledger.add(record("most.qlcl", "inspection_result", "i-1", "NSW-BKHCN-2022-0000633",
                          "2022-03-11T09:00:00+07:00",
                          R"({"notice_no":"41/TB-QLCL","dossier_no":"NSW-BKHCN-2022-0000633",
                              "goods_key":"sha256:8792fc7d2ae22195bc92350cc0bbc115b1e8ee894ee30bb871716fba17745e68",
                              "method":"strict","outcome":"fail","reason":"SECRET reason of a notice","quantity":7345104,
                              "refs":[{"rel":"decides","source":"importer.9900000048","id":"t-14"},
                                      {"rel":"based_on","source":"cab.cn-09","id":"c-1"}]})"));
        // Long after, so that everything late is late.
        ledger.now = 1'654'041'600'000;  // 2022-06-01T07:00:00+07:00
    }

    // Everything that may be asked of each method. A method without a line here fails the test.
    std::map<std::string, std::vector<json::object>> questions() const {
        Texts dossiers, declarations, goods, alerts, taxes, bases;
        for (const RecordView& view : ledger.records()) {
            const auto fields = inspection::fields_of(*view.record);
            if (fields.dossier_no) dossiers.insert(*fields.dossier_no);
            if (fields.declaration_no) declarations.insert(*fields.declaration_no);
            goods.insert(fields.goods_keys.begin(), fields.goods_keys.end());
            taxes.insert(fields.tax_codes.begin(), fields.tax_codes.end());
            if (view.record->kind() == "alert") alerts.insert(view.record->subject);
        }
        std::map<std::string, std::vector<json::object>> asked;
        for (const std::string& no : declarations)
            asked["inspection.clearance"].push_back({{"declaration_no", no}});
        for (const std::string& no : dossiers) asked["inspection.dossier"].push_back({{"dossier_no", no}});
        for (const std::string& key : goods) {
            for (const char* regime : {"quality", "food_safety", "plant_quarantine"}) {
                asked["inspection.method"].push_back({{"goods_key", key}, {"regime", regime}});
                for (const std::string& tax : taxes)
                    asked["inspection.method"].push_back(
                        {{"goods_key", key}, {"regime", regime}, {"tax_code", tax}});
            }
        }
        asked["inspection.goods"] = {
            {}, {{"regime", "quality"}}, {{"hs_prefix", "9503"}}, {{"hs_prefix", "0804"}}};
        asked["inspection.results"] = {
            {}, {{"outcome", "fail"}}, {{"hs_prefix", "95"}}, {{"agency", "most.qlcl"}}};
        asked["inspection.catalog"] = {{}, {{"hs_prefix", "9503"}}, {{"hs_prefix", "08"}}};
        asked["inspection.procedures"] = {{}, {{"agency", "most.qlcl"}}};
        asked["inspection.alerts"] = {{}, {{"hs_prefix", "9503"}}, {{"goods_key", goods_key}}};
        for (const std::string& no : alerts) asked["inspection.alerts"].push_back({{"alert_no", no}});
        for (const std::string& tax : taxes) asked["inspection.enterprise"].push_back({{"tax_code", tax}});
        asked["inspection.exceptions"] = {{}};
        asked["inspection.statistics"] = {{{"from", "2021-01-01"}, {"to", "2023-01-01"}},
                                          {{"from", "2021-01-01"},
                                           {"to", "2023-01-01"},
                                           {"group_by", {"month", "quarter", "agency", "regime"}},
                                           {"compare_from", "2020-01-01"},
                                           {"compare_to", "2020-12-31"}}};
        return asked;
    }

    // Asks everything; gives how many answers there were that are no errors, by method.
    std::map<std::string, int> expect_kept(const Secrets& secrets, const json::object& more) {
        std::map<std::string, int> answered;
        const MethodTable table{Limits{}};
        const auto asked = questions();
        for (const Method& method : table.all()) {
            if (!method.name.starts_with("inspection.")) continue;
            const auto found = asked.find(std::string(method.name));
            EXPECT_NE(found, asked.end()) << method.name << " is not asked by this test: add a line";
            if (found == asked.end()) continue;
            for (json::object parameters : found->second) {
                for (const auto& member : more) parameters[member.key()] = member.value();
                const Answer answer = ledger.ask(method, parameters);
                if (answer) ++answered[found->first];
                expect_kept(secrets, parameters,
                            answer ? json::value(*answer) : json::value(error_object(answer.error())),
                            method.name);
            }
        }
        return answered;
    }

    static void expect_kept(const Secrets& secrets, const json::object& parameters, const json::value& answer,
                            std::string_view method) {
        const std::string said = json::serialize(parameters);
        const auto expect_no_secret = [&](const std::string& text, const std::string& path) {
            for (const std::string& secret : secrets.texts)
                EXPECT_TRUE(text.find(secret) == std::string::npos || said.find(secret) != std::string::npos)
                    << method << " " << said << " tells " << secret << " in " << path << ": "
                    << json::serialize(answer);
        };
        each_scalar(answer, "", [&](const std::string& path, const json::value& scalar) {
            expect_no_secret(path, path);
            if (scalar.is_string()) expect_no_secret(std::string(scalar.get_string()), path);
            if (scalar.is_int64()) {
                EXPECT_FALSE(secrets.numbers.contains(scalar.get_int64()))
                    << method << " " << said << " tells " << scalar << " in " << path;
            }
            for (const char* member :
                 {"tax_code", "importer", "declarant", "declaration_no", "customs_value", "tests",
                  "sample_ids", "certificate_no", "invoice_no", "bill_of_lading"})
                EXPECT_FALSE(!scalar.is_null() && path == member && said.find(member) == std::string::npos)
                    << method << " " << said << " has a member " << member;
        });
    }

    SampleLedger ledger;
};

// The test is worth what its list of secrets is.
TEST_F(PublicView, TheSecretsAreThere) {
    const Secrets secrets = secrets_of(ledger, [](const ledger::Record&) { return false; });
    for (const char* text : {"9900000016",
                             "9900000048",
                             "9900000023",
                             "importer.9900000048",
                             "Công ty TNHH Quà Tặng Mây Trắng (hư cấu)",
                             "104000123450",
                             "104000999990",
                             "734510277.5",
                             "SECRET exporter",
                             "SECRET description",
                             "SECRETU1234564",
                             "SECRET lead migration",
                             "0.0734510",
                             "SECRET-CR-1",
                             "SECRET-S-1",
                             "SECRET reason of a laboratory",
                             "SECRET reason of a notice",
                             "SECRET text of an unpublished alert",
                             "SECRET text about an importer",
                             "CB-SECRET-1",
                             "CB-SECRET-2",
                             "SECRET suspicion",
                             "Phát hiện dư lượng chlorpyrifos",
                             "chlorpyrifos",
                             "HCM-KTTT-2022-031",
                             "NSW-BKHCN-2022-0000633",
                             "MNC-2109-118",
                             "SBXU2109551"})
        EXPECT_TRUE(secrets.texts.contains(text) || text == std::string("chlorpyrifos")) << text;
    for (const std::int64_t number : {7'345'101, 7'345'104})
        EXPECT_TRUE(secrets.numbers.contains(number)) << number;
    for (const char* text :
         {"CB-OPEN-3", "Open text of a published alert", "41/TB-QLCL", "Búp bê nhựa biết nói"})
        EXPECT_FALSE(secrets.texts.contains(text)) << text;
}

TEST_F(PublicView, TheAgencyIsAnswered) {
    const auto answered = expect_kept({}, {});
    for (const auto& [name, asked] : questions())
        EXPECT_EQ(answered.contains(name) ? answered.at(name) : 0, static_cast<int>(asked.size())) << name;
}

TEST_F(PublicView, StrangersLearnNothingThatTheLawDoesNotPublish) {
    ledger.seen_by_strangers = {};
    const Secrets secrets = secrets_of(ledger, [](const ledger::Record&) { return false; });
    const auto answered = expect_kept(secrets, {});
    for (const char* name :
         {"inspection.method", "inspection.goods", "inspection.results", "inspection.catalog",
          "inspection.procedures", "inspection.alerts", "inspection.statistics"})
        EXPECT_GT(answered.contains(name) ? answered.at(name) : 0, 0) << name;
}

TEST_F(PublicView, AnAgencyMayLookWithThePublicsEyes) {
    const Secrets secrets = secrets_of(ledger, [](const ledger::Record&) { return false; });
    expect_kept(secrets, {{"audience", "public"}});
}

// A trader sees what concerns his own tax code, and of others what everybody sees.
TEST_F(PublicView, TradersLearnNothingOfEachOther) {
    for (const std::string_view own : {importer, other_importer}) {
        SCOPED_TRACE(own);
        Texts dossiers;
        for (const RecordView& view : ledger.records()) {
            const auto fields = inspection::fields_of(*view.record);
            const bool is_own = std::ranges::find(fields.tax_codes, own) != fields.tax_codes.end();
            if (is_own && fields.dossier_no) dossiers.insert(*fields.dossier_no);
        }
        const auto concerns = [&](const ledger::Record& each) {
            const auto fields = inspection::fields_of(each);
            // What agencies share among themselves is not for whom it is about.
            if (each.kind() == "risk_signal") return false;
            if (each.kind() == "alert") {
                const json::object& data = each.json.at("data").as_object();
                const json::value* about = data.at("scope").as_object().if_contains("tax_code");
                return data.contains("published") && about != nullptr &&
                       *about == json::string_view(own.data(), own.size());
            }
            // A certificate says whose goods it is about by what it was made for.
            if (each.kind() == "conformity_result")
                return std::ranges::any_of(each.refs, [&](const ledger::Reference& reference) {
                    return reference.source == "importer." + std::string(own);
                });
            return std::ranges::find(fields.tax_codes, own) != fields.tax_codes.end() ||
                   (fields.dossier_no && dossiers.contains(*fields.dossier_no));
        };
        expect_kept(secrets_of(ledger, concerns), {{"audience", "trader:" + std::string(own)}});
    }
}

TEST_F(PublicView, NobodyWidensWhatHeSees) {
    ledger.seen_by_strangers = {};
    const MethodTable table{Limits{}};
    for (const auto& [name, asked] : questions()) {
        const Method* method = table.find(name);
        if (method == nullptr) continue;
        json::object parameters = asked.front();
        parameters["audience"] = "trader:9900000016";
        const Answer answer = ledger.ask(*method, parameters);
        ASSERT_FALSE(answer) << name;
        EXPECT_EQ(answer.error().reason, "audience_too_wide") << name;
        parameters["audience"] = "agency";
        EXPECT_EQ(ledger.ask(*method, parameters).error().reason, "malformed_value") << name;
    }
}

}  // namespace
}  // namespace socai::api::testing
