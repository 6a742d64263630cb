#include "node/consensus_loop.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace socai::node {

ConsensusLoop::ConsensusLoop(consensus::Options options, Hooks hooks)
    : core_(std::move(options)), hooks_(std::move(hooks)) {}

ConsensusLoop::~ConsensusLoop() {
    stop();
}

consensus::Micros ConsensusLoop::now() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

void ConsensusLoop::start(consensus::Start start) {
    thread_ = std::thread([this, start = std::move(start)]() mutable { run(std::move(start)); });
}

void ConsensusLoop::stop() {
    queue_.close();
    if (thread_.joinable()) thread_.join();
}

void ConsensusLoop::run(consensus::Start start) {
    carry_out(core_.step(now(), std::move(start)));
    publish();
    std::vector<consensus::Event> events;
    while (true) {
        const auto deadline = std::chrono::steady_clock::time_point(std::chrono::microseconds(next_timeout_));
        if (!queue_.wait_until(events, deadline)) return;
        for (auto& event : events) step(std::move(event));
        if (now() >= next_timeout_) carry_out(core_.step(now(), consensus::Tick{}));
        publish();
    }
}

void ConsensusLoop::step(consensus::Event event) {
    const auto* proposal = std::get_if<consensus::Propose>(&event);
    if (proposal != nullptr && proposal->first_position <= refused_batch_) return;  // answered with the first
    carry_out(core_.step(now(), std::move(event)));
}

void ConsensusLoop::carry_out(consensus::Output output) {
    next_timeout_ = output.next_timeout;
    for (const auto& refused : output.refused) {
        // Those of a leadership that ended the core refuses by their term.
        if (refused.why != consensus::ProposalRefused::Why::not_leader)
            refused_batch_ = std::max(refused_batch_, refused.first_position);
    }
    if (output.configuration) hooks_.configuration(*std::move(output.configuration));
    for (auto& send : output.messages) hooks_.send(send.to, std::move(send.message));

    LogChange change;
    change.refused = std::move(output.refused);
    change.truncated_from = output.truncated_from;
    change.committed = output.applicable;
    for (auto& job : output.storage) {
        change.appended.insert(change.appended.end(), job.append.begin(), job.append.end());
        hooks_.store(std::move(job));
    }
    std::optional<consensus::Status> status;
    if (output.role_changed) {
        status = core_.status();
        change.leadership.emplace();
        if (status->role == consensus::Role::leader) change.leadership->leads = status->term;
    }
    if (!change.empty()) hooks_.log_changed(std::move(change));
    if (status) {
        publish();  // whoever reacts to the change finds it in status()
        hooks_.role_changed(*status);
    }
    for (const auto& accusation : output.accusations) hooks_.accused(accusation);
    for (auto& job : output.validate) hooks_.validate(std::move(job));
    for (auto& read : output.reads_from_log) hooks_.read_entries(read);
    for (auto& answer : output.read_answers) hooks_.read_answer(answer);
    for (const auto& answer : output.membership_answers) hooks_.membership_answer(answer);
    for (const auto& ended : output.transfers_ended) hooks_.transfer_ended(ended);
    for (auto& serve : output.serve) hooks_.serve(std::move(serve));
    if (!output.repair.empty()) hooks_.repair(std::move(output.repair));
}

void ConsensusLoop::publish() {
    consensus::Status status = core_.status();
    const std::lock_guard lock(mutex_);
    status_ = std::move(status);
}

consensus::Status ConsensusLoop::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

}  // namespace socai::node
