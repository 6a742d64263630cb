#include "tests/simulation/clients.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "tests/simulation/node.hpp"

namespace socai::simulation {

using consensus::NodeId;

namespace {

constexpr Micros patience = 1'500'000;  // for one attempt
constexpr std::size_t max_attempts = 4;
constexpr std::size_t max_attempts_when_healing = 100;
constexpr std::uint64_t wrong_address = 150'000;  // not the node that leads
constexpr std::uint64_t lost = 30'000;            // a call, or an answer
constexpr std::size_t longest_burst = 8;
constexpr std::size_t statements_a_process = 1'024;  // the row is used from a place of its own in each run

}  // namespace

struct Clients::Call {
    struct Part {
        StatementPtr statement;
        Operations::Id id = 0;
        bool done = false;
        bool uncertain = false;    // some attempt may have put it into the log
        std::size_t answered = 0;  // the last attempt that was answered: it did not put it there
    };
    std::vector<Part> parts;  // none: a read
    std::uint64_t floor = 0;  // of a read
    std::size_t attempts = 0;
    bool waiting = false;  // for the answers of the last attempt
    bool over = false;
};

Clients::Clients(World& world, std::size_t count) : world_(world), count_(count) {
    pace_ = world_.dice.between(1'000'000, 6'000'000);
    next_statement_ = world_.dice.below(statements_a_process / 8) * 8;
}

void Clients::start() {
    for (std::size_t i = 0; i < count_; ++i) think();
}

Micros Clients::way() {
    return 200 + world_.dice.exponential(500);
}

void Clients::think() {
    world_.events.after(1'000 + world_.dice.exponential(pace_), [this] {
        if (!stopped_) act();
    });
}

void Clients::act() {
    if (world_.dice.chance(250'000)) return begin_read();
    begin_append(world_.dice.chance(900'000) ? 1 + world_.dice.below(2)
                                             : 1 + world_.dice.below(longest_burst));
}

void Clients::probe() {
    begin_append(1);
}

void Clients::begin_append(std::size_t statements) {
    auto call = std::make_shared<Call>();
    for (std::size_t i = 0; i < statements; ++i) {
        // Now and then what must be refused.
        const bool forged = world_.dice.chance(20'000) && !world_.healing;
        const std::size_t n = next_statement_++;
        StatementPtr statement =
            forged ? world_.statements.forged(static_cast<Forgery>(world_.dice.below(forgery_count)), n)
                   : world_.statements.good(n);
        const Operations::Id id = operations_.invoke_append(statement);
        call->parts.push_back({std::move(statement), id});
    }
    ++busy_;
    attempt(call);
}

void Clients::begin_read() {
    auto call = std::make_shared<Call>();
    call->floor = operations_.floor();
    ++busy_;
    attempt(call);
}

NodeId Clients::believed_leader() {
    const std::uint64_t count = world_.nodes.size();
    if (!world_.dice.chance(wrong_address)) {
        // Of those who believe to lead, rightly or not, any.
        const std::uint64_t first = world_.dice.below(count);
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto& node = *world_.nodes[(first + i) % count];
            if (node.running() && node.leads() && !node.lies()) return node.id();
        }
    }
    return {1 + world_.dice.below(count)};
}

void Clients::attempt(const CallPtr& call) {
    const std::uint64_t attempt = ++call->attempts;
    call->waiting = true;
    const NodeId to = believed_leader();
    world_.events.after(patience, [this, call, attempt] {
        if (call->over || !call->waiting || call->attempts != attempt) return;
        for (Call::Part& part : call->parts) part.uncertain |= part.answered != attempt;
        retry(call);
    });
    if (!world_.healing && world_.dice.chance(lost)) return;
    world_.events.after(way(), [this, call, attempt, to] {
        Node& node = world_.node(to);
        if (!node.running()) return;
        node.later(0, [this, call, attempt](Node& at) {
            if (call->over || !call->waiting || call->attempts != attempt) return;
            if (call->parts.empty()) {
                at.read([this, call, attempt](const std::optional<Seen>& seen) {
                    world_.events.after(way(), [this, call, attempt, seen] {
                        if (call->over || !call->waiting || call->attempts != attempt) return;
                        if (!seen) return retry(call);
                        if (world_.liar == nullptr) {
                            if (auto breach = operations_.read(call->floor, seen->size, seen->root,
                                                               seen->index, *world_.history)) {
                                world_.fail(*breach);
                            }
                        }
                        ++world_.counts.reads;
                        finish(call);
                    });
                });
                return;
            }
            std::vector<std::pair<StatementPtr, Done>> batch;
            for (std::size_t i = 0; i < call->parts.size(); ++i) {
                if (call->parts[i].done) continue;
                batch.emplace_back(call->parts[i].statement, [this, call, attempt, i](Attempt answer) {
                    world_.events.after(
                        way(), [this, call, attempt, i, answer] { answered(call, attempt, i, answer); });
                });
            }
            at.submit(batch);
        });
    });
}

void Clients::answered(const CallPtr& call, std::uint64_t attempt, std::size_t position, Attempt answer) {
    Call::Part& part = call->parts[position];
    if (call->over || part.done) return;
    switch (answer.end) {
        case Attempt::End::accepted: {
            part.done = true;  // also when the answer comes late
            ++world_.counts.acknowledged;
            const auto breach = operations_.acknowledge(part.id, answer.leaf);
            if (breach && world_.liar == nullptr) world_.fail(*breach);
            break;
        }
        case Attempt::End::refused:
            part.done = true;
            ++world_.counts.refused;
            operations_.give_up(part.id,
                                part.uncertain ? Operations::Outcome::unknown : Operations::Outcome::failed);
            break;
        case Attempt::End::lost:
            part.uncertain = true;
            [[fallthrough]];
        case Attempt::End::not_leader:
        case Attempt::End::overloaded:
            part.answered = std::max(part.answered, attempt);
            break;
    }
    const auto done = [](const Call::Part& each) { return each.done; };
    if (std::all_of(call->parts.begin(), call->parts.end(), done)) return finish(call);
    const auto settled = [&](const Call::Part& each) { return each.done || each.answered == call->attempts; };
    if (call->waiting && std::all_of(call->parts.begin(), call->parts.end(), settled)) retry(call);
}

void Clients::retry(const CallPtr& call) {
    const std::size_t most = world_.healing ? max_attempts_when_healing : max_attempts;
    call->waiting = false;
    if (call->attempts >= most) return finish(call);
    world_.events.after(world_.dice.between(50'000, 500'000), [this, call] {
        if (!call->over) attempt(call);
    });
}

void Clients::finish(const CallPtr& call) {
    call->over = true;
    for (Call::Part& part : call->parts) {
        if (part.done) continue;
        const bool unknown = part.uncertain;
        world_.counts.unknown += unknown;
        operations_.give_up(part.id, unknown ? Operations::Outcome::unknown : Operations::Outcome::failed);
    }
    --busy_;
    think();
}

}  // namespace socai::simulation
