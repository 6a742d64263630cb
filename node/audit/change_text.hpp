// What followed from each leaf, as an audit keeps it (state_file.hpp, F.facts): for each leaf with changes its index as
// u64, their number as u32, and each as ledger::digest_after takes it: length of the key as u32, key, 1 and length of the
// value as u32 and value, or 0 when it is gone. Integers big-endian. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/facts.hpp"

namespace socai::node::audit {

// Precondition: `changes` is not empty.
std::string change_text(std::uint64_t leaf, const std::vector<ledger::FactChange>& changes);

// Reads it in pieces of any length. Keeps no more than the changes of one leaf and one piece.
class ChangeReader {
  public:
    // Told of each leaf when its changes are all there. False: it is not what should stand here.
    using Take = std::function<bool(std::uint64_t leaf, const std::vector<ledger::FactChange>& changes)>;
    explicit ChangeReader(Take take) : take_(std::move(take)) {}

    // The next piece. False, then and for all later ones: it is malformed, or was not taken.
    bool read(std::string_view piece);
    // Nothing was begun that has not ended.
    bool complete() const { return good_ && pending_.empty() && left_ == 0; }

  private:
    bool begin_leaf(std::string_view& rest);
    bool read_change(std::string_view& rest);

    const Take take_;
    std::string pending_;  // begun, and not all there
    std::uint64_t leaf_ = 0;
    std::uint32_t left_ = 0;  // changes of leaf_ that are still to come
    std::vector<ledger::FactChange> changes_;
    bool good_ = true;
};

}  // namespace socai::node::audit
