#include "storage/write_ahead_log.hpp"

#include <rocksdb/file_checksum.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/uncached_file.hpp"

namespace socai::storage {
namespace {

namespace fs = std::filesystem;
using Properties = rocksdb::DB::Properties;

constexpr std::size_t block_bytes = 32U << 10U;
constexpr std::size_t piece_header_bytes = 7;
constexpr std::size_t batch_header_bytes = 12;
// Each further look means that the database has moved what it held into tables meanwhile.
constexpr int most_looks = 8;

std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t number = 0;
    for (std::size_t at = bytes.size(); at > 0; --at)
        number = number << 8U | static_cast<unsigned char>(bytes[at - 1]);
    return number;
}

std::uint32_t crc32c(std::string_view bytes) {
    const auto sum = rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator({});
    sum->Update(bytes.data(), bytes.size());
    sum->Finalize();
    std::string number = sum->GetChecksum();
    std::ranges::reverse(number);  // it is given big-endian
    return static_cast<std::uint32_t>(little_endian(number));
}

// As RocksDB stores it, so that a CRC over stored CRCs is of use.
std::uint32_t masked(std::uint32_t crc) {
    return (crc >> 15U | crc << 17U) + 0xa282ead8U;
}

struct WalFile {
    std::string path;
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
};

std::uint64_t oldest_needed(rocksdb::DB& database) {
    std::uint64_t number = 0;
    database.GetIntProperty(Properties::kMinLogNumberToKeep, &number);
    return number;
}

// Those that a start would need, with their present lengths, in order.
std::vector<WalFile> files_from(const std::string& folder, std::uint64_t oldest) {
    std::vector<WalFile> files;
    std::error_code failure;
    for (auto file = fs::directory_iterator(folder, failure); !failure && file != fs::directory_iterator();
         file.increment(failure)) {
        const std::string name = file->path().filename().string();
        if (!name.ends_with(".log")) continue;
        std::uint64_t number = 0;
        const char* const end = name.data() + name.size() - 4;
        if (std::from_chars(name.data(), end, number).ptr != end || number < oldest) continue;
        std::error_code gone;
        const std::uint64_t bytes = fs::file_size(file->path(), gone);
        if (!gone) files.push_back({file->path().string(), number, bytes});
    }
    std::ranges::sort(files, {}, &WalFile::number);
    return files;
}

// How many changes are in memory alone. What moves from one kind of table in memory to the other meanwhile must not be
// counted twice: hence this order.
std::uint64_t changes_in_memory(rocksdb::DB& database) {
    std::uint64_t full = 0;
    std::uint64_t active = 0;
    database.GetAggregatedIntProperty(Properties::kNumEntriesImmMemTables, &full);
    database.GetAggregatedIntProperty(Properties::kNumEntriesActiveMemTable, &active);
    return full + active;
}

// The changes that the files hold, as far as these can be read.
class Reader {
  public:
    explicit Reader(const Pace& pace) : pace_(pace) {}

    // False: no further. Then the file is stopped() or broken behind what was read.
    bool read(const WalFile& file) {
        const UncachedFile on_disk(file.path);
        if (!on_disk.is_open()) return false;
        head_.reset();
        std::string block;
        for (std::uint64_t at = 0; at < file.bytes; at += block.size()) {
            block.resize(static_cast<std::size_t>(std::min<std::uint64_t>(block_bytes, file.bytes - at)));
            if (stopped_ = !pace_(block.size()); stopped_) return false;
            if (on_disk.read(at, block) != block.size() || !take_block(block)) return false;
        }
        return !head_;
    }

    bool stopped() const { return stopped_; }
    std::uint64_t next() const { return next_; }  // the number that would come next
    std::uint64_t changes() const { return next_ - first_; }

  private:
    enum Piece : unsigned char { whole = 1, begin, middle, end };

    bool take_block(std::string_view block) {
        while (block.size() >= piece_header_bytes) {
            const std::uint64_t length = little_endian(block.substr(4, 2));
            if (piece_header_bytes + length > block.size()) return false;
            const std::string_view summed = block.substr(6, 1 + length);
            if (masked(crc32c(summed)) != little_endian(block.substr(0, 4))) return false;
            if (!take_piece(static_cast<unsigned char>(summed.front()), summed.substr(1))) return false;
            block.remove_prefix(piece_header_bytes + length);
        }
        return block.find_first_not_of('\0') == std::string_view::npos;
    }

    bool take_piece(unsigned char kind, std::string_view bytes) {
        const bool begins = kind == whole || kind == begin;
        if (kind < whole || kind > end || begins == head_.has_value()) return false;
        if (begins) head_.emplace();
        head_->append(bytes.substr(0, batch_header_bytes - std::min(batch_header_bytes, head_->size())));
        if (kind != whole && kind != end) return true;
        const std::string batch = *std::exchange(head_, std::nullopt);
        return batch.size() == batch_header_bytes && take_batch(batch);
    }

    bool take_batch(std::string_view batch) {
        const std::uint64_t number = little_endian(batch.substr(0, 8));
        const std::uint64_t count = little_endian(batch.substr(8));
        if (count == 0) return true;  // says only where a start found the log to end
        if (first_ == 0) first_ = next_ = number;
        if (number != next_) return false;
        next_ += count;
        return true;
    }

    const Pace& pace_;
    bool stopped_ = false;
    std::optional<std::string> head_;  // of the record that has begun
    std::uint64_t first_ = 0, next_ = 0;
};

Finding look_once(rocksdb::DB& database, std::uint64_t oldest, const Pace& pace) {
    // In this order: what is counted in memory is in the files by then.
    const std::uint64_t published = database.GetLatestSequenceNumber();
    const std::uint64_t in_memory = changes_in_memory(database);
    std::unique_ptr<rocksdb::LogFile> current;
    if (!database.GetCurrentWalFile(&current).ok()) return Finding::damaged;
    Reader reader(pace);
    bool broken = false;
    for (const WalFile& file : files_from(database.GetName(), oldest)) {
        broken = !reader.read(file);
        if (broken) break;
    }
    if (reader.stopped()) return Finding::stopped;
    // What follows `published` may be under way.
    const bool ends_early = reader.next() <= published && (broken || in_memory > 0);
    return ends_early || reader.changes() < in_memory ? Finding::damaged : Finding::sound;
}

}  // namespace

std::uint64_t write_ahead_log_bytes(rocksdb::DB& database) {
    std::uint64_t bytes = 0;
    for (const WalFile& file : files_from(database.GetName(), oldest_needed(database))) bytes += file.bytes;
    return bytes;
}

bool write_ahead_log_is_whole(const std::string& path) {
    const Pace free = [](std::size_t) { return true; };
    return std::ranges::all_of(files_from(path, 0),
                               [&](const WalFile& file) { return Reader(free).read(file); });
}

Finding check_write_ahead_log(rocksdb::DB& database, const Pace& pace) {
    Finding finding = Finding::damaged;
    for (int look = 0; look < most_looks; ++look) {
        const std::uint64_t oldest = oldest_needed(database);
        finding = look_once(database, oldest, pace);
        // Files that are needed no more may be gone.
        if (finding != Finding::damaged || oldest_needed(database) == oldest) break;
    }
    return finding;
}

}  // namespace socai::storage
