#include "storage/backup_files.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>

#include "storage/file.hpp"

namespace socai::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t chunk_bytes = 1U << 20U;

}  // namespace

Error bad_backup(const std::string& folder, const std::string& what) {
    return Error{"bad_backup", folder + " is not a backup that can be believed: " + what +
                                   ". Take another backup, or another copy of this one."};
}
Error backup_interrupted() {
    return Error{"io_error", "The backup was interrupted. Begin it again; what is unfinished is replaced."};
}

int open_plain_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat status {};
    if (fd < 0 || (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode))) return fd;
    ::close(fd);
    errno = EINVAL;
    return -1;
}

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

Result<BackupFile> hash_file(const std::string& from, const std::string& to, BackupMeter& meter) {
    const Descriptor in(open_plain_file(from));
    if (in.get() < 0) return system_error("cannot open", from, errno);
    const Descriptor out(to.empty() ? -1 : ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!to.empty() && out.get() < 0) return system_error("cannot create", to, errno);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> sum(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_DigestInit_ex(sum.get(), EVP_sha256(), nullptr);
    BackupFile file;
    std::string buffer(chunk_bytes, '\0');
    while (true) {
        const ssize_t got = ::read(in.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error("cannot read", from, errno);
        if (got == 0) break;
        const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
        EVP_DigestUpdate(sum.get(), bytes.data(), bytes.size());
        if (!to.empty())
            if (auto written = write_at(out.get(), to, bytes, file.bytes); !written) return written.error();
        file.bytes += bytes.size();
        if (!meter.add(bytes.size())) return backup_interrupted();
    }
    if (!to.empty())
        if (auto synced = sync_data(out.get(), to); !synced) return synced.error();
    ledger::Hash hash{};
    EVP_DigestFinal_ex(sum.get(), hash.data(), nullptr);
    file.sha256 = ledger::to_hex(hash);
    return file;
}

std::vector<std::string> files_in(const std::string& folder, std::error_code& failure) {
    std::vector<std::string> names;
    for (auto file = fs::directory_iterator(folder, failure); !failure && file != fs::directory_iterator();
         file.increment(failure))
        names.push_back(file->path().filename().string());
    std::ranges::sort(names);
    return names;
}

bool is_copied(const std::string& name) {
    return name != "LOCK" && name != "LOG" && !name.starts_with("LOG.old");
}

}  // namespace socai::storage
