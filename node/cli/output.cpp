#include "node/cli/output.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <cstdio>
#include <optional>
#include <utility>

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

// JSON text of `value`: on one line, or over several when `depth` says how far it is indented. Numbers as
// people write them: Boost.JSON prints 166.2 as 1.662E2.
void append_json(std::string& text, const json::value& value, std::optional<std::size_t> depth) {
    const auto inner = depth ? std::optional(*depth + 1) : std::nullopt;
    const auto next_line = [&text](std::optional<std::size_t> indent) {
        if (indent) text.append("\n").append(2 * *indent, ' ');
    };
    const auto join = [&](const auto& members, char open, char close, const auto& append) {
        text += open;
        bool first = true;
        for (const auto& member : members) {
            if (!std::exchange(first, false)) text += ',';
            next_line(inner);
            append(member);
        }
        if (!members.empty()) next_line(depth);
        text += close;
    };
    if (const auto* object = value.if_object()) {
        join(*object, '{', '}', [&](const json::key_value_pair& member) {
            text.append(json::serialize(member.key())).append(depth ? ": " : ":");
            append_json(text, member.value(), inner);
        });
    } else if (const auto* array = value.if_array()) {
        join(*array, '[', ']', [&](const json::value& element) { append_json(text, element, inner); });
    } else if (const auto* number = value.if_double()) {
        std::array<char, 512> digits{};
        const auto end =
            std::to_chars(digits.data(), digits.data() + digits.size(), *number, std::chars_format::fixed)
                .ptr;
        text.append(digits.data(), end);
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

bool print_json(const json::value& value) {
    std::string text;
    append_json(text, value, std::nullopt);
    return print_line(text);
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

void print_pretty(const json::value& value) {
    std::string text;
    append_json(text, value, 0);
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        print_line(client::printable(line));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
}

}  // namespace socai::node::cli
