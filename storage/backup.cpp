#include "storage/backup.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <memory>
#include <set>

#include "consensus/membership.hpp"
#include "ledger/ijson.hpp"
#include "storage/file.hpp"
#include "storage/ledger_check.hpp"
#include "storage/log_database.hpp"
#include "storage/room.hpp"
#include "storage/state_database.hpp"
#include "storage/state_nodes.hpp"

namespace socai::storage {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t chunk_bytes = 1U << 20U;
constexpr std::string_view manifest_name = "manifest.json";
constexpr std::string_view unfinished_name = "unfinished";
constexpr std::int64_t max_format = std::numeric_limits<std::uint32_t>::max();
constexpr std::string_view databases[] = {"log", "state"};

Error bad(const std::string& folder, const std::string& what) {
    return Error{"bad_backup", folder + " is not a backup that can be believed: " + what +
                                   ". Take another backup, or another copy of this one."};
}
Error interrupted() {
    return Error{"io_error", "The backup was interrupted. Begin it again; what is unfinished is replaced."};
}

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

  private:
    const int fd_;
};

// Counts what was read, over several files.
struct Meter {
    const BackupProgress& progress;
    std::uint64_t of = 0;
    std::uint64_t done = 0;
    bool add(std::uint64_t bytes) {
        done += bytes;
        return !progress || progress(done, of);
    }
};

// Reads all of `from`, and writes it to `to` unless that is empty.
Result<BackupFile> hash_file(const std::string& from, const std::string& to, Meter& meter) {
    const Descriptor in(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (in.get() < 0) return system_error("cannot open", from, errno);
    const Descriptor out(to.empty() ? -1 : ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!to.empty() && out.get() < 0) return system_error("cannot create", to, errno);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> sum(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_DigestInit_ex(sum.get(), EVP_sha256(), nullptr);
    BackupFile file;
    std::string buffer(chunk_bytes, '\0');
    while (true) {
        const ssize_t got = ::read(in.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error("cannot read", from, errno);
        if (got == 0) break;
        const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
        EVP_DigestUpdate(sum.get(), bytes.data(), bytes.size());
        if (!to.empty())
            if (auto written = write_at(out.get(), to, bytes, file.bytes); !written) return written.error();
        file.bytes += bytes.size();
        if (!meter.add(bytes.size())) return interrupted();
    }
    if (!to.empty())
        if (auto synced = sync_data(out.get(), to); !synced) return synced.error();
    ledger::Hash hash{};
    EVP_DigestFinal_ex(sum.get(), hash.data(), nullptr);
    file.sha256 = ledger::to_hex(hash);
    return file;
}

Result<void> remove_all(const std::string& path) {
    std::error_code failure;
    fs::remove_all(path, failure);
    if (failure) return system_error("cannot delete", path, failure.value());
    return {};
}

Result<void> write_small(const std::string& path, std::string_view bytes) {
    const std::string draft = path + ".new";
    {
        const Descriptor out(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (out.get() < 0) return system_error("cannot create", draft, errno);
        if (auto written = write_at(out.get(), draft, bytes, 0); !written) return written;
        if (auto synced = sync_data(out.get(), draft); !synced) return synced;
    }
    if (::rename(draft.c_str(), path.c_str()) != 0) return system_error("cannot rename to", path, errno);
    return sync_folder(fs::path(path).parent_path().string());
}

std::vector<std::string> files_in(const std::string& folder, std::error_code& failure) {
    std::vector<std::string> names;
    for (auto file = fs::directory_iterator(folder, failure); !failure && file != fs::directory_iterator();
         file.increment(failure))
        names.push_back(file->path().filename().string());
    std::ranges::sort(names);
    return names;
}

// RocksDB's own diary and lock are no part of a copy.
bool is_copied(const std::string& name) {
    return name != "LOCK" && name != "LOG" && !name.starts_with("LOG.old");
}

std::uint64_t bytes_in(const std::string& folder) {
    std::uint64_t bytes = 0;
    std::error_code failure;
    for (const std::string& name : files_in(folder, failure)) {
        const auto size = fs::file_size(folder + "/" + name, failure);
        if (!failure) bytes += size;
    }
    return bytes;
}

// What the copied state says of itself.
Result<void> describe_state(const std::string& path, BackupManifest& manifest) {
    auto state = StateDatabase::look(path, manifest.identity);
    if (!state) return state.error();
    auto position = (*state)->position();
    if (!position) return position.error();
    if (position->size == 0)
        return Error{"corrupt_state",
                     path +
                         " holds no leaf yet: it is being rebuilt. Wait until the node has applied its "
                         "log, then begin the backup again."};
    auto frontier = read_frontier(**state, position->size);
    if (!frontier) return frontier.error();
    manifest.size = position->size;
    manifest.root = frontier->root();
    manifest.last.index = position->raft_index;
    manifest.last.hash = position->raft_hash;
    return {};
}

Result<void> copy_databases(const std::string& scratch, const std::string& folder, BackupManifest& manifest,
                            const BackupProgress& progress) {
    Meter meter{progress};
    for (const std::string_view name : databases) meter.of += bytes_in(scratch + "/" + std::string(name));
    for (const std::string_view name : databases) {
        const std::string from = scratch + "/" + std::string(name);
        const std::string to = folder + "/" + std::string(name);
        if (auto made = make_folder(to); !made) return made;
        std::error_code failure;
        const auto names = files_in(from, failure);
        if (failure) return system_error("cannot read the folder", from, failure.value());
        for (const std::string& file : names) {
            if (!is_copied(file)) continue;
            auto copied = hash_file(from + "/" + file, to + "/" + file, meter);
            if (!copied) return copied.error();
            copied->name = std::string(name) + "/" + file;
            manifest.files.push_back(*std::move(copied));
        }
        if (auto synced = sync_folder(to); !synced) return synced;
    }
    return {};
}

}  // namespace

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
                              {"log_format", manifest.log_format},
                              {"state_format", manifest.state_format},
                              {"files", std::move(files)}};
    return json::serialize(object) + "\n";
}

namespace {

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
    if (std::ranges::find(databases, name.substr(0, slash)) == std::end(databases)) return false;
    return !file.empty() && file.size() <= 64 && file.find("..") == std::string_view::npos &&
           is_copied(std::string(file)) && std::ranges::all_of(file, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
           });
}

}  // namespace

