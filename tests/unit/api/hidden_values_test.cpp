// What a reader may not see of the records, no read tells him, by whatever it is asked: every read of the table of methods, every
// source, every number, code and key that stands in the records of two worked shipments. Beside rights_matrix_test.cpp, which holds
// the paths that show records to a table; here also what is worked out of them.
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <map>
#include <set>

#include "api/access/record_sight.hpp"
#include "inspection/access/account.hpp"
#include "matrix_ledger.hpp"
#include "sample_ledger.hpp"

namespace json = boost::json;

namespace socai::api::testing {
namespace {

using Values = std::map<std::string_view, std::set<std::string>>;  // by the parameter that takes them

// Long enough to be told from others, no word of a vocabulary ("cleared"), which counts and states are made of, and no day.
bool is_telling(std::string_view text) {
    return text.size() >= 6 && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") != std::string_view::npos &&
           (text.size() != 10 || text.find_first_not_of("0123456789-") != std::string_view::npos);
}

// At any depth.
void collect_strings(const json::value& value, std::set<std::string>& found) {
    if (value.is_string() && is_telling(value.get_string())) found.emplace(value.get_string());
    if (value.is_array())
        for (const json::value& item : value.get_array()) collect_strings(item, found);
    if (value.is_object())
        for (const json::key_value_pair& member : value.get_object()) collect_strings(member.value(), found);
}

class HiddenValues : public ::testing::Test {
  protected:
    HiddenValues() {
        ledger_.known = std::make_shared<const ledger::Registry>(registry_with_keys());
        ledger_.seen_by_strangers = {};
        for (const RecordView& view : ledger_.records()) {
            const auto fields = inspection::fields_of(*view.record);
            values_["subject"].insert(fields.subject);
            values_["id"].insert(view.record->id);
            if (fields.dossier_no) values_["dossier_no"].insert(*fields.dossier_no);
            if (fields.declaration_no) values_["declaration_no"].insert(*fields.declaration_no);
            values_["tax_code"].insert(fields.tax_codes.begin(), fields.tax_codes.end());
            values_["goods_key"].insert(fields.goods_keys.begin(), fields.goods_keys.end());
            for (const std::string& code : fields.hs_codes) values_["hs_code"].insert(code.substr(0, 8));
        }
        values_["regime"] = {"quality", "food_safety"};
        values_["from"] = {"2021-01-01"};
        values_["to"] = {"2022-12-31"};
        for (const auto& [code, agency] : ledger_.known->agencies()) values_["source"].insert(code);
    }
    Asker asker(const std::string& source) const {
        if (source.empty()) return {.viewer = ledger_.anonymous()};
        return {.viewer = inspection::viewer_for(*ledger_.known, source), .kid = source + "/record-1", .source = source};
    }
    // One call for each value of each parameter that the method takes, the required ones beside it.
    std::vector<json::object> calls(const Method& method) const {
        json::object needed;
        std::vector<json::object> all;
        for (const Parameter& parameter : method.parameters) {
            if (!parameter.required) continue;
            const auto known = values_.find(parameter.name);
            if (known != values_.end())
                needed[parameter.name] = *known->second.begin();
            else if (parameter.type == ParameterType::address || parameter.type == ParameterType::integer)
                needed[parameter.name] = 0;
            else
                ADD_FAILURE() << method.name << " needs " << parameter.name << ": give this test values for it";
        }
        all.push_back(needed);
        for (const Parameter& parameter : method.parameters) {
            const auto known = values_.find(parameter.name);
            if (known == values_.end()) continue;
            for (const std::string& value : known->second) {
                json::object call = needed;
                call[parameter.name] = value;
                if (method.name == "inspection.method") {  // of goods, under each regime
                    for (const std::string& key : values_.at("goods_key")) {
                        call["goods_key"] = key;
                        call[parameter.name] = value;
                        all.push_back(call);
                    }
                } else {
                    all.push_back(call);
                }
            }
        }
        return all;
    }

    SampleLedger ledger_;
    MethodTable table_{Limits{}};
    Values values_;
};

TEST_F(HiddenValues, NoReadTellsThem) {
    std::vector<std::string> readers{""};
    for (const auto& [code, agency] : ledger_.known->agencies()) readers.push_back(code);
    std::size_t answered = 0;
    std::size_t looked_for = 0;
    for (const std::string& reader : readers) {
        const Asker asked_by = asker(reader);
        RecordSight sight(ledger_, asked_by.viewer);
        std::string visible;
        std::set<std::string> hidden;
        for (const RecordView& view : ledger_.records()) {
            const auto seen = sight.of(*view.record);
            if (seen) visible += json::serialize(inspection::seen_json(*view.record, seen, {}));
            if (!seen.is_whole()) collect_strings(view.record->json, hidden);
        }
        // What goods are is public (design/domain.md 2: goods of results, goods under reduced or normal inspection).
        for (const RecordView& view : ledger_.records())
            if (const json::value* goods = view.record->data().if_contains("goods"); goods != nullptr && goods->is_object())
                for (const char* of : {"goods_name", "hs_code", "brand", "model", "manufacturer"})
                    if (const json::value* part = goods->get_object().if_contains(of)) visible += " " + json::serialize(*part);
        for (const auto& [code, agency] : ledger_.known->agencies())
            visible += " " + code + " " + agency.name_vi + " " + agency.name_en;
        std::erase_if(hidden, [&](const std::string& value) { return visible.find(value) != std::string::npos; });
        looked_for += hidden.size();
        for (const Method& method : table_.all()) {
            if (!std::holds_alternative<ReadHandler>(method.handler)) continue;
            for (const json::object& call : calls(method)) {
                const Answer answer = ledger_.ask(method, call, asked_by);
                const std::string told = answer ? json::serialize(*answer) : answer.error().detail;
                answered += answer ? 1 : 0;
                const std::string asked = json::serialize(call);
                for (const std::string& value : hidden) {
                    if (asked.find(value) != std::string::npos) continue;
                    EXPECT_EQ(told.find(value), std::string::npos)
                        << "'" << reader << "' asks " << method.name << " " << asked << " and is told " << value;
                }
            }
        }
    }
    EXPECT_GT(answered, 1'000u);
    EXPECT_GT(looked_for, 500u);
}

}  // namespace
}  // namespace socai::api::testing
