// A RocksDB merge operator that appends: the value of a key grows at its end without being read or rewritten.
// Tiles and leaf tables grow so, a few bytes a leaf. Pure.
#pragma once

#include <rocksdb/merge_operator.h>

#include <memory>

namespace socai::storage {

std::shared_ptr<rocksdb::MergeOperator> make_append_operator();

}  // namespace socai::storage
