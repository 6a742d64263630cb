#include "node/final_heads.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cassert>
#include <filesystem>

#include "ledger/base64.hpp"
#include "node/files.hpp"

namespace socai::node {

namespace json = boost::json;

namespace {

using Verdict = OfferedHead::Verdict;

constexpr std::int64_t version = 2;
constexpr std::size_t max_file_bytes = std::size_t{64} << 20;

// Adds the lines of `from` that `to` lacks.
void merge_lines(ledger::Note& to, const ledger::Note& from) {
    for (const ledger::NoteSignature& line : from.signatures)
        if (std::ranges::find(to.signatures, line) == to.signatures.end()) to.signatures.push_back(line);
}

std::string key_text(const ledger::PublicKey& key) {
    return ledger::base64url({reinterpret_cast<const char*>(key.data()), key.size()});
}

std::optional<ledger::PublicKey> parse_key(const json::value& value) {
    ledger::PublicKey key{};
    if (!value.is_string()) return std::nullopt;
    const auto bytes = ledger::base64url_decode(value.get_string());
    if (!bytes || bytes->size() != key.size()) return std::nullopt;
    std::ranges::copy(*bytes, key.begin());
    return key;
}

std::optional<ledger::Head> read_head(const json::value& value, const std::string& origin) {
    if (!value.is_string()) return std::nullopt;
    auto head = ledger::parse_head(value.get_string());
    if (!head || head->checkpoint.origin != origin) return std::nullopt;
    return std::move(*head);
}

std::string sum_of(json::object object) {
    object.stable_erase("sum");
    return ledger::to_hex(ledger::sha256(json::serialize(object)));
}

}  // namespace

FinalHeads::FinalHeads(std::string path, std::string origin, const PolicyBook& policies,
                       const ledger::NodeReader& tree)
    : path_(std::move(path)), origin_(std::move(origin)), policies_(policies), tree_(tree) {}

bool FinalHeads::load() {
    std::error_code error;
    if (!std::filesystem::exists(path_, error)) return true;
    const Result<std::string> bytes = read_file(path_, max_file_bytes);
    const std::lock_guard lock(mutex_);
    if (bytes && read(*bytes)) return true;
    latest_.reset();
    transitions_.clear();
    signed_.clear();
    std::filesystem::rename(path_, path_ + ".damaged", error);
    return false;
}

// Precondition: mutex_ is held.
bool FinalHeads::read(const std::string& text) {
    try {
        const json::object object = json::parse(text).as_object();
        if (object.at("version").as_int64() != version || object.at("origin").as_string() != origin_ ||
            object.at("sum").as_string() != sum_of(object))
            return false;
        if (!object.at("head").is_null()) {
            latest_ = read_head(object.at("head"), origin_);
            if (!latest_) return false;
        }
        for (const json::value& value : object.at("transitions").as_array()) {
            auto head = read_head(value.at("head"), origin_);
            const auto leaf = value.at("leaf").to_number<std::uint64_t>();
            if (!head || (!transitions_.empty() && transitions_.back().leaf >= leaf)) return false;
            transitions_.push_back({leaf, std::move(*head)});
        }
        for (const json::value& value : object.at("signed").as_array()) {
            const auto key = parse_key(value.at("key"));
            auto head = read_head(value.at("head"), origin_);
            if (!key || !head) return false;
            signed_[*key] = std::move(*head);
        }
        return true;
    } catch (const std::exception&) {  // of Boost.JSON: another shape than ours
        return false;
    }
}

// Precondition: mutex_ is held.
std::string FinalHeads::text() const {
    json::array transitions;
    for (const Transition& transition : transitions_)
        transitions.push_back({{"leaf", transition.leaf}, {"head", transition.head.note.to_string()}});
    json::array signed_heads;
    for (const auto& [key, head] : signed_)
        signed_heads.push_back({{"key", key_text(key)}, {"head", head.note.to_string()}});
    json::object object{{"version", version},
                        {"origin", origin_},
                        {"head", latest_ ? json::value(latest_->note.to_string()) : json::value(nullptr)},
                        {"transitions", std::move(transitions)},
                        {"signed", std::move(signed_heads)}};
    object["sum"] = sum_of(object);
    return json::serialize(object) + "\n";
}

Result<void> FinalHeads::write() {
    std::string bytes;
    std::uint64_t written = 0;
    {
        const std::lock_guard lock(mutex_);
        if (written_ == version_) return {};
        bytes = text();
        written = version_;
    }
    if (const auto done = write_file(path_, bytes, 0600); !done) return done.error();
    const std::lock_guard lock(mutex_);
    written_ = std::max(written_, written);
    return {};
}

bool FinalHeads::unwritten() const {
    const std::lock_guard lock(mutex_);
    return written_ != version_;
}

OfferedHead FinalHeads::offer(const ledger::Head& head) {
    const std::uint64_t size = head.checkpoint.size;
    if (head.checkpoint.origin != origin_) return {Verdict::bad, "it is of another ledger"};
    if (size <= policies_.first_leaf()) return {Verdict::bad, "it has no leaf of this epoch"};
    const auto root = ledger::read_root(size, tree_);
    assert(root && "the tree holds as many leaves");
    const std::uint64_t before = this->size();
    if (size <= before && head.checkpoint.root == *root) return {Verdict::known, {}};
    const auto required = policies_.required(std::min(before, size), size);

    ledger::Head kept{head.checkpoint, {head.note.text, {}}};
    std::vector<ledger::VerifierKey> signed_by;
    for (const GoverningPolicyPtr& policy : required) {
        const ledger::Policy& quorum = policy->value.policy;
        const auto signers = ledger::check_head(quorum, head);
        if (!signers) {
            const bool few =
                signers.error().reason == "no_quorum" || signers.error().reason == "no_known_signature";
            return {few ? Verdict::too_few : Verdict::bad, signers.error().detail};
        }
        // The policy that governs comes last, so its lines are what the served head is trimmed to.
        merge_lines(kept.note, ledger::trimmed_head(quorum, head).note);
        for (const auto& cosigner : signers->cosigners)
            signed_by.push_back(quorum.witnesses[cosigner.witness].key);
    }
    if (head.checkpoint.root != *root) return contradiction(head);

    for (const ledger::VerifierKey& key : signed_by) note_signed(key, head);
    const std::lock_guard lock(mutex_);
    if (latest_ && latest_->checkpoint.size >= size) return {Verdict::known, {}};
    keep_outside(kept, head);
    for (std::size_t i = 1; i < required.size(); ++i) transitions_.push_back({required[i]->leaf, kept});
    latest_ = std::move(kept);
    ++version_;
    return {Verdict::accepted, {}};
}

bool FinalHeads::add_outside(const ledger::Head& head) {
    const std::lock_guard lock(mutex_);
    if (!latest_ || head.checkpoint != latest_->checkpoint) return false;
    return keep_outside(*latest_, head);
}

// Precondition: mutex_ is held, and `kept` is of the same checkpoint.
bool FinalHeads::keep_outside(ledger::Head& kept, const ledger::Head& head) {
    bool added = false;
    const auto& lines = head.note.signatures;
    for (const ledger::VerifierKey& key : outside_keys(*policies_.at(kept.checkpoint.size))) {
        const auto by_key = [&key](const ledger::NoteSignature& line) {
            return line.id == key.id() && line.name == key.name;
        };
        auto& signatures = kept.note.signatures;
        if (signatures.size() >= max_head_lines || std::ranges::any_of(signatures, by_key)) continue;
        const auto line = std::ranges::find_if(lines, by_key);
        if (line == lines.end()) continue;
        const std::array keys{key};
        if (!ledger::verify_lines({head.note.text, {*line}}, keys)) continue;
        signatures.push_back(*line);
        added = true;
    }
    if (added) ++version_;
    return added;
}

OfferedHead FinalHeads::contradiction(const ledger::Head& head) const {
    return {Verdict::contradicts, "a quorum cosigned a head of " + std::to_string(head.checkpoint.size) +
                                      " leaves with another root than that of this node's own tree"};
}

OfferedHead FinalHeads::check_latest() const {
    const auto head = latest();
    if (!head) return {Verdict::known, {}};
    const auto root = ledger::read_root(head->checkpoint.size, tree_);
    assert(root && "the tree holds as many leaves");
    if (*root == head->checkpoint.root) return {Verdict::known, {}};
    return contradiction(*head);
}

std::optional<ledger::Head> FinalHeads::latest() const {
    const std::lock_guard lock(mutex_);
    return latest_;
}

std::uint64_t FinalHeads::size() const {
    const std::lock_guard lock(mutex_);
    return latest_ ? latest_->checkpoint.size : 0;
}

std::vector<Transition> FinalHeads::transitions() const {
    const std::lock_guard lock(mutex_);
    return transitions_;
}

void FinalHeads::note_signed(const ledger::VerifierKey& key, const ledger::Head& head) {
    const std::lock_guard lock(mutex_);
    ledger::Head& known = signed_[key.key];
    if (known.checkpoint.size >= head.checkpoint.size) return;
    known = {head.checkpoint, {head.note.text, {}}};
    for (const ledger::NoteSignature& line : head.note.signatures)
        if (line.id == key.id() && line.name == key.name) known.note.signatures.push_back(line);
    ++version_;
}

std::uint64_t FinalHeads::signed_by(const ledger::PublicKey& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = signed_.find(key);
    return found == signed_.end() ? 0 : found->second.checkpoint.size;
}

std::vector<ledger::Head> FinalHeads::signed_heads() const {
    const std::lock_guard lock(mutex_);
    std::vector<ledger::Head> heads;
    for (const auto& [key, head] : signed_) heads.push_back(head);
    return heads;
}

}  // namespace socai::node
