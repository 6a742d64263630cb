#include "disk_damage.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace socai::cluster_tests {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t page_bytes = 4'096;
constexpr int flipped_bytes = 8;

[[noreturn]] void fail(const std::string& what, const std::string& path) {
    throw std::runtime_error(what + " " + path + ": " + std::strerror(errno));
}

class File {
  public:
    explicit File(const std::string& path) : path_(path), number_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {
        if (number_ < 0) fail("open", path_);
    }
    ~File() { ::close(number_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    // The byte at `at` becomes another one.
    void flip(std::uint64_t at, std::mt19937_64& random) {
        unsigned char byte = 0;
        if (::pread(number_, &byte, 1, static_cast<off_t>(at)) != 1) fail("read", path_);
        byte = static_cast<unsigned char>(byte ^ (1 + random() % 255));
        write(at, {reinterpret_cast<const char*>(&byte), 1});
    }
    void write(std::uint64_t at, std::string_view bytes) {
        const ssize_t written = ::pwrite(number_, bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (written != static_cast<ssize_t>(bytes.size())) fail("write", path_);
    }

  private:
    const std::string path_;
    const int number_;
};

bool is_of(FileKind kind, const fs::path& path) {
    const std::string name = path.filename().string();
    switch (kind) {
        case FileKind::wal:
            return path.extension() == ".log";
        case FileKind::table:
            return path.extension() == ".sst";
        case FileKind::manifest:
            return name.starts_with("MANIFEST-");
        case FileKind::current:
            return name == "CURRENT";
        case FileKind::options:
            return name.starts_with("OPTIONS-");
        case FileKind::identity:
            return name == "IDENTITY";
    }
    return false;
}

}  // namespace

std::string name_of(FileKind kind) {
    switch (kind) {
        case FileKind::wal:
            return "write-ahead log";
        case FileKind::table:
            return "table";
        case FileKind::manifest:
            return "MANIFEST";
        case FileKind::current:
            return "CURRENT";
        case FileKind::options:
            return "OPTIONS";
        case FileKind::identity:
            return "IDENTITY";
    }
    return "?";
}

std::string name_of(Damage damage) {
    switch (damage) {
        case Damage::flip:
            return "flip";
        case Damage::cut:
            return "cut";
        case Damage::blank:
            return "blank";
        case Damage::remove:
            return "remove";
    }
    return "?";
}

std::vector<std::string> files_of(const std::string& folder, FileKind kind) {
    std::vector<std::pair<std::uintmax_t, std::string>> found;
    for (const auto& file : fs::directory_iterator(folder))
        if (is_of(kind, file.path()) && file.file_size() > 0)
            found.emplace_back(file.file_size(), file.path().string());
    std::sort(found.rbegin(), found.rend());
    std::vector<std::string> paths;
    for (auto& [size, path] : found) paths.push_back(std::move(path));
    return paths;
}

std::string do_damage(const std::string& path, Damage damage, std::mt19937_64& random) {
    const std::uint64_t size = fs::file_size(path);
    if (size == 0) throw std::runtime_error(path + " is empty: there is nothing to damage");
    std::string done = path + " (" + std::to_string(size) + " bytes): ";
    switch (damage) {
        case Damage::flip: {
            done += "flipped the bytes at";
            File file(path);
            for (int i = 0; i < flipped_bytes; ++i) {
                const std::uint64_t at = random() % size;
                file.flip(at, random);
                done += " " + std::to_string(at);
            }
            break;
        }
        case Damage::cut: {
            const std::uint64_t end = random() % size;
            fs::resize_file(path, end);
            done += "cut at " + std::to_string(end);
            break;
        }
        case Damage::blank: {
            const std::uint64_t at = random() % ((size + page_bytes - 1) / page_bytes) * page_bytes;
            File(path).write(at, std::string(std::min(page_bytes, size - at), '\0'));
            done += "blanked the page at " + std::to_string(at);
            break;
        }
        case Damage::remove:
            fs::remove(path);
            done += "removed";
            break;
    }
    return done;
}

std::string flip_every_page(const std::string& path, std::mt19937_64& random) {
    const std::uint64_t size = fs::file_size(path);
    File file(path);
    for (std::uint64_t page = 0; page < size; page += page_bytes)
        file.flip(page + random() % std::min(page_bytes, size - page), random);
    return path + " (" + std::to_string(size) + " bytes): flipped one byte in each page";
}

}  // namespace socai::cluster_tests
