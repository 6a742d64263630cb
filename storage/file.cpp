#include "storage/file.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace socai::storage {

Error system_error(std::string_view what, const std::string& path, int error_number) {
    const bool full = error_number == ENOSPC || error_number == EDQUOT;
    std::string detail(what);
    detail += " " + path + ": " + std::generic_category().message(error_number) + ". ";
    detail += full ? "Free space on this disk, then try again."
                   : "Check the disk and the rights on the folder, then try again.";
    return {full ? "no_space" : "io_error", std::move(detail)};
}

Result<void> write_at(int fd, const std::string& path, std::string_view bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0) {
            if (errno == EINTR) continue;
            return system_error("cannot write", path, errno);
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return {};
}

Result<std::string> read_all(int fd, const std::string& path, std::size_t limit) {
    std::string bytes(limit, '\0');
    std::size_t have = 0;
    while (have < limit) {
        const ssize_t got = ::pread(fd, bytes.data() + have, limit - have, static_cast<off_t>(have));
        if (got < 0) {
            if (errno == EINTR) continue;
            return system_error("cannot read", path, errno);
        }
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return Result<std::string>(boost::system::in_place_value, std::move(bytes));
}

Result<void> sync_data(int fd, const std::string& path) {
    if (::fdatasync(fd) != 0) return system_error("cannot sync", path, errno);
    return {};
}

Result<void> write_whole(const std::string& path, std::string_view bytes) {
    const std::string draft = path + ".new";
    const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return system_error("cannot create", draft, errno);
    auto written = write_at(fd, draft, bytes, 0);
    if (written) written = sync_data(fd, draft);
    ::close(fd);
    if (!written) return written;
    if (::rename(draft.c_str(), path.c_str()) != 0) return system_error("cannot rename to", path, errno);
    return sync_folder(std::filesystem::path(path).parent_path().string());
}

Result<void> sync_folder(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return system_error("cannot open the folder", path, errno);
    const int status = ::fsync(fd);
    const int error_number = errno;
    ::close(fd);
    if (status != 0) return system_error("cannot sync the folder", path, error_number);
    return {};
}

Result<std::uint64_t> free_bytes(const std::string& path) {
    struct statvfs space {};
    if (::statvfs(path.c_str(), &space) != 0)
        return system_error("cannot ask for free space at", path, errno);
    return std::uint64_t{space.f_bavail} * space.f_frsize;
}

Result<void> make_folder(const std::string& path) {
    std::error_code failure;
    const std::filesystem::path folder = std::filesystem::absolute(path, failure).lexically_normal();
    if (failure) return system_error("cannot resolve the folder", path, failure.value());
    if (std::filesystem::is_directory(folder, failure)) return {};
    const std::filesystem::path parent =
        folder.has_filename() ? folder.parent_path() : folder.parent_path().parent_path();
    if (auto made = make_folder(parent.string()); !made) return made;
    std::filesystem::create_directory(folder, failure);
    if (failure) return system_error("cannot create the folder", path, failure.value());
    return sync_folder(parent.string());
}

}  // namespace socai::storage
