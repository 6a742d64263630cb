#include "node/cluster/folder.hpp"

#include <filesystem>

#include "node/files.hpp"

namespace socai::node::cluster {

namespace fs = std::filesystem;

Folder::Folder(const std::string& dir) : dir_(fs::absolute(dir).lexically_normal().string()) {
    while (dir_.size() > 1 && dir_.back() == '/') dir_.pop_back();
}

std::string Folder::run_file(std::string_view process) const {
    return dir_ + "/run/" + std::string(process) + ".json";
}
std::string Folder::record_key(std::string_view kid) const {
    return dir_ + "/keys/" + std::string(kid) + ".jwk";
}
std::string Folder::node(std::string_view node) const {
    return dir_ + "/nodes/" + std::string(node);
}
std::string Folder::config(std::string_view node) const {
    return this->node(node) + "/node.toml";
}
std::string Folder::data(std::string_view node) const {
    return this->node(node) + "/data";
}
std::string Folder::log(std::string_view node) const {
    return this->node(node) + "/log";
}
std::string Folder::node_key(std::string_view node, std::string_view purpose) const {
    return this->node(node) + "/" + std::string(purpose) + ".jwk";
}

Result<void> Folder::claim() const {
    std::error_code error;
    if (fs::exists(settings(), error)) return {};
    if (fs::is_directory(dir_, error)) {
        for (const fs::directory_entry& entry : fs::directory_iterator(dir_, error))
            // settings.json.new-…: another command is making the cluster at this moment.
            if (entry.path() != lock() && !entry.path().string().starts_with(settings()))
                return Error{Exit::usage, "not_a_cluster",
                             dir_ + " holds other things (" + entry.path().filename().string() +
                                 ") and no cluster; give --dir a new or an empty folder"};
        if (!error) return {};
    }
    return make_folder(dir_, 0700);
}

Result<void> Folder::require() const {
    std::error_code error;
    if (fs::exists(settings(), error)) return {};
    return Error{Exit::usage, "not_a_cluster",
                 dir_ +
                     (fs::exists(dir_, error) ? " is not the folder of a cluster (it has no settings.json)"
                                              : " does not exist") +
                     "; make a cluster with `socai cluster up --dir " + dir_ + "`, or correct --dir"};
}

Result<void> Folder::purge() const {
    std::error_code error;
    // settings.json marks the folder as ours: it goes last, so that an interrupted purge can be repeated.
    for (const std::string& made : {dir_ + "/nodes", dir_ + "/keys", dir_ + "/run", cluster_json(), genesis(),
                                    policy(), ca(), proxy_log(), settings(), lock()}) {
        fs::remove_all(made, error);
        if (error)
            return Error{Exit::unreachable, "file_unwritable",
                         "cannot delete " + made + ": " + error.message() + "; check who owns it"};
    }
    if (fs::remove(dir_, error) || !fs::exists(dir_)) return {};
    return Error{Exit::no, "folder_not_empty",
                 "deleted the cluster; " + dir_ + " stays because it holds other files, which are yours"};
}

}  // namespace socai::node::cluster
