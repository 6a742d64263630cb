#include "node/audit/derivation.hpp"

#include "node/audit/change_text.hpp"
#include "storage/state_database.hpp"

namespace socai::node::audit {

void Derivation::add(const std::vector<ledger::FactChange>& changes) {
    if (!changes.empty()) {
        digest_ = ledger::digest_after(digest_, changes);
        facts_.apply(changes);
        if (collects_) {
            new_.emplace_back(leaves(), change_text(leaves(), changes));
            new_bytes_ += new_.back().second.size();
        }
    }
    marks_.push_back(storage::digest_mark(digest_));
}

bool Derivation::restore(std::uint64_t leaf, const std::vector<ledger::FactChange>& changes) {
    if (leaf < leaves()) return false;
    pass(leaf);
    add(changes);
    return true;
}

void Derivation::pass(std::uint64_t leaves) {
    while (this->leaves() < leaves) marks_.push_back(storage::digest_mark(digest_));
}

std::string Derivation::take_new(std::uint64_t end) {
    std::string text;
    for (; !new_.empty() && new_.front().first < end; new_.pop_front()) text += new_.front().second;
    new_bytes_ -= text.size();
    return text;
}

}  // namespace socai::node::audit
