#include "node/cli/output.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cstdio>

#include "ledger/time.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t max_faults_shown = 20;

std::size_t terminal_width() {
    winsize size{};
    if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

void append_pretty(std::string& text, const json::value& value, std::size_t depth) {
    const std::string inner(2 * (depth + 1), ' ');
    const std::string outer(2 * depth, ' ');
    if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
        text += "{";
        for (const char* separator = "\n"; const auto& [name, member] : *object) {
            text += separator + inner + json::serialize(name) + ": ";
            append_pretty(text, member, depth + 1);
            separator = ",\n";
        }
        text += "\n" + outer + "}";
    } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
        text += "[";
        for (const char* separator = "\n"; const json::value& element : *array) {
            text += separator + inner;
            append_pretty(text, element, depth + 1);
            separator = ",\n";
        }
        text += "\n" + outer + "]";
    } else {
        text += json::serialize(value);
    }
}

}  // namespace

bool print_line(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
    return std::fflush(stdout) == 0;
}

void print_json(const json::value& value) {
    print_line(json::serialize(value));
}

void print_table(const client::TextTable& table) {
    const std::string text = table.text(terminal_width());
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

bool error_is_terminal() {
    return ::isatty(STDERR_FILENO) != 0;
}

void print_faults(const std::string& file, const std::vector<client::InputFault>& faults) {
    const std::size_t shown = std::min(faults.size(), max_faults_shown);
    for (std::size_t i = 0; i < shown; ++i)
        std::fprintf(stderr, "socai: %s:%zu: %s [%s]\n", file.c_str(), faults[i].line,
                     client::printable(faults[i].detail).c_str(), faults[i].reason.c_str());
    if (faults.size() > shown)
        std::fprintf(stderr, "socai: and %zu more faults in %s\n", faults.size() - shown, file.c_str());
}

std::string text_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || value->is_null() || value->is_structured()) return {};
    return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

std::string address_of(const json::object& item) {
    const std::string n = text_of(item, "n");
    const std::string index = text_of(item, "index");
    return n.empty() || n == "0" ? index : index + "." + n;
}

std::string time_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_int64()) return {};
    std::string text = ledger::format_rfc3339(value->get_int64());
    std::replace(text.begin(), text.end(), 'T', ' ');
    return text;
}

std::string kind_of(std::string_view type) {
    constexpr std::string_view prefix = "vn.socai.";
    constexpr std::string_view suffix = ".v1";
    if (!type.starts_with(prefix) || !type.ends_with(suffix)) return std::string(type);
    type.remove_prefix(prefix.size());
    type.remove_suffix(suffix.size());
    return std::string(type);
}

std::string pretty(const json::value& value) {
    std::string text;
    append_pretty(text, value, 0);
    return text;
}

}  // namespace socai::node::cli
