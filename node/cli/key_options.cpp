#include "node/cli/key_options.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "node/client/cluster_file.hpp"
#include "node/client/text_file.hpp"
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

// A cluster's folder, or its cluster.json, stands for the keys that the file lists.
Result<std::vector<std::string>> key_files(const std::string& place) {
    std::error_code ignored;
    const bool folder = fs::is_directory(place, ignored);
    if (folder && !fs::exists(fs::path(place) / "cluster.json", ignored)) return files_in(place);
    const auto cluster = client::read_cluster_file(place);
    if (!cluster) return cluster.error();
    std::vector<std::string> files;
    for (const auto& [kid, path] : cluster->keys) files.push_back(path);
    return files;
}

}  // namespace

void KeyOptions::add_to(CLI::App& verb) {
    verb.add_option("--key", key, "Private key that signs (JWK); repeat it to sign for several sources")
        ->type_name("F");
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
    if (!place.empty()) {
        const auto more = key_files(place);
        if (!more) return more.error();
        files.insert(files.end(), more->begin(), more->end());
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
    if (!registry.empty()) {
        const auto text = client::read_text_file(registry);
        if (!text) return text.error();
        if (auto learned = ring.learn_delegations(*text, registry); !learned) return learned.error();
    }
    return ring;
}

}  // namespace socai::node::cli
