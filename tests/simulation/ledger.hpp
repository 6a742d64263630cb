// Admission and apply of one node: what node/ledger_loop does with a thread and a queue, without either. On the
// leader it stamps times, admits and proposes; on followers it judges what the leader sends; on all it applies
// what is committed and answers those who wait for it. The rules are the shipped ones: ledger::admit over a
// ledger::Tail.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "consensus/core.hpp"
#include "tests/simulation/state.hpp"
#include "tests/simulation/statements.hpp"

namespace socai::simulation {

// What became of one attempt to have one statement admitted.
struct Attempt {
    enum class End : std::uint8_t {
        accepted,    // it stands at leaf `size` - 1, entry `index` or before
        refused,     // inadmissible where this ledger stands
        not_leader,  // nothing entered the log
        overloaded,  // nothing entered the log
        lost,        // leadership ended under way: it may or may not have entered the log
    };
    End end = End::lost;
    std::uint64_t leaf = 0;  // when accepted
};
using Done = std::function<void(Attempt)>;

class Ledger {
  public:
    struct Hooks {
        std::function<void(consensus::Propose)> propose;
        std::function<void(std::function<void(bool)>)> confirm_leadership;
        std::function<void(std::string)> fatal;  // an inadmissible entry in this node's own log
    };
    // `state` outlives it, and holds what is applied at start.
    // `early_answers`: a planted defect (sabotage.hpp).
    Ledger(Statements& statements, State& state, bool early_answers, Hooks hooks);

    // Admits all as one batch, stamped with this time where times do not have to rise.
    void submit(const std::vector<std::pair<StatementPtr, Done>>& batch, std::int64_t wall_ms);
    consensus::Verdict judge(const consensus::ValidateJob& job, std::int64_t wall_ms);

    // The log moves. `hollow`: its content is lost on this disk.
    void appended(consensus::EntryPtr entry, bool hollow);
    void truncated(consensus::Index from);
    void mended(consensus::Index index);
    void lead(std::optional<consensus::Term> term);
    void refused(consensus::Term term);
    // The log begins anew after what `state` holds now.
    void installed();
    // Applies what it can up to `index`; `each` after every entry.
    void apply(consensus::Index index, const std::function<void(const consensus::Entry&)>& each);

  private:
    struct Held {
        consensus::EntryPtr entry;
        bool hollow = false;
    };
    struct Waiter {
        Done done;
        Attempt attempt;
        std::optional<consensus::Term> needs_leadership;
    };

    bool align(consensus::Index index);
    bool push_trusted(const consensus::Entry& entry);
    std::optional<std::string> fault_of(const consensus::ValidateJob& job, std::int64_t wall_ms, bool& early);
    void answer_applied();
    void fail_waiting();

    Statements& statements_;
    State& state_;
    const bool early_answers_;
    Hooks hooks_;
    std::optional<ledger::Tail> tail_;
    std::deque<Held> log_tail_;  // appended, not applied: consecutive from the state's position + 1
    std::size_t held_ = 0;       // leading entries of log_tail_ whose leaves the overlay holds
    std::uint64_t held_size_ = 0;
    std::optional<consensus::Term> wanted_;  // the core leads this term
    std::optional<consensus::Term> leads_;   // and the overlay holds the whole log: admitting under this term
    std::multimap<std::uint64_t, Waiter> waiting_;  // by the size that must be applied
};

}  // namespace socai::simulation
