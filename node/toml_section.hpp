// Strict reading of one TOML table: every key that is read is accounted for, and what is missing, misspelt,
// of the wrong type or out of range becomes a fault that names file, line and key. Collects all faults, so
// that a person corrects a file in one go.
#pragma once

#include <toml++/toml.h>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "node/error.hpp"

namespace socai::node {

// Faults of one file, in the order in which they were found.
class TomlFaults {
  public:
    explicit TomlFaults(std::string path) : path_(std::move(path)) {}

    // `line` 0: of the file as a whole.
    void add(std::size_t line, std::string reason, const std::string& sentence);
    const std::string& path() const { return path_; }
    // Sorted by line.
    std::vector<Error> take() &&;

  private:
    struct Fault {
        std::size_t line;
        Error error;
    };
    std::string path_;
    std::vector<Fault> faults_;
};

enum class Presence { required, optional };

// One table. `name` is as written in the file, "[api]". `table` may be null (absent): required keys are then
// missing. Both `table` and `faults` must outlive the section.
class TomlSection {
  public:
    TomlSection(const toml::table* table, std::string name, TomlFaults& faults);

    void text(std::string_view key, std::string& out, Presence presence);
    void boolean(std::string_view key, bool& out);
    void texts(std::string_view key, std::vector<std::string>& out);  // an array of strings
    // Unsigned or signed, both bounds inclusive.
    template <std::integral T>
    void number(std::string_view key, T& out, T least, T most, Presence presence = Presence::optional) {
        std::int64_t value = static_cast<std::int64_t>(out);
        if (integer(key, value, static_cast<std::int64_t>(least), static_cast<std::int64_t>(most), presence))
            out = static_cast<T>(value);
    }
    // A table or array of tables below this one; null when absent or of another type (a fault).
    const toml::table* table(std::string_view key, Presence presence);
    const toml::array* tables(std::string_view key);

    // A fault about the value of `key` that only the caller can judge.
    void reject(std::string_view key, const std::string& sentence);
    // Faults every key that nobody asked for. Call last.
    void refuse_unknown_keys();

  private:
    const toml::node* find(std::string_view key, Presence presence);
    bool integer(std::string_view key, std::int64_t& out, std::int64_t least, std::int64_t most,
                 Presence presence);
    void wrong_type(std::string_view key, const toml::node& node, std::string_view wanted);

    const toml::table* table_;
    std::string name_;
    TomlFaults& faults_;
    std::vector<std::string> known_;
};

}  // namespace socai::node
