#include "node/client/text_file.hpp"

#include "node/files.hpp"

namespace socai::node::client {

Result<std::string> read_text_file(const std::string& path) {
    return read_file(path == "-" ? "/dev/stdin" : path, max_text_bytes);
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view white_space = " \t\r\n";
    const auto first = text.find_first_not_of(white_space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

}  // namespace socai::node::client
