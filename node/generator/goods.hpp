// The goods of the generated trade: as many as the number of dossiers keeps the methods at equilibrium with, drawn by Zipf's
// law, shared out to the procedures so that each gets its part of the trade. Pure; safe from any thread once made.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "node/generator/cast.hpp"
#include "node/generator/zipf.hpp"

namespace socai::node::generator {

// Goods keys for so many dossiers: some 360,000 for a year's million, a fifth more than reference/domain.md §4.2 has. README.md
// says why.
std::size_t goods_for(std::uint64_t dossiers);

// As a registration describes them.
struct GoodsText {
    std::string json;  // the object `goods`
    std::string name, hs_code, origin, manufacturer, site;
};

// "sha256:…"
std::string goods_key(const GoodsText& text);

class GoodsTable {
  public:
    GoodsTable(const Cast& cast, std::uint64_t seed, std::size_t count);

    const Zipf& shares() const { return shares_; }
    const Procedure& procedure(std::size_t goods) const { return cast_->procedures[procedures_[goods]]; }
    std::size_t procedure_rank(std::size_t goods) const { return procedures_[goods]; }
    // By Zipf's law; and again, among those of the same procedure.
    std::size_t draw(Dice& dice) const { return shares_.draw(dice); }
    std::size_t draw_alike(Dice& dice, std::size_t goods) const;
    // A type scheme covers them from the beginning. Quality only.
    bool certified(std::size_t goods) const;
    // ISO 3166-1 alpha-2.
    std::string_view origin(std::size_t goods) const;
    GoodsText describe(std::size_t goods) const;

  private:
    const Cast* cast_;
    std::uint64_t seed_;
    Zipf shares_;
    // Of each: the rank of its procedure, the place of its country.
    std::vector<std::uint8_t> procedures_, origins_;
    // Of each procedure with goods, by rank.
    struct Alike {
        std::vector<std::uint32_t> goods;
        std::vector<std::uint64_t> cumulative;
    };
    std::vector<Alike> alike_;
};

}  // namespace socai::node::generator
