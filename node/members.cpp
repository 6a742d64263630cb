#include "node/members.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <set>

#include "consensus/quorum.hpp"

namespace socai::node {

Members::Members(consensus::NodeId self, std::vector<consensus::ConfigurationEntry> known,
                 std::vector<Member> contacts)
    : self_(self), contacts_(std::move(contacts)), known_(std::move(known)) {
    assert(!known_.empty());
    for (const Member& contact : contacts_) described_.emplace(contact.id, contact);
    for (const auto& entry : known_) describe(entry);
}

// Precondition: mutex_ is held, or nobody else knows this object yet.
void Members::describe(const consensus::ConfigurationEntry& entry) {
    const auto note = decode_note(entry.note);
    assert(note && "checked before the append");
    for (const Member& member : note->members) described_.insert_or_assign(member.id, member);
}

void Members::changed(consensus::ConfigurationEntry entry) {
    const std::lock_guard lock(mutex_);
    while (!known_.empty() && known_.back().id.index >= entry.id.index) known_.pop_back();
    describe(entry);
    known_.push_back(std::move(entry));
}

void Members::committed(consensus::Index index) {
    const std::lock_guard lock(mutex_);
    while (known_.size() > 1 && known_[1].id.index <= index) known_.erase(known_.begin());
}

consensus::ConfigurationEntry Members::current() const {
    const std::lock_guard lock(mutex_);
    return known_.back();
}

consensus::ConfigurationEntry Members::at(consensus::Index index) const {
    const std::lock_guard lock(mutex_);
    const auto later = std::ranges::find_if(
        known_, [&](const consensus::ConfigurationEntry& entry) { return entry.id.index > index; });
    return later == known_.begin() ? known_.front() : *std::prev(later);
}

MemberNote Members::note() const {
    return *decode_note(current().note);
}

std::optional<Member> Members::find(consensus::NodeId id) const {
    const std::lock_guard lock(mutex_);
    const auto found = described_.find(id);
    return found == described_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Member> Members::find(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(described_.rbegin(), described_.rend(),
                                    [&](const auto& item) { return item.second.name == name; });
    return found == described_.rend() ? std::nullopt : std::optional(found->second);
}

std::string Members::name(consensus::NodeId id) const {
    if (id == consensus::NodeId{}) return "none";
    const auto member = find(id);
    return member ? member->name : "node " + std::to_string(id.value);
}

bool Members::is_member(consensus::NodeId id) const {
    const auto members = consensus::members(current().configuration);
    return std::binary_search(members.begin(), members.end(), id);
}

std::vector<Member> Members::reachable(const consensus::Status& status) const {
    const bool joined = is_member(self_);
    const std::lock_guard lock(mutex_);
    std::set<consensus::NodeId> wanted;
    for (const auto& entry : known_)
        for (const consensus::NodeId id : consensus::members(entry.configuration)) wanted.insert(id);
    for (const auto& peer : status.peers) wanted.insert(peer.id);
    if (!joined)
        for (const Member& contact : contacts_) wanted.insert(contact.id);
    wanted.erase(self_);
    std::vector<Member> members;
    for (const consensus::NodeId id : wanted) {
        const auto found = described_.find(id);
        if (found != described_.end()) members.push_back(found->second);
    }
    return members;
}

}  // namespace socai::node
