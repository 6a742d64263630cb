#include "storage/side_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "ledger/hash.hpp"
#include "storage/codec.hpp"
#include "storage/file.hpp"

namespace socai::storage {
namespace {

constexpr std::string_view magic = "SOCAIACK";
constexpr std::uint32_t format_version = 2;
constexpr std::size_t slot_bytes = 4096;
constexpr std::size_t copy_bytes = slot_bytes / 2;
constexpr std::size_t file_bytes = 2 * slot_bytes;
constexpr std::size_t checksum_bytes = 32;
// magic, version, sequence, term, vote, four ids, two write numbers, commit, checksum
constexpr std::size_t image_bytes = 8 + 4 + 8 + 8 + 8 + 4 * 48 + 2 * 8 + 8 + checksum_bytes;
constexpr std::size_t image_bytes_of_version_1 = image_bytes - 48;
constexpr std::size_t sector_bytes = 512;
static_assert(image_bytes <= sector_bytes, "a torn write must not mix two images");

struct Image {
    std::uint64_t sequence = 0;
    SideState state;
};

std::string encode(const Image& image) {
    std::string bytes(magic);
    put_u32(bytes, format_version);
    put_u64(bytes, image.sequence);
    put_u64(bytes, image.state.hard.term.value);
    put_u64(bytes, image.state.hard.vote.value);
    put_entry_id(bytes, image.state.hard.configuration);
    put_u64(bytes, image.state.durable_write);
    put_entry_id(bytes, image.state.durable);
    put_u64(bytes, image.state.intended_write);
    put_entry_id(bytes, image.state.intended);
    put_u64(bytes, image.state.commit.value);
    put_entry_id(bytes, image.state.promised);
    put_digest(bytes, ledger::sha256(bytes));
    assert(bytes.size() == image_bytes);
    return bytes;
}

std::string encode_slot(const Image& image) {
    std::string copy = encode(image);
    copy.resize(copy_bytes, '\0');
    return copy + copy;
}

enum class Damage { none, bytes, version };

bool is_intact(std::string_view image) {
    const std::string_view content = image.substr(0, image.size() - checksum_bytes);
    return ByteReader(image.substr(content.size())).digest() == ledger::sha256(content);
}

Damage decode(std::string_view bytes, Image& image) {
    assert(bytes.size() >= image_bytes);
    if (!bytes.starts_with(magic)) return Damage::bytes;
    ByteReader reader(bytes.substr(magic.size(), image_bytes - magic.size() - checksum_bytes));
    const std::uint32_t version = reader.u32();
    if (version == 1 && is_intact(bytes.substr(0, image_bytes_of_version_1))) return Damage::version;
    if (!is_intact(bytes.substr(0, image_bytes))) return Damage::bytes;
    if (version != format_version) return Damage::version;
    image.sequence = reader.u64();
    image.state.hard.term.value = reader.u64();
    image.state.hard.vote.value = reader.u64();
    image.state.hard.configuration = reader.entry_id();
    image.state.durable_write = reader.u64();
    image.state.durable = reader.entry_id();
    image.state.intended_write = reader.u64();
    image.state.intended = reader.entry_id();
    image.state.commit.value = reader.u64();
    image.state.promised = reader.entry_id();
    assert(reader.complete());
    return Damage::none;
}

Result<Image> newest_image(std::string_view file, const std::string& path) {
    if (file.size() != file_bytes) {
        return Error{
            "corrupt_side_file",
            path + " has " + std::to_string(file.size()) + " bytes, expected " + std::to_string(file_bytes) +
                ". What this node acknowledged and voted is no longer known: " + std::string(return_as_new)};
    }
    std::optional<Image> newest;
    for (std::size_t offset = 0; offset < file_bytes; offset += copy_bytes) {
        Image image;
        switch (decode(file.substr(offset, copy_bytes), image)) {
            case Damage::bytes:
                continue;
            case Damage::version:
                return Error{"wrong_version", path +
                                                  " was written in a format that this program does not know. "
                                                  "Run the version of the program that wrote it, or a newer "
                                                  "one."};
            case Damage::none:
                break;
        }
        // An image in the wrong slot is a misdirected write of the disk: as good as damaged.
        if (image.sequence % 2 != offset / slot_bytes) continue;
        if (!newest || image.sequence > newest->sequence) newest = image;
    }
    if (!newest) {
        return Error{"corrupt_side_file",
                     path +
                         " holds no intact slot. What this node acknowledged and voted is no longer known: " +
                         std::string(return_as_new)};
    }
    return *newest;
}

// The file appears under its name only when it is whole and synced.
Result<void> create_file(const std::string& path) {
    const std::string draft = path + ".new";
    const int fd = ::open(draft.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return system_error("cannot create", draft, errno);
    std::string bytes = encode_slot({});
    bytes.resize(file_bytes, '\0');
    Result<void> done = write_at(fd, draft, bytes, 0);
    if (done) done = sync_data(fd, draft);
    ::close(fd);
    if (!done) return done;
    if (::rename(draft.c_str(), path.c_str()) != 0) return system_error("cannot rename to", path, errno);
    return sync_folder(std::filesystem::path(path).parent_path().string());
}

}  // namespace

SideFile::SideFile(int fd, std::string path, SideState state, std::uint64_t sequence)
    : fd_(fd), path_(std::move(path)), state_(std::move(state)), sequence_(sequence) {}

SideFile::~SideFile() {
    ::close(fd_);
}

Result<std::unique_ptr<SideFile>> SideFile::open(const std::string& path, bool create) {
    int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && create) {
        if (auto created = create_file(path); !created) return created.error();
        fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    }
    if (fd < 0) {
        if (errno != ENOENT) return system_error("cannot open", path, errno);
        return Error{"corrupt_side_file",
                     path +
                         " is missing beside a log that has been written to. What this node acknowledged and "
                         "voted is no longer known: " +
                         std::string(return_as_new)};
    }
    auto bytes = read_all(fd, path, file_bytes + 1);
    auto image = bytes ? newest_image(*bytes, path) : Result<Image>(bytes.error());
    if (!image) {
        ::close(fd);
        return image.error();
    }
    return std::unique_ptr<SideFile>(new SideFile(fd, path, image->state, image->sequence));
}

SideFile::Condition SideFile::condition(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return Condition::slot_lost;
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    const auto bytes = read_all(fd, path, file_bytes + 1);
    ::close(fd);
    if (!bytes || bytes->size() != file_bytes) return Condition::slot_lost;
    const std::string_view file(*bytes);
    Condition condition = Condition::whole;
    std::array<std::optional<std::uint64_t>, 2> sequences;
    for (std::size_t slot = 0; slot < 2; ++slot) {
        const std::string_view held = file.substr(slot * slot_bytes, slot_bytes);
        for (const std::string_view copy : {held.substr(0, copy_bytes), held.substr(copy_bytes)}) {
            Image image;
            if (decode(copy, image) != Damage::none || image.sequence % 2 != slot) continue;
            sequences[slot] = image.sequence;
            if (held != encode_slot(image)) condition = Condition::copy_lost;
        }
    }
    // Only the second slot of a file that was never written to since it was made is empty.
    const bool is_new =
        sequences[0] == 0U && file.find_first_not_of('\0', slot_bytes) == std::string_view::npos;
    if (is_new) return condition;
    if (!sequences[0] || !sequences[1]) return Condition::slot_lost;
    // Each write is the next one, in the other slot.
    const auto [older, newer] = std::minmax(*sequences[0], *sequences[1]);
    return newer - older == 1 ? condition : Condition::slot_lost;
}

Result<void> SideFile::write(const SideState& state) {
    assert(state.intended_write == state.durable_write || state.intended_write == state.durable_write + 1);
    assert(state.hard.term >= state_.hard.term);
    const Image next{sequence_ + 1, state};
    const std::uint64_t offset = (next.sequence % 2) * slot_bytes;
    if (auto done = write_at(fd_, path_, encode_slot(next), offset); !done) return done;
    if (auto done = sync_data(fd_, path_); !done) return done;
    sequence_ = next.sequence;
    state_ = state;
    return {};
}

}  // namespace socai::storage
