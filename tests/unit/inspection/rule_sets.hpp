// The rule sets of the law so far, as data/rule_sets.jsonl has them.
#pragma once

#include <fstream>
#include <stdexcept>
#include <string>

#include "inspection/method/rule_set.hpp"
#include "ledger/record.hpp"

namespace socai::inspection::test {

// "qd38-2021@1"
inline RuleSet rule_set(std::string_view name) {
    std::ifstream file(SOCAI_SOURCE_DIR "/data/rule_sets.jsonl");
    for (std::string line; std::getline(file, line);) {
        const auto record = ledger::parse_record(line).value();
        if (record.subject == name) return parse_rule_set(record.data()).value();
    }
    throw std::runtime_error("no such rule set: " + std::string(name));
}

// Noon in Vietnam on "2021-03-02".
inline std::int64_t noon(std::string_view date) {
    return start_of(parse_date(date).value()) + 12 * 3'600'000;
}

}  // namespace socai::inspection::test
