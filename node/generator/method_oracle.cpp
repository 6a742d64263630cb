#include "node/generator/method_oracle.hpp"

namespace socai::node::generator {

inspection::GoodsState& StateOracle::state(std::size_t goods, std::string_view regime) {
    if (goods >= states_.size()) states_.resize(goods + 1);
    auto& state = states_[goods];
    if (!state)
        state = std::make_unique<inspection::GoodsState>(regime == quality_.regime ? quality_ : food_safety_);
    return *state;
}

void StateOracle::take(const Written& record) {
    if (record.event) state(record.goods, record.regime).take(*record.event);
}

inspection::Standing StateOracle::standing(std::size_t goods, std::string_view regime, std::int64_t time_ms) {
    return state(goods, regime).at(time_ms);
}

std::vector<ledger::Address> StateOracle::streak(std::size_t goods, std::string_view regime,
                                                 std::int64_t time_ms) {
    return state(goods, regime).streak(time_ms);
}

}  // namespace socai::node::generator
