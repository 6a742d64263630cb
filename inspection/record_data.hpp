// Members of a record's data as the parts of the engine read them, once its schema is kept. What is not there, or null, is
// empty. Pure.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/calendar.hpp"
#include "ledger/record.hpp"

namespace socai::inspection {

inline std::string_view text_at(const boost::json::object& data, std::string_view name) {
    const boost::json::value* value = data.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view();
}

inline std::optional<Date> date_at(const boost::json::object& data, std::string_view name) {
    return parse_date(text_at(data, name));
}

inline const boost::json::object* object_at(const boost::json::object& data, std::string_view name) {
    const boost::json::value* value = data.if_contains(name);
    return value == nullptr ? nullptr : value->if_object();
}

inline const boost::json::array* array_at(const boost::json::object& data, std::string_view name) {
    const boost::json::value* value = data.if_contains(name);
    return value == nullptr ? nullptr : value->if_array();
}

inline std::vector<std::string> texts_at(const boost::json::object& data, std::string_view name) {
    std::vector<std::string> texts;
    if (const boost::json::array* values = array_at(data, name))
        for (const boost::json::value& value : *values)
            if (value.is_string()) texts.emplace_back(value.get_string());
    return texts;
}

// The first reference of the relation; nullptr: none.
inline const ledger::Reference* reference_of(const ledger::Record& record, std::string_view rel) {
    for (const ledger::Reference& reference : record.refs)
        if (reference.rel == rel) return &reference;
    return nullptr;
}

}  // namespace socai::inspection
