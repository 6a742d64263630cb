// Vietnam's tax codes (mã số thuế): ten digits, the tenth a check digit; thirteen for a dependent unit, whose first ten are
// a tax code and whose last three number the unit from 001 (Circular 105/2020/TT-BTC Art 5). Pure; safe from any thread.
#pragma once

#include <string_view>

namespace socai::inspection {

bool is_tax_code(std::string_view text);
// The enterprise behind a code: its first ten digits. A dependent unit is the same importer.
inline std::string_view enterprise_of(std::string_view tax_code) {
    return tax_code.substr(0, 10);
}
// Is what is said of `said` said of `tax_code`? Of an enterprise it is said of all its units; of a unit, of that alone.
inline bool said_of(std::string_view said, std::string_view tax_code) {
    return said == tax_code || (said.size() == 10 && enterprise_of(tax_code) == said);
}

}  // namespace socai::inspection
