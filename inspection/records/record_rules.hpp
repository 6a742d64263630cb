// Judges one record by everything that can be said of it from the record and what is registered: its schema, its values,
// its writer, its references. `socai validate` asks for all that is wrong, admission for the first.
//
// What needs the ledger's state has its place in Surroundings: today whether a source is registered and with which roles,
// and what kind a referenced record is (admission asks that apart, with judge_reference, once it has found the record).
// Designations in force and lifecycles are not asked here: they need what the ledger holds, and are the engine's
// (inspection/engine.hpp, catalog/bodies.hpp, shipments/lifecycle.hpp).
#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/records/breach.hpp"
#include "inspection/records/kind_table.hpp"
#include "inspection/records/schema.hpp"
#include "ledger/record.hpp"
#include "ledger/registry.hpp"

namespace socai::inspection {

// What stands before a record, as far as its rules ask. Whoever does not know answers nothing, and the rule is passed over.
class Surroundings {
  public:
    virtual ~Surroundings() = default;
    // Of agencies and their roles; nullptr: not known.
    virtual const ledger::Registry* registry() const { return nullptr; }
    // The kind of a record that stands before; nothing: not known.
    virtual std::optional<std::string> kind_of(const ledger::Reference&) const { return std::nullopt; }
};

// One kind with what belongs to it.
struct Kind {
    KindTraits traits;
    Schema schema;
    std::string article;  // why the kind has its form (x-article of the schema)
    std::string subject;  // which member of data is the business number (x-subject); empty: none
    std::string title;    // "tiếng Việt / English"
    // Members of data that the leaf may commit to instead of telling them (x-confidential of the schema); sorted. None is
    // required, none is a query key, and no rule computes with one.
    std::vector<std::string> confidential;
};

class RecordRules {
  public:
    // Compiles every schema, some milliseconds. Precondition: the embedded schemas are sound, which a test holds.
    RecordRules();

    // Sorted by name.
    const std::vector<Kind>& kinds() const { return kinds_; }
    const Kind* kind(std::string_view name) const;

    // Everything that is wrong, at most `limit` breaches. Values are looked at once the schema is kept.
    std::vector<Breach> judge(const ledger::Record& record, const Surroundings& surroundings,
                              std::size_t limit = 100) const;

    // The same for a record with what was disclosed of it in its place (ledger::opened), where `names` were disclosed.
    std::vector<Breach> judge_opened(const ledger::Record& record, const std::vector<std::string>& names,
                                     const Surroundings& surroundings, std::size_t limit = 100) const;

    // Is the writer registered, with a role that writes this kind? Nothing: yes, or the kind is unknown.
    std::optional<Breach> judge_writer(const ledger::Record& record, const ledger::Registry& registry) const;

    // What is wrong with the reference at `position` when the record that it leads to is of `target` kind.
    std::optional<Breach> judge_reference(const ledger::Record& record, std::size_t position,
                                          std::string_view target) const;
    // When it leads to none.
    Breach unknown_reference(const ledger::Record& record, std::size_t position) const;

  private:
    std::vector<Kind> kinds_;
};

}  // namespace socai::inspection
