#include "node/cluster/log_tail.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

namespace socai::node::cluster {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t max_tail_bytes = 1024 * 1024;

std::uintmax_t size_of(const std::string& path) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(path, error);
    return error ? 0 : size;
}

// The bytes [from, to) of the file; fewer if it shrank meanwhile.
std::string read_range(const std::string& path, std::uintmax_t from, std::uintmax_t to) {
    std::ifstream file(path, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(from));
    std::string bytes(static_cast<std::size_t>(to - from), '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    return bytes;
}

}  // namespace

Result<std::string> last_lines(const std::string& path, std::size_t count) {
    std::error_code error;
    if (!fs::exists(path, error)) return std::string();
    if (!std::ifstream(path))
        return Error{Exit::unreachable, "file_unreadable", "cannot read " + path + "; check who owns it"};
    const std::uintmax_t size = size_of(path);
    const std::string bytes = read_range(path, size - std::min(size, max_tail_bytes), size);
    std::size_t start = bytes.size();
    for (std::size_t lines = 0; start > 0; --start)
        if (bytes[start - 1] == '\n' && start != bytes.size() && ++lines == count) break;
    return count == 0 ? std::string() : bytes.substr(start);
}

std::string log_excerpt(const std::string& path, std::size_t count) {
    const Result<std::string> lines = last_lines(path, count);
    if (!lines) return lines.error().detail;
    if (lines->empty()) return path + " is empty";
    return "the end of " + path + ":\n" + lines->substr(0, lines->find_last_not_of('\n') + 1);
}

void follow(const std::string& path, const std::function<void(std::string_view)>& sink,
            const std::function<bool()>& ended) {
    for (std::uintmax_t seen = size_of(path); !ended();) {
        const std::uintmax_t size = size_of(path);
        if (size < seen) seen = 0;  // truncated: what is there now is new
        if (size == seen) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            continue;
        }
        const std::string bytes = read_range(path, seen, std::min(size, seen + max_tail_bytes));
        seen += bytes.size();
        sink(bytes);
    }
}

}  // namespace socai::node::cluster
