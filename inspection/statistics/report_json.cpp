#include "inspection/statistics/report_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace socai::inspection {
namespace {

namespace json = boost::json;

void append(std::string& text, const json::value& value, std::size_t depth);

// The members between brackets, a line each; `add` writes one.
template <class Members, class Add>
void append_members(std::string& text, const Members& members, std::string_view brackets, std::size_t depth,
                    const Add& add) {
    text += brackets.front();
    bool first = true;
    for (const auto& member : members) {
        if (!first) text += ',';
        first = false;
        text.append("\n").append(2 * (depth + 1), ' ');
        add(member);
    }
    if (!first) text.append("\n").append(2 * depth, ' ');
    text += brackets.back();
}

void append(std::string& text, const json::value& value, std::size_t depth) {
    if (const json::object* object = value.if_object()) {
        append_members(text, *object, "{}", depth, [&](const json::key_value_pair& member) {
            text += json::serialize(member.key()) + ": ";
            append(text, member.value(), depth + 1);
        });
    } else if (const json::array* array = value.if_array()) {
        append_members(text, *array, "[]", depth,
                       [&](const json::value& element) { append(text, element, depth + 1); });
    } else {
        text += json::serialize(value);
    }
}

}  // namespace

std::string report_json(const json::object& report) {
    std::string text;
    append(text, report, 0);
    return text + "\n";
}

}  // namespace socai::inspection
