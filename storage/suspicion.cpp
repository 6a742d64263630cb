#include "storage/suspicion.hpp"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "storage/file.hpp"

namespace socai::storage {
namespace {

constexpr std::string_view words[] = {"none", "search", "rewrite"};

std::string path_in(const std::string& directory) {
    return directory + "/log.suspect";
}

}  // namespace

Suspicion suspicion_in(const std::string& directory) {
    std::error_code failure;
    if (!std::filesystem::exists(path_in(directory), failure)) return Suspicion::none;
    std::string word;
    std::ifstream(path_in(directory)) >> word;
    return word == words[static_cast<std::size_t>(Suspicion::rewrite)] ? Suspicion::rewrite
                                                                       : Suspicion::search;
}

void suspect(const std::string& directory, Suspicion suspicion, const std::string& why) {
    if (suspicion <= suspicion_in(directory)) return;
    std::ofstream(path_in(directory)) << words[static_cast<std::size_t>(suspicion)] << '\n' << why << '\n';
}

Result<void> lift_suspicion(const std::string& directory) {
    std::error_code failure;
    if (!std::filesystem::remove(path_in(directory), failure) && !failure) return {};
    if (failure) return system_error("cannot delete", path_in(directory), failure.value());
    return sync_folder(directory);
}

}  // namespace socai::storage
