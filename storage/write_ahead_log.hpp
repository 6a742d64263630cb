// The write-ahead log of a database that is open, read as the disk has it. Nobody reads it while a node runs, and a
// start after a crash lives by it; what stands in it is in memory too, so damage is made good by moving that into tables.
// Any thread.
//
// Read here, not through RocksDB, which remembers what it once saw of a file and passes over a block that it cannot
// read. The format is RocksDB's: blocks of 32 KiB, in them pieces of records; a piece is masked CRC32C:u32 length:u16
// type:u8 bytes, little-endian; the CRC is of type and bytes. A record is one piece, or a first, middle ones and a last;
// it holds one batch, which begins with the number of its first change:u64 and their count:u32.
#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <string>

#include "storage/table_files.hpp"

namespace socai::storage {

// The bytes of the files that a start would need.
std::uint64_t write_ahead_log_bytes(rocksdb::DB& database);
// Is every change that is not in tables yet in the log, in records that are whole and follow each other? Damaged too
// when a file is missing or cut. The database writes all changes to its log.
Finding check_write_ahead_log(rocksdb::DB& database, const Pace& pace);

// Of a database that nobody has open: is every record whole in the files of the folder `path`? After a crash the last
// one may not be.
bool write_ahead_log_is_whole(const std::string& path);

}  // namespace socai::storage
