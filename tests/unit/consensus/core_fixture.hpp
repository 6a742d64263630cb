// Cores over logs written as lists of terms, base 0.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "consensus/chain.hpp"
#include "consensus/core.hpp"

namespace socai::consensus::test {

using Terms = std::vector<std::uint64_t>;

// Equal prefixes of terms give equal entries.
inline std::vector<EntryPtr> make_log(const Terms& terms) {
    std::vector<EntryPtr> log;
    EntryId previous;
    for (const std::uint64_t term : terms) {
        log.push_back(make_noop(previous, {term}));
        previous = log.back()->id;
    }
    return log;
}

inline EntryId last_id(const std::vector<EntryPtr>& log) {
    return log.empty() ? EntryId{} : log.back()->id;
}

inline LogSummary summary_of(const std::vector<EntryPtr>& log) {
    LogSummary summary{.base = {}, .last = last_id(log), .runs = {}};
    for (const EntryPtr& entry : log) {
        if (summary.runs.empty() || summary.runs.back().term != entry->id.term) {
            summary.runs.push_back({entry->id.term, entry->id.index});
        }
    }
    return summary;
}

inline Configuration voters(std::uint64_t count) {
    Configuration configuration;
    for (std::uint64_t id = 1; id <= count; ++id) configuration.voters.push_back({id});
    return configuration;
}

inline Options plain_options() {
    Options options;
    options.prevote = false;
    options.checkquorum = false;
    return options;
}

struct StartState {
    std::uint64_t term = 0;
    std::uint64_t vote = 0;
    std::uint64_t commit = 0;
    Terms log{};
    std::uint64_t self = 1;
    std::uint64_t nodes = 3;
};

inline Core start(const StartState& state, const Options& options = plain_options()) {
    Core core(options);
    core.step(0, Start{.self = {state.self},
                       .seed = 1,
                       .hard = {.term = {state.term}, .vote = {state.vote}, .configuration = {}},
                       .log = summary_of(make_log(state.log)),
                       .commit = {state.commit},
                       .configurations = {{{}, voters(state.nodes), {}}}});
    return core;
}

// Campaigns, stores its vote, and is granted one by node 2: leads term + 1 (of three nodes). Returns what it
// sends first.
inline Output lead(Core& core) {
    const Output campaign = core.step(0, Campaign{});
    core.step(0, Stored{campaign.storage.at(0).ticket});
    return core.step(0, Receive{{2}, VoteReply{.term = core.status().term, .granted = true}});
}

template <class T>
std::vector<T> sent(const Output& output, NodeId to) {
    std::vector<T> found;
    for (const Send& send : output.messages) {
        if (const auto* message = std::get_if<T>(&send.message); message != nullptr && send.to == to) {
            found.push_back(*message);
        }
    }
    for (const StorageJob& job : output.storage) {
        for (const Send& send : job.after) {
            if (const auto* message = std::get_if<T>(&send.message); message != nullptr && send.to == to) {
                found.push_back(*message);
            }
        }
    }
    return found;
}

// Delivers, and calls every append valid. What was put out along the way is gathered.
inline Output deliver(Core& core, NodeId from, Message message) {
    Output output = core.step(0, Receive{from, std::move(message)});
    while (!output.validate.empty()) {
        const ValidateJob job = output.validate.front();
        output.validate.clear();
        Output more = core.step(0, Validated{job.job, job.term, Verdict::valid});
        output.messages.insert(output.messages.end(), more.messages.begin(), more.messages.end());
        output.storage.insert(output.storage.end(), more.storage.begin(), more.storage.end());
        output.validate = more.validate;
    }
    return output;
}

}  // namespace socai::consensus::test
