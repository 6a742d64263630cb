#include "node/cli/key_options.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "node/cli/cluster_folder.hpp"
#include "node/cluster/registry_file.hpp"
#include "node/key_file.hpp"

namespace socai::node::cli {
namespace {

namespace fs = std::filesystem;

// The *.jwk and *.json files of `folder`, sorted.
std::vector<std::string> files_in(const fs::path& folder) {
    std::vector<std::string> files;
    std::error_code ignored;
    for (fs::directory_iterator entry(folder, ignored), end; entry != end; entry.increment(ignored)) {
        const auto extension = entry->path().extension();
        if (extension == ".jwk" || extension == ".json") files.push_back(entry->path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

bool is_plain_folder(const std::string& place) {
    std::error_code ignored;
    return fs::is_directory(place, ignored) && !fs::exists(fs::path(place) / "cluster.json", ignored);
}

}  // namespace

void KeyOptions::add_to(CLI::App& verb) {
    verb.add_option("--key", key, "Private key that signs (JWK); repeat it to sign for several sources")
        ->type_name("F")
        ->allow_extra_args(false);  // what follows is the verb's own argument
    verb.add_option("--keys", keys,
                    "Folder of private keys, or a cluster.json: each record is signed by the key of its own "
                    "source, or of the agency that its source has delegated to")
        ->type_name("D");
    verb.add_option("--registry", registry,
                    "Registry of agencies (JSON), to know who signs for traders when the ledger is not asked")
        ->type_name("F");
}

Result<client::KeyRing> KeyOptions::read(const std::string& cluster_dir) const {
    std::vector<std::string> files = key;
    const std::string& place = given() ? keys : cluster_dir;
    const bool of_cluster = !place.empty() && !is_plain_folder(place);
    if (of_cluster) {
        const auto file = read_cluster(place);
        if (!file) return file.error();
        for (const auto& [kid, path] : file->keys) files.push_back(path);
    } else if (!place.empty()) {
        const auto more = files_in(place);
        files.insert(files.end(), more.begin(), more.end());
    }
    if (files.empty())
        return Error{Exit::usage, "no_keys",
                     place.empty() ? "say which key signs: --key F, or --keys D for a folder of keys"
                                   : "there are no key files (*.jwk, *.json) in " + place};
    client::KeyRing ring;
    for (const std::string& file : files) {
        auto jwk = read_key_file(file);
        if (!jwk) return jwk.error();
        if (key_file_is_exposed(file))
            std::fprintf(stderr,
                         "socai: warning: others than you can read the private key %s; chmod 600 it\n",
                         file.c_str());
        ring.add(std::move(*jwk));
    }
    if (ring.empty())
        return Error{
            Exit::usage, "no_keys",
            "the keys given are root, registrar or auditor keys, which sign no records; give a record key"};
    if (!registry.empty()) {
        const auto file = cluster::read_registry_file(registry);
        if (!file) return file.error();
        ring.learn(file->registry);
    } else if (of_cluster) {
        const auto known = read_cluster_registry(place);
        if (!known) return known.error();
        ring.learn(*known);
    }
    return ring;
}

}  // namespace socai::node::cli
