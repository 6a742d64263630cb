// One command at a time works on a cluster's folder.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "node/error.hpp"

namespace socai::node::cluster {

// Holds an exclusive lock on a file while it lives; the system releases it when the process dies. The file
// stays.
class FolderLock {
  public:
    // Waits up to `patience`; `waiting` is called once if it has to. Errors: busy, file_unwritable.
    static Result<FolderLock> take(const std::string& path, std::chrono::milliseconds patience,
                                   const std::function<void()>& waiting);
    FolderLock(FolderLock&& other) noexcept;
    FolderLock& operator=(FolderLock&&) = delete;
    ~FolderLock();

  private:
    explicit FolderLock(int fd) : fd_(fd) {}
    int fd_;
};

}  // namespace socai::node::cluster
