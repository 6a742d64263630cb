#include "node/head_collection.hpp"

#include <algorithm>
#include <array>

namespace socai::node {
namespace {

bool is_by(const ledger::NoteSignature& line, const ledger::VerifierKey& key) {
    return line.id == key.id() && line.name == key.name;
}

bool is_signed_by(const ledger::Head& head, const ledger::VerifierKey& key) {
    return std::ranges::any_of(head.note.signatures, [&](const auto& line) { return is_by(line, key); });
}

}  // namespace

void HeadCollection::open(std::uint64_t size, const ledger::Hash& root) {
    ledger::Checkpoint checkpoint{origin_, size, root};
    std::string text = checkpoint.to_string();
    heads_.try_emplace(size, ledger::Head{std::move(checkpoint), {std::move(text), {}}});
    if (heads_.size() > max_open_heads) heads_.erase(heads_.begin());
    ++version_;
}

void HeadCollection::close_up_to(std::uint64_t size) {
    heads_.erase(heads_.begin(), heads_.upper_bound(size));
    ++version_;
}

void HeadCollection::clear() {
    heads_.clear();
    ++version_;
}

HeadCollection::Added HeadCollection::add(const std::string& note, const SignerKeys& keys) {
    using What = Added::What;
    auto head = ledger::parse_head(note);
    if (!head || head->checkpoint.origin != origin_) return {What::bad, {}};
    const auto open = heads_.find(head->checkpoint.size);
    if (open == heads_.end()) return {What::unknown, {}};
    if (is_signed_by(open->second, keys.cosigner) && head->checkpoint.root == open->second.checkpoint.root)
        return {What::repeated, {}};
    const std::array known{keys.log, keys.cosigner};
    const auto lines = ledger::verify_lines(head->note, known);
    if (!lines) return {What::bad, {}};
    const auto cosigned = std::ranges::find(*lines, std::size_t{1}, &ledger::VerifiedLine::key);
    if (cosigned == lines->end()) return {What::bad, {}};
    if (head->checkpoint.root != open->second.checkpoint.root) return {What::other_root, *std::move(head)};
    const auto logged = std::ranges::find(*lines, std::size_t{0}, &ledger::VerifiedLine::key);
    auto& signatures = open->second.note.signatures;
    if (logged != lines->end()) signatures.push_back(head->note.signatures[logged->line]);
    signatures.push_back(head->note.signatures[cosigned->line]);
    ++version_;
    return {What::added, {}};
}

// The lines were verified as they came: who they are by is enough here.
bool HeadCollection::is_complete(const ledger::Head& head, const std::vector<GoverningPolicyPtr>& policies,
                                 bool with_outside) {
    return std::ranges::all_of(policies, [&](const GoverningPolicyPtr& governing) {
        const ledger::Policy& policy = governing->value.policy;
        const bool logged = std::ranges::any_of(
            policy.logs, [&](const ledger::PolicyLog& log) { return is_signed_by(head, log.key); });
        if (!logged) return false;
        std::vector<std::size_t> witnesses;
        if (with_outside) witnesses = outside_witnesses(*governing);
        for (std::size_t i = 0; i < policy.witnesses.size(); ++i)
            if (is_signed_by(head, policy.witnesses[i].key)) witnesses.push_back(i);
        return ledger::meets_quorum(policy, witnesses);
    });
}

// Precondition: is_complete with those from outside.
HeadCollection::ForOutside HeadCollection::shown(const ledger::Head& head,
                                                 const std::vector<GoverningPolicyPtr>& policies) {
    ForOutside shown{{head.checkpoint, {head.note.text, {}}}, {}};
    for (const GoverningPolicyPtr& governing : policies) {
        const auto trimmed =
            ledger::trimmed_head(governing->value.policy, head, outside_witnesses(*governing));
        for (const ledger::NoteSignature& line : trimmed.note.signatures)
            if (std::ranges::find(shown.head.note.signatures, line) == shown.head.note.signatures.end())
                shown.head.note.signatures.push_back(line);
        for (const ledger::VerifierKey& key : outside_keys(*governing))
            if (!is_signed_by(head, key) && std::ranges::find(shown.lacking, key) == shown.lacking.end())
                shown.lacking.push_back(key);
    }
    return shown;
}

}  // namespace socai::node
