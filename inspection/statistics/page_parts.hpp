// What a printed report is put together from. Texts that are not the program's own go through `escaped`; numbers are
// integers of at most 2^53. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/page_text.hpp"

namespace socai::inspection::page {

// 3 500 000, with narrow no-break spaces.
std::string grouped(std::int64_t number);
// Parts per million as a percentage with two digits, cut off: 66.66 %.
std::string percent(std::int64_t ppm);
// Minutes as hours and minutes: 12 h 05.
std::string hours(std::int64_t minutes);

// The element for the figure named so; `text` is how it reads. Nothing: a dash.
std::string figure(std::string_view name, std::optional<std::int64_t> number, const std::string& text);
std::string figure(std::string_view name, std::optional<std::int64_t> number);
// `now` less `before`, with its sign.
std::string difference(std::int64_t now, std::int64_t before);

// A table; cells are HTML. `texts`: how many columns at the left hold text, the others hold numbers.
struct Table {
    std::string caption;
    std::vector<std::string> head;
    std::size_t texts = 1;
    std::vector<std::vector<std::string>> rows;
    std::string html() const;
};

struct Bar {
    std::string label;  // plain text
    std::int64_t value = 0;
    std::optional<std::int64_t> compared;
};
// A bar a value, the compared one below it and lighter. `title` is plain text.
std::string bar_chart(std::string_view title, const std::vector<Bar>& bars);

}  // namespace socai::inspection::page
