// Zipf's law by a cumulative table of whole numbers: the weight of rank r is 1 / r^s. Pure; safe from any thread once made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "node/generator/dice.hpp"

namespace socai::node::generator {

class Zipf {
  public:
    // Ranks 0 to count - 1. The exponent in tenths, 0 to 20: 10 is s = 1. 8 bytes a rank.
    // Precondition: 1 <= count <= 16,777,216.
    Zipf(std::size_t count, unsigned tenths);

    std::size_t count() const { return cumulative_.size(); }
    std::uint64_t total() const { return cumulative_.back(); }
    std::uint64_t weight(std::size_t rank) const {
        return cumulative_[rank] - (rank == 0 ? 0 : cumulative_[rank - 1]);
    }
    // Of the first `ranks`, in parts per million.
    std::uint64_t share_ppm(std::size_t ranks) const;
    std::size_t draw(Dice& dice) const;

  private:
    std::vector<std::uint64_t> cumulative_;
};

// Any list of weights, drawn from in proportion.
class Weights {
  public:
    explicit Weights(const std::vector<std::uint64_t>& weights);
    std::size_t draw(Dice& dice) const { return find(dice.below(cumulative_.back())); }
    // Where `point`, of 0 to total - 1, falls.
    std::size_t find(std::uint64_t point) const;
    std::uint64_t total() const { return cumulative_.back(); }
    std::uint64_t before(std::size_t place) const { return place == 0 ? 0 : cumulative_[place - 1]; }
    std::uint64_t weight(std::size_t place) const { return cumulative_[place] - before(place); }
    std::size_t count() const { return cumulative_.size(); }

  private:
    std::vector<std::uint64_t> cumulative_;
};

}  // namespace socai::node::generator
