// The JSON Schema of a kind of record, compiled once and asked for every record. It knows a part of Draft-07 that every
// validator of Draft-07 reads alike (tests hold it to valijson):
//
//   type (one, or a pair with "null"), enum of strings, pattern (text_pattern.hpp), minLength, maxLength, minimum, maximum,
//   items (one schema for all), minItems, maxItems, properties, required, minProperties, additionalProperties: false
//
// and beside it what validators pass over: title ("tiếng Việt / English"), description (with the WCO Data Model name),
// $schema, $id, $comment, and x-form, which says that a text is a date, time, tax_code, agency_code, decimal, public_key,
// number (of business) or text (rules.hpp, form.*); x-confidential: true,
// which says that a member of data may be told beside the log (record_rules.hpp). Everything is bounded: a text has a maxLength, a list a maxItems, an object its properties.
//
// Why not valijson itself: admission is the same on every node only without std::regex and its locale; and it took
// 52 microseconds for a declaration, many times what this takes. Pure; safe from any thread.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/records/breach.hpp"
#include "inspection/records/text_pattern.hpp"

namespace socai::inspection {

class Schema {
  public:
    // Errors, Fault::invalid_statement: malformed_schema, with what it does not know or what is not bounded.
    static ledger::Result<Schema> parse(const boost::json::object& schema);

    // Adds what is wrong with `value`, which stands at `place` (JSON pointer); `article` is quoted with it.
    void check(const boost::json::value& value, std::string_view place, std::string_view article,
               Breaches& breaches) const;

    struct Node;

  private:
    explicit Schema(std::shared_ptr<const Node> root) : root_(std::move(root)) {}
    std::shared_ptr<const Node> root_;
};

}  // namespace socai::inspection
