#include "tests/scenarios/runner/network.hpp"

#include <algorithm>
#include <array>
#include <variant>

namespace socai::scenario {

using namespace consensus;

namespace {

constexpr std::array<std::string_view, 14> kinds = {
    "prevote",   "prevote-reply",   "vote",       "vote-reply",       "append",      "append-reply",
    "heartbeat", "heartbeat-reply", "read-index", "read-index-reply", "timeout-now", "install",
    "fetch",     "fetch-reply"};
static_assert(kinds.size() == std::variant_size_v<Message>);

constexpr std::array<std::string_view, 15> field_names = {
    "term",      "prev", "prev-term", "entries",   "ends", "commit",    "index", "hint",
    "hint-term", "last", "read",      "last-term", "base", "base-term", "ids"};

std::optional<bool> positive(const Message& message) {
    if (const auto* m = std::get_if<PreVoteReply>(&message)) return m->granted;
    if (const auto* m = std::get_if<VoteReply>(&message)) return m->granted;
    if (const auto* m = std::get_if<AppendReply>(&message)) return m->accepted;
    if (const auto* m = std::get_if<ReadIndexReply>(&message)) return m->index.has_value();
    return std::nullopt;
}

bool carries_configuration(const Message& message) {
    const auto* append = std::get_if<AppendRequest>(&message);
    return append != nullptr &&
           std::any_of(append->entries.begin(), append->entries.end(),
                       [](const EntryPtr& entry) { return entry->kind == EntryKind::configuration; });
}

bool is_transfer(const Message& message) {
    const auto* request = std::get_if<VoteRequest>(&message);
    return request != nullptr && request->transfer;
}

bool says_lost(const Message& message) {
    const auto* reply = std::get_if<AppendReply>(&message);
    return reply != nullptr && reply->lost;
}

std::set<NodeId> parse_nodes(std::string_view text) {
    std::set<NodeId> nodes;
    for (const std::string& part : split(text, ',')) nodes.insert({parse_number(part)});
    return nodes;
}

}  // namespace

std::string kind_of(const Message& message) {
    return std::string(kinds[message.index()]);
}

std::optional<std::uint64_t> field(const Message& message, std::string_view name) {
    if (name == "term") {
        return std::visit([](const auto& m) { return m.term.value; }, message);
    }
    if (const auto* m = std::get_if<AppendRequest>(&message)) {
        if (name == "prev") return m->previous.index.value;
        if (name == "prev-term") return m->previous.term.value;
        if (name == "ends") return m->previous.index.value + m->entries.size();
        if (name == "entries") return m->entries.size();
        if (name == "commit") return m->commit.value;
    }
    if (const auto* m = std::get_if<AppendReply>(&message)) {
        if (name == "index") return m->index.value;
        if (name == "hint" && !m->accepted && !m->lost) return m->hint.value;
        if (name == "hint-term" && !m->accepted && !m->lost) return m->hint_term.value;
    }
    if (const auto* m = std::get_if<Heartbeat>(&message)) {
        if (name == "commit") return m->commit.value;
        if (name == "read") return m->read.value;
    }
    if (const auto* m = std::get_if<HeartbeatReply>(&message)) {
        if (name == "read") return m->read.value;
        if (name == "commit") return m->commit.value;
    }
    if (const auto* m = std::get_if<ReadIndexReply>(&message)) {
        if (name == "index" && m->index) return m->index->value;
    }
    if (const auto* m = std::get_if<VoteRequest>(&message)) {
        if (name == "last") return m->last.index.value;
        if (name == "last-term") return m->last.term.value;
    }
    if (const auto* m = std::get_if<PreVoteRequest>(&message)) {
        if (name == "last") return m->last.index.value;
        if (name == "last-term") return m->last.term.value;
    }
    if (const auto* m = std::get_if<InstallBase>(&message)) {
        if (name == "base") return m->base.index.value;
        if (name == "base-term") return m->base.term.value;
    }
    if (const auto* m = std::get_if<FetchRequest>(&message)) {
        if (name == "ids") return m->ids.size();
    }
    if (const auto* m = std::get_if<FetchReply>(&message)) {
        if (name == "entries") return m->entries.size();
    }
    return std::nullopt;
}

std::string describe(const Flight& flight) {
    std::string text = std::to_string(flight.from.value) + "->" + std::to_string(flight.to.value) + " " +
                       kind_of(flight.message);
    for (const std::string_view name : field_names) {
        if (const auto value = field(flight.message, name)) {
            text += " " + std::string(name) + "=" + std::to_string(*value);
        }
    }
    if (says_lost(flight.message)) return text + " lost";
    if (const auto answer = positive(flight.message)) text += *answer ? " accepted" : " refused";
    if (is_transfer(flight.message)) text += " transfer";
    if (carries_configuration(flight.message)) text += " configuration";
    return text;
}

Filter Filter::parse(std::span<const std::string> words) {
    Filter filter;
    const std::set<std::string> sorted(words.begin(), words.end());
    for (const std::string& word : sorted) {
        if (word == "all") continue;
        if (!filter.text_.empty()) filter.text_ += ' ';
        filter.text_ += word;
        if (std::find(kinds.begin(), kinds.end(), word) != kinds.end()) {
            filter.kinds_.insert(word);
        } else if (const auto from = value_of(word, "from")) {
            filter.from_ = parse_nodes(*from);
        } else if (const auto to = value_of(word, "to")) {
            filter.to_ = parse_nodes(*to);
        } else if (word == "carrying" || word == "empty") {
            filter.carries_entries_ = word == "carrying";
        } else if (word == "granted" || word == "accepted" || word == "refused") {
            filter.positive_ = word != "refused";
        } else if (word == "configuration") {
            filter.carries_configuration_ = true;
        } else if (word == "transfer") {
            filter.transfer_ = true;
        } else if (word == "lost") {
            filter.lost_ = true;
        } else if (word == "held") {
            filter.held_ = true;
        } else if (word == "first") {
            filter.pick_ = Pick::first;
        } else if (word == "last") {
            filter.pick_ = Pick::last;
        } else if (const auto nth = value_of(word, "nth")) {
            filter.pick_ = Pick::nth;
            filter.nth_ = parse_number(*nth);
            if (filter.nth_ == 0) throw SyntaxError("nth counts from 1");
        } else {
            const std::size_t end = word.find_first_of("<>=!");
            const std::string name = word.substr(0, end);
            if (end == std::string::npos ||
                std::find(field_names.begin(), field_names.end(), name) == field_names.end()) {
                throw SyntaxError(
                    "'" + word +
                    "' is not a word of a filter: those are kinds of messages, from=, to=, first, last, "
                    "nth=, held, carrying, empty, configuration, transfer, granted, accepted, refused, "
                    "lost, and a field with a comparison");
            }
            filter.fields_.emplace_back(name, parse_comparison(word.substr(end)));
        }
    }
    return filter;
}

Filter Filter::parse_rule(std::span<const std::string> words) {
    Filter filter = parse(words);
    if (filter.picks_one())
        throw SyntaxError("first, last and nth= pick a message; here all are meant that match");
    return filter;
}

std::set<NodeId> Filter::nodes() const {
    std::set<NodeId> all = from_;
    all.insert(to_.begin(), to_.end());
    return all;
}

bool Filter::matches(const Flight& flight) const {
    if (!kinds_.empty() && !kinds_.contains(kind_of(flight.message))) return false;
    if (!from_.empty() && !from_.contains(flight.from)) return false;
    if (!to_.empty() && !to_.contains(flight.to)) return false;
    if (carries_entries_) {
        const auto* append = std::get_if<AppendRequest>(&flight.message);
        if (append == nullptr || append->entries.empty() == *carries_entries_) return false;
    }
    if (carries_configuration_ && !carries_configuration(flight.message)) return false;
    if (transfer_ && !is_transfer(flight.message)) return false;
    if (lost_ && !says_lost(flight.message)) return false;
    if (positive_ && positive(flight.message) != *positive_) return false;
    return std::all_of(fields_.begin(), fields_.end(), [&](const auto& wanted) {
        const auto value = field(flight.message, wanted.first);
        return value && wanted.second.holds(*value);
    });
}

std::vector<std::size_t> Filter::pick(std::vector<std::size_t> positions) const {
    if (pick_ == Pick::all || positions.empty()) return positions;
    if (pick_ == Pick::first) return {positions.front()};
    if (pick_ == Pick::last) return {positions.back()};
    return nth_ <= positions.size() ? std::vector{positions[nth_ - 1]} : std::vector<std::size_t>{};
}

void Network::send(Flight flight) {
    sent_.push_back(flight);
    if (cuts_.contains({flight.from, flight.to})) return;
    for (const Filter& rule : losses_) {
        if (rule.matches(flight)) return;
    }
    under_way_.push_back(std::move(flight));
}

bool Network::is_held(const Flight& flight) const {
    return std::any_of(holds_.begin(), holds_.end(),
                       [&](const Filter& rule) { return rule.matches(flight); });
}

std::optional<Flight> Network::take(const Filter& filter, std::size_t among) {
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < std::min(among, under_way_.size()); ++i) {
        if (!filter.matches(under_way_[i])) continue;
        if (filter.takes_held() || !is_held(under_way_[i])) positions.push_back(i);
    }
    positions = filter.pick(std::move(positions));
    if (positions.empty()) return std::nullopt;
    const auto chosen = under_way_.begin() + static_cast<std::ptrdiff_t>(positions.front());
    Flight flight = std::move(*chosen);
    under_way_.erase(chosen);
    return flight;
}

