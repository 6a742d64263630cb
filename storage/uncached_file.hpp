// A file read as the disk has it: past what the system keeps of it in memory. For the scrub. One owner.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>

namespace socai::storage {

class UncachedFile {
  public:
    explicit UncachedFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~UncachedFile() {
        if (fd_ >= 0) ::close(fd_);
    }
    UncachedFile(const UncachedFile&) = delete;
    UncachedFile& operator=(const UncachedFile&) = delete;

    bool is_open() const { return fd_ >= 0; }
    // Reads into all of `buffer`, less where the file ends. Bytes read; nothing when the disk refuses.
    std::optional<std::size_t> read(std::uint64_t offset, std::string& buffer) const {
        forget(offset, buffer.size());
        std::size_t read = 0;
        while (read < buffer.size()) {
            const ssize_t got =
                ::pread(fd_, buffer.data() + read, buffer.size() - read, static_cast<off_t>(offset + read));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return std::nullopt;
            if (got == 0) break;
            read += static_cast<std::size_t>(got);
        }
        forget(offset, read);
        return read;
    }

  private:
    // What the system keeps of it in memory is dropped, unless it is still to be written.
    void forget(std::uint64_t offset, std::size_t bytes) const {
        ::posix_fadvise(fd_, static_cast<off_t>(offset), static_cast<off_t>(bytes), POSIX_FADV_DONTNEED);
    }

    const int fd_;
};

}  // namespace socai::storage
