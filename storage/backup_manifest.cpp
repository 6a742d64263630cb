// The manifest of a backup, as text and back.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <set>

#include "ledger/ijson.hpp"
#include "storage/backup_files.hpp"
#include "storage/file.hpp"

namespace socai::storage {

namespace fs = std::filesystem;
namespace json = boost::json;

std::uint64_t BackupManifest::bytes() const {
    std::uint64_t sum = 0;
    for (const BackupFile& file : files) sum += file.bytes;
    return sum;
}

std::string encode_manifest(const BackupManifest& manifest) {
    json::array files;
    for (const BackupFile& file : manifest.files)
        files.push_back({{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
    const json::object object{{"format", backup_format},
                              {"origin", manifest.identity.origin},
                              {"genesis_hash", manifest.identity.genesis_hash},
                              {"node", manifest.identity.node},
                              {"size", manifest.size},
                              {"root", ledger::to_hex(manifest.root)},
                              {"raft_index", manifest.last.index.value},
                              {"raft_term", manifest.last.term.value},
                              {"raft_hash", ledger::to_hex(manifest.last.hash)},
                              {"made_ms", manifest.made_ms},
                              {"promises_waiting", manifest.promises_waiting},
                              {"log_format", manifest.log_format},
                              {"state_format", manifest.state_format},
                              {"files", std::move(files)}};
    return json::serialize(object) + "\n";
}

namespace {

constexpr std::int64_t max_format = std::numeric_limits<std::uint32_t>::max();

// Reads members; remembers whether one was missing or of another type.
class Members {
  public:
    explicit Members(const json::value& value) : object_(value.if_object()) {}
    bool fine() const { return fine_ && object_ != nullptr; }

    std::string text(std::string_view name) {
        const json::value* value = find(name);
        if (value != nullptr && value->is_string()) return std::string(value->get_string());
        fine_ = false;
        return {};
    }
    std::uint64_t number(std::string_view name, std::int64_t most = ledger::max_json_integer) {
        const json::value* value = find(name);
        const std::int64_t* read = value == nullptr ? nullptr : value->if_int64();
        if (read != nullptr && *read >= 0 && *read <= most) return static_cast<std::uint64_t>(*read);
        fine_ = false;
        return 0;
    }
    ledger::Hash hash(std::string_view name) {
        const auto hash = ledger::hash_from_hex(text(name));
        if (!hash) fine_ = false;
        return hash.value_or(ledger::Hash{});
    }
    const json::array& array(std::string_view name) {
        static const json::array none;
        const json::value* value = find(name);
        if (value != nullptr && value->is_array()) return value->get_array();
        fine_ = false;
        return none;
    }

  private:
    const json::value* find(std::string_view name) const {
        return object_ == nullptr ? nullptr : object_->if_contains(name);
    }
    const json::object* object_;
    bool fine_ = true;
};

// "log/000012.sst": a database of the backup and a plain name in it.
bool is_file_name(std::string_view name) {
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos) return false;
    const std::string_view file = name.substr(slash + 1);
    if (std::ranges::find(backup_databases, name.substr(0, slash)) == std::end(backup_databases))
        return false;
    return !file.empty() && file.size() <= 64 && file.find("..") == std::string_view::npos &&
           is_copied(std::string(file)) && std::ranges::all_of(file, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
           });
}

}  // namespace

Result<BackupManifest> decode_manifest(std::string_view text, const std::string& path) {
    const ledger::Result<json::value> value = ledger::parse_ijson(text);
    if (!value) return bad_backup(path, "its manifest is not JSON: " + value.error().detail);
    Members members(*value);
    if (members.text("format") != backup_format)
        return members.fine()
                   ? Error{"wrong_version", path +
                                                " is a backup of a format that this program does not "
                                                "know. Use the version that made it, or a newer one."}
                   : bad_backup(path, "its manifest names no format");
    BackupManifest manifest;
    manifest.identity = {members.text("origin"), members.text("node"), members.text("genesis_hash")};
    manifest.size = members.number("size");
    manifest.root = members.hash("root");
    manifest.last = {
        {members.number("raft_term")}, {members.number("raft_index")}, members.hash("raft_hash")};
    manifest.made_ms = static_cast<std::int64_t>(members.number("made_ms"));
    manifest.promises_waiting = members.number("promises_waiting");
    manifest.log_format = static_cast<std::uint32_t>(members.number("log_format", max_format));
    manifest.state_format = static_cast<std::uint32_t>(members.number("state_format", max_format));
    std::set<std::string> names;
    for (const json::value& entry : members.array("files")) {
        Members file(entry);
        BackupFile read{file.text("name"), file.number("bytes"), ledger::to_hex(file.hash("sha256"))};
        if (!file.fine() || !is_file_name(read.name) || !names.insert(read.name).second)
            return bad_backup(path, "its manifest lists a file that cannot be one of a backup");
        manifest.files.push_back(std::move(read));
    }
    const auto& [origin, node, genesis] = manifest.identity;
    const bool plain = std::ranges::none_of(origin + node + genesis, [](char c) { return c == '\n'; });
    if (!members.fine() || !plain || manifest.size == 0 || manifest.last.index.value < manifest.size)
        return bad_backup(path, "its manifest lacks something, or contradicts itself");
    return manifest;
}

Result<BackupManifest> read_manifest(const std::string& folder) {
    const std::string path = folder + "/" + std::string(manifest_name);
    std::error_code failure;
    if (!fs::exists(folder, failure))
        return Error{"io_error", "There is no folder " + folder + ". Give the folder of a backup."};
    if (!fs::exists(path, failure))
        return Error{
            "backup_unfinished",
            folder + " holds no manifest: it is no backup, or one that was not finished. Take it again."};
    const Descriptor in(open_plain_file(path));
    if (in.get() < 0 && (errno == EINVAL || errno == ELOOP))
        return bad_backup(folder, "its manifest is no plain file");
    if (in.get() < 0) return system_error("cannot open", path, errno);
    auto text = read_all(in.get(), path, max_manifest_bytes + 1);
    if (!text) return text.error();
    if (text->size() > max_manifest_bytes) return bad_backup(folder, "its manifest is too large");
    return decode_manifest(*text, folder);
}

}  // namespace socai::storage
