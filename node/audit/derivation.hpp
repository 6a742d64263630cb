// What the rules derive from the leaves that an audit has been through, and how it came about: the facts, the running
// digest of their changes, and its mark after each leaf (ledger/derived_mark.hpp), 8 bytes a leaf. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "ledger/facts.hpp"
#include "ledger/hash.hpp"

namespace socai::node::audit {

class Derivation {
  public:
    // What follows from the next leaf; nothing does from most that are not admissible, and from leaf 0.
    void add(const std::vector<ledger::FactChange>& changes);
    // The same of leaf `leaf`, when nothing follows from those before it. False: that one is there already.
    bool restore(std::uint64_t leaf, const std::vector<ledger::FactChange>& changes);
    // Nothing follows from the next, up to `leaves` in all.
    void pass(std::uint64_t leaves);

    std::uint64_t leaves() const { return marks_.size(); }
    const ledger::FactMap& facts() const { return facts_; }
    const ledger::Hash& digest() const { return digest_; }
    // After the first `size` leaves. Precondition: 0 < size <= leaves().
    std::uint64_t mark(std::uint64_t size) const { return marks_[size - 1]; }

    // What was added since the last call to leaves before `end`, as change_text.hpp writes it; collected only after
    // collect() was called.
    void collect() { collects_ = true; }
    std::string take_new(std::uint64_t end);
    std::size_t new_bytes() const { return new_bytes_; }

  private:
    ledger::FactMap facts_;
    ledger::Hash digest_{};
    std::deque<std::uint64_t> marks_;
    bool collects_ = false;
    std::deque<std::pair<std::uint64_t, std::string>> new_;  // leaf, text
    std::size_t new_bytes_ = 0;                              // in all texts of new_
};

}  // namespace socai::node::audit
