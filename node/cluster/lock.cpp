#include "node/cluster/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace socai::node::cluster {

namespace {

// A cluster that was purged while we waited took its lock file along: our lock on the old file is worthless.
bool still_at(int fd, const std::string& path) {
    struct stat held {
    }, there{};
    return ::fstat(fd, &held) == 0 && ::stat(path.c_str(), &there) == 0 && held.st_ino == there.st_ino &&
           held.st_dev == there.st_dev;
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::string& path, std::chrono::milliseconds patience,
                                    const std::function<void()>& waiting) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (bool told = false;;) {
        const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
            return Error{
                Exit::unreachable, "file_unwritable",
                "cannot open " + path + ": " + std::strerror(errno) + "; check --dir and who owns it"};
        FolderLock lock(fd);
        if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
            if (still_at(fd, path)) return lock;
            continue;
        }
        if (errno != EWOULDBLOCK && errno != EINTR)
            return Error{Exit::unreachable, "file_unwritable",
                         "cannot lock " + path + ": " + std::strerror(errno) + "; use a local file system"};
        if (std::chrono::steady_clock::now() >= deadline)
            return Error{Exit::unreachable, "busy",
                         "another `socai cluster` command works on this cluster (it holds " + path +
                             "); try again when it has ended"};
        if (!std::exchange(told, true)) waiting();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

FolderLock::FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FolderLock::~FolderLock() {
    if (fd_ >= 0) ::close(fd_);
}

}  // namespace socai::node::cluster
