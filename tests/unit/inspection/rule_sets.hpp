// The rule sets of the law so far: those of the demo in data/rule_sets.jsonl, the others in data/rule_sets_other.jsonl.
#pragma once

#include <fstream>
#include <stdexcept>
#include <string>

#include "inspection/method/rule_set.hpp"
#include "ledger/record.hpp"
#include "tests/project_folder.hpp"

namespace socai::inspection::test {

// "qd38-2021@1"
inline ledger::Record rule_set_record(std::string_view name) {
    for (const char* path : {"data/rule_sets.jsonl", "data/rule_sets_other.jsonl"}) {
        std::ifstream file(project_file(path));
        for (std::string line; std::getline(file, line);) {
            auto record = ledger::parse_record(line).value();
            if (record.subject == name) return record;
        }
    }
    throw std::runtime_error("no such rule set: " + std::string(name));
}
inline RuleSet rule_set(std::string_view name) {
    return parse_rule_set(rule_set_record(name).data()).value();
}

// Noon in Vietnam on "2021-03-02".
inline std::int64_t noon(std::string_view date) {
    return start_of(parse_date(date).value()) + 12 * 3'600'000;
}

}  // namespace socai::inspection::test
