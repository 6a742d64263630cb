// Linearizable reads without writing to the log (ReadIndex, thesis §6.4), at the leader and at followers.
#include <cassert>
#include <utility>

#include "consensus/core_impl.hpp"

namespace socai::consensus {
namespace {

// Beyond these a read is turned away at once; the host's own limits are far below.
constexpr std::size_t max_waiting_reads = 65'536;

}  // namespace

void Core::Impl::on(const Read& read) {
    if (auto* leading = std::get_if<Leader>(&role_)) {
        const LeaderReads::Origin origin{self_, read.context};
        if (leading->reads.waiting.size() >= max_waiting_reads) return answer(origin, std::nullopt);
        leading->reads.waiting.push_back(origin);
        return start_read_round();
    }
    auto* follower = std::get_if<Follower>(&role_);
    if (follower == nullptr || follower->leader == NodeId{} ||
        follower->reads.waiting.size() >= max_waiting_reads) {
        out_.read_answers.push_back({read.context, std::nullopt});
        return;
    }
    follower->reads.waiting.push_back(read.context);
    ask_leader();
}

void Core::Impl::handle(NodeId from, const ReadIndexRequest& request) {
    assert(request.term == hard_.term);
    auto* leading = std::get_if<Leader>(&role_);
    const LeaderReads::Origin origin{from, request.context};
    if (leading == nullptr || leading->reads.waiting.size() >= max_waiting_reads) {
        return answer(origin, std::nullopt);
    }
    // A node has one request under way: an earlier one was given up.
    std::erase_if(leading->reads.waiting,
                  [&](const LeaderReads::Origin& known) { return known.node == from; });
    leading->reads.waiting.push_back(origin);
    start_read_round();
}

// A round for all reads that wait. Before an entry of this term is committed we do not know how far the
// earlier terms committed, so no round begins.
void Core::Impl::start_read_round() {
    auto& leading = std::get<Leader>(role_);
    LeaderReads& reads = leading.reads;
    if (reads.round || reads.waiting.empty() || commit_ < leading.first) return;
    ++reads.last.value;
    reads.round =
        LeaderReads::Round{.id = reads.last, .index = commit_, .reads = std::exchange(reads.waiting, {})};
    send_heartbeats();
    count_read_round();
}

// Answers when a quorum confirmed, after the round began, that we still lead.
void Core::Impl::count_read_round() {
    auto& leading = std::get<Leader>(role_);
    LeaderReads& reads = leading.reads;
    if (!reads.round) return;
    const std::uint64_t confirmed = quorum_reached(configuration(), [&](NodeId id) {
        return id == self_ ? reads.round->id.value : leading.peers.at(id).confirmed.value;
    });
    assert(confirmed <= reads.last.value);
    if (confirmed < reads.round->id.value) return;
    const LeaderReads::Round round = *std::exchange(reads.round, std::nullopt);
    assert(round.index <= commit_ && round.index >= leading.first);
    for (const LeaderReads::Origin& origin : round.reads) answer(origin, round.index);
    start_read_round();
}

void Core::Impl::answer(const LeaderReads::Origin& origin, std::optional<Index> index) {
    if (origin.node == self_) {
        out_.read_answers.push_back({origin.context, index});
    } else {
        send(origin.node, ReadIndexReply{.term = hard_.term, .context = origin.context, .index = index});
    }
}

void Core::Impl::ask_leader() {
    auto& follower = std::get<Follower>(role_);
    ForwardedReads& reads = follower.reads;
    if (reads.id != 0 || reads.waiting.empty()) return;
    assert(follower.leader != NodeId{} && reads.asked.empty());
    reads.id = ++last_forwarded_read_;
    reads.deadline = now_ + options_.election_timeout;
    reads.asked = std::exchange(reads.waiting, {});
    send(follower.leader, ReadIndexRequest{.term = hard_.term, .context = reads.id});
}

void Core::Impl::handle(NodeId from, const ReadIndexReply& reply) {
    assert(reply.term == hard_.term);
    auto* follower = std::get_if<Follower>(&role_);
    if (follower == nullptr || follower->leader != from) return;
    ForwardedReads& reads = follower->reads;
    if (reads.id == 0 || reads.id != reply.context) return;  // repeated, or given up
    for (const std::uint64_t context : reads.asked) out_.read_answers.push_back({context, reply.index});
    reads.asked.clear();
    reads.id = 0;
    ask_leader();
}

void Core::Impl::expire_forwarded_reads() {
    auto* follower = std::get_if<Follower>(&role_);
    if (follower == nullptr || follower->reads.id == 0 || now_ < follower->reads.deadline) return;
    for (const std::uint64_t context : follower->reads.asked) {
        out_.read_answers.push_back({context, std::nullopt});
    }
    follower->reads.asked.clear();
    follower->reads.id = 0;
    ask_leader();
}

// The role ends: whoever waits is told to ask again.
void Core::Impl::abandon_reads() {
    if (auto* leading = std::get_if<Leader>(&role_)) {
        if (leading->reads.round) {
            for (const LeaderReads::Origin& origin : leading->reads.round->reads) {
                answer(origin, std::nullopt);
            }
        }
        for (const LeaderReads::Origin& origin : leading->reads.waiting) answer(origin, std::nullopt);
        leading->reads = {};
    } else if (auto* follower = std::get_if<Follower>(&role_)) {
        for (const std::uint64_t context : follower->reads.asked) {
            out_.read_answers.push_back({context, std::nullopt});
        }
        for (const std::uint64_t context : follower->reads.waiting) {
            out_.read_answers.push_back({context, std::nullopt});
        }
        follower->reads = {};
    }
}

}  // namespace socai::consensus
