#include "inspection/method/exemptions.hpp"

#include <algorithm>
#include <array>

#include "inspection/record_data.hpp"
#include "inspection/records/tax_code.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view food = "food_safety";
constexpr std::string_view quality = "quality";

constexpr std::array cases{
    ExemptCase{"registered_product", food, "NĐ 15/2018/NĐ-CP Đ13.1",
               "sản phẩm đã có giấy tiếp nhận đăng ký bản công bố sản phẩm",
               "products whose registered declaration has been received"},
    ExemptCase{
        "luggage_or_gift", food, "NĐ 15/2018/NĐ-CP Đ13.2",
        "hàng hóa mang theo người, gửi trước hoặc sau chuyến đi, quà biếu, quà tặng trong định mức miễn thuế",
        "luggage carried or sent before or after the journey, and gifts, within the duty-free allowance"},
    ExemptCase{"diplomatic", food, "NĐ 15/2018/NĐ-CP Đ13.3",
               "hàng hóa của đối tượng được hưởng quyền ưu đãi, miễn trừ ngoại giao",
               "goods of persons with diplomatic privileges and immunities"},
    ExemptCase{"transit", food, "NĐ 15/2018/NĐ-CP Đ13.4",
               "hàng hóa quá cảnh, chuyển khẩu, tạm nhập tái xuất, gửi kho ngoại quan",
               "goods in transit or transhipment, temporarily imported, or in bonded warehouses"},
    ExemptCase{"test_sample", food, "NĐ 15/2018/NĐ-CP Đ13.5",
               "mẫu thử nghiệm hoặc nghiên cứu với số lượng phù hợp",
               "samples for tests or research, in fitting quantity"},
    ExemptCase{"exhibition", food, "NĐ 15/2018/NĐ-CP Đ13.6", "hàng hóa để trưng bày hội chợ, triển lãm",
               "goods to be shown at fairs and exhibitions"},
    ExemptCase{"production_for_export", food, "NĐ 15/2018/NĐ-CP Đ13.7",
               "hàng hóa, nguyên liệu chỉ để sản xuất, gia công xuất khẩu hoặc sản xuất nội bộ, không tiêu "
               "thụ trong nước",
               "goods and materials only for export production or the importer's own production, not sold in "
               "the country"},
    ExemptCase{"duty_free_shop", food, "NĐ 15/2018/NĐ-CP Đ13.8",
               "hàng hóa tạm nhập để bán tại cửa hàng miễn thuế",
               "goods temporarily imported for sale in duty-free shops"},
    ExemptCase{"emergency", food, "NĐ 15/2018/NĐ-CP Đ13.9",
               "hàng hóa nhập khẩu khẩn cấp theo chỉ đạo của Chính phủ, Thủ tướng Chính phủ",
               "urgent imports ordered by the Government or the Prime Minister"},
    ExemptCase{
        "postal_express", food, "NĐ 85/2019/NĐ-CP Đ22.2.a",
        "hàng hóa nhập khẩu gửi qua dịch vụ bưu chính, chuyển phát nhanh có trị giá hải quan được miễn thuế",
        "imports by post or express whose customs value is exempt from tax"},
    ExemptCase{
        "diplomatic_duty_free", food, "NĐ 85/2019/NĐ-CP Đ22.2.b",
        "hàng hóa trong danh mục và định lượng miễn thuế phục vụ công tác, sinh hoạt của tổ chức nước ngoài "
        "được hưởng quyền ưu đãi, miễn trừ ngoại giao",
        "goods within the duty-free list and quantity, for the work and life of foreign organisations with "
        "diplomatic privileges and immunities"},
    ExemptCase{"luggage_within_allowance", food, "NĐ 85/2019/NĐ-CP Đ22.2.c",
               "hành lý của người nhập cảnh trong định mức miễn thuế",
               "luggage of persons who enter, within the duty-free allowance"},
    ExemptCase{"on_the_spot", food, "NĐ 85/2019/NĐ-CP Đ22.2.d", "hàng hóa xuất khẩu, nhập khẩu tại chỗ",
               "goods exported and imported on the spot"},

    ExemptCase{
        "luggage", quality, "NĐ 132/2008/NĐ-CP Đ7.7.a",
        "hành lý của người nhập cảnh, tài sản di chuyển trong định mức miễn thuế (không gồm xe cơ giới, xe "
        "máy chuyên dùng, xe đạp điện)",
        "luggage of persons who enter, and moving property, within the duty-free allowance (no motor "
        "vehicles, special-purpose vehicles or electric bicycles)"},
    ExemptCase{
        "diplomatic", quality, "NĐ 132/2008/NĐ-CP Đ7.7.b",
        "hàng hóa của tổ chức, cá nhân ngoại giao, tổ chức quốc tế trong định mức miễn thuế (không gồm xe cơ "
        "giới, xe máy chuyên dùng, xe đạp điện)",
        "goods of diplomatic organisations and persons and of international organisations, within the "
        "duty-free allowance (no motor vehicles, special-purpose vehicles or electric bicycles)"},
    ExemptCase{
        "sample", quality, "NĐ 132/2008/NĐ-CP Đ7.7.c",
        "mẫu hàng để quảng cáo không có giá trị sử dụng; hàng mẫu để nghiên cứu khoa học, nghiên cứu phục vụ "
        "sản xuất; mẫu hàng để thử nghiệm phục vụ giám định, chứng nhận hợp quy, thử nghiệm liên phòng",
        "samples without use value for advertising; samples for scientific research and research for "
        "production; samples for tests of surveys, certification and interlaboratory comparison"},
    ExemptCase{"exhibition", quality, "NĐ 132/2008/NĐ-CP Đ7.7.d",
               "hàng hóa tạm nhập khẩu để trưng bày, giới thiệu tại hội chợ, triển lãm thương mại",
               "goods temporarily imported to be shown at trade fairs and exhibitions"},
    ExemptCase{
        "gift", quality, "NĐ 132/2008/NĐ-CP Đ7.7.đ",
        "quà biếu, tặng trong định mức thuế (không gồm xe cơ giới, xe máy chuyên dùng, xe đạp điện)",
        "gifts within the tax allowance (no motor vehicles, special-purpose vehicles or electric bicycles)"},
    ExemptCase{"border_residents", quality, "NĐ 132/2008/NĐ-CP Đ7.7.e",
               "hàng hóa trao đổi của cư dân biên giới trong định mức thuế",
               "goods exchanged by residents of the border, within the tax allowance"},
    ExemptCase{
        "temporary_import", quality, "NĐ 132/2008/NĐ-CP Đ7.7.g",
        "hàng hóa, vật tư, thiết bị, máy móc tạm nhập - tái xuất không tiêu thụ và sử dụng tại Việt Nam",
        "goods, materials and equipment temporarily imported and re-exported, neither sold nor used in "
        "Vietnam"},
    ExemptCase{"transit", quality, "NĐ 132/2008/NĐ-CP Đ7.7.h", "hàng hóa quá cảnh, chuyển khẩu, trung chuyển",
               "goods in transit and transhipment"},
    ExemptCase{
        "bonded_warehouse", quality, "NĐ 132/2008/NĐ-CP Đ7.7.i",
        "hàng hóa từ nước ngoài đưa vào kho ngoại quan, trừ hàng từ kho ngoại quan đưa vào nội địa tiêu thụ",
        "goods from abroad into bonded warehouses, unless they go on into the country"},
    ExemptCase{
        "production_materials", quality, "NĐ 132/2008/NĐ-CP Đ7.7.k",
        "nguyên liệu, vật tư, hàng mẫu để gia công cho nước ngoài, sản xuất hàng xuất khẩu; nguyên liệu sản "
        "xuất hàng tiêu thụ nội địa đã được quản lý chất lượng theo quy chuẩn kỹ thuật quốc gia (trừ nguyên "
        "liệu sản xuất phân bón, thuốc bảo vệ thực vật, thức ăn chăn nuôi, thức ăn thủy sản, sản phẩm xử lý "
        "chất thải chăn nuôi, xử lý môi trường nuôi trồng thủy sản; phụ tùng, linh kiện, tổng thành, hệ "
        "thống của phương tiện giao thông thuộc nhóm 2)",
        "materials and samples for processing for abroad or export production; materials of goods for the "
        "home market that a national technical regulation governs (not materials of fertiliser, pesticides, "
        "feed, products that treat livestock waste or aquaculture environments, nor parts, components, "
        "assemblies and systems of vehicles of group 2)"},
    ExemptCase{"reimport_for_repair", quality, "NĐ 132/2008/NĐ-CP Đ7.7.m",
               "hàng hóa tái nhập khẩu để sửa chữa, tái chế theo yêu cầu của đối tác nước ngoài",
               "goods imported again for repair or recycling, at the foreign partner's request"},
    ExemptCase{"emergency", quality, "NĐ 132/2008/NĐ-CP Đ7.7.n",
               "hàng hóa nhập khẩu phục vụ yêu cầu khẩn cấp theo chỉ đạo của Chính phủ, Thủ tướng Chính phủ",
               "urgent imports ordered by the Government or the Prime Minister"},
    ExemptCase{"defence_security", quality, "NĐ 132/2008/NĐ-CP Đ7.7.o",
               "hàng hóa nhập khẩu chuyên dụng phục vụ mục đích quốc phòng, an ninh",
               "special-purpose goods for defence and security"},
    ExemptCase{"non_commercial", quality, "NĐ 132/2008/NĐ-CP Đ7.7.p",
               "hàng hóa khác không nhằm mục đích kinh doanh (phi mậu dịch) theo quyết định của Bộ trưởng bộ "
               "quản lý "
               "ngành, lĩnh vực",
               "other goods not for trade, by decision of the minister in charge"},
    ExemptCase{
        "postal_express", quality, "NĐ 85/2019/NĐ-CP Đ22.3.a",
        "hàng hóa nhập khẩu gửi qua dịch vụ bưu chính, chuyển phát nhanh có trị giá hải quan được miễn thuế",
        "imports by post or express whose customs value is exempt from tax"},
    ExemptCase{"duty_free_shop", quality, "NĐ 85/2019/NĐ-CP Đ22.3.b",
               "hàng hóa tạm nhập khẩu để bán tại cửa hàng miễn thuế",
               "goods temporarily imported for sale in duty-free shops"},
    ExemptCase{"on_the_spot", quality, "NĐ 85/2019/NĐ-CP Đ22.3.c", "hàng hóa xuất khẩu, nhập khẩu tại chỗ",
               "goods exported and imported on the spot"},
};

