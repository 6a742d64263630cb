#include "inspection/clocks/clock_table.hpp"

#include <algorithm>
#include <array>

namespace socai::inspection {
namespace {

// What an agency answers a registration with.
constexpr std::string_view answers =
    "dossier_status:accepted dossier_status:confirmed dossier_status:supplement_requested "
    "dossier_status:refused dossier_status:decided inspection_result";
constexpr std::string_view decisions = "inspection_result dossier_status:decided dossier_status:refused";
constexpr std::string_view asks = "dossier_status:supplement_requested";
// Asked for more, or nothing is left to decide before clearance.
constexpr std::string_view food_ends =
    "dossier_status:supplement_requested remedy_completion clearance_decision:cleared "
    "clearance_decision:released";
// The dossier is there: at first, again after what was missing, or as the agency says.
constexpr std::string_view filings =
    "inspection_registration:new inspection_registration:amended dossier_status:accepted";

constexpr std::array rows{
    ClockRow{.id = "nsw_available",
             .use = ClockUse::elsewhere,
             .owner = ClockOwner::nobody,
             .amount = 24,
             .unit = Unit::working_hours,
             .article = "NĐ 85/2019/NĐ-CP Đ7.2.d",
             .vi = "Cổng một cửa hoạt động 24 giờ mỗi ngày, 7 ngày mỗi tuần",
             .en = "The Single Window is available 24 hours a day, 7 days a week",
             .why = "the nodes' own measurements show it: a ledger that is down writes no records"},
    ClockRow{.id = "account_check",
             .use = ClockUse::elsewhere,
             .owner = ClockOwner::nobody,
             .amount = 1,
             .unit = Unit::working_days,
             .article = "NĐ 85/2019/NĐ-CP Đ11",
             .vi = "Kiểm tra thông tin đăng ký tài khoản",
             .en = "Check of an account's registration",
             .why = "the request for an account is no record: the Single Window keeps its own"},
    ClockRow{.id = "registration_confirmation",
             .starts = "inspection_registration:new inspection_registration:amended",
             .stops = answers,
             .owner = ClockOwner::agency,
             .amount = 1,
             .unit = Unit::working_days,
             .regime = "quality",
             .levels = "none level_1 level_2",
             .article = "NĐ 132/2008 (sđ NĐ 74/2018) Đ7.2a, Đ7.2b",
             .vi = "Xác nhận đăng ký kiểm tra chất lượng",
             .en = "Confirmation of a registration for quality inspection"},
    ClockRow{.id = "level_3_result",
             .starts = "conformity_result",
             .stops = decisions,
             .cancels = asks,
             .owner = ClockOwner::agency,
             .amount = 1,
             .unit = Unit::working_days,
             .regime = "quality",
             .levels = "level_3",
             .article = "NĐ 132/2008 (sđ NĐ 74/2018) Đ7.2c",
             .vi = "Thông báo kết quả kiểm tra hàng hóa áp dụng biện pháp quản lý Mức 3 khi hồ sơ đầy đủ",
             .en = "Result notice for level-3 goods once the dossier is complete"},
    ClockRow{.id = "supplement",
             .starts = asks,
             .stops = "inspection_registration:amended dossier_status:received dossier_status:accepted "
                      "dossier_status:confirmed inspection_result",
             .cancels = "dossier_status:refused",
             .owner = ClockOwner::importer,
             .amount = 15,
             .unit = Unit::working_days,
             .due_member = "due",
             .article = "NĐ 132/2008 (sđ NĐ 74/2018) Đ7.2c",
             .vi = "Bổ sung hồ sơ theo yêu cầu",
             .en = "What was missing from the dossier is filed"},
    ClockRow{.id = "food_result_normal",
             .starts = filings,
             .stops = decisions,
             .cancels = food_ends,
             .owner = ClockOwner::agency,
             .amount = 3,
             .unit = Unit::working_days,
             .regime = "food_safety",
             .methods = "reduced normal",
             .article = "NĐ 15/2018/NĐ-CP Đ19",
             .vi = "Thông báo kết quả kiểm tra thông thường về an toàn thực phẩm",
             .en = "Result notice of a normal inspection of food"},
    ClockRow{.id = "food_result_strict",
             .starts = filings,
             .stops = decisions,
             .cancels = food_ends,
             .owner = ClockOwner::agency,
             .amount = 7,
             .unit = Unit::working_days,
             .regime = "food_safety",
             .methods = "strict",
             .article = "NĐ 15/2018/NĐ-CP Đ19",
             .vi = "Thông báo kết quả kiểm tra chặt về an toàn thực phẩm",
             .en = "Result notice of a strict inspection of food"},
    // The record that tells of the sample is the result itself: the run begins and ends with it, and is never seen open.
    ClockRow{.id = "conformity_assessment",
             .starts = "conformity_result",
             .start_time = ClockTime::sampled,
             .owner = ClockOwner::writer,
             .amount = 7,
             .unit = Unit::days,
             .regime = "quality",
             .article = "TTLT 110/2016 Đ4.4",
             .vi = "Đánh giá sự phù hợp kể từ khi lấy mẫu",
             .en = "Conformity assessment, from the taking of samples"},
    ClockRow{.id = "body_to_agency",
             .starts = "conformity_result",
             .stop_time = ClockTime::accepted_time,
             .owner = ClockOwner::writer,
             .amount = 4,
             .unit = Unit::working_hours,
             .regime = "quality",
             .article = "TTLT 110/2016 Đ4.5",
             .vi = "Tổ chức đánh giá gửi kết quả đến cơ quan kiểm tra",
             .en = "The body's result reaches the agency"},
    // The agency's days run from when it has the result ("kể từ ngày nhận được").
    ClockRow{.id = "agency_notice",
             .starts = "conformity_result",
             .start_time = ClockTime::accepted_time,
             .stops = "inspection_result",
             .owner = ClockOwner::agency,
             .amount = 3,
             .unit = Unit::days,
             .regime = "quality",
             .article = "TTLT 110/2016 Đ5.1",
             .vi = "Thông báo kết quả kiểm tra chất lượng từ khi có kết quả đánh giá",
             .en = "The agency's notice, from the result of the assessment (quality)"},
    ClockRow{.id = "agency_to_customs",
             .starts = "inspection_result",
             .stop_time = ClockTime::accepted_time,
             .owner = ClockOwner::writer,
             .amount = 2,
             .unit = Unit::working_days,
             .article = "Luật Hải quan 54/2014/QH13 Đ35.3",
             .vi = "Gửi kết quả kiểm tra cho cơ quan hải quan",
             .en = "The result reaches customs"},
    ClockRow{.id = "customs_update",
             .starts = "inspection_result",
             .start_time = ClockTime::accepted_time,
             .stops = "clearance_decision storage_release channel_decision method_determination "
                      "customs_declaration remedy_completion",
             .stop_time = ClockTime::accepted_time,
             .owner = ClockOwner::customs,
             .amount = 2,
             .unit = Unit::working_hours,
             .carried = true,
             .article = "TT 38/2015/TT-BTC Đ28.1",
             .vi = "Hải quan cập nhật kết quả và xử lý tờ khai",
             .en = "Customs takes the result up in the declaration"},
    ClockRow{.id = "risk_information",
             .target = true,
             .subject = ClockSubject::record,
             .starts = "risk_signal alert violation",
             .stop_time = ClockTime::accepted_time,
             .owner = ClockOwner::writer,
             .amount = 4,
             .unit = Unit::working_hours,
             .article = "TTLT 110/2016 Đ6.5",
             .vi = "Trao đổi thông tin rủi ro giữa các cơ quan",
             .en = "Information on risks reaches the other bodies"},
    ClockRow{.id = "risk_information_at_most",
             .subject = ClockSubject::record,
             .starts = "risk_signal alert violation",
             .stop_time = ClockTime::accepted_time,
             .owner = ClockOwner::writer,
             .amount = 2,
             .unit = Unit::working_days,
             .article = "TTLT 110/2016 Đ6.5",
             .vi = "Trao đổi thông tin rủi ro, chậm nhất",
             .en = "Information on risks reaches the other bodies, at the latest"},
    // A conformity body that finds a sample abnormal says so by a risk signal about the dossier.
    ClockRow{.id = "sampling_report",
             .subject = ClockSubject::record,
             .starts = "risk_signal:raised",
             .stop_time = ClockTime::accepted_time,
             .owner = ClockOwner::writer,
             .amount = 24,
             .unit = Unit::working_hours,
             .writer_role = "conformity_body",
             .article = "TTLT 110/2016 Đ4.3.b",
             .vi = "Báo cáo mẫu có dấu hiệu bất thường",
             .en = "Report of an abnormal sample"},
    ClockRow{
        .id = "storage_result",
        .subject = ClockSubject::declaration,
        .starts = "storage_release:granted",
        .stops =
            "inspection_result storage_release:ended storage_release:violated clearance_decision:cleared "
            "clearance_decision:released",
        .stop_time = ClockTime::accepted_time,
        .owner = ClockOwner::importer,
        .amount = 30,
        .unit = Unit::days,
        .due_member = "result_due",
        .article = "TT 38/2015/TT-BTC Đ32.6.a",
        .vi = "Nộp kết quả kiểm tra của hàng đưa về bảo quản",
        .en = "The result for goods in the importer's own storage"},
    ClockRow{.id = "storage_ban",
             .use = ClockUse::term,
             .subject = ClockSubject::declaration,
             .starts = "storage_release:violated",
             .owner = ClockOwner::importer,
             .amount = 1,
             .unit = Unit::years,
             .article = "TT 38/2015/TT-BTC Đ32.6.c",
             .vi = "Không được đưa hàng về bảo quản sau vi phạm",
             .en = "No storage release after a violation of storage",
             .why = "a term that nobody can miss"},
    ClockRow{.id = "storage_ban_late_result",
             .use = ClockUse::term,
             .subject = ClockSubject::declaration,
             .owner = ClockOwner::importer,
             .amount = 6,
             .unit = Unit::months,
             .article = "TT 38/2015/TT-BTC Đ32.6.c",
             .vi = "Không được đưa hàng về bảo quản khi nộp kết quả muộn",
             .en = "No storage release after a late result",
             .why = "a term that nobody can miss; it begins when storage_result is missed"},
    ClockRow{.id = "post_clearance_certificate",
             .starts = "clearance_decision:cleared clearance_decision:released",
             .stops = "conformity_result inspection_result inspection_registration:amended "
                      "dossier_status:accepted dossier_status:decided dossier_status:closed",
             .stop_time = ClockTime::accepted_time,
             .owner = ClockOwner::importer,
             .amount = 15,
             .unit = Unit::working_days,
             .regime = "quality",
             .levels = "level_1 level_2",
             .undecided = true,
             .article = "NĐ 132/2008 (sđ NĐ 74/2018) Đ7.2a, Đ7.2b",
             .vi = "Nộp kết quả tự đánh giá hoặc giấy chứng nhận sau thông quan",
             .en = "Self-assessment or certificate after clearance"},
    ClockRow{.id = "remedy",
             .starts = "remedy_order",
             .stops = "remedy_completion",
             .owner = ClockOwner::importer,
             .amount = 30,
             .unit = Unit::days,
             .due_member = "due",
             .article = "NĐ 132/2008/NĐ-CP Đ8.2; Luật 05/2007/QH12 Đ36",
             .vi = "Thực hiện biện pháp xử lý hàng không đạt",
             .en = "The remedy ordered is carried out"},
    ClockRow{.id = "pca_window",
             .use = ClockUse::term,
             .subject = ClockSubject::declaration,
             .starts = "customs_declaration:registered",
             .owner = ClockOwner::customs,
             .amount = 5,
             .unit = Unit::years,
             .article = "Luật Hải quan 54/2014/QH13 Đ77.3",
             .vi = "Thời hạn kiểm tra sau thông quan",
             .en = "Post-clearance audit is possible",
             .why = "a term that nobody can miss, from the registration of the declaration"},
    ClockRow{.id = "outage_reconciliation",
             .use = ClockUse::elsewhere,
             .owner = ClockOwner::nobody,
             .amount = 1,
             .unit = Unit::working_days,
             .article = "NĐ 85/2019/NĐ-CP Đ17.5",
             .vi = "Đối soát, gửi dữ liệu sau sự cố",
             .en = "Reconciliation after an outage",
             .why = "no record says when an agency's system came back; the delivery clocks of the records "
                    "that were sent late "
                    "show the delay"},
    ClockRow{.id = "compliance_daily",
             .use = ClockUse::elsewhere,
             .owner = ClockOwner::nobody,
             .amount = 1,
             .unit = Unit::days,
             .article = "TT 81/2019/TT-BTC Đ10-16",
             .vi = "Đánh giá tuân thủ hằng ngày lúc 0 giờ",
             .en = "Compliance is rated daily at midnight",
             .why = "compliance.hpp computes it from the records of the days before, whenever it is asked"},
    ClockRow{.id = "pca_sample",
             .use = ClockUse::elsewhere,
             .owner = ClockOwner::nobody,
             .amount = 1,
             .unit = Unit::years,
             .article = "TT 81/2019/TT-BTC Đ23.2",
             .vi = "Chọn mẫu kiểm tra sau thông quan không quá 0,5% doanh nghiệp mỗi năm",
             .en = "Post-clearance audit of at most 0.5 % of firms a year by sample",
             .why = "a share, not a time: statistics count the checks"},
};

}  // namespace

std::span<const ClockRow> clock_table() {
    return rows;
}

const ClockRow* find_clock(std::string_view id) {
    const auto found = std::ranges::find(rows, id, &ClockRow::id);
    return found == rows.end() ? nullptr : &*found;
}

std::string_view word(Unit unit) {
    constexpr std::array<std::string_view, 5> words{"working_hours", "working_days", "days", "months",
                                                    "years"};
    return words[static_cast<std::size_t>(unit)];
}

std::string_view word(ClockUse use) {
    constexpr std::array<std::string_view, 3> words{"limit", "term", "elsewhere"};
    return words[static_cast<std::size_t>(use)];
}

bool among(std::string_view words, std::string_view kind, std::string_view said) {
    while (!words.empty()) {
        const std::string_view word = words.substr(0, words.find(' '));
        if (word.starts_with(kind)) {
            const std::string_view rest = word.substr(kind.size());
            if (rest.empty()) return true;
            if (!said.empty() && rest.front() == ':' && rest.substr(1) == said) return true;
        }
        words.remove_prefix(std::min(words.size(), word.size() + 1));
    }
    return false;
}

}  // namespace socai::inspection
