#include "tests/simulation/atlas.hpp"

#include <algorithm>

#include "consensus/quorum.hpp"
#include "tests/simulation/history.hpp"
#include "tests/simulation/node.hpp"

namespace socai::simulation {

using namespace consensus;

bool Atlas::is_spoiled(NodeId id) const {
    const Node& node = *world_.nodes.at(id.value - 1);
    return node.gone() || node.lies() || !node.disk().sound();
}

// Those of every log from the newest committed one on: each of them may yet elect and commit.
std::vector<Configuration> Atlas::in_force() const {
    std::vector<Configuration> found;
    const auto add = [&](const Configuration& configuration) {
        if (std::find(found.begin(), found.end(), configuration) == found.end())
            found.push_back(configuration);
    };
    Index newest_committed;
    for (const auto& node : world_.nodes) {
        for (const ConfigurationEntry& each : node->disk().configurations()) {
            if (world_.history->contains(each.id))
                newest_committed = std::max(newest_committed, each.id.index);
        }
    }
    for (const auto& node : world_.nodes) {
        if (node->gone()) continue;
        for (const ConfigurationEntry& each : node->disk().configurations()) {
            if (each.id.index >= newest_committed) add(each.configuration);
        }
        if (node->running()) add(node->status().configuration);
    }
    return found;
}

namespace {

template <class IsSpoiled>
bool within_minority(const std::vector<NodeId>& voters, const IsSpoiled& is_spoiled) {
    const auto spoiled = static_cast<std::size_t>(std::count_if(voters.begin(), voters.end(), is_spoiled));
    return voters.empty() || spoiled <= (voters.size() - 1) / 2;
}

}  // namespace

bool Atlas::may_spoil(NodeId node) const {
    const auto spoiled = [&](NodeId id) { return id == node || is_spoiled(id); };
    for (const Configuration& each : in_force()) {
        if (!within_minority(each.voters, spoiled) || !within_minority(each.outgoing, spoiled)) return false;
    }
    return true;
}

bool Atlas::is_sound(const Configuration& configuration) const {
    const auto spoiled = [&](NodeId id) { return is_spoiled(id); };
    return within_minority(configuration.voters, spoiled) && within_minority(configuration.outgoing, spoiled);
}

std::size_t Atlas::intact_copies(const EntryId& id, NodeId but_not) const {
    std::size_t copies = 0;
    const std::vector<Configuration> configurations = in_force();
    for (const auto& node : world_.nodes) {
        if (node->id() == but_not || node->gone() || node->lies()) continue;
        // Content is asked of members only.
        const bool is_asked =
            std::all_of(configurations.begin(), configurations.end(), [&](const Configuration& each) {
                const std::vector<NodeId> all = members(each);
                return std::binary_search(all.begin(), all.end(), node->id());
            });
        if (!is_asked) continue;
        const EntryPtr entry = node->disk().intact(id.index);
        copies += entry != nullptr && entry->id == id;
    }
    return copies;
}

bool Atlas::may_damage(NodeId node, Index index) const {
    const EntryPtr entry = world_.nodes.at(node.value - 1)->disk().intact(index);
    // Content alone can be lost and fetched; configurations and no-ops are kept with the ids (core.hpp, Damaged).
    if (entry == nullptr || entry->kind != EntryKind::payload) return false;
    // Where somebody's log begins later, that base may yet replace the other copies.
    const bool pruned = std::any_of(world_.nodes.begin(), world_.nodes.end(), [&](const auto& other) {
        return !other->gone() && other->disk().base().index >= index;
    });
    return !pruned && may_spoil(node) && intact_copies(entry->id, node) > 0 && may_drop(node, index, index);
}

bool Atlas::may_drop(NodeId node, Index first, Index last) const {
    for (const auto& other : world_.nodes) {
        if (other->id() == node || other->gone()) continue;
        const auto& damaged = other->disk().damaged();
        for (auto index = damaged.lower_bound(first); index != damaged.end() && *index <= last; ++index) {
            if (intact_copies(*other->disk().id_at(*index), node) == 0) return false;
        }
    }
    return true;
}

}  // namespace socai::simulation
