// The registry in the facts (ledger/facts.hpp): what acts and proposals changed of what the genesis founded. The tables are
// small ones, kept in memory by every node (their names begin with '!'):
//   !agency/<code>                  {parent, roles[], name_vi, name_en}
//   !key/<kid>                      {purpose, x, valid_from, valid_to, rights[], at}
//   !delegation/<delegate>\0<source>  true, or false: ended
//   !held/<code>                    true, or false
// Values are JSON, written in this order of members. Pure; one thread at a time.
#pragma once

#include <memory>
#include <vector>

#include "ledger/facts.hpp"
#include "ledger/registry.hpp"

namespace socai::ledger {

// A registry under change: what is done to it is written into the facts too. After an error neither is worth anything.
class RegistryDraft {
  public:
    RegistryDraft(const Registry& registry, FactDraft& facts) : registry_(registry), facts_(facts) {}

    const Registry& registry() const { return registry_; }
    FactDraft& facts() { return facts_; }
    // As Registry's own, with its errors.
    Result<void> add_agency(Agency agency);
    Result<void> change_agency(Agency agency);
    Result<void> add_key(RegisteredKey key);
    Result<void> end_key(std::string_view kid, std::uint64_t index);
    Result<void> give_rights(std::string_view kid, std::vector<std::string> rights);
    Result<void> add_delegation(const std::string& delegate, const std::string& source);
    Result<void> end_delegation(std::string_view delegate, std::string_view source);
    Result<void> hold(std::string_view agency, bool held);

  private:
    void write_agency(std::string_view code);
    void write_key(std::string_view kid);

    Registry registry_;
    FactDraft& facts_;
};

// The registry after `changes`, or nothing: it stays as it is. `before` is what stood before them.
std::shared_ptr<const Registry> registry_after(const Registry& before,
                                               const std::vector<FactChange>& changes);
// The registry of a position from what the genesis founded and the facts there. Nothing: as founded.
std::shared_ptr<const Registry> registry_in_facts(const Registry& founded, const Facts& facts);

}  // namespace socai::ledger
