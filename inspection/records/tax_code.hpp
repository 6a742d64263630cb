// Vietnam's tax codes (mã số thuế): ten digits, the tenth a check digit; thirteen for a dependent unit, whose first ten are
// a tax code and whose last three number the unit from 001 (Circular 105/2020/TT-BTC Art 5). Pure; safe from any thread.
#pragma once

#include <string_view>

namespace socai::inspection {

bool is_tax_code(std::string_view text);

}  // namespace socai::inspection
