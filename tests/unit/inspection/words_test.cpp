#include "inspection/records/words.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <set>
#include <string>
#include <utility>

#include "inspection/guards/clearance.hpp"
#include "inspection/guards/risk_table.hpp"
#include "inspection/method/method.hpp"
#include "inspection/records/embedded_kinds.hpp"
#include "inspection/shipments/dossier.hpp"
#include "inspection/shipments/refusals.hpp"
#include "ledger/time.hpp"
#include "tests/unit/inspection/shipment_world.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

bool has_word(WordOf of, std::string_view code) {
    for (const VietnameseWord& each : vietnamese_words())
        if (each.of == of && each.code == code) return true;
    return false;
}

TEST(Words, StandOnceAndAreVietnamese) {
    std::set<std::pair<WordOf, std::string_view>> codes;
    for (const VietnameseWord& each : vietnamese_words()) {
        EXPECT_TRUE(codes.emplace(each.of, each.code).second) << each.code;
        EXPECT_FALSE(each.vi.empty()) << each.code;
        EXPECT_NE(each.vi, each.code);
        EXPECT_EQ(vi_word(each.of, each.code), each.vi);
    }
    EXPECT_EQ(vi_word(WordOf::dossier, "withdrawn"), "đã rút");
    EXPECT_EQ(vi_word(WordOf::certificate, "withdrawn"), "bị thu hồi");
    EXPECT_EQ(vi_word(WordOf::method, "of_a_later_version"), "of_a_later_version");
}

// Whatever a schema lets stand where a sentence may quote it.
TEST(Words, CoverTheWordsOfTheSchemas) {
    struct Quoted {
        std::string_view kind;
        const char* pointer;
        WordOf of;
    };
    for (const Quoted& quoted : {
             Quoted{"inspection_registration", "/properties/regime/enum", WordOf::regime},
             Quoted{"dossier_status", "/properties/status/enum", WordOf::dossier},
             Quoted{"inspection_result", "/properties/method/enum", WordOf::method},
             Quoted{"inspection_result", "/properties/outcome/enum", WordOf::outcome},
             Quoted{"conformity_result", "/properties/status/enum", WordOf::certificate},
             Quoted{"clearance_decision", "/properties/decision/enum", WordOf::clearance},
             Quoted{"storage_release", "/properties/status/enum", WordOf::storage},
             Quoted{"remedy_order", "/properties/allowed/items/enum", WordOf::remedy},
             Quoted{"appeal", "/properties/status/enum", WordOf::appeal},
             Quoted{"channel_decision", "/properties/customs_channel/enum", WordOf::channel},
             Quoted{"channel_decision", "/properties/specialised_channel/enum", WordOf::method},
             Quoted{"channel_decision", "/properties/risk_level/enum", WordOf::risk},
         }) {
        int words = 0;
        for (const EmbeddedKind& kind : embedded_kinds()) {
            if (kind.name != quoted.kind) continue;
            const json::value schema = json::parse(kind.schema);
            for (const json::value& word : schema.at_pointer(quoted.pointer).as_array()) {
                ++words;
                EXPECT_TRUE(has_word(quoted.of, word.as_string())) << quoted.kind << " " << word;
            }
        }
        EXPECT_GT(words, 1) << quoted.kind << quoted.pointer;
    }
}

TEST(Words, CoverTheProgramsOwn) {
    for (int i = 0; i <= static_cast<int>(Reason::certificate_over); ++i)
        EXPECT_TRUE(has_word(WordOf::reason, word(static_cast<Reason>(i)))) << i;
    for (int i = 0; i <= static_cast<int>(DossierState::withdrawn); ++i)
        EXPECT_TRUE(has_word(WordOf::dossier, word(static_cast<DossierState>(i)))) << i;
    for (int i = 0; i <= static_cast<int>(Basis::registration_confirmed); ++i)
        EXPECT_TRUE(has_word(WordOf::basis, word(static_cast<Basis>(i)))) << i;
    for (int i = 0; i <= static_cast<int>(Column::strict); ++i)
        EXPECT_TRUE(has_word(WordOf::method, word(static_cast<Column>(i)))) << i;
}

// What refusals say of their own, and with every word in every place. That those who refuse hand over phrases and not codes,
// test::refused sees in every refusal of the other tests.
TEST(Words, NoRefusalQuotesACodeInVietnamese) {
    for (const Rule* rule : all_refusals())
        for (const VietnameseWord& each : vietnamese_words()) {
            const Phrase both = phrase(each.of, each.code);
            const ledger::Error error = refusal(*rule, {both, both, both});
            EXPECT_EQ(test::code_in_vietnamese(error.detail), "") << error.detail;
        }
    EXPECT_EQ(test::code_in_vietnamese("the method is strict / phương thức là strict [Đ1]"), "strict");
}

TEST(Phrases, SayTheSameInBothLanguages) {
    const Phrase number("D1");
    EXPECT_EQ(number.en, "D1");
    EXPECT_EQ(number.vi, "D1");
    EXPECT_EQ(phrase(WordOf::channel, "red").en, "red");
    EXPECT_EQ(phrase(WordOf::channel, "red").vi, "luồng đỏ");
    const Phrase day = phrase(*parse_date("2021-09-07"));
    EXPECT_EQ(day.en, "2021-09-07");
    EXPECT_EQ(day.vi, "07/09/2021");
    EXPECT_EQ(vi_time(*ledger::parse_rfc3339("2021-09-27T03:05:59Z")), "10:05 ngày 27/09/2021");
    EXPECT_EQ(
        refusal(refusals::draw_contradicted,
                {"7", {"selected", "được chọn"}, {"not selected", "không được chọn"}})
            .detail,
        "the draw of record 7 says selected, not not selected / kết quả chọn ngẫu nhiên ở bản ghi 7 là được "
        "chọn, không phải không được chọn [NĐ 15/2018/NĐ-CP Đ16]");
}

}  // namespace
}  // namespace socai::inspection
