// The compiled form of a schema and of each schema in it. Between schema_parse.cpp, which makes it, and schema.cpp, which
// asks it.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inspection/records/schema.hpp"

namespace socai::inspection {

// As JSON Schema names them.
enum class JsonType : std::uint8_t { string, integer, boolean, array, object };
// What a text is, beyond its pattern.
enum class Form : std::uint8_t { none, date, time, tax_code, agency_code, decimal, public_key, text };

struct Schema::Node {
    struct Member {
        std::string name;
        std::string title;  // "tiếng Việt / English", may be empty
        std::unique_ptr<Node> node;
        bool required = false;
    };

    JsonType type = JsonType::object;
    bool or_null = false;

    std::vector<std::string> words;  // enum, sorted
    std::optional<TextPattern> pattern;
    std::string pattern_text;
    std::size_t min_length = 0;  // in code points
    std::size_t max_length = 0;
    Form form = Form::none;

    std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
    std::int64_t maximum = std::numeric_limits<std::int64_t>::max();

    std::unique_ptr<Node> items;
    std::size_t min_items = 0;
    std::size_t max_items = 0;

    std::vector<Member> members;  // sorted by name
    std::size_t min_properties = 0;
};

}  // namespace socai::inspection