// --- notices

constexpr std::string_view notices_table = "ex";   // address -> notice
constexpr std::string_view index_table = "!exi";   // By, value, address -> nothing
constexpr std::string_view which_table = "!exw";   // -> Which
constexpr std::string_view numbers_table = "exn";  // source, number, address -> nothing
constexpr std::string_view records_table = "exr";  // source, id of the record -> address of its notice

// A notice stands in the index once, by the member of its scope that tells most.
enum class By : std::uint8_t { dossier_no, declaration_no, goods_key, tax_code, hs_prefix };

constexpr std::size_t declaration_digits = 11;  // that identify; the twelfth counts amendments
constexpr std::size_t shortest_prefix = 2;
constexpr std::size_t longest_prefix = 8;

struct Which {
    std::uint32_t by = 0;            // bit By
    std::uint32_t prefix_sizes = 0;  // bit size, of hs_prefix
    template <class Codec>
    void members(Codec& codec) {
        codec(by, prefix_sizes);
    }
};

std::string_view without_amendment(std::string_view declaration_no) {
    return declaration_no.substr(0, declaration_digits);
}

FactKey index_of(By by, std::string_view value) {
    return FactKey(index_table).number(static_cast<std::uint64_t>(by)).text(value);
}

std::optional<std::pair<By, std::string_view>> place_of(const ExemptionNotice& notice) {
    if (!notice.dossier_no.empty()) return {{By::dossier_no, notice.dossier_no}};
    if (!notice.declaration_no.empty())
        return {{By::declaration_no, without_amendment(notice.declaration_no)}};
    if (!notice.goods_key.empty()) return {{By::goods_key, notice.goods_key}};
    if (!notice.tax_code.empty()) return {{By::tax_code, notice.tax_code}};
    if (!notice.hs_prefix.empty()) return {{By::hs_prefix, notice.hs_prefix}};
    return std::nullopt;
}

