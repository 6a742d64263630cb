// The statements of all runs of a process: signed once, parsed once, their signatures checked once. Signing is
// deterministic (RFC 8032) and so is every text here, so that what was made for one seed serves the next.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "consensus/types.hpp"
#include "inspection/fields.hpp"
#include "inspection/kinds.hpp"
#include "ledger/admission.hpp"
#include "ledger/genesis.hpp"

namespace socai::simulation {

using StatementPtr = std::shared_ptr<const ledger::Statement>;

// What no honest leader admits.
enum class Forgery : std::uint8_t { bad_signature, unknown_key, foreign_source };
inline constexpr std::size_t forgery_count = 3;

class Statements {
  public:
    Statements();

    const ledger::Context& context() const { return context_; }
    // The first entry of every log: index 1, term 1.
    const consensus::EntryPtr& genesis() const { return genesis_entry_; }
    std::int64_t genesis_time_ms() const;

    // The n-th of an endless row of good statements: records of some dossiers, some in bundles, some that refer
    // to an earlier one of the row.
    const StatementPtr& good(std::size_t n);
    // Which of the row it is by its exact text; nothing: it was never signed by an honest source.
    std::optional<std::size_t> number_of(const ledger::Statement& statement) const;
    StatementPtr forged(Forgery forgery, std::size_t n);

    // Parse and signature check of a text, as every follower does it, memoised.
    const ledger::Result<StatementPtr>& judged(std::string_view text);
    // A planted defect (sabotage.hpp): from now on every signature passes.
    void trust_everybody() { trusting_ = true; }

    // inspection::fields_of each record of a statement that came from here, memoised.
    const std::vector<inspection::Fields>& fields(const ledger::Statement& statement);

  private:
    StatementPtr sign(std::size_t n, std::string_view source, std::string_view kid,
                      std::string_view key) const;

    ledger::Genesis genesis_;
    // The records here are of kinds with names alone.
    struct EveryRecord : ledger::Rules {
        ledger::Result<void> check(const ledger::Record&, const ledger::Registry&) const override {
            return {};
        }
        ledger::Result<void> check_reference(const ledger::Record&, std::size_t,
                                             std::string_view) const override {
            return {};
        }
    };
    EveryRecord rules_;
    ledger::Context context_;
    bool trusting_ = false;
    consensus::EntryPtr genesis_entry_;
    std::unordered_map<std::size_t, StatementPtr> good_;  // looked up only, like the others
    // By the whole text; its end, the signature, spreads well enough to hash only that.
    struct HashOfEnd {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(
                text.substr(text.size() - std::min<std::size_t>(text.size(), 16)));
        }
    };
    template <class Value>
    using ByText = std::unordered_map<std::string, Value, HashOfEnd, std::equal_to<>>;
    ByText<std::size_t> numbers_;
    ByText<ledger::Result<StatementPtr>> judged_;
    std::unordered_map<const ledger::Statement*, std::vector<inspection::Fields>> fields_;
};

}  // namespace socai::simulation
