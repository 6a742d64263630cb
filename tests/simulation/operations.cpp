#include "tests/simulation/operations.hpp"

#include <algorithm>
#include <cassert>

namespace socai::simulation {

Operations::Id Operations::invoke_append(StatementPtr statement) {
    appends_.push_back({std::move(statement), floor_, Outcome::pending, 0});
    ++pending_;
    return appends_.size() - 1;
}

std::optional<std::string> Operations::acknowledge(Id append, std::uint64_t leaf) {
    Append& each = appends_.at(append);
    assert(each.outcome == Outcome::pending);
    each.outcome = Outcome::acknowledged;
    each.leaf = leaf;
    --pending_;
    floor_ = std::max(floor_, leaf + 1);
    if (leaf < each.floor) {
        return "append " + std::to_string(append) + " is acknowledged at leaf " + std::to_string(leaf) +
               ", but when it was invoked " + std::to_string(each.floor) + " leaves were known to stand";
    }
    return std::nullopt;
}

void Operations::give_up(Id append, Outcome outcome) {
    Append& each = appends_.at(append);
    assert(each.outcome == Outcome::pending && outcome != Outcome::pending);
    each.outcome = outcome;
    --pending_;
}

std::optional<std::string> Operations::read(std::uint64_t floor, std::uint64_t size, const ledger::Hash& root,
                                            consensus::Index index, const History& history) {
    if (size < floor) {
        return "a stale read: it saw " + std::to_string(size) + " leaves, when it began " +
               std::to_string(floor) + " were known to stand";
    }
    if (index > history.last() || history.size_at(index) != size || history.root_at(index) != root) {
        return "a read at index " + std::to_string(index.value) + " saw what is not in the history";
    }
    floor_ = std::max(floor_, size);
    return std::nullopt;
}

std::optional<std::string> Operations::check(const std::vector<Leaf>& ledger) const {
    std::unordered_map<const ledger::Statement*, std::size_t> stands;
    for (std::size_t leaf = 0; leaf < ledger.size(); ++leaf) {
        if (ledger[leaf].statement == nullptr) continue;
        if (!stands.emplace(ledger[leaf].statement.get(), leaf).second) {
            return "the statement at leaf " + std::to_string(leaf) + " stands twice";
        }
    }
    for (const Append& each : appends_) {
        const auto found = stands.find(each.statement.get());
        if (each.outcome == Outcome::failed && found != stands.end()) {
            return "a statement that definitely failed stands at leaf " + std::to_string(found->second);
        }
        if (each.outcome != Outcome::acknowledged) continue;
        if (found == stands.end())
            return "the statement acknowledged at leaf " + std::to_string(each.leaf) + " is lost";
        if (found->second != each.leaf) {
            return "the statement acknowledged at leaf " + std::to_string(each.leaf) + " stands at " +
                   std::to_string(found->second);
        }
    }
    return std::nullopt;
}

}  // namespace socai::simulation
