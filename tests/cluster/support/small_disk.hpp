// A small disk under a folder: a tmpfs that can be filled and emptied. Linux; mounting needs privileges that a
// test may not have.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace socai::cluster_tests {

class SmallDisk {
  public:
    // Mounts a disk of `bytes` over `folder` and moves into it what the folder holds; nobody may have files of it
    // open. Nothing when this process may not mount. Throws on any other failure.
    static std::unique_ptr<SmallDisk> under(const std::string& folder, std::uint64_t bytes);
    // Unmounts; what the disk held is gone. Files that are still open stay usable for who has them.
    ~SmallDisk();
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    std::uint64_t free_bytes() const;
    // Takes space until at most `leave` bytes are free.
    void fill(std::uint64_t leave);
    // Gives back all that fill() took.
    void clear();

  private:
    explicit SmallDisk(std::string folder) : folder_(std::move(folder)) {}
    std::string ballast() const { return folder_ + "/ballast"; }

    const std::string folder_;
};

}  // namespace socai::cluster_tests
