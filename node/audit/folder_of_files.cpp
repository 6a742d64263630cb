#include "node/audit/folder_of_files.hpp"

#include <algorithm>
#include <filesystem>

namespace socai::node::audit {

Result<std::vector<std::string>> files_in(const std::string& folder, std::string_view suffix) {
    namespace fs = std::filesystem;
    std::error_code error;
    std::vector<std::string> files;
    for (fs::directory_iterator each(folder, error); !error && each != fs::directory_iterator();
         each.increment(error)) {
        std::error_code failure;
        const std::string name = each->path().filename().string();
        if (name.starts_with('.') || !name.ends_with(suffix) || !each->is_regular_file(failure)) continue;
        if (files.size() == max_files)
            return Error{
                Exit::usage, "too_many_files",
                folder + " holds more than " + std::to_string(max_files) + " files: give them in parts"};
        files.push_back(each->path().string());
    }
    if (error)
        return Error{Exit::unreachable, "file_unreadable",
                     "cannot read the folder " + folder + ": " + error.message() +
                         "; check the name and its permissions"};
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace socai::node::audit
