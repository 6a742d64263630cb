#include "node/client/text_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

namespace socai::node::client {
namespace {

constexpr std::size_t chunk_bytes = 1 << 20;

struct Close {
    void operator()(std::FILE* file) const {
        if (file != stdin) std::fclose(file);
    }
};

}  // namespace

Result<std::string> read_text_file(const std::string& path) {
    const bool standard_input = path == "-";
    const std::string name = standard_input ? "standard input" : path;
    const auto unreadable = [&name] {
        return Error{Exit::unreachable, "cannot_read", "cannot read " + name + ": " + std::strerror(errno)};
    };
    const std::unique_ptr<std::FILE, Close> file(standard_input ? stdin : std::fopen(path.c_str(), "rb"));
    if (file == nullptr) return unreadable();
    std::string text;
    std::vector<char> chunk(chunk_bytes);
    while (const std::size_t size = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
        if (text.size() + size > max_text_bytes)
            return Error{Exit::usage, "file_too_large", name + " is larger than 1 GiB; split it"};
        text.append(chunk.data(), size);
    }
    if (std::ferror(file.get()) != 0) return unreadable();
    return text;
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view white_space = " \t\r\n";
    const auto first = text.find_first_not_of(white_space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

}  // namespace socai::node::client
