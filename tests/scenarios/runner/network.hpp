// Messages under way between nodes, and the filters by which a scenario picks some of them.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "consensus/message.hpp"
#include "tests/scenarios/runner/script.hpp"

namespace socai::scenario {

struct Flight {
    consensus::NodeId from;
    consensus::NodeId to;
    consensus::Message message;
};

std::string kind_of(const consensus::Message& message);
std::string describe(const Flight& flight);

// A number that a message carries under this name; nothing when its kind has no such field.
std::optional<std::uint64_t> field(const consensus::Message& message, std::string_view name);

// A conjunction of words (tests/scenarios/README.md, "Filters"). No words: everything.
class Filter {
  public:
    Filter() = default;
    static Filter parse(std::span<const std::string> words);
    // For rules and counts, where first, last and nth=K mean nothing.
    static Filter parse_rule(std::span<const std::string> words);

    bool matches(const Flight& flight) const;
    bool takes_held() const { return held_; }
    // first, last or nth=K: one message of those that match.
    bool picks_one() const { return pick_ != Pick::all; }
    // Of the positions that match, ascending, those wanted.
    std::vector<std::size_t> pick(std::vector<std::size_t> positions) const;
    // Its words, in an order of their own: equal filters have equal texts.
    const std::string& text() const { return text_; }
    // Everyone named in from= and to=.
    std::set<consensus::NodeId> nodes() const;

  private:
    enum class Pick { all, first, last, nth };
    std::set<std::string> kinds_;
    std::set<consensus::NodeId> from_;
    std::set<consensus::NodeId> to_;
    std::optional<bool> carries_entries_;
    bool carries_configuration_ = false;
    bool transfer_ = false;
    bool lost_ = false;
    std::optional<bool> positive_;  // granted or accepted; refused
    std::vector<std::pair<std::string, Comparison>> fields_;
    bool held_ = false;
    Pick pick_ = Pick::all;
    std::size_t nth_ = 0;
    std::string text_;
};

class Network {
  public:
    // A message left its sender. Lost when the link is cut or a rule says so.
    void send(Flight flight);
    // Puts a message under way whatever rules and links say, and without counting it as sent.
    void put(Flight flight) { under_way_.push_back(std::move(flight)); }
    // The oldest message that `filter` allows, honouring the rules that hold.
    std::optional<Flight> take(const Filter& filter, std::size_t among);
    std::size_t size() const { return under_way_.size(); }

    void hold(Filter rule) { holds_.push_back(std::move(rule)); }
    void lose(Filter rule) { losses_.push_back(std::move(rule)); }
    // The rules written with these very words. False when there is none.
    bool release(const Filter& rule);
    void release_all();
    // How many.
    std::size_t drop(const Filter& filter);
    // Copies of messages that were sent at any time, also those delivered or lost.
    std::size_t repeat(const Filter& filter);

    void cut(consensus::NodeId from, consensus::NodeId to);
    void heal(consensus::NodeId from, consensus::NodeId to) { cuts_.erase({from, to}); }
    void heal_all() { cuts_.clear(); }

    void clear_count() { counted_from_ = sent_.size(); }
    std::size_t count_sent(const Filter& filter) const;
    std::size_t count_under_way(const Filter& filter) const;
    const std::deque<Flight>& under_way() const { return under_way_; }

  private:
    bool is_held(const Flight& flight) const;

    std::deque<Flight> under_way_;
    std::vector<Flight> sent_;
    std::size_t counted_from_ = 0;
    std::vector<Filter> holds_;
    std::vector<Filter> losses_;
    std::set<std::pair<consensus::NodeId, consensus::NodeId>> cuts_;
};

}  // namespace socai::scenario
