#include "inspection/records/tax_code.hpp"

#include <algorithm>
#include <array>

namespace socai::inspection {
namespace {

constexpr std::array<int, 9> weights{31, 29, 23, 19, 17, 13, 7, 5, 3};

}  // namespace

bool is_tax_code(std::string_view text) {
    if (text.size() != 10 && text.size() != 13) return false;
    if (!std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return false;
    int sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * (text[i] - '0');
    // A remainder of 0 would make it 10: no tax code has these nine digits.
    if (10 - sum % 11 != text[9] - '0') return false;
    return text.size() == 10 || text.substr(10) != "000";
}

}  // namespace socai::inspection
