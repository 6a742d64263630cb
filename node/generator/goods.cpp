#include "node/generator/goods.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/json/parse.hpp>
#include <queue>

#include "ledger/goods_key.hpp"
#include "node/generator/purposes.hpp"

namespace socai::node::generator {
namespace {

namespace json = boost::json;

struct Country {
    std::string_view code;
    std::uint64_t percent;
};
constexpr std::array countries{Country{"CN", 36}, Country{"KR", 15}, Country{"TH", 10}, Country{"JP", 8},
                               Country{"ID", 7},  Country{"MY", 6},  Country{"US", 6},  Country{"SG", 4},
                               Country{"IN", 4},  Country{"DE", 4}};
constexpr std::uint64_t max_goods = 400'000;
constexpr std::uint64_t goods_of_a_site = 4;
constexpr std::uint64_t certified_ppm = 740'000;

constexpr std::uint64_t billion = 1'000'000'000;

// Goods by rank, each to the part that lacks most of its share.
std::vector<std::uint8_t> share_out(const Zipf& goods, const std::vector<std::uint64_t>& parts_ppb) {
    using Lacking =
        std::pair<std::int64_t, std::size_t>;  // in parts per billion of the trade; part, turned round
    std::priority_queue<Lacking> lacking;
    for (std::size_t part = 0; part < parts_ppb.size(); ++part)
        lacking.emplace(parts_ppb[part], parts_ppb.size() - 1 - part);
    std::vector<std::uint8_t> given;
    given.reserve(goods.count());
    for (std::size_t rank = 0; rank < goods.count(); ++rank) {
        const auto [share, turned] = lacking.top();
        lacking.pop();
        given.push_back(static_cast<std::uint8_t>(parts_ppb.size() - 1 - turned));
        const auto taken = static_cast<Wide>(goods.weight(rank)) * billion / goods.total();
        lacking.emplace(share - static_cast<std::int64_t>(taken), turned);
    }
    return given;
}

std::vector<std::uint64_t> parts_of(const Zipf& procedures) {
    static_assert(procedure_count <= 256);
    std::vector<std::uint64_t> parts;
    for (std::size_t rank = 0; rank < procedures.count(); ++rank)
        parts.push_back(static_cast<std::uint64_t>(static_cast<Wide>(procedures.weight(rank)) * billion /
                                                   procedures.total()));
    return parts;
}
std::vector<std::uint64_t> parts_of_countries() {
    std::vector<std::uint64_t> parts;
    for (const Country& country : countries) parts.push_back(country.percent * (billion / 100));
    return parts;
}

}  // namespace

std::size_t goods_for(std::uint64_t dossiers) {
    // Found by measuring: with so many, chance alone keeps the mix of methods near its equilibrium.
    const auto doublings = static_cast<std::uint64_t>(std::bit_width(dossiers));
    const std::uint64_t beyond = doublings > 17 ? doublings - 17 : 0;
    const std::uint64_t per_thousand = doublings < 11 ? 80 : 125 + 27 * doublings - 27 * 13 + 16 * beyond;
    return std::clamp<std::uint64_t>(dossiers * per_thousand / 1'000, 4, max_goods);
}

std::string goods_key(const GoodsText& text) {
    static constexpr std::array<std::string_view, 8> fields{"goods_name",   "intended_use",  "hs_code",
                                                            "brand",        "model",         "technical_spec",
                                                            "manufacturer", "origin_country"};
    return ledger::goods_key(json::parse(text.json).as_object(), fields).value();
}

GoodsTable::GoodsTable(const Cast& cast, std::uint64_t seed, std::size_t count)
    : cast_(&cast),
      seed_(seed),
      shares_(count, 10),
      procedures_(share_out(shares_, parts_of(cast.procedure_shares))),
      origins_(share_out(shares_, parts_of_countries())),
      alike_(cast.procedures.size()) {
    for (std::size_t goods = 0; goods < count; ++goods) {
        Alike& alike = alike_[procedures_[goods]];
        const std::uint64_t before = alike.cumulative.empty() ? 0 : alike.cumulative.back();
        alike.goods.push_back(static_cast<std::uint32_t>(goods));
        alike.cumulative.push_back(before + shares_.weight(goods));
    }
}

std::size_t GoodsTable::draw_alike(Dice& dice, std::size_t goods) const {
    const Alike& alike = alike_[procedures_[goods]];
    const auto found = std::ranges::upper_bound(alike.cumulative, dice.below(alike.cumulative.back()));
    return alike.goods[static_cast<std::size_t>(found - alike.cumulative.begin())];
}

bool GoodsTable::certified(std::size_t goods) const {
    if (procedure(goods).family->regime != "quality") return false;
    return Dice(seed_, purpose::certification, goods).happens(certified_ppm);
}

std::string_view GoodsTable::origin(std::size_t goods) const {
    return countries[origins_[goods]].code;
}

GoodsText GoodsTable::describe(std::size_t goods) const {
    const Procedure& about = procedure(goods);
    const std::string number = std::to_string(goods + 1);
    const std::string works = std::to_string(goods / goods_of_a_site + 1);
    const std::string country(origin(goods));

    GoodsText text;
    text.name = std::string(about.family->name_vi) + " " + number;
    const std::string heading = std::to_string(about.heading);
    text.hs_code =
        std::string(4 - heading.size(), '0') + heading + std::to_string(10 + goods % 9 * 10) + "00";
    text.origin = country;
    text.manufacturer = "Contoh Works " + works;
    text.site = country + "-G-" + works;
    text.json = "{\"goods_name\":\"" + text.name + "\",\"intended_use\":\"" +
                (about.family->regime == "food_safety" ? "Thực phẩm" : "Tiêu dùng") + "\",\"hs_code\":\"" +
                text.hs_code + "\",\"brand\":\"CONTOH " + std::to_string(goods % 97) + "\",\"model\":\"G-" +
                number + "\",\"technical_spec\":\"Hàng mô phỏng, loại " + std::to_string(goods % 7 + 1) +
                "\",\"manufacturer\":{\"name\":\"" + text.manufacturer + "\",\"country\":\"" + country +
                "\",\"site_id\":\"" + text.site + "\"},\"origin_country\":\"" + country + "\"}";
    return text;
}

}  // namespace socai::node::generator
