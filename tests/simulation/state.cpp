#include "tests/simulation/state.hpp"

#include <cassert>

#include "ledger/merkle_tree.hpp"

namespace socai::simulation {
namespace {

constexpr std::size_t max_timeline = 1'000;

std::string key_of(std::string_view source, std::string_view id) {
    std::string key;
    key.reserve(source.size() + 1 + id.size());
    key += source;
    key += '\0';
    key += id;
    return key;
}

std::uint64_t mixed(std::uint64_t digest, std::uint64_t word) {
    digest = (digest ^ word) * 0x9e3779b97f4a7c15u;
    return digest ^ (digest >> 31);
}

std::uint64_t mixed(std::uint64_t digest, std::string_view text) {
    for (const char c : text) digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return mixed(digest, text.size());
}

}  // namespace

State::State(Statements& statements) : statements_(statements) {
    const Leaf genesis{statements.genesis_time_ms(), statements.genesis()->digest, nullptr};
    apply(statements.genesis()->id, &genesis);
    flush();
}

std::optional<ledger::KnownRecord> State::find(std::string_view source, std::string_view id) const {
    const auto found = records_.find(key_of(source, id));
    if (found == records_.end()) return std::nullopt;
    return found->second;
}

std::vector<ledger::Address> State::with_dossier(std::string_view dossier_no) const {
    const auto found = dossiers_.find(dossier_no);
    return found == dossiers_.end() ? std::vector<ledger::Address>() : found->second;
}

std::vector<ledger::Address> State::referring_to(const ledger::Address& target) const {
    const auto found = referrers_.find(target);
    return found == referrers_.end() ? std::vector<ledger::Address>() : found->second;
}

std::string State::kind_at(const ledger::Address& address) const {
    const StatementPtr& statement = leaves_.at(address.index).statement;
    return statement == nullptr ? std::string() : std::string(statement->records.at(address.n).kind());
}

void State::apply(const consensus::EntryId& id, const Leaf* leaf) {
    assert(id.index == applied_ + 1);
    applied_ = id.index;
    applied_id_ = id;
    if (leaf != nullptr) add(*leaf);
}

void State::add(const Leaf& leaf) {
    const std::uint64_t index = leaves_.size();
    leaves_.push_back(leaf);
    frontier_.append(leaf.hash);
    digest_ = mixed(digest_, static_cast<std::uint64_t>(leaf.time_ms));
    for (std::size_t i = 0; i < 32; i += 8) {
        std::uint64_t word = 0;
        for (std::size_t j = 0; j < 8; ++j) word = word << 8 | leaf.hash[i + j];
        digest_ = mixed(digest_, word);
    }
    if (leaf.statement == nullptr) return;
    const auto& fields = statements_.fields(*leaf.statement);
    for (std::uint32_t n = 0; n < leaf.statement->records.size(); ++n) {
        const ledger::Record& record = leaf.statement->records[n];
        const ledger::Address address{index, n};
        const bool added =
            records_
                .try_emplace(key_of(record.source, record.id),
                             ledger::KnownRecord{address, record.digest, std::string(record.kind())})
                .second;
        assert(added && "admission lets no record in twice");
        if (fields[n].dossier_no) {
            dossiers_[*fields[n].dossier_no].push_back(address);
            digest_ = mixed(digest_, *fields[n].dossier_no);
        }
        for (const std::string& code : fields[n].hs_codes) digest_ = mixed(digest_, code);
        for (const ledger::Reference& reference : record.refs) {
            const auto target = find(reference.source, reference.id);
            assert(target && "admission lets no reference to nothing in");
            referrers_[target->address].push_back(address);
            digest_ = mixed(mixed(digest_, target->address.index), target->address.n);
        }
    }
}

// In the reverse order of add.
void State::remove_last() {
    const Leaf leaf = leaves_.back();
    assert(leaf.statement != nullptr && "the genesis stays");
    const auto& fields = statements_.fields(*leaf.statement);
    for (std::size_t n = leaf.statement->records.size(); n-- > 0;) {
        const ledger::Record& record = leaf.statement->records[n];
        for (const ledger::Reference& reference : record.refs) {
            referrers_[find(reference.source, reference.id)->address].pop_back();
        }
        if (fields[n].dossier_no) dossiers_[*fields[n].dossier_no].pop_back();
        records_.erase(key_of(record.source, record.id));
    }
    leaves_.pop_back();
}

void State::flush() {
    flushed_ = {applied_id_, leaves_.size(), frontier_, digest_};
}

void State::crash() {
    while (leaves_.size() > flushed_.size) remove_last();
    applied_ = flushed_.applied_id.index;
    applied_id_ = flushed_.applied_id;
    frontier_ = flushed_.frontier;
    digest_ = flushed_.digest;
}

void State::rewind(std::uint64_t size, const consensus::EntryId& applied_id) {
    assert(size >= 1 && size <= leaves_.size());
    const std::vector<Leaf> kept(leaves_.begin(), leaves_.begin() + static_cast<std::ptrdiff_t>(size));
    leaves_.clear();
    records_.clear();
    dossiers_.clear();
    referrers_.clear();
    frontier_ = {};
    digest_ = 0;
    for (const Leaf& leaf : kept) add(leaf);
    applied_ = applied_id.index;
    applied_id_ = applied_id;
    flush();
}

void State::become(const std::vector<Leaf>& leaves, const consensus::EntryId& applied_id) {
    assert(applied_id.index > applied_ && leaves.size() >= leaves_.size());
    for (std::size_t i = leaves_.size(); i < leaves.size(); ++i) add(leaves[i]);
    applied_ = applied_id.index;
    applied_id_ = applied_id;
}

std::string State::timelines() const {
    std::string text;
    for (const auto& [dossier, carriers] : dossiers_) {
        if (carriers.empty()) continue;
        text += dossier;
        for (const ledger::Address& address : inspection::timeline(*this, dossier, max_timeline)) {
            text += ' ' + ledger::to_string(address);
        }
        text += '\n';
    }
    return text;
}

}  // namespace socai::simulation
