#include "node/audit/state_file.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>

#include "ledger/hash.hpp"
#include "ledger/ijson.hpp"
#include "ledger/tiles.hpp"
#include "node/files.hpp"
#include "storage/codec.hpp"

namespace socai::node::audit {
namespace {

namespace json = boost::json;

constexpr std::string_view format = "socai-audit-state/1";
constexpr std::size_t max_state_bytes = std::size_t{128} << 20;
constexpr std::size_t item_bytes = 24;
constexpr std::size_t root_bytes = sizeof(ledger::Hash);
constexpr std::size_t chunk_bytes = std::size_t{24} << 15;  // a multiple of both
constexpr mode_t side_mode = 0600;

Error malformed(const std::string& path, const std::string& what) {
    return {Exit::usage, "malformed_state",
            path + ": " + what +
                "; take the state of an earlier audit from a copy, or name another file and audit from the "
                "first leaf"};
}

Error unwritable(const std::string& path) {
    return {Exit::unreachable, "file_unwritable",
            "cannot write " + path + ": " + std::strerror(errno) +
                "; check the folder's owner, mode and free space"};
}

std::string hex(const RecordTable::Key& key) {
    ledger::Hash padded{};
    std::memcpy(padded.data(), key.data(), key.size());
    return ledger::to_hex(padded).substr(0, 2 * key.size());
}

std::optional<RecordTable::Key> key_from_hex(std::string text) {
    RecordTable::Key key;
    if (text.size() != 2 * key.size()) return std::nullopt;
    const auto padded = ledger::hash_from_hex(text.append(text.size(), '0'));
    if (!padded) return std::nullopt;
    std::memcpy(key.data(), padded->data(), key.size());
    return key;
}

const json::value* member(const json::object& object, std::string_view name) {
    return object.if_contains(name);
}
std::optional<std::string> text_of(const json::object& object, std::string_view name) {
    const json::value* value = member(object, name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string(value->get_string());
}
std::optional<std::uint64_t> number_of(const json::object& object, std::string_view name) {
    const json::value* value = member(object, name);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return std::nullopt;
    return static_cast<std::uint64_t>(value->get_int64());
}

// What F says of a side file.
struct SideFacts {
    std::uint64_t count = 0;
    ledger::Hash digest{};
};
std::optional<SideFacts> side_of(const json::object& object, std::string_view name) {
    const json::value* value = member(object, name);
    if (value == nullptr || !value->is_object()) return std::nullopt;
    const auto count = number_of(value->get_object(), "count");
    const auto digest = text_of(value->get_object(), "sha256");
    const auto hash = digest ? ledger::hash_from_hex(*digest) : std::nullopt;
    if (!count || !hash || *count > std::uint64_t{1} << 40) return std::nullopt;
    return SideFacts{*count, *hash};
}

struct Parsed {
    StateFacts facts;
    RecordTable::Key key{};
    SideFacts records;
    SideFacts tree;
};

std::optional<Parsed> parse(const json::object& object) {
    const auto kind = text_of(object, "format");
    const auto origin = text_of(object, "origin");
    const auto genesis = text_of(object, "genesis");
    const auto leaves = number_of(object, "leaves");
    const auto time = number_of(object, "last_time_ms");
    const auto head = text_of(object, "head");
    const auto key_text = text_of(object, "key");
    const auto key = key_text ? key_from_hex(*key_text) : std::nullopt;
    const auto records = side_of(object, "records");
    const auto tree = side_of(object, "tree");
    const json::value* policies = member(object, "policies");
    if (kind != format || !origin || !genesis || !leaves || !time || !head || !key || !records || !tree ||
        policies == nullptr || !policies->is_array())
        return std::nullopt;
    if (*leaves < 1 || tree->count != *leaves / ledger::tile_width) return std::nullopt;
    Parsed parsed{
        {*origin, *genesis, *leaves, static_cast<std::int64_t>(*time), *head, {}}, *key, *records, *tree};
    for (const json::value& item : policies->get_array()) {
        if (!item.is_object()) return std::nullopt;
        const auto leaf = number_of(item.get_object(), "leaf");
        const auto entry = text_of(item.get_object(), "entry");
        if (!leaf || !entry || *leaf == 0 || *leaf >= *leaves) return std::nullopt;
        if (!parsed.facts.policies.empty() && *leaf <= parsed.facts.policies.back().first)
            return std::nullopt;
        parsed.facts.policies.emplace_back(*leaf, *entry);
    }
    return parsed;
}

json::object side_json(std::uint64_t count, const ledger::Hash& digest) {
    return {{"count", count}, {"sha256", ledger::to_hex(digest)}};
}

}  // namespace

// A file that only grows, of items of one length, with the SHA-256 of all of it at hand.
class StateFile::SideFile {
  public:
    explicit SideFile(std::string path) : path_(std::move(path)), hash_(EVP_MD_CTX_new()) {
        EVP_DigestInit_ex(hash_.get(), EVP_sha256(), nullptr);
    }
    ~SideFile() {
        if (fd_ >= 0) ::close(fd_);
    }
    SideFile(const SideFile&) = delete;
    SideFile& operator=(const SideFile&) = delete;

    std::uint64_t bytes() const { return bytes_; }

