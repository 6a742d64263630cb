#include "inspection/records/words.hpp"

#include <algorithm>
#include <array>

namespace socai::inspection {
namespace {

using enum WordOf;

constexpr std::array words{
    VietnameseWord{method, "none", "không kiểm tra"},
    VietnameseWord{method, "exempt", "miễn kiểm tra"},
    VietnameseWord{method, "reduced", "kiểm tra giảm"},
    VietnameseWord{method, "reduced_drawn", "kiểm tra giảm, được chọn kiểm tra"},
    VietnameseWord{method, "normal", "kiểm tra thông thường"},
    VietnameseWord{method, "strict", "kiểm tra chặt"},

    VietnameseWord{reason, "default_method", "chưa có căn cứ áp dụng phương thức khác"},
    VietnameseWord{reason, "not_certified", "hàng hóa chưa được chứng nhận"},
    VietnameseWord{reason, "certified", "hàng hóa đã được chứng nhận"},
    VietnameseWord{reason, "passes_under_strict", "đã đủ số lần đạt liên tiếp để thôi kiểm tra chặt"},
    VietnameseWord{reason, "passes_under_normal", "đã đủ số lần đạt liên tiếp để thôi kiểm tra thông thường"},
    VietnameseWord{reason, "failed_inspection", "kết quả kiểm tra khi nhập khẩu không đạt"},
    VietnameseWord{reason, "failed_check", "kết quả kiểm tra sau thông quan không đạt"},
    VietnameseWord{reason, "upheld_complaint", "khiếu nại về hàng hóa được xác định là đúng"},
    VietnameseWord{reason, "active_alert", "cảnh báo đang có hiệu lực"},
    VietnameseWord{reason, "alert_over", "cảnh báo đã hết hiệu lực nhưng chưa đủ số lần đạt sau cảnh báo"},
    VietnameseWord{reason, "term_over", "thời hạn áp dụng phương thức nhẹ hơn đã hết"},
    VietnameseWord{reason, "imposed", "cơ quan hải quan đã áp dụng phương thức chặt hơn"},
    VietnameseWord{reason, "certificate_over", "giấy chứng nhận đã hết hiệu lực hoặc bị thu hồi"},

    VietnameseWord{regime, "quality", "chất lượng"},
    VietnameseWord{regime, "food_safety", "an toàn thực phẩm"},
    VietnameseWord{regime, "plant_quarantine", "kiểm dịch thực vật"},
    VietnameseWord{regime, "animal_quarantine", "kiểm dịch động vật"},
    VietnameseWord{regime, "other", "chế độ kiểm tra khác"},

    VietnameseWord{dossier, "submitted", "đã nộp"},
    VietnameseWord{dossier, "received", "đã tiếp nhận"},
    VietnameseWord{dossier, "supplement_requested", "yêu cầu bổ sung"},
    VietnameseWord{dossier, "accepted", "đã chấp nhận"},
    VietnameseWord{dossier, "confirmed", "đã xác nhận đăng ký"},
    VietnameseWord{dossier, "refused", "bị từ chối"},
    VietnameseWord{dossier, "decided", "đã có kết quả"},
    VietnameseWord{dossier, "closed", "đã kết thúc"},
    VietnameseWord{dossier, "withdrawn", "đã rút"},

    VietnameseWord{outcome, "pass", "đạt"},
    VietnameseWord{outcome, "fail", "không đạt"},
    VietnameseWord{outcome, "label_fail", "không đạt về nhãn"},
    VietnameseWord{outcome, "incomplete", "hồ sơ không đầy đủ"},
    VietnameseWord{outcome, "annulled", "đã hủy"},

    VietnameseWord{certificate, "issued", "đã cấp"},
    VietnameseWord{certificate, "suspended", "bị đình chỉ"},
    VietnameseWord{certificate, "withdrawn", "bị thu hồi"},
    VietnameseWord{certificate, "restored", "được khôi phục"},

    VietnameseWord{clearance, "cleared", "đã thông quan"},
    VietnameseWord{clearance, "released", "đã giải phóng hàng"},
    VietnameseWord{clearance, "storage", "đưa hàng về bảo quản"},
    VietnameseWord{clearance, "refused", "bị từ chối thông quan"},

    VietnameseWord{basis, "not_listed", "hàng hóa không thuộc danh mục phải kiểm tra"},
    VietnameseWord{basis, "exempt", "miễn kiểm tra"},
    VietnameseWord{basis, "reduced_not_drawn", "kiểm tra giảm, không được chọn kiểm tra"},
    VietnameseWord{basis, "inspection_result", "kết quả kiểm tra"},
    VietnameseWord{basis, "conformity_result", "kết quả đánh giá sự phù hợp"},
    VietnameseWord{basis, "registration_confirmed", "đăng ký kiểm tra đã được xác nhận"},

    VietnameseWord{storage, "none", "chưa có quyết định"},
    VietnameseWord{storage, "granted", "được phép"},
    VietnameseWord{storage, "ended", "đã kết thúc"},
    VietnameseWord{storage, "violated", "có vi phạm"},
    VietnameseWord{storage, "refused", "bị từ chối"},

    VietnameseWord{remedy, "re_export", "tái xuất"},
    VietnameseWord{remedy, "recycle", "tái chế"},
    VietnameseWord{remedy, "destroy", "tiêu hủy"},
    VietnameseWord{remedy, "change_purpose", "chuyển mục đích sử dụng"},
    VietnameseWord{remedy, "correct_label", "khắc phục nhãn hàng hóa"},
    VietnameseWord{remedy, "complete_dossier", "bổ sung hồ sơ"},

    VietnameseWord{appeal, "filed", "được nộp"},
    VietnameseWord{appeal, "decided", "được giải quyết"},
    VietnameseWord{appeal, "withdrawn", "được rút"},

    VietnameseWord{channel, "green", "luồng xanh"},
    VietnameseWord{channel, "yellow", "luồng vàng"},
    VietnameseWord{channel, "red", "luồng đỏ"},

    VietnameseWord{risk, "low", "rủi ro thấp"},
    VietnameseWord{risk, "medium", "rủi ro trung bình"},
    VietnameseWord{risk, "high", "rủi ro cao"},
};

std::string two_digits(std::int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

std::span<const VietnameseWord> vietnamese_words() {
    return words;
}

std::string_view vi_word(WordOf of, std::string_view code) {
    const auto found = std::ranges::find_if(
        words, [&](const VietnameseWord& each) { return each.of == of && each.code == code; });
    return found == words.end() ? code : found->vi;
}

Phrase phrase(WordOf of, std::string_view code) {
    return {code, vi_word(of, code)};
}

Phrase phrase(Date date) {
    return {format_date(date), vi_date(date)};
}

std::string vi_date(Date date) {
    const std::string text = format_date(date);  // 2021-09-27
    return text.substr(8, 2) + "/" + text.substr(5, 2) + "/" + text.substr(0, 4);
}

std::string vi_time(std::int64_t time_ms) {
    const Date day = date_of(time_ms);
    const std::int64_t minutes = (time_ms - start_of(day)) / 60'000;
    return two_digits(minutes / 60) + ":" + two_digits(minutes % 60) + " ngày " + vi_date(day);
}

}  // namespace socai::inspection
