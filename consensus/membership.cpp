#include "consensus/membership.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "consensus/chain.hpp"

namespace socai::consensus {
namespace {

constexpr char format = 0x01;

bool is_sorted_set(const std::vector<NodeId>& nodes) {
    return nodes.size() <= max_members &&
           std::adjacent_find(nodes.begin(), nodes.end(), std::greater_equal<>()) == nodes.end() &&
           (nodes.empty() || nodes.front().value != 0);
}

std::size_t differing(const std::vector<NodeId>& a, const std::vector<NodeId>& b) {
    std::vector<NodeId> different;
    std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(different));
    return different.size();
}

void put(std::string& bytes, std::uint64_t value, int width) {
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
}

// Takes from the front; after a failure everything taken is empty.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}
    std::uint64_t number(std::size_t width) {
        std::uint64_t value = 0;
        for (const char byte : take(width)) value = value << 8 | static_cast<unsigned char>(byte);
        return value;
    }
    std::string_view take(std::size_t size) {
        if (rest_.size() < size) {
            failed_ = true;
            return {};
        }
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    std::vector<NodeId> list() {
        const std::uint64_t count = number(4);
        std::vector<NodeId> nodes;
        if (count > max_members) failed_ = true;
        for (std::uint64_t i = 0; i < count && !failed_; ++i) nodes.push_back({number(8)});
        return nodes;
    }
    bool complete() const { return !failed_ && rest_.empty(); }

  private:
    std::string_view rest_;
    bool failed_ = false;
};

}  // namespace

bool is_well_formed(const Configuration& configuration) {
    const auto& [voters, outgoing, learners] = configuration;
    if (voters.empty() || !is_sorted_set(voters) || !is_sorted_set(outgoing) || !is_sorted_set(learners)) {
        return false;
    }
    return std::none_of(learners.begin(), learners.end(), [&](NodeId learner) {
        return std::binary_search(voters.begin(), voters.end(), learner);
    });
}

Configuration plan_change(const Configuration& current, std::vector<NodeId> voters,
                          std::vector<NodeId> learners, bool joint) {
    assert(!current.joint());
    Configuration next{.voters = std::move(voters), .outgoing = {}, .learners = std::move(learners)};
    if (joint || differing(current.voters, next.voters) > 1) next.outgoing = current.voters;
    return next;
}

Configuration left(const Configuration& joint) {
    assert(joint.joint());
    return {.voters = joint.voters, .outgoing = {}, .learners = joint.learners};
}

bool may_follow(const Configuration& current, const Configuration& next) {
    if (!is_well_formed(next)) return false;
    if (current.joint()) return next == left(current);
    if (next.joint()) return next.outgoing == current.voters;
    return differing(current.voters, next.voters) <= 1;
}

std::string encode_configuration(const Configuration& configuration, std::string_view note) {
    std::string bytes(1, format);
    for (const auto* list : {&configuration.voters, &configuration.outgoing, &configuration.learners}) {
        put(bytes, list->size(), 4);
        for (const NodeId node : *list) put(bytes, node.value, 8);
    }
    put(bytes, note.size(), 4);
    bytes += note;
    return bytes;
}

std::optional<ConfigurationEntry> decode_configuration(std::string_view payload) {
    Reader reader(payload);
    if (reader.number(1) != static_cast<std::uint64_t>(format)) return std::nullopt;
    ConfigurationEntry entry;
    entry.configuration.voters = reader.list();
    entry.configuration.outgoing = reader.list();
    entry.configuration.learners = reader.list();
    const std::uint64_t note = reader.number(4);
    if (note > max_note_bytes) return std::nullopt;
    entry.note = reader.take(note);
    if (!reader.complete() || !is_well_formed(entry.configuration)) return std::nullopt;
    return entry;
}

EntryPtr make_configuration(const EntryId& previous, Term term, const Configuration& configuration,
                            std::string_view note) {
    std::string payload = encode_configuration(configuration, note);
    const Digest digest = sha256(payload);
    return make_entry(previous, term, EntryKind::configuration, digest, std::nullopt, std::move(payload));
}

Memberships::Memberships(std::vector<ConfigurationEntry> known) : known_(std::move(known)) {
    assert(!known_.empty());
    for (std::size_t i = 1; i < known_.size(); ++i) assert(known_[i - 1].id.index < known_[i].id.index);
}

const ConfigurationEntry& Memberships::at(Index index) const {
    auto found = known_.rbegin();
    while (std::next(found) != known_.rend() && found->id.index > index) ++found;
    return *found;
}

const ConfigurationEntry* Memberships::before() const {
    return known_.size() > 1 ? &known_[known_.size() - 2] : nullptr;
}

void Memberships::append(ConfigurationEntry entry) {
    assert(entry.id.index > current().id.index);
    known_.push_back(std::move(entry));
}

bool Memberships::truncate(Index first) {
    const std::size_t before = known_.size();
    while (known_.size() > 1 && known_.back().id.index >= first) known_.pop_back();
    return known_.size() != before;
}

void Memberships::prune(Index base) {
    while (known_.size() > 1 && known_[1].id.index <= base) known_.erase(known_.begin());
}

}  // namespace socai::consensus