bool Network::release(const Filter& wanted) {
    const auto is_it = [&](const Filter& rule) { return rule.text() == wanted.text(); };
    return std::erase_if(holds_, is_it) + std::erase_if(losses_, is_it) > 0;
}

void Network::release_all() {
    holds_.clear();
    losses_.clear();
}

std::size_t Network::drop(const Filter& filter) {
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < under_way_.size(); ++i) {
        if (filter.matches(under_way_[i])) positions.push_back(i);
    }
    positions = filter.pick(std::move(positions));
    for (auto i = positions.rbegin(); i != positions.rend(); ++i) {
        under_way_.erase(under_way_.begin() + static_cast<std::ptrdiff_t>(*i));
    }
    return positions.size();
}

std::size_t Network::repeat(const Filter& filter) {
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < sent_.size(); ++i) {
        if (filter.matches(sent_[i])) positions.push_back(i);
    }
    positions = filter.pick(std::move(positions));
    for (const std::size_t i : positions) under_way_.push_back(sent_[i]);
    return positions.size();
}

void Network::cut(NodeId from, NodeId to) {
    cuts_.emplace(from, to);
    std::erase_if(under_way_, [&](const Flight& flight) { return flight.from == from && flight.to == to; });
}

std::size_t Network::count_sent(const Filter& filter) const {
    return static_cast<std::size_t>(std::count_if(sent_.begin() + static_cast<std::ptrdiff_t>(counted_from_),
                                                  sent_.end(),
                                                  [&](const Flight& f) { return filter.matches(f); }));
}

std::size_t Network::count_under_way(const Filter& filter) const {
    return static_cast<std::size_t>(std::count_if(under_way_.begin(), under_way_.end(), [&](const Flight& f) {
        return filter.matches(f) && (!filter.takes_held() || is_held(f));
    }));
}

}  // namespace socai::scenario
