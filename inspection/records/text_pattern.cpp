#include "inspection/records/text_pattern.hpp"

#include <charconv>

namespace socai::inspection {
namespace {

constexpr std::size_t longest_run = 4'096;
constexpr std::string_view with_a_meaning = "^$.*+?()[]{}|\\";

bool is_printable(char c) {
    return c >= ' ' && c <= '~';
}

std::size_t place_of(char c) {
    return static_cast<std::size_t>(static_cast<unsigned char>(c));
}

// The number at the front of `text`, which loses it.
std::optional<std::size_t> take_number(std::string_view& text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number > longest_run) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

// After the "[". Empty when it is not a class.
std::bitset<128> take_class(std::string_view& text) {
    std::bitset<128> members;
    if (text.starts_with('^')) return {};
    while (!text.empty() && text.front() != ']') {
        const char first = text.front();
        text.remove_prefix(1);
        char last = first;
        if (text.size() >= 2 && text[0] == '-' && text[1] != ']') {
            last = text[1];
            text.remove_prefix(2);
        }
        if (!is_printable(first) || !is_printable(last) || last < first || first == '\\') return {};
        for (int c = first; c <= last; ++c) members.set(place_of(static_cast<char>(c)));
    }
    return take(text, ']') ? members : std::bitset<128>();
}

}  // namespace

std::optional<TextPattern::Piece> TextPattern::read_piece(std::string_view& text) {
    Piece piece;
    if (take(text, '[')) {
        piece.taken = take_class(text);
    } else if (is_printable(text.front()) && with_a_meaning.find(text.front()) == std::string_view::npos) {
        piece.taken.set(place_of(text.front()));
        text.remove_prefix(1);
    }
    if (piece.taken.none()) return std::nullopt;
    if (take(text, '?')) {
        piece.least = 0;
    } else if (take(text, '{')) {
        const auto least = take_number(text);
        const auto most = take(text, ',') ? take_number(text) : least;
        if (!least || !most || *most < *least || *most == 0 || !take(text, '}')) return std::nullopt;
        piece.least = *least;
        piece.most = *most;
    }
    return piece;
}

bool TextPattern::is_decided_in_one_pass() const {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        if (pieces_[i].least == pieces_[i].most) continue;
        for (std::size_t next = i + 1; next < pieces_.size(); ++next) {
            if ((pieces_[i].taken & pieces_[next].taken).any()) return false;
            if (pieces_[next].least > 0) break;
        }
    }
    return true;
}

std::optional<TextPattern> TextPattern::parse(std::string_view text) {
    if (!take(text, '^') || !text.ends_with('$')) return std::nullopt;
    text.remove_suffix(1);
    TextPattern pattern;
    while (!text.empty()) {
        const auto piece = read_piece(text);
        if (!piece) return std::nullopt;
        pattern.pieces_.push_back(*piece);
    }
    if (!pattern.is_decided_in_one_pass()) return std::nullopt;
    return pattern;
}

bool TextPattern::matches(std::string_view text) const {
    for (const Piece& piece : pieces_) {
        std::size_t count = 0;
        while (count < piece.most && count < text.size() && place_of(text[count]) < piece.taken.size() &&
               piece.taken[place_of(text[count])])
            ++count;
        if (count < piece.least) return false;
        text.remove_prefix(count);
    }
    return text.empty();
}

}  // namespace socai::inspection
