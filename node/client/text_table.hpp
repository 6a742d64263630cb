// Text for a terminal: columns that line up whatever the language, and nothing that the terminal would take
// as a command. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace socai::node::client {

// How many columns `text` (UTF-8) takes: 0 for combining marks, 2 for wide characters.
std::size_t display_width(std::string_view text);
// `text` with control characters and bytes that are not UTF-8 replaced by U+FFFD: values come from others,
// and a terminal obeys escape sequences.
std::string printable(std::string_view text);
// `text` cut to `width` columns, the last of them "…" when something was cut off.
std::string clip(std::string_view text, std::size_t width);
// `text` filled up with spaces to `width` columns.
std::string pad(std::string_view text, std::size_t width);

class TextTable {
  public:
    explicit TextTable(std::vector<std::string> headings);
    // As many cells as headings; made printable.
    void add(const std::vector<std::string>& cells);
    bool empty() const { return rows_.empty(); }
    // Lines with their ends. Columns are two spaces apart; with `max_width` > 0 the last column is clipped so
    // that no line is wider, as far as that is possible.
    std::string text(std::size_t max_width = 0) const;

  private:
    std::vector<std::string> headings_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace socai::node::client
