#include "node/cosigner.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "ledger/base64.hpp"
#include "ledger/hash.hpp"
#include "ledger/proof_lines.hpp"
#include "node/files.hpp"
#include "storage/uncached_file.hpp"

namespace socai::node {
namespace {

constexpr std::string_view title = "socai cosigned v1\n";
constexpr std::string_view key_word = "key ";
constexpr std::string_view tree_word = "tree ";
constexpr std::string_view sum_word = "sum ";
constexpr std::size_t max_state_bytes = std::size_t{4} << 20;

std::string tree_line(const std::string& origin, const ledger::WitnessedTree& tree) {
    return std::string(tree_word) + std::to_string(tree.size) + " " +
           ledger::base64({reinterpret_cast<const char*>(tree.root.data()), tree.root.size()}) + " " +
           origin + "\n";
}

// The words of "<size> <root> <origin>" without the newline; nothing when malformed.
std::optional<std::pair<std::string, ledger::WitnessedTree>> parse_tree(std::string_view words) {
    const std::size_t first = words.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : words.find(' ', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    const auto size = ledger::parse_decimal(words.substr(0, first));
    const auto root = ledger::base64_decode(words.substr(first + 1, second - first - 1));
    ledger::WitnessedTree tree;
    if (!size || !root || root->size() != tree.root.size()) return std::nullopt;
    tree.size = *size;
    std::ranges::copy(*root, tree.root.begin());
    return std::pair(std::string(words.substr(second + 1)), tree);
}

std::string state_text(const ledger::VerifierKey& key,
                       const std::map<std::string, ledger::WitnessedTree, std::less<>>& trees) {
    std::string text(title);
    text += std::string(key_word) + key.to_string() + "\n";
    for (const auto& [origin, tree] : trees) text += tree_line(origin, tree);
    return text + std::string(sum_word) + ledger::to_hex(ledger::sha256(text)) + "\n";
}

}  // namespace

std::string Cosigner::first_state(const std::string& name, const ledger::PublicKey& key) {
    return state_text({name, ledger::NoteKeyType::cosignature, key}, {});
}

Result<std::unique_ptr<Cosigner>> Cosigner::open(std::string path, std::string name, ledger::KeyPair key,
                                                 bool is_new, Clock clock) {
    std::unique_ptr<Cosigner> cosigner(
        new Cosigner(std::move(path), std::move(name), std::move(key), std::move(clock)));
    std::error_code error;
    if (!std::filesystem::exists(cosigner->path_, error) && !error) {
        if (!is_new) {
            return Error{Exit::no, "cosigner_state_lost",
                         cosigner->path_ +
                             ", which says what this node's cosigner key has signed, is gone: the key must "
                             "not sign again. Remove the node and add it under a new name"};
        }
        if (const auto written = write_file(cosigner->path_, state_text(cosigner->vkey(), {}), 0600);
            !written)
            return written.error();
        return cosigner;
    }
    const Result<std::string> bytes = read_file(cosigner->path_, max_state_bytes);
    if (!bytes) return bytes.error();
    if (!cosigner->read(*bytes)) {
        return Error{Exit::no, "cosigner_state_damaged",
                     cosigner->path_ +
                         " is not what this node's cosigner key wrote, so nobody knows what it has signed: "
                         "the key must not sign again. Remove the node and add it under a new name"};
    }
    return cosigner;
}

Result<ledger::NoteSignature> Cosigner::cosign(const ledger::Checkpoint& head, const Judge& judge) {
    // Taken before any waiting, for the lock or the disk: whoever asks has made sure that at this time the node may sign
    // (no promise of it is overdue), and would be framed by a later one.
    const std::int64_t now_ms = clock_();
    const std::lock_guard signing(signing_);
    const ledger::WitnessedTree last = this->last(head.origin);
    if (const auto judged = judge(last); !judged) return judged.error();
    if (head.size < last.size) {
        return Error{Exit::no, "cosigned_more",
                     "a head of " + std::to_string(last.size) +
                         " leaves was cosigned already, and none is cosigned that is "
                         "smaller: " +
                         std::to_string(head.size)};
    }
    if (head.size == last.size && head.root != last.root) {
        return Error{Exit::no, "cosigned_otherwise",
                     "a head of " + std::to_string(head.size) +
                         " leaves with another root was cosigned already; both cannot be true"};
    }
    if (head.size != last.size || head.root != last.root || last.size == 0) {
        Trees trees;
        {
            const std::lock_guard lock(mutex_);
            trees = trees_;
        }
        trees[head.origin] = {head.size, head.root};
        if (const auto written = write_file(path_, state_text(vkey(), trees), 0600); !written)
            return written.error();
        const std::lock_guard lock(mutex_);
        trees_ = std::move(trees);
    }
    ledger::Note note{head.to_string(), {}};
    ledger::cosign_note(note, name_, key_,
                        static_cast<std::uint64_t>(std::max<std::int64_t>(0, now_ms) / 1'000));
    return std::move(note.signatures.front());
}

Result<bool> Cosigner::renew_if_altered() {
    const std::lock_guard signing(signing_);
    Trees trees;
    {
        const std::lock_guard lock(mutex_);
        trees = trees_;
    }
    const std::string should = state_text(vkey(), trees);
    std::string held(should.size() + 1, '\0');
    const auto got = storage::UncachedFile(path_).read(0, held);
    if (got == should.size() && held.starts_with(should)) return false;
    if (const auto written = write_file(path_, should, 0600); !written) return written.error();
    return true;
}

std::optional<std::string> Cosigner::fault_of(const std::string& path) {
    const Result<std::string> bytes = read_file(path, max_state_bytes);
    if (!bytes) return bytes.error().detail;
    const std::size_t end = bytes->rfind(sum_word);
    const bool whole =
        bytes->starts_with(title) && end != std::string::npos &&
        bytes->substr(end + sum_word.size()) == ledger::to_hex(ledger::sha256(bytes->substr(0, end))) + "\n";
    if (whole) return std::nullopt;
    return path + " is not what the cosigner key wrote.";
}

ledger::WitnessedTree Cosigner::last(std::string_view origin) const {
    const std::lock_guard lock(mutex_);
    const auto found = trees_.find(origin);
    return found == trees_.end() ? ledger::WitnessedTree{} : found->second;
}

// Strict: exactly what state_text() writes, so that nothing torn, altered or of another key passes.
bool Cosigner::read(std::string_view bytes) {
    Trees trees;
    std::string_view rest = bytes;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) return false;
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        if (!line.starts_with(tree_word)) continue;
        auto tree = parse_tree(line.substr(tree_word.size()));
        if (!tree) return false;
        trees.insert(std::move(*tree));
    }
    if (state_text(vkey(), trees) != bytes) return false;
    trees_ = std::move(trees);
    return true;
}

}  // namespace socai::node
