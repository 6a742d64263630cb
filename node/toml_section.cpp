#include "node/toml_section.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

namespace socai::node {

namespace {

// Levenshtein distance; keys are short and few.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t substitute = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({substitute, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

// The known key that `key` was probably meant to be; empty when none is near.
std::string_view nearest(std::string_view key, const std::vector<std::string>& known) {
    std::string_view best;
    std::size_t least = key.size() / 3 + 2;  // a third of the word wrong is another word
    for (const std::string& candidate : known) {
        const std::size_t d = distance(key.substr(0, 64), candidate);
        if (d < least) {
            least = d;
            best = candidate;
        }
    }
    return best;
}

std::string_view type_name(const toml::node& node) {
    if (node.is_string()) return "a string";
    if (node.is_integer()) return "an integer";
    if (node.is_floating_point()) return "a number with a fraction";
    if (node.is_boolean()) return "a boolean";
    if (node.is_array()) return "an array";
    if (node.is_table()) return "a table";
    return "a date or time";
}

}  // namespace

void TomlFaults::add(std::size_t line, std::string reason, const std::string& sentence) {
    std::string place = path_;
    if (line > 0) place += ":" + std::to_string(line);
    faults_.push_back({line, Error{Exit::usage, std::move(reason), place + ": " + sentence}});
}

std::vector<Error> TomlFaults::take() && {
    std::stable_sort(faults_.begin(), faults_.end(),
                     [](const Fault& a, const Fault& b) { return a.line < b.line; });
    std::vector<Error> errors;
    errors.reserve(faults_.size());
    for (Fault& fault : faults_) errors.push_back(std::move(fault.error));
    return errors;
}

TomlSection::TomlSection(const toml::table* table, std::string name, TomlFaults& faults)
    : table_(table), name_(std::move(name)), faults_(faults) {
    assert(!name_.empty());
}

const toml::node* TomlSection::find(std::string_view key, Presence presence) {
    known_.emplace_back(key);
    const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
    if (node == nullptr && presence == Presence::required) {
        const std::size_t line = table_ == nullptr ? 0 : table_->source().begin.line;
        faults_.add(line, "config_missing_key", name_ + " needs `" + std::string(key) + "`; add it");
    }
    return node;
}

void TomlSection::wrong_type(std::string_view key, const toml::node& node, std::string_view wanted) {
    faults_.add(node.source().begin.line, "config_wrong_type",
                "`" + std::string(key) + "` in " + name_ + " must be " + std::string(wanted) + ", not " +
                    std::string(type_name(node)));
}

void TomlSection::text(std::string_view key, std::string& out, Presence presence) {
    const toml::node* node = find(key, presence);
    if (node == nullptr) return;
    if (!node->is_string()) return wrong_type(key, *node, "a string in double quotes");
    out = node->as_string()->get();
    if (out.empty()) reject(key, "is empty; fill it in");
}

void TomlSection::boolean(std::string_view key, bool& out) {
    const toml::node* node = find(key, Presence::optional);
    if (node == nullptr) return;
    if (!node->is_boolean()) return wrong_type(key, *node, "true or false");
    out = node->as_boolean()->get();
}

void TomlSection::texts(std::string_view key, std::vector<std::string>& out) {
    const toml::node* node = find(key, Presence::optional);
    if (node == nullptr) return;
    const toml::array* list = node->as_array();
    if (list == nullptr || (!list->empty() && !list->is_homogeneous(toml::node_type::string)))
        return wrong_type(key, *node, "a list of strings in double quotes");
    out.clear();
    for (const toml::node& element : *list) out.push_back(element.as_string()->get());
}

bool TomlSection::integer(std::string_view key, std::int64_t& out, std::int64_t least, std::int64_t most,
                          Presence presence) {
    assert(least <= most);
    const toml::node* node = find(key, presence);
    if (node == nullptr) return false;
    if (!node->is_integer()) {
        wrong_type(key, *node, "an integer");
        return false;
    }
    const std::int64_t value = node->as_integer()->get();
    if (value < least || value > most) {
        faults_.add(node->source().begin.line, "config_out_of_range",
                    "`" + std::string(key) + "` in " + name_ + " is " + std::to_string(value) +
                        "; it must be from " + std::to_string(least) + " to " + std::to_string(most));
        return false;
    }
    out = value;
    return true;
}

const toml::table* TomlSection::table(std::string_view key, Presence presence) {
    const toml::node* node = find(key, presence);
    if (node == nullptr) return nullptr;
    if (!node->is_table()) wrong_type(key, *node, "a table");
    return node->as_table();
}

const toml::array* TomlSection::tables(std::string_view key) {
    const toml::node* node = find(key, Presence::optional);
    if (node == nullptr) return nullptr;
    const toml::array* array = node->as_array();
    if (array == nullptr || !std::all_of(array->begin(), array->end(),
                                         [](const toml::node& element) { return element.is_table(); })) {
        wrong_type(key, *node, "written as [[" + std::string(key) + "]] tables");
        return nullptr;
    }
    return array;
}

void TomlSection::reject(std::string_view key, const std::string& sentence) {
    const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
    if (node == nullptr && table_ != nullptr) node = table_;
    faults_.add(node == nullptr ? 0 : node->source().begin.line, "config_bad_value",
                "`" + std::string(key) + "` in " + name_ + " " + sentence);
}

void TomlSection::refuse_unknown_keys() {
    if (table_ == nullptr) return;
    for (const auto& [key, node] : *table_) {
        if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
        const std::string word(key.str().substr(0, 64));
        std::string sentence = name_ + " has no key `" + word + "`";
        const std::string_view meant = nearest(word, known_);
        sentence += meant.empty() ? "; remove it" : "; did you mean `" + std::string(meant) + "`?";
        faults_.add(key.source().begin.line, "config_unknown_key", sentence);
    }
}

}  // namespace socai::node
