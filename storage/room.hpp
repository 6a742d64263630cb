// How much of the disk the databases take for themselves. RocksDB gathers writes in buffers and empties them into
// tables, before what held them on the disk until then can go: so it must find room even when nothing more is
// added. The buffers are cut to the file system, that a small one can be used at all.
#pragma once

#include <cstdint>
#include <string>

#include "storage/error.hpp"

namespace socai::storage {

// Of one buffer of the log; the state has twice as much. A 32nd of the file system that holds `path`, within 1 to
// 32 MiB.
std::size_t write_buffer_bytes(const std::string& path);

// The databases in `directory` may need so much when nothing more is appended. A node refuses entries while
// free_bytes (file.hpp) is less (consensus::Fitness): then it goes on reading, can be started again, and goes on
// when there is room. 8 buffers: two of the log in tables and two in its write-ahead log, two of the state, and
// two for what RocksDB merges; 256 MiB but on disks of less than 1 GiB.
std::uint64_t room_to_work(const std::string& directory);

}  // namespace socai::storage
