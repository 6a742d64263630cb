#include "node/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "node/files.hpp"

namespace socai::node {
namespace {

// Owns a file descriptor.
class Descriptor {
  public:
    explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
    ~Descriptor() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return descriptor_; }

  private:
    int descriptor_;
};

Error cannot_write(const std::string& path) {
    return {Exit::unreachable, "file_unwritable",
            "cannot write the key file " + path + ": " + std::strerror(errno)};
}

bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

Result<ledger::Jwk> read_key_file(const std::string& path) {
    const auto text = read_file(path, ledger::max_jwk_bytes);
    if (!text) return text.error();
    auto jwk = ledger::parse_jwk(*text);
    if (!jwk) return Error{Exit::usage, jwk.error().reason, path + ": " + jwk.error().detail};
    return std::move(*jwk);
}

Result<void> write_key_file(const std::string& path, const ledger::Jwk& jwk) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (file.get() < 0) {
        if (errno == EEXIST)
            return Error{Exit::usage, "file_exists",
                         path +
                             " exists already; a key is never overwritten: name another file or move this "
                             "one away"};
        return cannot_write(path);
    }
    if (!write_all(file.get(), ledger::jwk_text(jwk)) || ::fsync(file.get()) != 0) return cannot_write(path);
    // The name is durable only once its folder is.
    const auto parent = std::filesystem::path(path).parent_path();
    const Descriptor folder(
        ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0 || ::fsync(folder.get()) != 0) return cannot_write(path);
    return {};
}

bool key_file_is_exposed(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

}  // namespace socai::node