void put_notice(ledger::FactDraft& facts, const ExemptionNotice& notice) {
    facts.put(FactKey(notices_table).address(notice.at), encode_fact(notice));
    const auto place = place_of(notice);
    if (!place) return;
    facts.put(index_of(place->first, place->second).address(notice.at), {});
    const auto value = facts.get(FactKey(which_table));
    Which which = value ? decode_fact<Which>(*value) : Which{};
    which.by |= 1U << static_cast<unsigned>(place->first);
    if (place->first == By::hs_prefix) which.prefix_sizes |= 1U << place->second.size();
    facts.put(FactKey(which_table), encode_fact(which));
}

ExemptionNotice notice_at(const ledger::Facts& facts, const ledger::Address& at) {
    return decode_fact<ExemptionNotice>(facts.get(FactKey(notices_table).address(at)).value());
}

void end_notice(ledger::FactDraft& facts, ExemptionNotice notice, Date first_without,
                const ledger::Address& by) {
    if (notice.ended_by) return;
    notice.ended_by = by;
    notice.stopped_on = first_without;
    facts.put(FactKey(notices_table).address(notice.at), encode_fact(notice));
}

struct Shipment {
    const CatalogItem& item;
    const Goods& goods;
    std::string_view regime, tax_code;
    const std::vector<std::string>& circumstances;
    std::string_view dossier_no, declaration_no;
    Date day;
};

