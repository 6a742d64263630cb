// What a disk does to the files of a node while nobody looks: bytes that flip, pages that come back empty, files
// cut short or gone (design/consensus.md, "Real nodes"). Linux.
#pragma once

#include <array>
#include <random>
#include <string>
#include <vector>

namespace socai::cluster_tests {

// The kinds of file that a RocksDB database consists of.
enum class FileKind { wal, table, manifest, current, options, identity };
inline constexpr std::array all_file_kinds{FileKind::wal,     FileKind::table,   FileKind::manifest,
                                           FileKind::current, FileKind::options, FileKind::identity};
enum class Damage { flip, cut, blank, remove };
inline constexpr std::array all_damages{Damage::flip, Damage::cut, Damage::blank, Damage::remove};

std::string name_of(FileKind kind);
std::string name_of(Damage damage);

// Paths of the files of `kind` in the database `folder` that hold anything, the largest first.
std::vector<std::string> files_of(const std::string& folder, FileKind kind);

// Does `damage` to a file that is not empty, in place:
//   flip    a few bytes at drawn places become others
//   cut     it ends at a drawn place
//   blank   one page of it, drawn, holds zeroes
//   remove  it is gone
// Returns what was done, for the message of a failed expectation. Throws when the file cannot be worked on.
std::string do_damage(const std::string& path, Damage damage, std::mt19937_64& random);
// As flip, but so many that no block of a page's size is spared.
std::string flip_every_page(const std::string& path, std::mt19937_64& random);

}  // namespace socai::cluster_tests
