// Rules for the tests of what an audit derives: how many records a source has written, and which was its last. Each may
// be made to go wrong at one leaf, as a node with a fault, or one that was tampered with.
#pragma once

#include <cstdint>
#include <string>

#include "ledger/admission.hpp"

namespace socai::node::test {

class CountingRules : public ledger::Rules {
  public:
    std::uint64_t odd_at = 0;  // the leaf from which it works out something else; 0: none
    std::string refused;       // the id of a record that may not follow

    ledger::Result<void> check(const ledger::Record&, const ledger::Registry&) const override { return {}; }
    ledger::Result<void> check_reference(const ledger::Record&, std::size_t,
                                         std::string_view) const override {
        return {};
    }
    ledger::Result<void> take(const ledger::Coming& coming, ledger::FactDraft& facts) const override {
        const ledger::Record& record = coming.record;
        if (record.id == refused)
            return ledger::Error{ledger::Fault::refused, "not_yet", "too early / quá sớm [test]"};
        const auto before = facts.get("count/" + record.source);
        const std::uint64_t step = coming.address.index == odd_at ? 2 : 1;
        facts.put("count/" + record.source,
                  std::to_string((before ? std::stoull(*before) : std::uint64_t{0}) + step));
        if (coming.address.index % 10 == 0)
            facts.erase("last/" + record.source);
        else
            facts.put("last/" + record.source, record.id);
        return {};
    }
};

}  // namespace socai::node::test