bool may_exempt(const ExemptionNotice& notice, const CatalogItem& item) {
    const bool of_one_shipment = !notice.dossier_no.empty() || !notice.declaration_no.empty();
    return std::ranges::find(item.authorities, notice.source) != item.authorities.end() ||
           std::ranges::find(notice.authorities, item.agency) != notice.authorities.end() ||
           (notice.by_customs && of_one_shipment && exempt_case(notice.regime, notice.category) != nullptr);
}

bool meets(const ExemptionNotice& notice, const Shipment& shipment) {
    const auto same = [](const std::string& wanted, std::string_view actual) {
        return wanted.empty() || wanted == actual;
    };
    const bool of_one_shipment = !notice.dossier_no.empty() || !notice.declaration_no.empty();
    return notice.regime == shipment.regime && notice.in_force_on(shipment.day) &&
           may_exempt(notice, shipment.item) && same(notice.dossier_no, shipment.dossier_no) &&
           same(notice.goods_key, shipment.goods.goods_key) &&
           (notice.tax_code.empty() || said_of(notice.tax_code, shipment.tax_code)) &&
           (notice.declaration_no.empty() ||
            without_amendment(notice.declaration_no) == without_amendment(shipment.declaration_no)) &&
           shipment.goods.hs_code.starts_with(notice.hs_prefix) &&
           (of_one_shipment || std::ranges::all_of(notice.circumstances, [&](const std::string& word) {
                return std::ranges::find(shipment.circumstances, word) != shipment.circumstances.end();
            }));
}

// The first in ledger order that the shipment meets.
std::optional<ExemptionNotice> notice_for(const ledger::Facts& facts, const Shipment& shipment) {
    const auto value = facts.get(FactKey(which_table));
    if (!value) return std::nullopt;
    const auto which = decode_fact<Which>(*value);
    std::optional<ExemptionNotice> first;
    const auto look = [&](By by, std::string_view text) {
        if (text.empty() || (which.by >> static_cast<unsigned>(by) & 1U) == 0) return;
        const FactKey prefix = index_of(by, text);
        std::vector<ledger::Address> found;
        facts.scan(prefix, {}, [&](std::string_view key, std::string_view) {
            found.push_back(FactKeyReader(key.substr(prefix.bytes().size() - 1), {}).address());
            return true;
        });
        for (const ledger::Address& at : found) {
            if (first && first->at < at) break;
            ExemptionNotice notice = notice_at(facts, at);
            if (!meets(notice, shipment)) continue;
            first = std::move(notice);
            break;
        }
    };
    look(By::dossier_no, shipment.dossier_no);
    look(By::declaration_no, without_amendment(shipment.declaration_no));
    look(By::goods_key, shipment.goods.goods_key);
    look(By::tax_code, shipment.tax_code);
    if (enterprise_of(shipment.tax_code) != shipment.tax_code)
        look(By::tax_code, enterprise_of(shipment.tax_code));
    const std::string_view code = shipment.goods.hs_code;
    for (std::size_t size = shortest_prefix; size <= std::min(longest_prefix, code.size()); ++size)
        if ((which.prefix_sizes >> size & 1U) != 0) look(By::hs_prefix, code.substr(0, size));
    return first;
}

