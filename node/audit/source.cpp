#include "node/audit/source.hpp"

#include <filesystem>

#include "node/audit/data_source.hpp"
#include "node/audit/http_source.hpp"
#include "node/audit/tile_folder_source.hpp"

namespace socai::node::audit {

Result<std::unique_ptr<Source>> open_source(const std::string& where, const SourceLimits& limits) {
    namespace fs = std::filesystem;
    if (where.starts_with("http://") || where.starts_with("https://")) return open_http_source(where, limits);
    std::error_code error;
    const fs::path folder(where);
    if (!fs::is_directory(folder, error)) {
        return Error{Exit::unreachable, "not_a_source",
                     where + " is neither a folder that can be read nor a URL (http://HOST:PORT)"};
    }
    if (fs::exists(folder / "log", error)) return open_data_source(where);
    if (fs::exists(folder / "data" / "log", error)) return open_data_source((folder / "data").string());
    if (fs::exists(folder / "tile", error)) return open_tile_folder_source(where);
    return Error{Exit::unreachable, "not_a_source",
                 where +
                     " is no ledger: a node's data folder or a backup holds log/, a folder of tiles holds "
                     "tile/"};
}

}  // namespace socai::node::audit
