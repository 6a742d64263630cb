#include "node/generator/zipf.hpp"

#include <algorithm>
#include <cassert>

namespace socai::node::generator {
namespace {

constexpr unsigned fraction_bits = 32;
constexpr std::uint64_t one = std::uint64_t{1} << fraction_bits;
constexpr std::uint64_t heaviest = std::uint64_t{1} << 38;  // 2^24 of them fit 64 bits

// x^exponent in 32.32 fixed point, cut to `limit`.
std::uint64_t power(std::uint64_t x, unsigned exponent, std::uint64_t limit) {
    std::uint64_t result = one;
    for (unsigned i = 0; i < exponent; ++i) {
        const Wide product = static_cast<Wide>(result) * x >> fraction_bits;
        if (product >= limit) return limit;
        result = static_cast<std::uint64_t>(product);
    }
    return result;
}

// The largest x in 32.32 fixed point with x^10 <= number.
std::uint64_t tenth_root(std::uint64_t number) {
    const std::uint64_t target = number << fraction_bits;
    std::uint64_t low = one, high = 6 * one;  // 6^10 > 2^24
    while (high - low > 1) {
        const std::uint64_t middle = low + (high - low) / 2;
        (power(middle, 10, target + 1) <= target ? low : high) = middle;
    }
    return low;
}

}  // namespace

Zipf::Zipf(std::size_t count, unsigned tenths) {
    assert(count >= 1 && count <= (std::size_t{1} << 24) && tenths <= 20);
    cumulative_.reserve(count);
    std::uint64_t sum = 0;
    for (std::size_t rank = 1; rank <= count; ++rank) {
        std::uint64_t divided = heaviest;
        for (unsigned whole = 0; whole < tenths / 10; ++whole) divided /= rank;
        const std::uint64_t rest =
            tenths % 10 == 0 ? one : power(tenth_root(rank), tenths % 10, ~std::uint64_t{0});
        divided = static_cast<std::uint64_t>((static_cast<Wide>(divided) << fraction_bits) / rest);
        cumulative_.push_back(sum += std::max<std::uint64_t>(divided, 1));
    }
}

std::uint64_t Zipf::share_ppm(std::size_t ranks) const {
    if (ranks == 0) return 0;
    const std::size_t last = std::min(ranks, count()) - 1;
    return static_cast<std::uint64_t>(static_cast<Wide>(cumulative_[last]) * 1'000'000 / total());
}

std::size_t Zipf::draw(Dice& dice) const {
    const auto found = std::ranges::upper_bound(cumulative_, dice.below(total()));
    return static_cast<std::size_t>(found - cumulative_.begin());
}

Weights::Weights(const std::vector<std::uint64_t>& weights) {
    assert(!weights.empty());
    std::uint64_t sum = 0;
    for (const std::uint64_t weight : weights) cumulative_.push_back(sum += weight);
    assert(sum > 0);
}

std::size_t Weights::find(std::uint64_t point) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(cumulative_, point) - cumulative_.begin());
}

}  // namespace socai::node::generator
