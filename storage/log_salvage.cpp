#include "storage/log_salvage.hpp"

#include <filesystem>
#include <system_error>

#include "storage/file.hpp"

namespace socai::storage {
namespace {

namespace fs = std::filesystem;

std::string copy_path(const std::string& directory) {
    return directory + "/log.salvage";
}

Result<void> link_files(const std::string& from, const std::string& to) {
    if (auto made = make_folder(to); !made) return made;
    std::error_code failure;
    for (auto file = fs::directory_iterator(from, failure); !failure && file != fs::directory_iterator();
         file.increment(failure)) {
        const fs::path name = file->path().filename();
        if (name == "LOCK" || !file->is_regular_file(failure)) continue;
        fs::create_hard_link(file->path(), fs::path(to) / name, failure);
        if (failure) break;
    }
    if (failure) return system_error("cannot link the files of " + from + " into", to, failure.value());
    return {};
}

}  // namespace

Result<std::unique_ptr<LogDatabase>> open_for_salvage(const std::string& directory,
                                                      const Identity& identity) {
    const std::string path = directory + "/log";
    auto opened = LogDatabase::open(path, identity, LogDatabase::Mode::salvage);
    if (opened || opened.error().reason != "corrupt_log") return opened;

    if (auto forgotten = forget_salvage(directory); !forgotten) return forgotten.error();
    std::error_code failure;
    if (!fs::exists(path, failure)) return std::unique_ptr<LogDatabase>();
    const std::string copy = copy_path(directory);
    if (auto linked = link_files(path, copy); !linked) return linked.error();
    if (!LogDatabase::gather_tables(copy)) return std::unique_ptr<LogDatabase>();
    auto gathered = LogDatabase::open(copy, identity, LogDatabase::Mode::salvage);
    if (!gathered && gathered.error().reason == "corrupt_log") return std::unique_ptr<LogDatabase>();
    return gathered;
}

Result<void> forget_salvage(const std::string& directory) {
    std::error_code failure;
    fs::remove_all(copy_path(directory), failure);
    if (failure) return system_error("cannot delete", copy_path(directory), failure.value());
    return {};
}

}  // namespace socai::storage
