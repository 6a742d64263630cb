#include "inspection/shipments/refusals.hpp"

#include <array>

namespace socai::inspection {
namespace refusals {

using ledger::Fault;

const Rule designation_missing{"designation.missing",
                               "NĐ 85/2019/NĐ-CP Đ25.3, Đ26.1.d",
                               "$1 has no designation in force on $2 that covers $3",
                               "$1 không có chỉ định nào còn hiệu lực vào ngày $2 cho phạm vi $3",
                               Fault::refused,
                               "designation_missing"};
const Rule not_the_inspection_agency{"agency.named",
                                     "NĐ 85/2019/NĐ-CP Đ21.4, Đ25.2",
                                     "the list names $1 as the inspecting agency of dossier $2, not $3",
                                     "danh mục giao $1 kiểm tra hồ sơ $2, không phải $3",
                                     Fault::refused,
                                     "not_the_inspection_agency"};

const Rule dossier_unknown{"dossier.unknown",
                           "NĐ 85/2019/NĐ-CP Đ13.1.b",
                           "no dossier $1 is registered",
                           "chưa có hồ sơ $1 nào được đăng ký",
                           Fault::refused,
                           "dossier_unknown"};
const Rule declaration_unknown{"declaration.unknown",
                               "Luật Hải quan 54/2014/QH13 Đ30",
                               "no declaration $1 is registered",
                               "chưa có tờ khai $1 nào được đăng ký",
                               Fault::refused,
                               "declaration_unknown"};
const Rule wrong_dossier{"dossier.other",
                         "NĐ 85/2019/NĐ-CP Đ13.1.b",
                         "the record names dossier $1 but refers to the registration of $2",
                         "bản ghi nêu hồ sơ $1 nhưng dẫn chiếu đăng ký của $2",
                         Fault::refused,
                         "wrong_dossier"};
const Rule other_goods{"dossier.goods",
                       "QĐ 38/QĐ-TTg",
                       "dossier $1 is about the goods $2, not $3",
                       "hồ sơ $1 là của hàng hóa $2, không phải $3",
                       Fault::refused,
                       "other_goods"};
const Rule key_of_other_goods{"declaration.goods_key",
                              "Luật Hải quan 54/2014/QH13 Đ29",
                              "line $1 bears the key of goods $2, and is of $3",
                              "dòng hàng $1 ghi mã của hàng hóa $2, còn chính nó là $3",
                              Fault::refused,
                              "key_of_other_goods"};
const Rule goods_key_needed{"declaration.goods_key_needed",
                            "Luật Hải quan 54/2014/QH13 Đ29",
                            "line $1 could be about dossier $2 or $3: give its goods key",
                            "dòng hàng $1 có thể thuộc hồ sơ $2 hoặc $3: phải ghi mã hàng hóa (goods_key)",
                            Fault::refused,
                            "goods_key_needed"};
const Rule other_importer{"dossier.importer",
                          "NĐ 85/2019/NĐ-CP Đ24.3",
                          "dossier $1 is of importer $2, the declaration of $3",
                          "hồ sơ $1 là của người nhập khẩu $2, còn tờ khai là của $3",
                          Fault::refused,
                          "other_importer"};
const Rule other_rule_set{"determination.rule_set",
                          "QĐ 38/QĐ-TTg",
                          "the rule set of dossier $1 is $2, not $3",
                          "bộ quy tắc của hồ sơ $1 là $2, không phải $3",
                          Fault::refused,
                          "other_rule_set"};

const Rule dossier_registered{
    "lifecycle.dossier_registered",
    "NĐ 85/2019/NĐ-CP Đ13.1.b, Đ18",
    "dossier $1 is registered by record $2; a registration changes only by superseding that one",
    "hồ sơ $1 đã đăng ký bằng bản ghi $2; chỉ được sửa bằng bản ghi thay thế (supersedes) bản ghi đó",
    Fault::refused,
    "lifecycle_dossier_registered"};
const Rule dossier_decided{"lifecycle.dossier_decided",
                           "NĐ 85/2019/NĐ-CP Đ18, Đ19",
                           "dossier $1 is $2 since record $3; its registration may be changed only before",
                           "hồ sơ $1 ở trạng thái $2 từ bản ghi $3; đăng ký chỉ được sửa trước đó",
                           Fault::refused,
                           "lifecycle_dossier_decided"};
const Rule dossier_closed{"lifecycle.dossier_closed",
                          "NĐ 85/2019/NĐ-CP Đ20",
                          "dossier $1 is $2 since record $3, and nothing follows that",
                          "hồ sơ $1 ở trạng thái $2 từ bản ghi $3, sau đó không còn bước nào",
                          Fault::refused,
                          "lifecycle_dossier_closed"};
const Rule dossier_move{"lifecycle.dossier_move",
                        "NĐ 85/2019/NĐ-CP Đ19, Đ20",
                        "dossier $1 is $2; it cannot become $3 from there",
                        "hồ sơ $1 đang ở trạng thái $2; không thể chuyển sang $3",
                        Fault::refused,
                        "lifecycle_dossier_move"};
const Rule goods_settled{"lifecycle.goods_settled",
                         "NĐ 85/2019/NĐ-CP Đ18; TT 38/2015/TT-BTC Đ20.1.b",
                         "the goods and the regime of dossier $1 stand since $2",
                         "hàng hóa và chế độ kiểm tra của hồ sơ $1 đã cố định từ khi có $2",
                         Fault::refused,
                         "lifecycle_goods_settled"};
const Rule dossier_carried{
    "lifecycle.dossier_carried",
    "NĐ 85/2019/NĐ-CP Đ24.3",
    "dossier $1 is carried by declaration $2; another may carry it only under the same bill of lading",
    "hồ sơ $1 đã gắn với tờ khai $2; tờ khai khác chỉ được dùng khi cùng vận đơn",
    Fault::refused,
    "lifecycle_dossier_carried"};
const Rule result_stands{
    "lifecycle.result_stands",
    "TT 38/2015/TT-BTC Đ20.1.b",
    "dossier $1 has the result $2 ($3); another must supersede it",
    "hồ sơ $1 đã có kết quả $2 ($3); kết quả khác phải thay thế (supersedes) kết quả này",
    Fault::refused,
    "lifecycle_result_stands"};
const Rule certificate_move{"lifecycle.certificate",
                            "NĐ 85/2019/NĐ-CP Đ25.3",
                            "certificate $1 is $2; it cannot become $3 from there",
                            "chứng thư $1 đang ở tình trạng $2; không thể chuyển sang $3",
                            Fault::refused,
                            "lifecycle_certificate_move"};
const Rule determination_published{
    "lifecycle.determination",
    "QĐ 38/QĐ-TTg",
    "the method of dossier $1 is published by record $2; another must supersede it",
    "phương thức của hồ sơ $1 đã công bố bằng bản ghi $2; quyết định khác phải thay thế (supersedes) bản ghi "
    "đó",
    Fault::refused,
    "lifecycle_determination_published"};

const Rule method_lighter{"method.lighter",
                          "QĐ 38/QĐ-TTg",
                          "the method is $1, because of $2; $3 is lighter",
                          "phương thức phải là $1, do $2; $3 nhẹ hơn",
                          Fault::refused,
                          "method_lighter"};
const Rule stricter_without_reason{
    "method.stricter",
    "NĐ 132/2008/NĐ-CP Đ7.6",
    "$2 is stricter than the computed method $1: give the reason and the article (legal_basis)",
    "$2 chặt hơn phương thức tính được là $1: phải nêu lý do và căn cứ pháp lý (legal_basis)",
    Fault::refused,
    "stricter_without_reason"};
const Rule transition_differs{"method.transition",
                              "QĐ 38/QĐ-TTg",
                              "$1 is not what the ledger computes: the method is $2, because of $3",
                              "$1 khác với kết quả sổ cái tính được: phương thức là $2, do $3",
                              Fault::refused,
                              "transition_differs"};
const Rule draw_contradicted{"method.draw",
                             "NĐ 15/2018/NĐ-CP Đ16",
                             "the draw of record $1 says $2, not $3",
                             "kết quả chọn ngẫu nhiên ở bản ghi $1 là $2, không phải $3",
                             Fault::refused,
                             "draw_contradicted"};

const Rule finding_without_goods{
    "finding.goods",
    "Luật 05/2007/QH12 Đ36.4; NĐ 15/2018/NĐ-CP Đ17.3.b",
    "$1 leads to no goods, or to several: give the goods key of those that were found failing",
    "$1 không dẫn tới hàng hóa nào, hoặc dẫn tới nhiều hàng hóa: phải ghi mã hàng hóa (goods_key) bị phát "
    "hiện không đạt",
    Fault::refused,
    "finding_without_goods"};

const Rule declaration_registered{
    "lifecycle.declaration_registered",
    "Luật Hải quan 54/2014/QH13 Đ29, Đ30; TT 38/2015/TT-BTC Đ20",
    "declaration $1 is registered by record $2; it changes only by superseding that one",
    "tờ khai $1 đã đăng ký bằng bản ghi $2; chỉ được sửa bằng bản ghi thay thế (supersedes) bản ghi đó",
    Fault::refused,
    "lifecycle_declaration_registered"};
const Rule amendment_order{
    "lifecycle.amendment_order",
    "TT 38/2015/TT-BTC Đ20",
    "declaration $1 is in force; $2 must have a higher twelfth digit and supersede the same declaration",
    "tờ khai $1 đang có hiệu lực; $2 phải có chữ số thứ mười hai lớn hơn và thay thế chính tờ khai đó",
    Fault::refused,
    "lifecycle_amendment_order"};
const Rule declaration_cancelled{"lifecycle.declaration_cancelled",
                                 "TT 38/2015/TT-BTC Đ22",
                                 "declaration $1 was cancelled by record $2",
                                 "tờ khai $1 đã bị hủy bằng bản ghi $2",
                                 Fault::refused,
                                 "lifecycle_declaration_cancelled"};
const Rule clearance_final{"lifecycle.clearance",
                           "Luật Hải quan 54/2014/QH13 Đ37",
                           "declaration $1 is $2 by record $3, and that is final",
                           "tờ khai $1 đã $2 bằng bản ghi $3, quyết định này là cuối cùng",
                           Fault::refused,
                           "lifecycle_clearance_final"};
const Rule cleared_content{
    "lifecycle.cleared_content",
    "TT 38/2015/TT-BTC Đ20.1.b",
    "$1 is cleared by record $2: $3 changes only by a new act of the agency that made it",
    "$1 đã thông quan bằng bản ghi $2: $3 chỉ thay đổi bằng quyết định mới của cơ quan đã ban hành",
    Fault::refused,
    "cleared_content"};
const Rule storage_move{"lifecycle.storage",
                        "TT 38/2015/TT-BTC Đ32",
                        "storage of declaration $1 is $2; it cannot become $3 from there",
                        "việc đưa hàng về bảo quản của tờ khai $1 đang là $2; không thể chuyển sang $3",
                        Fault::refused,
                        "lifecycle_storage_move"};

const Rule remedy_by_stranger{
    "remedy.who",
    "NĐ 132/2008/NĐ-CP Đ8.2; NĐ 15/2018/NĐ-CP Đ20",
    "$1 does not inspect the goods of dossier $2, and is neither customs nor market surveillance",
    "$1 không phải cơ quan kiểm tra hàng của hồ sơ $2, cũng không phải hải quan hoặc "
    "cơ quan kiểm soát thị trường",
    Fault::refused,
    "remedy_by_stranger"};
const Rule remedy_without_order{"lifecycle.remedy_order",
                                "NĐ 132/2008/NĐ-CP Đ8.2; NĐ 15/2018/NĐ-CP Đ20",
                                "no order $1 is about $2",
                                "không có lệnh xử lý $1 nào về $2",
                                Fault::refused,
                                "lifecycle_remedy_without_order"};
const Rule remedy_not_ordered{"lifecycle.remedy_allowed",
                              "NĐ 132/2008/NĐ-CP Đ8.2",
                              "order $1 allows $2, not $3",
                              "lệnh $1 cho phép $2, không cho phép $3",
                              Fault::refused,
                              "lifecycle_remedy_not_ordered"};
const Rule remedy_done{"lifecycle.remedy_done",
                       "NĐ 15/2018/NĐ-CP Đ20",
                       "order $1 is done by record $2; another must supersede it",
                       "lệnh $1 đã hoàn thành bằng bản ghi $2; bản ghi khác phải thay thế (supersedes)",
                       Fault::refused,
                       "lifecycle_remedy_done"};
const Rule appeal_decided{
    "lifecycle.appeal_decided",           "QĐ 38/QĐ-TTg", "appeal $1 is $2 by record $3",
    "khiếu nại $1 đã $2 bằng bản ghi $3", Fault::refused, "lifecycle_appeal_decided"};
const Rule appeal_decider{"lifecycle.appeal_decider",
                          "QĐ 38/QĐ-TTg",
                          "appeal $1 is for $2 to end, not for $3",
                          "khiếu nại $1 do $2 giải quyết hoặc rút lại, không phải $3",
                          Fault::refused,
                          "lifecycle_appeal_decider"};

const Rule appeal_not_filed{"lifecycle.appeal_filed",
                            "QĐ 38/QĐ-TTg",
                            "no appeal $1 was filed that this record refers to (decides)",
                            "bản ghi này không dẫn chiếu (decides) khiếu nại $1 nào đã nộp",
                            Fault::refused,
                            "lifecycle_appeal_not_filed"};

const Rule appeal_of_agency{"appeal.who",
                            "QĐ 38/QĐ-TTg",
                            "appeal $1 is for a trader to file, not for $2",
                            "khiếu nại $1 do doanh nghiệp nộp, không phải $2",
                            Fault::refused,
                            "appeal_of_agency"};
const Rule appeal_about_other{"appeal.about",
                              "QĐ 38/QĐ-TTg",
                              "appeal $1 is about record $2; nothing else is decided by it, such as $3",
                              "khiếu nại $1 là về bản ghi $2; không thể giải quyết việc khác, như $3",
                              Fault::refused,
                              "appeal_about_other"};

const Rule clearance_without_basis{"clearance.basis",
                                   "NĐ 85/2019/NĐ-CP Đ24.1",
                                   "declaration $1 may not be cleared: $2",
                                   "tờ khai $1 chưa được thông quan: $3",
                                   Fault::refused,
                                   "clearance_without_basis"};
const Rule basis_not_standing{"clearance.basis_named",
                              "NĐ 85/2019/NĐ-CP Đ24.1",
                              "no item of declaration $1 rests on the basis $2; what stands is $3",
                              "không dòng hàng nào của tờ khai $1 có căn cứ $2; căn cứ hiện có là $3",
                              Fault::refused,
                              "clearance_basis_missing"};
const Rule storage_forbidden{"storage.forbidden",
                             "TT 38/2015/TT-BTC Đ32; NĐ 85/2019/NĐ-CP Đ27.2, Đ27.3",
                             "goods of declaration $1 may not be taken to storage: $2",
                             "hàng của tờ khai $1 không được đưa về bảo quản: $3",
                             Fault::refused,
                             "storage_forbidden"};
const Rule channel_contradicts_table{"channel.table",
                                     "TT 81/2019/TT-BTC Đ14, Đ22",
                                     "$1 is lighter than $2, which $3 of the risk table demands",
                                     "$1 nhẹ hơn $2 theo yêu cầu của $3 trong bảng rủi ro",
                                     Fault::refused,
                                     "channel_contradicts_table"};
const Rule channel_lighter{"channel.method",
                           "TT 81/2019/TT-BTC Đ22; QĐ 38/QĐ-TTg",
                           "the specialised channel $1 is lighter than the method $2 of line $3",
                           "luồng chuyên ngành $1 nhẹ hơn phương thức $2 của dòng hàng $3",
                           Fault::refused,
                           "channel_lighter_than_method"};

}  // namespace refusals

std::span<const Rule* const> all_refusals() {
    using namespace refusals;
    static constexpr std::array all{
        &designation_missing,
        &not_the_inspection_agency,
        &dossier_unknown,
        &declaration_unknown,
        &wrong_dossier,
        &other_goods,
        &key_of_other_goods,
        &goods_key_needed,
        &other_importer,
        &other_rule_set,
        &dossier_registered,
        &dossier_decided,
        &dossier_closed,
        &dossier_move,
        &goods_settled,
        &dossier_carried,
        &result_stands,
        &certificate_move,
        &determination_published,
        &method_lighter,
        &stricter_without_reason,
        &transition_differs,
        &draw_contradicted,
        &finding_without_goods,
        &declaration_registered,
        &amendment_order,
        &declaration_cancelled,
        &clearance_final,
        &cleared_content,
        &storage_move,
        &remedy_by_stranger,
        &remedy_without_order,
        &remedy_not_ordered,
        &remedy_done,
        &appeal_decided,
        &appeal_decider,
        &appeal_not_filed,
        &appeal_of_agency,
        &appeal_about_other,
        &clearance_without_basis,
        &basis_not_standing,
        &storage_forbidden,
        &channel_contradicts_table,
        &channel_lighter,
    };
    return all;
}

ledger::Error refusal(const Rule& rule, std::initializer_list<std::string_view> names,
                      std::string_view article) {
    std::string text;
    const auto add = [&](std::string_view sentence) {
        for (std::size_t i = 0; i < sentence.size(); ++i) {
            if (sentence[i] != '$') {
                text += sentence[i];
                continue;
            }
            const auto place = static_cast<std::size_t>(sentence[++i] - '1');
            if (place < names.size()) text += names.begin()[place];
        }
    };
    add(rule.en);
    text += " / ";
    add(rule.vi);
    text += " [" + std::string(article.empty() ? rule.article : article) + "]";
    return {rule.fault, std::string(rule.reason), std::move(text)};
}

}  // namespace socai::inspection
