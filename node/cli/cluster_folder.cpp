#include "node/cli/cluster_folder.hpp"

#include <filesystem>

#include "ledger/genesis.hpp"
#include "node/cluster/folder.hpp"
#include "node/files.hpp"

namespace socai::node::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_cluster_file_bytes = 16 * 1024 * 1024;

cluster::Folder folder_of(const std::string& place) {
    std::error_code ignored;
    if (fs::is_directory(place, ignored)) return cluster::Folder(place);
    return cluster::Folder(fs::absolute(place, ignored).parent_path().string());
}

}  // namespace

Result<cluster::ClusterFile> read_cluster(const std::string& place) {
    std::error_code ignored;
    const std::string file =
        fs::is_regular_file(place, ignored) ? place : cluster::Folder(place).cluster_json();
    const auto text = read_file(file, max_cluster_file_bytes);
    if (!text) return text.error();
    return cluster::parse_cluster_file(*text, file);
}

Result<ledger::Registry> read_cluster_registry(const std::string& place) {
    const std::string file = folder_of(place).genesis();
    const auto entry = read_file(file, ledger::max_entry_bytes);
    if (!entry) return entry.error();
    auto genesis = ledger::parse_genesis(*entry);
    if (!genesis) return Error{Exit::usage, genesis.error().reason, file + ": " + genesis.error().detail};
    return std::move(genesis->registry);
}

}  // namespace socai::node::cli
