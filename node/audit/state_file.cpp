#include "node/audit/state_file.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>

#include "ledger/hash.hpp"
#include "ledger/tiles.hpp"
#include "node/audit/change_text.hpp"
#include "node/files.hpp"
#include "storage/codec.hpp"

namespace socai::node::audit {
namespace {

constexpr std::size_t item_bytes = 24;
constexpr std::size_t root_bytes = sizeof(ledger::Hash);
constexpr std::size_t chunk_bytes = std::size_t{24} << 15;  // a multiple of both
constexpr std::array side_names{"records", "tree", "facts"};
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

}  // namespace

// A file that only grows, with the SHA-256 of all of it at hand.
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

    // Reads the first `bytes` bytes in chunks. False: there are fewer.
    bool read(std::uint64_t bytes, const std::function<void(std::string_view)>& chunk) {
        const int file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
        const bool read = file >= 0 ? read_from(file, bytes, chunk) : bytes == 0;
        if (file >= 0) ::close(file);
        return read;
    }

    // Cuts off what stands beyond the bytes so far, and adds.
    bool append(std::string_view bytes) {
        if (fd_ < 0 && !open_to_write()) return false;
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

    bool read_from(int file, std::uint64_t bytes, const std::function<void(std::string_view)>& chunk) {
        std::string buffer(chunk_bytes, '\0');
        while (bytes_ < bytes) {
            const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), bytes - bytes_);
            std::size_t got = 0;
            while (got < wanted) {
                const ssize_t n = ::read(file, buffer.data() + got, wanted - got);
                if (n < 0 && errno == EINTR) continue;
                if (n <= 0) return false;
                got += static_cast<std::size_t>(n);
            }
            count(std::string_view(buffer).substr(0, wanted));
            chunk(std::string_view(buffer).substr(0, wanted));
        }
        return true;
    }

    bool open_to_write() {
        fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, side_mode);
        return fd_ >= 0 && ::ftruncate(fd_, static_cast<off_t>(bytes_)) == 0 &&
               ::lseek(fd_, 0, SEEK_END) >= 0;
    }

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

std::string StateFile::side_path(const char* name, std::uint64_t side) const {
    return path_ + "." + name + (side == 0 ? "" : ".2");
}

void StateFile::begin_anew() {
    records_.reset();
    bundles_.reset();
    changes_.reset();
}

// Under the names that F does not use: it must never name files that are being written over.
void StateFile::begin_files() {
    if (records_) return;
    side_ = side_ ? 1 - *side_ : 0;
    records_ = std::make_unique<SideFile>(side_path("records", *side_));
    bundles_ = std::make_unique<SideFile>(side_path("tree", *side_));
    changes_ = std::make_unique<SideFile>(side_path("facts", *side_));
    anew_ = true;
}

