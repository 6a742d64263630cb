// What is applied, as admission asks for it, for threads other than the one that applies: facts as of one moment, records as
// they are found. Lives no longer than the store; one thread.
#pragma once

#include <memory>

#include "ledger/admission.hpp"
#include "storage/state_store.hpp"

namespace socai::node {

class AppliedView : public ledger::View {
  public:
    explicit AppliedView(const storage::StateStore& state)
        : state_(state), registry_(state.registry()), facts_(state.snapshot_facts()) {}

    std::uint64_t size() const override { return facts_->position().size; }
    std::int64_t last_time_ms() const override { return facts_->position().last_time_ms; }
    std::optional<ledger::KnownRecord> find(std::string_view source, std::string_view id) const override {
        return state_.find(source, id);
    }
    std::optional<ledger::Hash> find_node(std::string_view name) const override {
        return state_.find_node(name);
    }
    const ledger::Facts& facts() const override { return facts_->facts(); }
    std::shared_ptr<const ledger::Registry> registry() const override { return registry_; }
    ledger::Hash root() const override { return state_.root(); }
    ledger::Hash root_with(const ledger::Hash& leaf) const override { return state_.root_with(leaf); }

  private:
    const storage::StateStore& state_;
    const std::shared_ptr<const ledger::Registry> registry_;
    const std::unique_ptr<storage::FactsSnapshot> facts_;
};

}  // namespace socai::node
