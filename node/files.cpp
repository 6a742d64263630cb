#include "node/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace socai::node {

namespace {

std::string because(int error) {
    return std::strerror(error);
}

Error unwritable(const std::string& path, int error) {
    return {
        Exit::unreachable, "file_unwritable",
        "cannot write " + path + ": " + because(error) + "; check the folder's owner, mode and free space"};
}

// Closes on every way out.
class FileDescriptor {
  public:
    explicit FileDescriptor(int fd) : fd_(fd) {}
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }
    bool ok() const { return fd_ >= 0; }

  private:
    int fd_;
};

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.ok())
        return Error{Exit::unreachable, "file_unreadable",
                     "cannot read " + path + ": " + because(errno) + "; check the name and its permissions"};
    std::string bytes;
    char buffer[16 * 1024];
    for (;;) {
        const ssize_t n = ::read(file.get(), buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0)
            return Error{Exit::unreachable, "file_unreadable",
                         "cannot read " + path + ": " + because(errno) + "; give the name of a file"};
        if (n == 0) return bytes;
        bytes.append(buffer, static_cast<std::size_t>(n));
        if (bytes.size() > max_bytes)
            return Error{Exit::usage, "file_too_large",
                         path + " is larger than " + std::to_string(max_bytes) +
                             " bytes, the most that such a file may have; it is probably another file"};
    }
}

Result<void> write_file(const std::string& path, std::string_view bytes, mode_t mode) {
    // The process id keeps two writers apart; the last rename wins whole.
    const std::string beside = path + ".new-" + std::to_string(::getpid());
    {
        const FileDescriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
        if (!file.ok()) return unwritable(path, errno);
        // fchmod: the mode is asked for exactly, whatever the umask or an older file say.
        if (!write_all(file.get(), bytes) || ::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0) {
            const int error = errno;
            ::unlink(beside.c_str());
            return unwritable(path, error);
        }
    }
    if (::rename(beside.c_str(), path.c_str()) != 0) {
        const int error = errno;
        ::unlink(beside.c_str());
        return unwritable(path, error);
    }
    std::string parent = std::filesystem::path(path).parent_path().string();
    if (parent.empty()) parent = ".";
    const FileDescriptor folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.ok() || ::fsync(folder.get()) != 0) return unwritable(path, errno);
    return {};
}

Result<void> make_folder(const std::string& path, mode_t mode) {
    std::error_code error;
    const bool made = std::filesystem::create_directories(path, error);
    std::error_code not_there;
    if (error || !std::filesystem::is_directory(path, not_there))
        return Error{Exit::unreachable, "file_unwritable",
                     "cannot make the folder " + path + ": " +
                         (error ? error.message() : std::string("there is a file of that name")) +
                         "; choose another folder"};
    if (made && ::chmod(path.c_str(), mode) != 0) return unwritable(path, errno);
    return {};
}

}  // namespace socai::node
