// Amounts that a later record may take the place of: a corrected result is counted out and in again on the day of the
// original, so that the figures of a past period follow its corrections while those as of an earlier leaf do not
// (design/domain.md 10, 15). Pure; threads as ledger/facts.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/fact_codec.hpp"
#include "inspection/statistics/tally.hpp"
#include "ledger/record.hpp"

namespace socai::inspection {

// Whose counts, on a sheet that the caller knows.
struct Counted {
    std::string regime;
    std::string agency;
    Amounts counts;
    bool operator==(const Counted&) const = default;
    template <class Codec>
    void members(Codec& codec) {
        codec(regime, agency, counts);
    }
};

// Adds `added` where the same regime and agency stand, so that each pair stands once.
void gather(std::vector<Counted>& what, const Counted& added);

// What stands counted under a name.
struct Stated {
    Date day;
    std::vector<Counted> what;
    template <class Codec>
    void members(Codec& codec) {
        codec(day, what);
    }
};

// Something that is counted as one: "dossier" and its number, "result" and the place of the first.
struct StatedName {
    Sheet sheet;
    std::string_view name;
};
std::optional<Stated> find_stated(const ledger::Facts& facts, const StatedName& name);

// Amounts `what` under the name: on `day` if nothing stands there; else on the day of what stands, less that.
void restate(ledger::FactDraft& facts, const StatedName& name, std::vector<Counted> what, Date day,
             std::uint64_t index);
// The same for what is a state rather than an event: what stands is counted out on `day`, when it ends.
void move_on(ledger::FactDraft& facts, const StatedName& name, std::vector<Counted> what, Date day,
             std::uint64_t index);

// The first of the records of which each supersedes or closes the one before, up to this one, as a name; itself if it does
// neither. Takes down what it finds.
std::string original_of(ledger::FactDraft& facts, const ledger::Record& record);

}  // namespace socai::inspection
