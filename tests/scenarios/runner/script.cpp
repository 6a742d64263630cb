#include "tests/scenarios/runner/script.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace socai::scenario {

using namespace consensus;

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

namespace {

constexpr std::array<std::string_view, 7> operations = {"<=", ">=", "!=", "==", "<", ">", "="};

}  // namespace

std::vector<std::string> split_words(std::string_view line) {
    std::vector<std::string> words;
    std::size_t at = 0;
    bool joins = false;
    while (true) {
        at = line.find_first_not_of(" \t\r", at);
        if (at == std::string_view::npos || line[at] == '#') return words;
        const std::size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
        const std::string_view word = line.substr(at, end - at);
        if (joins) {
            words.back() += word;
        } else {
            words.emplace_back(word);
        }
        joins = !joins && std::find(operations.begin(), operations.end(), word) != operations.end();
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
    if (text == "none") return {"=", 0};
    for (const std::string_view operation : operations) {
        if (text.substr(0, operation.size()) == operation) {
            return {operation == "==" ? "=" : std::string(operation),
                    parse_number(text.substr(operation.size()))};
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
    throw SyntaxError("'" + std::string(text) + "' is not an entry such as 12(2): index 12 of term 2");
}

Index parse_index(std::string_view text) {
    if (const auto entry = try_index_term(text)) return entry->index;
    return {parse_number(text)};
}

std::string text(const EntryId& id) {
    return std::to_string(id.index.value) + "(" + std::to_string(id.term.value) + ")";
}

std::string text(const std::vector<NodeId>& ids) {
    std::string all;
    for (const NodeId id : ids) all += (all.empty() ? "" : ",") + std::to_string(id.value);
    return all.empty() ? "none" : all;
}

}  // namespace socai::scenario
