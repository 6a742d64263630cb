#include "node/cli/suggestion.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

namespace socai::node::cli {
namespace {

constexpr std::size_t max_distance = 2;

// Levenshtein distance: insertions, deletions, replacements.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

}  // namespace

std::string suggestion(const CLI::App& app, const std::string& typed) {
    const std::string word = typed.substr(0, typed.find('='));
    std::vector<std::string> known;
    if (word.starts_with("-")) {
        for (const CLI::Option* option : app.get_options())
            for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    } else {
        for (const CLI::App* verb : app.get_subcommands({})) known.push_back(verb->get_name());
    }
    std::string best;
    std::size_t least = std::min(max_distance, word.size() / 2) + 1;
    for (const std::string& name : known)
        if (const std::size_t d = distance(word, name); d < least) {
            least = d;
            best = name;
        }
    return best;
}

}  // namespace socai::node::cli