// The notice of the record, or of what superseded it since.
std::optional<ledger::Address> find_notice(const ledger::Facts& facts, const ledger::Reference& reference) {
    const auto value = facts.get(FactKey(records_table).text(reference.source).text(reference.id));
    if (!value) return std::nullopt;
    auto at = decode_fact<ledger::Address>(*value);
    for (;;) {
        const auto ended_by = notice_at(facts, at).ended_by;
        // A record that only stopped it is no notice.
        if (!ended_by || !facts.get(FactKey(notices_table).address(*ended_by))) return at;
        at = *ended_by;
    }
}

}  // namespace

std::span<const ExemptCase> exempt_cases() {
    return cases;
}

const ExemptCase* exempt_case(std::string_view regime, std::string_view word) {
    const auto found = std::ranges::find_if(
        cases, [&](const ExemptCase& each) { return each.regime == regime && each.word == word; });
    return found == cases.end() ? nullptr : &*found;
}

std::optional<Exemption> exemption_of(const ledger::Facts& facts, const CatalogItem& item, const Goods& goods,
                                      std::string_view regime, std::string_view tax_code,
                                      const std::vector<std::string>& circumstances,
                                      std::string_view dossier_no, std::string_view declaration_no,
                                      Date day) {
    const Shipment shipment{item, goods, regime, tax_code, circumstances, dossier_no, declaration_no, day};
    if (const auto notice = notice_for(facts, shipment)) {
        const ExemptCase* known = exempt_case(regime, notice->category);
        std::optional<Date> last_day = notice->valid_to;
        if (notice->stopped_on)
            last_day = std::min(last_day.value_or(*notice->stopped_on), Date{notice->stopped_on->days - 1});
        return Exemption{notice->category, known != nullptr ? std::string(known->article) : notice->article,
                         notice->at, last_day};
    }
    for (const ExemptCase& each : cases)
        if (each.regime == regime && std::ranges::find(circumstances, each.word) != circumstances.end())
            return Exemption{std::string(each.word), std::string(each.article), std::nullopt, std::nullopt};
    return std::nullopt;
}

ledger::Result<void> take_exemption(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    if (record.kind() != "exemption_notice") return {};
    const auto& data = record.data();
    ExemptionNotice notice;
    notice.at = coming.address;
    notice.source = record.source;
    notice.authorities = coming.registry.line_of(record.source);
    if (const ledger::Agency* issuer = coming.registry.agency(record.source))
        notice.by_customs = issuer->has_role("customs_office") || issuer->has_role("nsw_operator");
    notice.notice_no = text_at(data, "notice_no");
    notice.regime = text_at(data, "regime");
    notice.category = text_at(data, "category");
    if (const auto basis = texts_at(data, "legal_basis"); !basis.empty()) notice.article = basis.front();
    notice.circumstances = texts_at(data, "circumstances");
    notice.goods_key = text_at(data, "goods_key");
    notice.hs_prefix = text_at(data, "hs_prefix");
    notice.tax_code = text_at(data, "tax_code");
    notice.dossier_no = text_at(data, "dossier_no");
    notice.declaration_no = text_at(data, "declaration_no");
    notice.valid_from = date_at(data, "valid_from").value_or(Date{});
    notice.valid_to = date_at(data, "valid_to");

    const bool stops = text_at(data, "status") == "stopped";
    const Date first_without =
        stops ? std::max(notice.valid_from, date_of(record.time_ms)) : notice.valid_from;
    if (const ledger::Reference* former = reference_of(record, "supersedes"))
        if (const auto at = find_notice(facts, *former))
            end_notice(facts, notice_at(facts, *at), first_without, coming.address);
    const FactKey number = FactKey(numbers_table).text(notice.source).text(notice.notice_no);
    if (stops) {
        std::vector<ledger::Address> same_number;
        facts.scan(number, {}, [&](std::string_view key, std::string_view) {
            same_number.push_back(FactKeyReader(key.substr(number.bytes().size() - 1), {}).address());
            return true;
        });
        for (const ledger::Address& at : same_number)
            end_notice(facts, notice_at(facts, at), first_without, coming.address);
        return {};
    }
    put_notice(facts, notice);
    facts.put(FactKey(number).address(notice.at), {});
    facts.put(FactKey(records_table).text(record.source).text(record.id), encode_fact(notice.at));
    return {};
}

}  // namespace socai::inspection
