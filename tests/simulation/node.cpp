#include "tests/simulation/node.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "tests/simulation/checks.hpp"
#include "tests/simulation/history.hpp"
#include "tests/simulation/liar.hpp"
#include "tests/simulation/network.hpp"

namespace socai::simulation {

using namespace consensus;

namespace {

constexpr Micros longest_stop = 4'000'000;
constexpr Micros judge_time = 300;  // mean, for one batch
constexpr Micros clock_watch_interval = 1'000'000;
constexpr std::int64_t max_clock_error_ms = 1'000;  // from the median; beyond it a node must not lead
// Notes of the trace's digest.
enum Note : std::uint64_t { started, stopped, stepped, sent };

}  // namespace

Node::Node(World& world, NodeId id, Configuration first)
    : world_(world), id_(id), disk_(world.statements.genesis(), std::move(first)), state_(world.statements) {}

Micros Node::work(Micros mean) {
    return (10 + world_.dice.exponential(mean)) * slowness_;
}

// --- life
// --------------------------------------------------------------------------------------------------------

void Node::start() {
    assert(!core_ && !gone_);
    ++life_;
    world_.trace.note(world_.now(), id_.value, started, life_);
    if (world_.trace.on()) {
        world_.trace.line(
            world_.now(), id_,
            "starts; log " + text(disk_.base()) + " to " + text(disk_.last()) + ", applied " +
                std::to_string(state_.applied().value) + ", damaged " +
                std::to_string(disk_.damaged().size()) +
                (disk_.promised().index.value > 0 ? ", lost up to " + text(disk_.promised()) : ""));
    }
    log_base_ = disk_.base();
    log_ = disk_.log();
    due_.clear();
    stepping_ = stopping_ = leads_ = writing_ = applying_ = false;
    sync_fails_ = false;
    tick_at_ = 0;
    jobs_.clear();
    group_.clear();
    reads_.clear();
    committed_ = apply_to_ = {};
    noticed_ = disk_.damaged();
    fitness_ = {};
    core_.emplace(world_.options);
    ledger_.emplace(world_.statements, state_, world_.sabotage == Sabotage::early_answer,
                    Ledger::Hooks{.propose = [this](Propose propose) { step(std::move(propose)); },
                                  .confirm_leadership =
                                      [this](std::function<void(bool)> done) {
                                          const std::uint64_t context = ++last_context_;
                                          reads_[context] = {std::nullopt,
                                                             [done = std::move(done)](const auto& seen) {
                                                                 done(seen.has_value());
                                                             },
                                                             true};
                                          step(Read{context});
                                      },
                                  .fatal =
                                      [this](const std::string& why) {
                                          if (world_.liar == nullptr) world_.fail(text(id_) + ": " + why);
                                          stopping_ = true;
                                          world_.events.after(0, [this] { crash(); });
                                      }});
    // The state may lag behind the log, by what was not flushed; never the other way round.
    assert(state_.applied() >= log_base_.index && state_.applied() <= disk_.last().index);
    for (Index index = state_.applied() + 1; index <= disk_.last().index; index = index + 1) {
        ledger_->appended(disk_.log()[index.value - log_base_.index.value - 1],
                          disk_.damaged().contains(index));
    }
    Start event{.self = id_,
                .seed = world_.dice.next(),
                .hard = disk_.start_hard(),
                .log = disk_.summary(),
                .commit = std::max(disk_.commit(), state_.applied()),
                .applied = state_.applied(),
                .configurations = disk_.configurations()};
    // The core asserts that no disk forgets in silence; this defect is for the checks behind it to find.
    if (world_.sabotage == Sabotage::silent_loss) event.commit = std::min(event.commit, disk_.last().index);
    apply_to_ = std::clamp(event.commit, log_base_.index, disk_.last().index);
    step(std::move(event));
    later(0, [](Node& node) { node.apply(); });
    later(world_.dice.between(0, clock_watch_interval), [](Node& node) { node.watch_clock(); });
}

void Node::crash() {
    if (!core_) return;
    world_.trace.note(world_.now(), id_.value, stopped, life_);
    if (world_.trace.on()) world_.trace.line(world_.now(), id_, "stops");
    lose_unsynced();
    state_.crash();
    if (world_.sabotage == Sabotage::forgotten_vote) {
        StorageJob forget;
        forget.hard = disk_.hard();
        forget.hard->vote = {};
        disk_.write_side(forget);
        world_.checks->disk_changed(*this);
    }
    if (world_.sabotage == Sabotage::silent_loss) {
        while (disk_.last().index > std::max(disk_.base().index, Index{1})) {
            StorageJob forget;
            forget.truncate_from = disk_.last().index;
            disk_.write_log(forget);
        }
        if (state_.applied() > disk_.last().index)
            state_.rewind(world_.history->size_at(disk_.last().index), disk_.last());
    }
    core_.reset();
    ledger_.reset();
    log_.clear();
    stopping_ = leads_ = writing_ = false;
    crash_at_ = Boundary::none;
    const Micros pause = world_.dice.chance(700'000) ? world_.dice.between(50'000, 500'000)
                                                     : world_.dice.between(50'000, longest_stop);
    world_.events.after(pause, [this, life = life_] {
        if (life == life_ && !core_ && !gone_) start();
    });
}

void Node::rewind_state() {
    assert(!core_);
    if (state_.applied() <= disk_.last().index) return;
    // What was applied was committed: the history knows how many leaves it was.
    state_.rewind(world_.history->size_at(disk_.last().index), disk_.last());
}

void Node::end() {
    crash();
    gone_ = true;
}

void Node::heal() {
    slowness_ = 1;
    paused_until_ = 0;
    sync_fails_ = false;
    crash_at_ = Boundary::none;
    clock_.set(world_.now(), 0, 0);
    set_fit_disk(true);
}

void Node::set_fit_disk(bool fit) {
    disk_fit_ = fit;
    if (core_ && !stopping_) step(fitness_now());
}

// A boundary at which this node is to stop: from here on nothing of this life happens any more.
bool Node::stop_here(Boundary boundary) {
    if (stopping_) return true;
    if (crash_at_ != boundary) return false;
    crash_at_ = Boundary::none;
    world_.count(Fault::boundary_crash);
    if (world_.trace.on()) {
        world_.trace.line(world_.now(), id_,
                          "is stopped at boundary " + std::to_string(static_cast<int>(boundary)));
    }
    stopping_ = true;
    world_.events.after(0, [this] { crash(); });
    return true;
}

// --- time
// --------------------------------------------------------------------------------------------------------

void Node::schedule_tick() {
    const Micros at = clock_.when(next_timeout_, world_.now());
    if (tick_at_ > world_.now() && tick_at_ <= at) return;  // one that is planned comes early enough
    plan_tick(at);
}

void Node::plan_tick(Micros at) {
    tick_at_ = at;
    world_.events.at(at, [this, life = life_, at] {
        if (life != life_ || !core_ || stopping_ || tick_at_ != at) return;
        tick_at_ = 0;
        if (paused()) return plan_tick(paused_until_);
        if (clock_.monotonic(world_.now()) < next_timeout_) return schedule_tick();
        step(Tick{});
    });
}

// As node/ does from its peers' clocks; here it sees those that run.
Fitness Node::fitness_now() const {
    std::vector<std::int64_t> shown;
    for (const auto& node : world_.nodes) {
        if (node->running()) shown.push_back(node->clock_.wall_ms(world_.now()));
    }
    std::nth_element(shown.begin(), shown.begin() + static_cast<std::ptrdiff_t>(shown.size() / 2),
                     shown.end());
    const std::int64_t error = clock_.wall_ms(world_.now()) - shown[shown.size() / 2];
    return {.may_lead = std::abs(error) <= max_clock_error_ms, .may_append = disk_fit_};
}

void Node::watch_clock() {
    const Fitness fitness = fitness_now();
    if (fitness.may_lead != fitness_.may_lead || fitness.may_append != fitness_.may_append) step(fitness);
    later(clock_watch_interval, [](Node& node) { node.watch_clock(); });
}

// --- the step
// --------------------------------------------------------------------------------------------------------

void Node::receive(NodeId from, Message message) {
    if (!core_ || stopping_) return;
    if (paused()) {
        world_.events.at(paused_until_, [this, from, message = std::move(message)]() mutable {
            receive(from, std::move(message));
        });
        return;
    }
    if (world_.trace.on())
        world_.trace.line(world_.now(), id_, "receives from " + text(from) + ": " + text(message));
    if (lies_) world_.liar->heard(*this, from, message);
    step(Receive{from, std::move(message)});
}

void Node::step(Event event) {
    if (!core_ || stopping_) return;
    if (const auto* fitness = std::get_if<Fitness>(&event)) fitness_ = *fitness;
    if (stepping_) {
        due_.push_back(std::move(event));
        return;
    }
    stepping_ = true;
    step_now(std::move(event));
    while (!due_.empty() && !stopping_) {
        Event next = std::move(due_.front());
        due_.pop_front();
        step_now(std::move(next));
    }
    stepping_ = false;
    if (!stopping_) schedule_tick();
}

void Node::step_now(Event event) {
    ++world_.counts.steps;
    world_.trace.note(world_.now(), id_.value, stepped, event.index());
    Output output = core_->step(clock_.monotonic(world_.now()), std::move(event));
    carry_out(output);
}

void Node::carry_out(Output& output) {
    next_timeout_ = output.next_timeout;
    // In memory first: what was decided.
    if (output.installed) install(*output.installed);
    if (output.truncated_from) {
        log_.resize(output.truncated_from->value - log_base_.index.value - 1);
        ledger_->truncated(*output.truncated_from);
    }
    for (const StorageJob& job : output.storage) take(job);
    if (output.committed) committed_ = *output.committed;
    world_.checks->after_step(*this, output);

    if (stop_here(Boundary::before_sending)) return;
    if (world_.sabotage == Sabotage::early_promise) {
        for (const StorageJob& job : output.storage) {
            for (const Send& message : job.after) send(message);
        }
    }
    for (const Send& message : output.messages) send(message);
    if (stop_here(Boundary::before_writing)) return;
    for (StorageJob& job : output.storage) jobs_.push_back(std::move(job));
    begin_write();

    for (const ProposalRefused& refused : output.refused) ledger_->refused(refused.term);
    if (output.role_changed) {
        const Status now = core_->status();
        leads_ = now.role == Role::leader;
        ledger_->lead(leads_ ? std::optional(now.term) : std::nullopt);
        if (world_.trace.on()) {
            static constexpr std::string_view names[] = {"follows", "asks", "campaigns", "leads"};
            world_.trace.line(world_.now(), id_,
                              std::string(names[static_cast<std::size_t>(now.role)]) + ", term " +
                                  std::to_string(now.term.value) + ", leader " +
                                  std::to_string(now.leader.value));
        }
    }
    for (const Accusation& accusation : output.accusations) {
        if (!world_.trace.on()) break;
        static constexpr std::string_view names[] = {
            "a broken chain",          "a contradiction to what is committed",
            "two leaders in one term", "two contents for one index",
            "a bad configuration",     "a bad base"};
        world_.trace.line(world_.now(), id_,
                          "accuses " + text(accusation.from) + " of " +
                              std::string(names[static_cast<std::size_t>(accusation.why)]));
    }
    if (output.configuration && world_.trace.on()) {
        world_.trace.line(world_.now(), id_,
                          "configuration " + text(output.configuration->id) + ": " +
                              text(output.configuration->configuration));
    }
    if (output.applicable) {
        if (stop_here(Boundary::before_applying)) return;
        apply_to_ = std::max(apply_to_, *output.applicable);
        if (!applying_) {
            applying_ = true;
            later(work(200), [](Node& node) { node.apply(); });
        }
    }
    for (ValidateJob& job : output.validate) {
        later(work(judge_time), [job = std::move(job)](Node& node) {
            const Verdict verdict = node.ledger_->judge(job, node.clock_.wall_ms(node.world_.now()));
            if (verdict == Verdict::wrong) node.world_.checks->found_wrong(node, job);
            node.step(Validated{job.job, job.term, verdict});
        });
    }
    for (const ReadEntries& wanted : output.reads_from_log) {
        later(work(world_.mix.sync), [wanted](Node& node) { node.read_for(wanted); });
    }
    for (ServeFetch& wanted : output.serve) {
        later(work(world_.mix.sync), [wanted = std::move(wanted)](Node& node) { node.serve(wanted); });
    }
    if (!output.repair.empty()) repair(std::move(output.repair));
    for (const ReadAnswer& answer : output.read_answers) {
        const auto read = reads_.find(answer.context);
        if (read == reads_.end()) {
            world_.fail(text(id_) + " answers a read that nobody waits for");
            continue;
        }
        if (!answer.index || read->second.barrier) {
            const auto done = std::move(read->second.done);
            reads_.erase(read);
            done(answer.index ? std::optional(Seen{*answer.index}) : std::nullopt);
        } else {
            read->second.index = answer.index;
        }
    }
    answer_reads();
    answers.insert(answers.end(), output.membership_answers.begin(), output.membership_answers.end());
}

void Node::send(const Send& message) {
    if (stopping_) return;
    if (!lies_) world_.checks->departs(*this, message);
    world_.trace.note(world_.now(), id_.value, sent, message.to.value << 8 | message.message.index());
    if (world_.trace.on()) {
        world_.trace.line(world_.now(), id_, "sends to " + text(message.to) + ": " + text(message.message));
    }
    if (lies_) {
        world_.liar->send(*this, message);
    } else {
        world_.network->send(id_, message.to, message.message);
    }
}

// --- what others ask of it
// --------------------------------------------------------------------------------------------------------

void Node::submit(const std::vector<std::pair<StatementPtr, Done>>& batch) {
    if (!core_ || stopping_) return;
    ledger_->submit(batch, clock_.wall_ms(world_.now()));
}

void Node::read(std::function<void(std::optional<Seen>)> done) {
    if (!core_ || stopping_) return;
    if (world_.sabotage == Sabotage::stale_read) {
        return done(Seen{state_.applied(), state_.size(), state_.frontier().root()});
    }
    const std::uint64_t context = ++last_context_;
    reads_[context] = {std::nullopt, std::move(done), false};
    step(Read{context});
}

void Node::answer_reads() {
    for (auto read = reads_.begin(); read != reads_.end();) {
        if (!read->second.index || *read->second.index > state_.applied()) {
            ++read;
            continue;
        }
        const auto done = std::move(read->second.done);
        read = reads_.erase(read);
        done(Seen{state_.applied(), state_.size(), state_.frontier().root()});
    }
}

std::optional<EntryId> Node::id_at(Index index) const {
    if (index == log_base_.index) return log_base_;
    if (index < log_base_.index || index.value > log_base_.index.value + log_.size()) return std::nullopt;
    return log_[index.value - log_base_.index.value - 1]->id;
}

NodeSnapshot Node::snapshot() const {
    const bool runs = core_ && !stopping_;
    return {.id = id_,
            .running = runs,
            .life = life_,
            .status = runs ? core_->status() : Status{},
            .base = log_base_,
            .log = &log_,
            .disk_hard = disk_.hard(),
            .disk_base = disk_.base(),
            .disk_log = &disk_.log(),
            .promised = disk_.promised(),
            .disk_lost = gone_};
}

}  // namespace socai::simulation