Result<BackupManifest> decode_manifest(std::string_view text, const std::string& path) {
    const ledger::Result<json::value> value = ledger::parse_ijson(text);
    if (!value) return bad(path, "its manifest is not JSON: " + value.error().detail);
    Members members(*value);
    if (members.text("format") != backup_format)
        return members.fine()
                   ? Error{"wrong_version", path +
                                                " is a backup of a format that this program does not "
                                                "know. Use the version that made it, or a newer one."}
                   : bad(path, "its manifest names no format");
    BackupManifest manifest;
    manifest.identity = {members.text("origin"), members.text("node"), members.text("genesis_hash")};
    manifest.size = members.number("size");
    manifest.root = members.hash("root");
    manifest.last = {
        {members.number("raft_term")}, {members.number("raft_index")}, members.hash("raft_hash")};
    manifest.made_ms = static_cast<std::int64_t>(members.number("made_ms"));
    manifest.log_format = static_cast<std::uint32_t>(members.number("log_format", max_format));
    manifest.state_format = static_cast<std::uint32_t>(members.number("state_format", max_format));
    std::set<std::string> names;
    for (const json::value& entry : members.array("files")) {
        Members file(entry);
        BackupFile read{file.text("name"), file.number("bytes"), ledger::to_hex(file.hash("sha256"))};
        if (!file.fine() || !is_file_name(read.name) || !names.insert(read.name).second)
            return bad(path, "its manifest lists a file that cannot be one of a backup");
        manifest.files.push_back(std::move(read));
    }
    const auto& [origin, node, genesis] = manifest.identity;
    const bool plain = std::ranges::none_of(origin + node + genesis, [](char c) { return c == '\n'; });
    if (!members.fine() || !plain || manifest.size == 0 || manifest.last.index.value < manifest.size)
        return bad(path, "its manifest lacks something, or contradicts itself");
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
    // A pipe would be waited for.
    if (!fs::is_regular_file(path, failure)) return bad(folder, "its manifest is no file");
    const Descriptor in(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (in.get() < 0) return system_error("cannot open", path, errno);
    auto text = read_all(in.get(), path, max_manifest_bytes + 1);
    if (!text) return text.error();
    if (text->size() > max_manifest_bytes) return bad(folder, "its manifest is too large");
    return decode_manifest(*text, folder);
}

Result<void> check_backup_folder(const std::string& folder) {
    std::error_code failure;
    if (!fs::exists(folder, failure)) return {};
    if (fs::exists(folder + "/" + std::string(manifest_name), failure))
        return Error{"backup_exists", folder + " holds a finished backup already. Name another folder."};
    const auto names = files_in(folder, failure);
    if (failure) return system_error("cannot read the folder", folder, failure.value());
    const bool ours = std::ranges::find(names, unfinished_name) != names.end();
    if (names.empty() || ours) return {};
    return Error{"folder_not_empty", folder + " holds something else than a backup. Name another folder."};
}

Result<BackupManifest> make_backup(const LogDatabase& log, const StateDatabase& state,
                                   const Identity& identity, const std::string& scratch,
                                   const std::string& folder, std::int64_t made_ms,
                                   const BackupProgress& progress) {
    if (auto fine = check_backup_folder(folder); !fine) return fine.error();
    if (auto made = make_folder(folder); !made) return made.error();
    if (auto noted = write_small(folder + "/" + std::string(unfinished_name), "this backup is being made\n");
        !noted)
        return noted.error();
    for (const std::string& old : {folder + "/log", folder + "/state", scratch})
        if (auto gone = remove_all(old); !gone) return gone.error();
    if (auto made = make_folder(scratch); !made) return made.error();
    BackupManifest manifest;
    manifest.identity = identity;
    manifest.made_ms = made_ms;
    manifest.log_format = log_format_version;
    manifest.state_format = state_format_version;
    const auto work = [&]() -> Result<void> {
        if (const auto status = state.files().checkpoint(scratch + "/state"); !status.ok())
            return state.error(status, "making a checkpoint");
        if (const auto status = log.files().checkpoint(scratch + "/log"); !status.ok())
            return explain(status,
                           {"corrupt_log", log.path() + ", making a checkpoint", std::string(log_cure)});
        if (auto described = describe_state(scratch + "/state", manifest); !described) return described;
        auto last = log.find_id(manifest.last.index);
        if (!last) return last.error();
        if (!*last || (*last)->hash != manifest.last.hash)
            return Error{"corrupt_state",
                         "The state was not made from this log. Restart the node: it is rebuilt."};
        manifest.last = **last;
        return copy_databases(scratch, folder, manifest, progress);
    };
    const auto worked = work();
    if (auto gone = remove_all(scratch); worked && !gone) return gone.error();
    if (!worked) return worked.error();
    std::ranges::sort(manifest.files, {}, &BackupFile::name);
    if (auto written = write_small(folder + "/" + std::string(manifest_name), encode_manifest(manifest));
        !written)
        return written.error();
    if (auto gone = remove_all(folder + "/" + std::string(unfinished_name)); !gone) return gone.error();
    if (auto synced = sync_folder(folder); !synced) return synced.error();
    return manifest;
}

namespace {

Result<void> check_files(const std::string& folder, const BackupManifest& manifest, Meter& meter) {
    std::set<std::string> listed;
    for (const BackupFile& file : manifest.files) {
        listed.insert(file.name);
        const std::string path = folder + "/" + file.name;
        std::error_code failure;
        if (!fs::is_regular_file(fs::symlink_status(path, failure)))
            return bad(folder, file.name + " is missing, or is no file");
        if (fs::file_size(path, failure) != file.bytes || failure)
            return bad(folder, file.name + " has another length than the manifest says");
        auto found = hash_file(path, {}, meter);
        if (!found) return found.error();
        if (found->sha256 != file.sha256)
            return bad(folder, file.name + " is not the file that was backed up: its SHA-256 is another");
    }
    for (const std::string_view name : databases) {
        std::error_code failure;
        for (const std::string& file : files_in(folder + "/" + std::string(name), failure))
            if (is_copied(file) && !listed.contains(std::string(name) + "/" + file))
                return bad(folder, std::string(name) + "/" + file + " is not in the manifest");
        if (failure) return bad(folder, std::string(name) + "/ is missing");
    }
    return {};
}

// An error of a database inside a backup is the backup's.
Error of_backup(const std::string& folder, const Error& error) {
    const bool damage = error.reason.starts_with("corrupt_") || error.reason == "wrong_identity";
    return damage ? bad(folder, error.detail.substr(0, error.detail.find(log_cure))) : error;
}

Result<void> check_ledger(const std::string& folder, const LogDatabase& log, const StateDatabase& state,
                          BackupContents& contents, Meter& meter) {
    const BackupManifest& manifest = contents.manifest;
    if (log.base().index.value != 0) return bad(folder, "its log does not begin with the genesis");
    auto position = state.position();
    if (!position) return of_backup(folder, position.error());
    if (position->size != manifest.size || position->raft_index != manifest.last.index)
        return bad(folder, "the manifest's size is not the state's");
    auto first = log.read({1}, {1}, 0);
    if (!first) return of_backup(folder, first.error());
    if (first->empty() ||
        ledger::to_hex(ledger::sha256(first->front()->payload)) != manifest.identity.genesis_hash)
        return bad(folder, "its first leaf is not the genesis that the manifest names");
    contents.genesis = first->front()->payload;
    LedgerCheck check(log, {},
                      [&](std::uint32_t level, std::uint64_t row) { return state.row_once(level, row); });
    while (true) {
        auto stretch = check.advance(manifest.last.index, manifest.size);
        if (!stretch) return of_backup(folder, stretch.error());
        if (stretch->unreadable)
            return bad(folder,
                       "its log cannot be read at Raft index " + std::to_string(stretch->unreadable->value));
        if (stretch->ended) break;
        if (!meter.add(stretch->bytes)) return interrupted();
    }
    contents.entries = check.entries();
    if (check.contradiction()) return bad(folder, *check.contradiction());
    const auto place = check.place();
    if (place.tree.size() != manifest.size || place.tree.root() != manifest.root)
        return bad(folder, "its entries lead to another root than the manifest says");
    // Entries that are no leaves may follow the last leaf.
    auto last = log.find_id(manifest.last.index);
    if (!last) return of_backup(folder, last.error());
    if (!*last || **last != manifest.last)
        return bad(folder, "its log ends elsewhere than the manifest says");
    if (!check.tree().wrong().empty() || check.tree().too_many())
        return bad(folder, "its tiles do not hold what its entries lead to");
    return {};
}

Result<void> read_configurations(const std::string& folder, const LogDatabase& log,
                                 BackupContents& contents) {
    auto ids = log.configurations();
    if (!ids) return of_backup(folder, ids.error());
    for (const consensus::EntryId& id : *ids) {
        auto entries = log.read(id.index, id.index, 0);
        if (!entries) return of_backup(folder, entries.error());
        auto decoded =
            entries->empty() ? std::nullopt : consensus::decode_configuration(entries->front()->payload);
        if (!decoded) return bad(folder, "a configuration in its log is malformed");
        decoded->id = id;
        contents.configurations.push_back(*std::move(decoded));
    }
    return {};
}

}  // namespace

Result<BackupContents> verify_backup(const std::string& folder, const BackupProgress& progress) {
    auto manifest = read_manifest(folder);
    if (!manifest) return manifest.error();
    BackupContents contents;
    contents.manifest = *std::move(manifest);
    Meter meter{progress, 2 * contents.manifest.bytes()};
    if (auto files = check_files(folder, contents.manifest, meter); !files) return files.error();
    auto log = LogDatabase::open(folder + "/log", contents.manifest.identity, LogDatabase::Mode::look);
    if (!log) return of_backup(folder, log.error());
    auto state = StateDatabase::look(folder + "/state", contents.manifest.identity);
    if (!state) return of_backup(folder, state.error());
    if (auto checked = check_ledger(folder, **log, **state, contents, meter); !checked)
        return checked.error();
    if (auto read = read_configurations(folder, **log, contents); !read) return read.error();
    return contents;
}

}  // namespace socai::storage
