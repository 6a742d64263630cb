#include "tests/project_folder.hpp"

namespace socai {

std::string project_file(std::string_view path) {
    return std::string(SOCAI_SOURCE_DIR "/").append(path);
}

}  // namespace socai
