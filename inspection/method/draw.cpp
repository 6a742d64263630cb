#include "inspection/method/draw.hpp"

#include <span>

namespace socai::inspection {
namespace {

constexpr std::uint64_t million = 1'000'000;

}  // namespace

std::string shipment_of_declaration(std::string_view declaration_no) {
    return std::string(declaration_no.substr(0, declaration_no.empty() ? 0 : declaration_no.size() - 1));
}

std::string shipment_of_bill(std::string_view bill_of_lading, std::string_view goods_key) {
    return std::string(bill_of_lading) + " " + std::string(goods_key);
}

std::uint32_t ticket(const ledger::Hash& root, std::string_view shipment) {
    std::string text(reinterpret_cast<const char*>(root.data()), root.size());
    text += shipment;
    const ledger::Hash hash = ledger::sha256(text);
    std::uint64_t number = 0;
    for (const auto byte : std::span(hash).first(8)) number = number << 8 | static_cast<std::uint8_t>(byte);
    return static_cast<std::uint32_t>(number % million);
}

Draw draw_from(SampleShare& share, const ledger::Hash& root, std::string_view shipment,
               std::uint32_t max_ppm) {
    ++share.shipments;
    Draw draw;
    draw.ticket = ticket(root, shipment);
    const bool wins = draw.ticket < max_ppm;
    draw.capped = wins && (share.drawn + 1) * million > share.shipments * max_ppm;
    draw.selected = wins && !draw.capped;
    if (draw.selected) ++share.drawn;
    return draw;
}

Draw Sampler::draw(const ledger::Hash& root, std::string_view shipment, std::string_view goods_key,
                   std::int64_t time_ms) {
    if (const auto known = draws_.find(shipment); known != draws_.end()) return known->second;
    const bool by_goods = rules_->sample_denominator == Denominator::goods;
    SampleShare& share =
        shares_[{year_of(date_of(time_ms)), by_goods ? std::string(goods_key) : std::string()}];
    const Draw draw = draw_from(share, root, shipment, rules_->sample_max_ppm);
    draws_.emplace(std::string(shipment), draw);
    return draw;
}

}  // namespace socai::inspection
