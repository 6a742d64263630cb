#include "node/client/text_table.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cassert>
#include <functional>

namespace socai::node::client {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view ellipsis = "\xE2\x80\xA6";     // U+2026
constexpr std::string_view gap = "  ";

struct Character {
    std::string_view bytes;
    bool valid = false;     // UTF-8 and no control character
    std::size_t width = 1;  // columns
};

// The first character of `text`, which is not empty.
Character first_character(std::string_view text) {
    utf8proc_int32_t code = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &code);
    if (size <= 0) return {text.substr(0, 1), false, 1};
    const auto category = utf8proc_category(code);
    // Cf holds the bidirectional overrides, which can make a line read as another.
    const bool control = category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF ||
                         category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
    const auto width = control ? 1 : static_cast<std::size_t>(std::max(0, utf8proc_charwidth(code)));
    return {text.substr(0, static_cast<std::size_t>(size)), !control, width};
}

void each_character(std::string_view text, const std::function<bool(const Character&)>& visit) {
    while (!text.empty()) {
        const Character character = first_character(text);
        if (!visit(character)) return;
        text.remove_prefix(character.bytes.size());
    }
}

}  // namespace

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    each_character(text, [&width](const Character& character) {
        width += character.width;
        return true;
    });
    return width;
}

std::string printable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    each_character(text, [&result](const Character& character) {
        result += character.valid ? character.bytes : replacement;
        return true;
    });
    return result;
}

std::string clip(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) return std::string(text);
    if (width == 0) return {};
    std::string result;
    std::size_t used = 0;
    each_character(text, [&](const Character& character) {
        if (used + character.width > width - 1) return false;
        used += character.width;
        result += character.bytes;
        return true;
    });
    return result.append(ellipsis);
}

std::string pad(std::string_view text, std::size_t width) {
    const std::size_t used = display_width(text);
    return std::string(text).append(used < width ? width - used : 0, ' ');
}

TextTable::TextTable(std::vector<std::string> headings) : headings_(std::move(headings)) {
    assert(!headings_.empty());
}

void TextTable::add(const std::vector<std::string>& cells) {
    assert(cells.size() == headings_.size());
    std::vector<std::string> row;
    row.reserve(cells.size());
    for (const std::string& cell : cells) row.push_back(printable(cell));
    rows_.push_back(std::move(row));
}

std::string TextTable::text(std::size_t max_width) const {
    const std::size_t last = headings_.size() - 1;
    std::vector<std::size_t> widths(headings_.size(), 0);
    const auto measure = [&widths](const std::vector<std::string>& row) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
    };
    measure(headings_);
    for (const auto& row : rows_) measure(row);

    std::size_t before = 0;  // columns left of the last one
    for (std::size_t i = 0; i < last; ++i) before += widths[i] + gap.size();
    if (max_width > before) widths[last] = std::min(widths[last], max_width - before);

    std::string result;
    const auto print = [&](const std::vector<std::string>& row) {
        std::string line;
        for (std::size_t i = 0; i < last; ++i) line.append(pad(row[i], widths[i])).append(gap);
        line += clip(row[last], widths[last]);
        line.erase(line.find_last_not_of(' ') + 1);
        result += line + "\n";
    };
    print(headings_);
    for (const auto& row : rows_) print(row);
    return result;
}

}  // namespace socai::node::client
