#include "storage/table_files.hpp"

#include <rocksdb/file_checksum.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>

#include "storage/codec.hpp"
#include "storage/uncached_file.hpp"

namespace socai::storage {
namespace {

constexpr std::size_t chunk_bytes = 64U << 10U;

std::unique_ptr<rocksdb::FileChecksumGenerator> make_checksum(const std::string& path) {
    rocksdb::FileChecksumGenContext context;
    context.file_name = path;
    return rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator(context);
}

struct Sum {
    Finding finding = Finding::sound;
    std::uint64_t bytes = 0;
    std::string checksum;
};

// Of the first `most` bytes, as the disk has them.
Sum sum_of(const std::string& path, std::uint64_t most, const Pace& pace) {
    const UncachedFile file(path);
    if (!file.is_open()) return {errno == ENOENT ? Finding::gone : Finding::damaged, 0, {}};
    const auto checksum = make_checksum(path);
    Sum sum;
    std::string buffer;
    while (sum.bytes < most) {
        buffer.resize(static_cast<std::size_t>(std::min<std::uint64_t>(chunk_bytes, most - sum.bytes)));
        if (!pace(buffer.size())) return {Finding::stopped, 0, {}};
        const auto got = file.read(sum.bytes, buffer);
        if (!got) return {Finding::damaged, 0, {}};
        if (*got == 0) break;
        checksum->Update(buffer.data(), *got);
        sum.bytes += *got;
    }
    checksum->Finalize();
    sum.checksum = checksum->GetChecksum();
    return sum;
}

bool in_use(rocksdb::DB& database, const TableFile& table) {
    std::vector<rocksdb::LiveFileMetaData> live;
    database.GetLiveFilesMetaData(&live);
    return std::ranges::any_of(
        live, [&](const rocksdb::LiveFileMetaData& file) { return file.db_path + file.name == table.path; });
}

Finding look_at_blocks(const TableFile& table, const Pace& pace) {
    if (!pace(table.bytes)) return Finding::stopped;
    rocksdb::SstFileReader reader{rocksdb::Options()};
    rocksdb::Status status = reader.Open(table.path);
    if (status.ok()) status = reader.VerifyChecksum();
    return status.ok() ? Finding::sound : Finding::damaged;
}

Finding look_at_table(const TableFile& table, const Pace& pace) {
    if (table.checksum.empty()) return look_at_blocks(table, pace);
    const Sum sum = sum_of(table.path, table.bytes + 1, pace);
    if (sum.finding != Finding::sound) return sum.finding;
    return sum.bytes == table.bytes && sum.checksum == table.checksum ? Finding::sound : Finding::damaged;
}

}  // namespace

std::vector<TableFile> table_files(rocksdb::DB& database) {
    std::vector<rocksdb::LiveFileMetaData> live;
    database.GetLiveFilesMetaData(&live);
    std::vector<TableFile> tables;
    for (const rocksdb::LiveFileMetaData& file : live) {
        const bool known = file.file_checksum_func_name == rocksdb::kStandardDbFileChecksumFuncName;
        tables.push_back({file.db_path + file.name, file.column_family_name, file.size,
                          known ? file.file_checksum : std::string(), file.smallestkey, file.largestkey});
    }
    return tables;
}

Finding check_table(rocksdb::DB& database, const TableFile& table, const Pace& pace) {
    Finding finding = look_at_table(table, pace);
    if (finding == Finding::damaged) finding = look_at_table(table, pace);
    if (finding == Finding::sound || finding == Finding::stopped) return finding;
    return in_use(database, table) ? Finding::damaged : Finding::gone;
}

std::optional<std::string> as_found(const TableFile& table, const Pace& pace) {
    const Sum sum = sum_of(table.path, ~std::uint64_t{0}, pace);
    if (sum.finding == Finding::stopped) return std::nullopt;
    if (sum.finding != Finding::sound) return sum.finding == Finding::gone ? "gone" : "unreadable";
    return std::to_string(sum.bytes) + " " + sum.checksum;
}

std::optional<std::vector<std::uint64_t>> unreadable_numbers(const TableFile& table) {
    rocksdb::SstFileReader reader{rocksdb::Options()};
    // Opening reads, and checks, all but the blocks of content.
    if (!reader.Open(table.path).ok() || !reader.GetTableProperties()) return std::nullopt;
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> found(reader.NewIterator(options));
    std::vector<std::uint64_t> unreadable;
    const std::uint64_t last = ByteReader(table.largest).u64();
    for (std::uint64_t number = ByteReader(table.smallest).u64(); number <= last; ++number) {
        const std::string key = number_key(number);
        if (!found->Valid() || found->key() != key) found->Seek(key);
        if (!found->status().ok())
            unreadable.push_back(number);
        else if (found->Valid() && found->key() == key)
            found->Next();
    }
    return unreadable;
}

Finding check_manifest(const std::string& path) {
    for (int look = 0; look < 2; ++look) {
        std::vector<std::string> families;
        if (rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), path, &families).ok())
            return Finding::sound;
    }
    return Finding::damaged;
}

std::vector<std::string> GrowingFiles::check(const std::string& path) {
    std::vector<std::string> changed;
    std::map<std::string, Seen> now;
    std::error_code failure;
    for (auto file = std::filesystem::directory_iterator(path, failure);
         !failure && file != std::filesystem::directory_iterator(); file.increment(failure)) {
        const std::string name = file->path().filename().string();
        if (!name.starts_with("MANIFEST-") && !name.starts_with("OPTIONS-") && name != "CURRENT" &&
            name != "IDENTITY")
            continue;
        const std::string full = file->path().string();
        const auto free = [](std::size_t) { return true; };
        if (const auto seen = seen_.find(full); seen != seen_.end()) {
            const Sum again = sum_of(full, seen->second.bytes, free);
            // CURRENT is replaced, not written to, when RocksDB begins a new manifest.
            if (again.finding == Finding::sound && again.checksum != seen->second.checksum &&
                name != "CURRENT") {
                changed.push_back(full);
                now[full] = seen->second;
                continue;
            }
        }
        const Sum sum = sum_of(full, ~std::uint64_t{0}, free);
        if (sum.finding == Finding::sound) now[full] = {sum.bytes, sum.checksum};
        if (sum.finding == Finding::damaged) changed.push_back(full);
    }
    seen_ = std::move(now);
    return changed;
}

}  // namespace socai::storage
