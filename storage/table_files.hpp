// The files of a database as the disk has them: read past every cache, and compared with what was written. A scrub
// (scrub.hpp, node/scrub.hpp) finds so what nobody reads.
//
//   *.sst       whole-file CRC32C, which RocksDB notes in its manifest when it writes a table; a table from before
//               that was switched on is checked block by block
//   *.log       the write-ahead log: see write_ahead_log.hpp
//   MANIFEST-*  every record has a checksum; CURRENT names it
//   OPTIONS-*, IDENTITY   hold nothing that a start needs; like the others they must not change while a node runs
//
// CRC32C finds every change of up to 32 bits in a row, and misses another one in four thousand million. Any thread.
#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/error.hpp"

namespace socai::storage {

// Called before so many bytes are read: waits as long as the reader's rate wants. False: stop.
using Pace = std::function<bool(std::size_t bytes)>;

enum class Finding : std::uint8_t {
    sound,
    damaged,
    gone,     // it is not the database's any more: tidied away meanwhile
    stopped,  // the pace ended the check
};

struct TableFile {
    std::string path;
    std::string family;
    std::uint64_t bytes = 0;
    std::string checksum;           // raw; empty: none was noted
    std::string smallest, largest;  // keys
};
// All tables in use.
std::vector<TableFile> table_files(rocksdb::DB& database);
// Reads all of it from the disk, a second time when it is not as written.
Finding check_table(rocksdb::DB& database, const TableFile& table, const Pace& pace);
// What the disk has of a damaged table now, to tell one damage from the next; nothing: the pace ended it.
std::optional<std::string> as_found(const TableFile& table, const Pace& pace);
// A damaged table whose keys are numbers, read key by key from the disk: those that can be read no more. Nothing: more
// is damaged than blocks of content, so that RocksDB cannot use the table, or it is gone.
std::optional<std::vector<std::uint64_t>> unreadable_numbers(const TableFile& table);
// The manifest of the database at `path`, and the file that names it.
Finding check_manifest(const std::string& path);

// Files that only grow must not change in what they have shown: remembers a checksum of each.
class GrowingFiles {
  public:
    // MANIFEST, CURRENT, OPTIONS and IDENTITY in the folder `path`. The first look at a file remembers it. Gives the
    // paths of those that changed.
    std::vector<std::string> check(const std::string& path);

  private:
    struct Seen {
        std::uint64_t bytes = 0;
        std::string checksum;
    };
    std::map<std::string, Seen> seen_;
};

}  // namespace socai::storage
