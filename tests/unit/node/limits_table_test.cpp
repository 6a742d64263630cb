// The table of limits in docs/operations.md against the program: every key of [limits] has a row with its default, and every row
// is of a key that there is.
#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

#include "node/config.hpp"
#include "node/files.hpp"
#include "tests/project_folder.hpp"

namespace socai::node {
namespace {

using Defaults = std::map<std::string, std::string>;

// "key = value" lines of the section.
Defaults in_the_program() {
    Defaults defaults;
    std::istringstream lines(config_text(Config()));
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("[")) inside = line == "[limits]";
        const std::size_t equals = line.find(" = ");
        if (inside && !line.starts_with("#") && equals != std::string::npos)
            defaults[line.substr(0, equals)] = line.substr(equals + 3);
    }
    return defaults;
}

// "| `key` | value | …" rows of the section.
Defaults in_the_docs() {
    const auto text = read_file(project_file("docs/operations.md"), 1 << 20);
    if (!text) throw std::runtime_error(text.error().detail);
    Defaults defaults;
    std::istringstream lines(text->substr(text->find("\n## Limits\n") + 11));
    for (std::string line; std::getline(lines, line) && !line.starts_with("## ");) {
        if (!line.starts_with("| `") || line.starts_with("| `[")) continue;
        const std::size_t name_end = line.find("` | ");
        const std::size_t value_end = line.find(" | ", name_end + 4);
        defaults[line.substr(3, name_end - 3)] = line.substr(name_end + 4, value_end - name_end - 4);
    }
    return defaults;
}

TEST(LimitsTable, IsThatOfTheProgram) {
    const Defaults program = in_the_program();
    EXPECT_GT(program.size(), 20U);
    EXPECT_EQ(in_the_docs(), program);
}

}  // namespace
}  // namespace socai::node
