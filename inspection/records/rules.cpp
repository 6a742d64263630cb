#include "inspection/records/rules.hpp"

#include <array>

namespace socai::inspection {
namespace rules {

using ledger::Fault;

const Rule kind_unknown{"kind.unknown",
                        "",
                        "the type must be vn.socai.<kind>.v1 of a kind that this ledger takes",
                        "loại bản ghi phải là vn.socai.<kind>.v1 thuộc danh sách mà sổ cái nhận",
                        Fault::invalid_statement,
                        "unknown_kind"};
const Rule kind_version{"kind.version",
                        "",
                        "the version of the type must be one that is in force: write .v1",
                        "phiên bản của loại bản ghi phải đang có hiệu lực: ghi .v1",
                        Fault::invalid_statement,
                        "unknown_version"};

const Rule schema_type{"schema.type", "", "the value must be of the JSON type that the schema gives",
                       "giá trị phải đúng kiểu JSON mà lược đồ quy định"};
const Rule schema_required{"schema.required", "", "this member must stand", "phải có trường này"};
const Rule schema_unknown{"schema.unknown", "",
                          "no member of this name may stand here: correct its spelling or leave it out",
                          "không được có trường mang tên này: sửa lại tên hoặc bỏ đi"};
const Rule schema_word{"schema.word", "", "the value must be one of the words listed",
                       "giá trị phải là một trong các từ được liệt kê"};
const Rule schema_pattern{"schema.pattern", "", "the text must have the form of the pattern",
                          "chuỗi phải đúng dạng của mẫu"};
const Rule schema_length{"schema.length", "", "the text must have a length within the bounds",
                         "độ dài chuỗi phải nằm trong giới hạn"};
const Rule schema_count{"schema.count", "", "the list must have a number of elements within the bounds",
                        "số phần tử của danh sách phải nằm trong giới hạn"};
const Rule schema_range{"schema.range", "", "the number must be within the bounds",
                        "số phải nằm trong giới hạn"};
const Rule schema_empty{"schema.empty", "", "at least one member must stand here",
                        "phải có ít nhất một trường ở đây"};

const Rule form_date{"form.date", "", "the date must exist, written as 2021-09-27, of the years 1970 to 9999",
                     "ngày phải có thật, viết theo dạng 2021-09-27, từ năm 1970 đến 9999"};
const Rule form_time{"form.time", "",
                     "the time must be RFC 3339 with an offset, such as 2021-09-27T10:05:11+07:00",
                     "thời điểm phải theo RFC 3339 kèm múi giờ, ví dụ 2021-09-27T10:05:11+07:00"};
const Rule form_tax_code{
    "form.tax_code", "TT 105/2020/TT-BTC Đ5",
    "the tax code must be 10 digits, or 13 of a dependent unit, and its tenth digit the check digit",
    "mã số thuế phải gồm 10 chữ số, hoặc 13 chữ số của đơn vị phụ thuộc, chữ số thứ mười là chữ số "
    "kiểm tra"};
const Rule form_agency_code{"form.agency_code", "",
                            "the code must be that of an agency or other source, such as customs.haiphong",
                            "mã phải là mã của cơ quan hoặc nguồn khác, ví dụ customs.haiphong"};
const Rule form_decimal{"form.decimal", "",
                        "the number must be written as a decimal in a string, such as \"0.09\"",
                        "số phải viết dạng thập phân trong chuỗi, ví dụ \"0.09\""};
const Rule form_public_key{"form.public_key", "NĐ 85/2019/NĐ-CP Đ12",
                           "the key must be an Ed25519 public key of 32 bytes in base64url",
                           "khóa phải là khóa công khai Ed25519 dài 32 byte, viết dạng base64url"};
const Rule form_number{
    "form.number", "",
    "the number must be 1 to 256 bytes, without control characters and white space around it",
    "số hiệu phải dài từ 1 đến 256 byte, không có ký tự điều khiển và khoảng trắng ở hai đầu"};
const Rule form_text{
    "form.text", "",
    "the text must not begin or end with white space, nor hold control characters other than ends of lines",
    "chuỗi không được bắt đầu hoặc kết thúc bằng khoảng trắng, cũng không chứa ký tự điều khiển nào khác "
    "ngoài xuống dòng"};

const Rule commitment_kind{"commitment.kind", "",
                           "no member of this kind may be confidential: write all of them in clear, without _sd",
                           "loại bản ghi này không có trường nào được bảo mật: ghi rõ tất cả, không dùng _sd"};
const Rule commitment_count{"commitment.count", "",
                            "there are more commitments than members that may be confidential (x-confidential)",
                            "số cam kết nhiều hơn số trường được phép bảo mật (x-confidential)"};
const Rule commitment_member{"commitment.member", "",
                             "this member may not be confidential (x-confidential): write it in clear",
                             "trường này không được bảo mật (x-confidential): phải ghi rõ"};

const Rule subject_number{"subject.number", "",
                          "the record's subject must be the business number in its data",
                          "subject của bản ghi phải là số nghiệp vụ ghi trong data"};
const Rule goods_key_of_goods{
    "goods.key", "QĐ 38/QĐ-TTg",
    "goods_key must be the key of these goods: SHA-256 of the fields that make goods identical",
    "goods_key phải là khóa của đúng hàng hóa này: SHA-256 của các trường làm nên hàng hóa "
    "giống hệt"};
const Rule term_order{"term.order", "", "a term must not end before it begins",
                      "thời hạn không được kết thúc trước khi bắt đầu"};
const Rule declaration_amendment{
    "declaration.amendment", "TT 38/2015/TT-BTC Đ20",
    "the twelfth digit of the declaration number must be the number of amendments (version), "
    "and an amended declaration must supersede the one before",
    "chữ số thứ mười hai của số tờ khai phải là số lần khai bổ sung (version), và tờ khai bổ "
    "sung phải thay thế (supersedes) tờ khai trước"};
const Rule item_order{"items.order", "", "lines must be numbered upwards, each number once",
                      "các dòng hàng phải đánh số tăng dần, mỗi số một lần"};
const Rule transition_change{"transition.change", "", "a transition must lead to another method",
                             "chuyển phương thức phải dẫn đến một phương thức khác"};
const Rule draw_only_reduced{
    "determination.draw", "NĐ 15/2018/NĐ-CP Đ16",
    "only shipments under reduced inspection are drawn: random_selected must be null otherwise",
    "chỉ lô hàng kiểm tra giảm mới được chọn ngẫu nhiên: trường hợp khác random_selected phải là "
    "null"};
const Rule conclusion_of_tests{
    "conformity.conclusion", "NĐ 85/2019/NĐ-CP Đ25.3.b",
    "goods with a test that failed must not be found conforming",
    "hàng hóa có chỉ tiêu thử nghiệm không đạt thì không được kết luận là phù hợp"};
const Rule correction_reason{"correction.reason", "",
                             "a result that supersedes another must say why (correction_reason)",
                             "kết quả thay thế kết quả khác phải nêu lý do (correction_reason)"};
const Rule correction_supersedes{
    "correction.supersedes", "",
    "a correction, and an annulment, must refer to the result that it supersedes",
    "việc đính chính hoặc hủy bỏ phải dẫn chiếu (supersedes) kết quả bị thay thế"};
const Rule alert_lifting{
    "alert.lifting", "",
    "a lifted alert must close the one it lifts (closes), an amended one supersede it (supersedes)",
    "bản ghi gỡ bỏ cảnh báo phải dẫn chiếu (closes) cảnh báo được gỡ; cảnh báo sửa đổi phải thay thế "
    "(supersedes) cảnh báo trước"};
const Rule clearance_time{
    "clearance.time", "Luật Hải quan 54/2014/QH13 Đ37",
    "goods that are cleared or released must have the time of it (cleared_at), others must not",
    "hàng được thông quan hoặc giải phóng phải có thời điểm (cleared_at), trường hợp khác thì không"};
const Rule rule_set_parameters{"ruleset.parameters", "", "the parameters must make a rule set",
                               "các tham số phải tạo thành một bộ quy tắc"};
const Rule certificate_of_lot{"conformity.lot", "TTLT 110/2016 Đ4",
                              "a result about a lot must refer (for) to the registration of that lot",
                              "kết quả về một lô hàng phải dẫn chiếu (for) hồ sơ đăng ký của lô đó"};

const Rule certificate_of_type{
    "conformity.type", "QĐ 38/QĐ-TTg",
    "a result of a type scheme must name the goods that it makes certified (goods_key)",
    "kết quả chứng nhận kiểu, loại hoặc hệ thống phải nêu hàng hóa được chứng nhận (goods_key)"};
const Rule importer_own{"registration.importer", "NĐ 85/2019/NĐ-CP Đ13",
                        "an importer registers its own goods: the tax code must be that of the source",
                        "người nhập khẩu đăng ký cho hàng của chính mình: mã số thuế phải là của nguồn"};
const Rule key_of_holder{"key.holder", "NĐ 85/2019/NĐ-CP Đ12",
                         "a key id must begin with the code of the key's holder",
                         "mã khóa phải bắt đầu bằng mã của chủ khóa"};

const Rule writer_registered{"writer.registered",
                             "NĐ 85/2019/NĐ-CP Đ12",
                             "the source must be registered in this ledger",
                             "nguồn phải được đăng ký trong sổ cái này",
                             Fault::forbidden,
                             "writer_not_entitled"};
const Rule writer_role{"writer.role",
                       "",
                       "only sources of certain roles may write records of this kind",
                       "chỉ nguồn giữ một số vai trò mới được ghi loại bản ghi này",
                       Fault::forbidden,
                       "writer_not_entitled"};

const Rule reference_required{"reference.required",
                              "",
                              "the record must refer to the record that it rests on",
                              "bản ghi phải dẫn chiếu bản ghi mà nó dựa vào",
                              Fault::refused,
                              "wrong_reference"};
const Rule reference_relation{"reference.relation",
                              "",
                              "records of this kind have no reference of this relation",
                              "loại bản ghi này không có quan hệ dẫn chiếu như vậy",
                              Fault::refused,
                              "wrong_reference"};
const Rule reference_unknown{
    "reference.unknown",
    "",
    "a reference must lead to a record that stands before this one: submit that first",
    "dẫn chiếu phải trỏ tới một bản ghi đã có trong sổ cái trước bản ghi này: hãy gửi bản ghi đó trước",
    Fault::invalid_statement,
    "unknown_reference"};
const Rule reference_kind{"reference.kind",
                          "",
                          "the reference must lead to a record of a kind that this relation takes",
                          "dẫn chiếu phải trỏ đến bản ghi thuộc loại mà quan hệ này cho phép",
                          Fault::refused,
                          "wrong_reference"};
const Rule supersession_own{
    "supersession.own",
    "",
    "only the source that made a record may supersede it, or close it by another of its kind",
    "chỉ nguồn đã lập bản ghi mới được thay thế, hoặc chấm dứt bản ghi đó bằng một bản ghi cùng loại",
    Fault::refused,
    "wrong_reference"};
const Rule supersession_one{"supersession.one",
                            "",
                            "a record may supersede one record, not several",
                            "một bản ghi chỉ được thay thế một bản ghi",
                            Fault::refused,
                            "wrong_reference"};

}  // namespace rules

std::span<const Rule* const> all_rules() {
    using namespace rules;
    static constexpr std::array all{
        &kind_unknown,        &kind_version,          &schema_type,
        &schema_required,     &schema_unknown,        &schema_word,
        &schema_pattern,      &schema_length,         &schema_count,
        &schema_range,        &schema_empty,          &form_date,
        &form_time,           &form_tax_code,         &form_agency_code,
        &form_decimal,        &form_public_key,       &form_number,
        &form_text,           &commitment_kind,     &commitment_count,      &commitment_member,
        &subject_number,        &goods_key_of_goods,
        &term_order,          &declaration_amendment, &item_order,
        &transition_change,   &draw_only_reduced,     &conclusion_of_tests,
        &correction_reason,   &correction_supersedes, &alert_lifting,
        &clearance_time,      &rule_set_parameters,   &certificate_of_lot,
        &certificate_of_type, &importer_own,          &key_of_holder,
        &writer_registered,   &writer_role,           &reference_required,
        &reference_relation,  &reference_unknown,     &reference_kind,
        &supersession_own,    &supersession_one,
    };
    return all;
}

}  // namespace socai::inspection