    // Reads the first `bytes` bytes in chunks, and cuts off the rest. False: there are fewer.
    bool read(std::uint64_t bytes, const std::function<void(std::string_view)>& chunk) {
        fd_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
        if (fd_ < 0) return bytes == 0 && begin();
        std::string buffer(chunk_bytes, '\0');
        while (bytes_ < bytes) {
            const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), bytes - bytes_);
            std::size_t got = 0;
            while (got < wanted) {
                const ssize_t n = ::read(fd_, buffer.data() + got, wanted - got);
                if (n < 0 && errno == EINTR) continue;
                if (n <= 0) return false;
                got += static_cast<std::size_t>(n);
            }
            count(std::string_view(buffer).substr(0, wanted));
            chunk(std::string_view(buffer).substr(0, wanted));
        }
        return ::ftruncate(fd_, static_cast<off_t>(bytes)) == 0;
    }

    bool begin() {
        fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, side_mode);
        return fd_ >= 0;
    }

    bool append(std::string_view bytes) {
        count(bytes);
        while (!bytes.empty()) {
            const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }

    bool sync() { return ::fsync(fd_) == 0; }

    ledger::Hash digest() const {
        const Context copy(EVP_MD_CTX_new());
        ledger::Hash hash{};
        EVP_MD_CTX_copy_ex(copy.get(), hash_.get());
        EVP_DigestFinal_ex(copy.get(), hash.data(), nullptr);
        return hash;
    }

  private:
    struct Free {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    using Context = std::unique_ptr<EVP_MD_CTX, Free>;

    void count(std::string_view bytes) {
        EVP_DigestUpdate(hash_.get(), bytes.data(), bytes.size());
        bytes_ += bytes.size();
    }

    const std::string path_;
    Context hash_;  // of the bytes so far
    int fd_ = -1;
    std::uint64_t bytes_ = 0;
};

StateFile::StateFile(std::string path) : path_(std::move(path)) {}
StateFile::~StateFile() = default;

Result<std::optional<AuditState>> StateFile::load() {
    std::error_code error;
    if (!std::filesystem::exists(path_, error)) return std::optional<AuditState>();
    auto text = read_file(path_, max_state_bytes);
    if (!text) return text.error();
    const auto value = ledger::parse_ijson(*text);
    if (!value) return malformed(path_, value.error().detail);
    const auto parsed = value->is_object() ? parse(value->get_object()) : std::nullopt;
    if (!parsed) return malformed(path_, "it is not the state of an audit");

    auto bundles = std::make_unique<SideFile>(path_ + ".tree");
    std::vector<ledger::Hash> roots;
    const bool tree_read = bundles->read(parsed->tree.count * root_bytes, [&roots](std::string_view bytes) {
        for (; !bytes.empty(); bytes.remove_prefix(root_bytes)) {
            std::memcpy(roots.emplace_back().data(), bytes.data(), root_bytes);
        }
    });
    if (!tree_read || bundles->digest() != parsed->tree.digest)
        return malformed(path_ + ".tree", "it is not the one that " + path_ + " names");

    auto records = std::make_unique<SideFile>(path_ + ".records");
    AuditState state{parsed->facts, BundleTree(roots), RecordTable(parsed->key)};
    bool each_once = true;
    const bool table_read = records->read(parsed->records.count * item_bytes, [&](std::string_view bytes) {
        for (; !bytes.empty(); bytes.remove_prefix(item_bytes)) {
            storage::ByteReader reader(bytes.substr(0, item_bytes));
            RecordTable::Item item;
            item.high = reader.u64();
            item.low = reader.u64();
            item.place = reader.u64();
            each_once = state.table.restore(item) && each_once;
        }
    });
    if (!table_read || !each_once || records->digest() != parsed->records.digest)
        return malformed(path_ + ".records", "it is not the one that " + path_ + " names");
    bundles_ = std::move(bundles);
    records_ = std::move(records);
    return std::optional(std::move(state));
}

Result<void> StateFile::save(const StateFacts& facts, const BundleTree& tree, RecordTable& table) {
    if (!records_) {
        // F first: it must never name files that are being written over.
        std::error_code error;
        std::filesystem::remove(path_, error);
        records_ = std::make_unique<SideFile>(path_ + ".records");
        bundles_ = std::make_unique<SideFile>(path_ + ".tree");
        if (!records_->begin()) return unwritable(path_ + ".records");
        if (!bundles_->begin()) return unwritable(path_ + ".tree");
    }
    std::string bytes;
    for (const RecordTable::Item& item : table.take_new()) {
        storage::put_u64(bytes, item.high);
        storage::put_u64(bytes, item.low);
        storage::put_u64(bytes, item.place);
    }
    if (!records_->append(bytes) || !records_->sync()) return unwritable(path_ + ".records");
    bytes.clear();
    const std::uint64_t bundles = facts.leaves / ledger::tile_width;
    assert(bundles <= tree.bundles() && bundles_->bytes() / root_bytes <= bundles);
    for (std::uint64_t i = bundles_->bytes() / root_bytes; i < bundles; ++i) {
        const ledger::Hash& root = tree.roots()[i];
        bytes.append(reinterpret_cast<const char*>(root.data()), root.size());
    }
    if (!bundles_->append(bytes) || !bundles_->sync()) return unwritable(path_ + ".tree");

    json::array policies;
    for (const auto& [leaf, entry] : facts.policies)
        policies.push_back(json::object{{"leaf", leaf}, {"entry", entry}});
    const json::object object{{"format", format},
                              {"origin", facts.origin},
                              {"leaves", facts.leaves},
                              {"last_time_ms", facts.last_time_ms},
                              {"head", facts.head},
                              {"key", hex(table.key())},
                              {"records", side_json(records_->bytes() / item_bytes, records_->digest())},
                              {"tree", side_json(bundles, bundles_->digest())},
                              {"policies", std::move(policies)},
                              {"genesis", facts.genesis}};
    return write_file(path_, json::serialize(object) + "\n", side_mode);
}

}  // namespace socai::node::audit
