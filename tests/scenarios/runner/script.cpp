#include "tests/scenarios/runner/script.hpp"

#include <array>
#include <charconv>

namespace socai::scenario {

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    std::size_t start = 0;
    while (true) {
        const std::size_t end = text.find(separator, start);
        parts.emplace_back(text.substr(start, end - start));
        if (end == std::string_view::npos) return parts;
        start = end + 1;
    }
}

std::vector<std::string> split_words(std::string_view line) {
    std::vector<std::string> words;
    std::size_t at = 0;
    while (true) {
        at = line.find_first_not_of(" \t\r", at);
        if (at == std::string_view::npos || line[at] == '#') return words;
        const std::size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
        words.emplace_back(line.substr(at, end - at));
        at = end;
    }
}

std::uint64_t parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw SyntaxError("'" + std::string(text) + "' is not a number");
    }
    return number;
}

bool parse_switch(std::string_view text) {
    if (text == "on") return true;
    if (text == "off") return false;
    throw SyntaxError("'" + std::string(text) + "' is neither on nor off");
}

std::optional<std::string_view> value_of(std::string_view word, std::string_view key) {
    if (word.size() <= key.size() || word.substr(0, key.size()) != key || word[key.size()] != '=') {
        return std::nullopt;
    }
    return word.substr(key.size() + 1);
}

bool Comparison::holds(std::uint64_t actual) const {
    if (operation == "=") return actual == value;
    if (operation == "!=") return actual != value;
    if (operation == "<") return actual < value;
    if (operation == "<=") return actual <= value;
    if (operation == ">") return actual > value;
    return actual >= value;
}

Comparison parse_comparison(std::string_view text) {
    static constexpr std::array<std::string_view, 6> operations = {"<=", ">=", "!=", "<", ">", "="};
    for (const std::string_view operation : operations) {
        if (text.substr(0, operation.size()) == operation) {
            return {std::string(operation), parse_number(text.substr(operation.size()))};
        }
    }
    return {"=", parse_number(text)};
}

std::optional<IndexTerm> try_index_term(std::string_view text) {
    const std::size_t open = text.find('(');
    if (open == std::string_view::npos || text.empty() || text.back() != ')') return std::nullopt;
    return IndexTerm{{parse_number(text.substr(0, open))},
                     {parse_number(text.substr(open + 1, text.size() - open - 2))}};
}

IndexTerm parse_index_term(std::string_view text) {
    if (const auto parsed = try_index_term(text)) return *parsed;
    throw SyntaxError("'" + std::string(text) + "' is not of the form index(term)");
}

}  // namespace socai::scenario
