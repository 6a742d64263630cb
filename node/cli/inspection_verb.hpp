// The verbs that ask inspection.*: each is a row of data (its method, what it takes, how its answer looks on paper), carried
// out here. Options are the method's parameters; --json prints the answer as the node gave it.
#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "node/cli/command.hpp"

namespace socai::node::cli {

// An option, or without leading dashes a word of the verb's own, that is a parameter of the method.
struct VerbOption {
    enum class Kind { text, number, list, json_file };
    std::string flag;       // "--hs-prefix"
    std::string parameter;  // "hs_prefix"
    const char* type_name;
    const char* help;
    Kind kind = Kind::text;
    bool required = false;
};

struct InspectionVerb {
    const char* name;
    const char* method;
    const char* summary;
    const char* footer;  // what the answer means, and examples
    std::vector<VerbOption> options;
    bool dated = true;   // the method takes `at`
    bool paged = false;  // and limit, cursor
    void (*print)(const boost::json::object& answer);
    // The answer is no: exit status 1.
    bool (*is_no)(const boost::json::object& answer) = nullptr;
};

void register_inspection_verb(CLI::App& app, Chosen& chosen, InspectionVerb verb);

// How answers look on paper. A path leads into an answer: "goods.name"; through an array to each element, joined by ", ".
std::string text_at(const boost::json::object& object, std::string_view path);

struct Field {
    const char* label;
    const char* path;
};
// "label  value" a line; lines without a value are left out.
void print_fields(const boost::json::object& answer, std::span<const Field> fields);

struct Column {
    const char* heading;
    const char* path;
};
// The objects in the array at `list`, a row each, with a title above; nothing when there are none.
void print_rows(const boost::json::object& answer, std::string_view list, const char* title,
                std::span<const Column> columns);

}  // namespace socai::node::cli
