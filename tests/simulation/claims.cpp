// What is checked where somebody lies, by the words of design/consensus.md, "What is claimed against a lying
// leader": inadmissible content is never applied by an honest node; what is committed and not final may split, and a
// comparison of heads finds it.
#include "consensus/chain.hpp"
#include "tests/simulation/checks.hpp"
#include "tests/simulation/history.hpp"
#include "tests/simulation/node.hpp"

namespace socai::simulation {

using namespace consensus;

std::optional<std::string> inadmissible(Statements& statements, const std::vector<Leaf>& leaves) {
    if (leaves.size() < 2) return std::nullopt;  // the genesis is trusted by its hash
    const Leaf& last = leaves.back();
    if (last.statement == nullptr || !statements.number_of(*last.statement))
        return "a statement that nobody signed";
    if (last.time_ms < leaves[leaves.size() - 2].time_ms) return "a time that went back";
    return std::nullopt;  // a record twice: State has asserted it
}

// The first honest node to apply something makes the history, the others are compared with it.
void Checks::claim_applied(const Node& node, const Entry& entry) {
    const State& state = node.state();
    if (entry.kind == EntryKind::payload) {
        if (auto what = inadmissible(world_.statements, state.leaves()))
            return fail(node, "applied " + *what);
    }
    History& history = *world_.history;
    if (entry.id.index == history.last() + 1 && follows(history.id_at(history.last()), entry)) {
        ++world_.counts.commits;
        if (auto breach = history.commit(entry, entry.id.term)) return fail(node, *breach);
    }
    if (entry.id.index <= history.last() && !history.compare(entry.id.index, state, true)) return;
    // This node's log is another one: a split, if the ledgers differ too. Whoever compares two heads of one size sees
    // it.
    for (Index index = history.last(); index.value > 0 && history.size_at(index) >= state.size();
         index = index - 1) {
        if (history.size_at(index) != state.size()) continue;
        if (history.root_at(index) != state.frontier().root()) {
            world_.split = true;
        } else if (history.state().leaves()[state.size() - 1].hash != state.leaves().back().hash) {
            fail(node, "differs from others, and its head does not show it");
        }
    }
}

}  // namespace socai::simulation