Result<std::optional<AuditState>> StateFile::load(Part part) {
    begin_anew();
    std::error_code error;
    if (!std::filesystem::exists(path_, error)) return std::optional<AuditState>();
    auto text = read_file(path_, max_state_bytes);
    if (!text) return text.error();
    const auto parsed = parse_state(*text);
    if (!parsed) return malformed(path_, "it is not the state of an audit");

    const std::string tree_path = side_path("tree", parsed->side);
    auto bundles = std::make_unique<SideFile>(tree_path);
    std::vector<ledger::Hash> roots;
    const bool tree_read = bundles->read(parsed->tree.count * root_bytes, [&roots](std::string_view bytes) {
        for (; !bytes.empty(); bytes.remove_prefix(root_bytes)) {
            std::memcpy(roots.emplace_back().data(), bytes.data(), root_bytes);
        }
    });
    if (!tree_read || bundles->digest() != parsed->tree.digest)
        return malformed(tree_path, "it is not the one that " + path_ + " names");

    StateFacts facts = parsed->facts;
    const bool cut = part == Part::vouched && facts.vouched < facts.leaves;
    if (cut) {
        facts.leaves = facts.vouched;
        facts.last_time_ms = facts.vouched_time_ms;
        roots.resize(facts.leaves / ledger::tile_width);
        std::erase_if(facts.policies, [&facts](const auto& policy) { return policy.first >= facts.leaves; });
    }
    const std::string records_path = side_path("records", parsed->side);
    auto records = std::make_unique<SideFile>(records_path);
    AuditState state{std::move(facts), BundleTree(roots), RecordTable(parsed->key), {}};
    if (cut) {
        state.table.collect();
        state.derivation.collect();
    }
    bool each_once = true;
    const bool table_read = records->read(parsed->records.count * item_bytes, [&](std::string_view bytes) {
        for (; !bytes.empty(); bytes.remove_prefix(item_bytes)) {
            storage::ByteReader reader(bytes.substr(0, item_bytes));
            RecordTable::Item item;
            item.high = reader.u64();
            item.low = reader.u64();
            item.place = reader.u64();
            if (RecordTable::leaf_of(item) < state.facts.leaves)
                each_once = state.table.restore(item) && each_once;
        }
    });
    if (!table_read || !each_once || records->digest() != parsed->records.digest)
        return malformed(records_path, "it is not the one that " + path_ + " names");

    const std::string changes_path = side_path("facts", parsed->side);
    auto changes = std::make_unique<SideFile>(changes_path);
    ChangeReader reader([&](std::uint64_t leaf, const std::vector<ledger::FactChange>& found) {
        if (leaf >= state.facts.leaves) return leaf < parsed->facts.leaves;  // of those left out
        return state.derivation.restore(leaf, found);
    });
    bool well_formed = true;
    const bool changes_read = changes->read(parsed->facts_file.count, [&](std::string_view bytes) {
        well_formed = well_formed && reader.read(bytes);
    });
    if (!changes_read || !well_formed || !reader.complete() || changes->digest() != parsed->facts_file.digest)
        return malformed(changes_path, "it is not the one that " + path_ + " names");
    state.derivation.pass(state.facts.leaves);
    side_ = parsed->side;
    if (cut) return state.facts.leaves == 0 ? std::optional<AuditState>() : std::optional(std::move(state));
    bundles_ = std::move(bundles);
    records_ = std::move(records);
    changes_ = std::move(changes);
    return std::optional(std::move(state));
}

Result<void> StateFile::keep(Derivation& derivation, std::uint64_t leaves) {
    begin_files();
    if (!changes_->append(derivation.take_new(leaves))) return unwritable(side_path("facts", *side_));
    return {};
}

Result<void> StateFile::save(const StateFacts& facts, const BundleTree& tree, RecordTable& table,
                             Derivation& derivation) {
    begin_files();
    if (auto kept = keep(derivation, facts.leaves); !kept) return kept;
    if (!changes_->sync()) return unwritable(side_path("facts", *side_));
    std::string bytes;
    for (const RecordTable::Item& item : table.take_new(facts.leaves)) {
        storage::put_u64(bytes, item.high);
        storage::put_u64(bytes, item.low);
        storage::put_u64(bytes, item.place);
    }
    if (!records_->append(bytes) || !records_->sync()) return unwritable(side_path("records", *side_));
    bytes.clear();
    const std::uint64_t bundles = facts.leaves / ledger::tile_width;
    assert(bundles <= tree.bundles() && bundles_->bytes() / root_bytes <= bundles);
    for (std::uint64_t i = bundles_->bytes() / root_bytes; i < bundles; ++i) {
        const ledger::Hash& root = tree.roots()[i];
        bytes.append(reinterpret_cast<const char*>(root.data()), root.size());
    }
    if (!bundles_->append(bytes) || !bundles_->sync()) return unwritable(side_path("tree", *side_));

    const StateText text{facts,
                         table.key(),
                         *side_,
                         {records_->bytes() / item_bytes, records_->digest()},
                         {bundles, bundles_->digest()},
                         {changes_->bytes(), changes_->digest()}};
    if (auto written = write_file(path_, text.to_string(), side_mode); !written) return written;
    std::error_code gone;
    for (const char* name : side_names)
        if (anew_) std::filesystem::remove(side_path(name, 1 - *side_), gone);
    anew_ = false;
    return {};
}

}  // namespace socai::node::audit
