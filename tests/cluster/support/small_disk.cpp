#include "small_disk.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace socai::cluster_tests {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

}  // namespace

std::unique_ptr<SmallDisk> SmallDisk::under(const std::string& folder, std::uint64_t bytes) {
    const std::string aside = folder + ".aside";
    fs::rename(folder, aside);
    fs::create_directory(folder);
    const std::string options = "mode=0700,size=" + std::to_string(bytes);
    if (::mount("tmpfs", folder.c_str(), "tmpfs", 0, options.c_str()) != 0) {
        const int error = errno;
        fs::remove(folder);
        fs::rename(aside, folder);
        if (error == EPERM || error == EACCES) return nullptr;
        errno = error;
        fail("mount tmpfs on " + folder);
    }
    std::unique_ptr<SmallDisk> disk(new SmallDisk(folder));
    fs::copy(aside, folder, fs::copy_options::recursive);
    fs::remove_all(aside);
    return disk;
}

SmallDisk::~SmallDisk() {
    ::umount2(folder_.c_str(), MNT_DETACH);
}

std::uint64_t SmallDisk::free_bytes() const {
    struct statvfs space {};
    if (::statvfs(folder_.c_str(), &space) != 0) fail("statvfs " + folder_);
    return std::uint64_t{space.f_bavail} * space.f_frsize;
}

void SmallDisk::fill(std::uint64_t leave) {
    const int file = ::open(ballast().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0) fail("open " + ballast());
    // Others may take room meanwhile: then nothing of the request is granted, and what is left is asked for.
    int error = ENOSPC;
    while (error == ENOSPC) {
        const auto held = static_cast<std::uint64_t>(::lseek(file, 0, SEEK_END));
        const std::uint64_t room = free_bytes();
        error = room <= leave
                    ? 0
                    : ::posix_fallocate(file, static_cast<off_t>(held), static_cast<off_t>(room - leave));
    }
    ::close(file);
    if (error == 0) return;
    errno = error;
    fail("fill " + folder_);
}

void SmallDisk::clear() {
    fs::remove(ballast());
}

}  // namespace socai::cluster_tests
