// What the verbs print, and where.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "node/client/record_file.hpp"
#include "node/client/text_table.hpp"

namespace socai::node::cli {

// One line on standard output; false once nobody reads it any more (socai watch | head).
bool print_line(std::string_view text);
bool print_json(const boost::json::value& value);    // on one line, as print_line
void print_pretty(const boost::json::value& value);  // over several, made printable, for people
// Fitted to the terminal when there is one.
void print_table(const client::TextTable& table);
bool error_is_terminal();

// "socai: FILE:LINE: detail [reason]" for each fault, at most 20 of them, then how many more there are.
void print_faults(const std::string& file, const std::vector<client::InputFault>& faults);

// A scalar member as text; "" when it is absent, null, or not a scalar.
std::string text_of(const boost::json::object& object, std::string_view name);
// "12", or "12.3" for a record of a bundle.
std::string address_of(const boost::json::object& item);
// Milliseconds since the epoch as "2026-11-21 08:15:30.123Z"; "" when the member is absent.
std::string time_of(const boost::json::object& object, std::string_view name);
// "catalog_item" of "vn.socai.catalog_item.v1"; the whole type when it has another form.
std::string kind_of(std::string_view type);

}  // namespace socai::node::cli
