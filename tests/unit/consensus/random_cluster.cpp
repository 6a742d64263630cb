#include "tests/unit/consensus/random_cluster.hpp"

#include <algorithm>

#include "consensus/quorum.hpp"

namespace socai::consensus::test {

using scenario::Disk;
using scenario::Host;

namespace {

constexpr std::size_t max_under_way = 300;  // beyond, the network drops
constexpr std::size_t max_heal_steps = 60'000;

}  // namespace

RandomCluster::RandomCluster(std::uint64_t seed) : random_(seed * 0x51ed2701 + 7) {
    const auto upto = [&](std::uint64_t most) { return chance(3'000) ? 0 : random_.below(most + 1); };
    mix_ = {.loss = upto(2'000),
            .duplication = upto(1'500),
            .reorder = upto(10'000),
            .crash = upto(60),
            .cut = upto(30),
            .propose = 200 + random_.below(2'000),
            .read = upto(600),
            .campaign = upto(60),
            .unreachable = upto(100),
            .slow_storage = upto(9'000),
            .slow_validation = upto(9'000),
            .not_yet = upto(1'000),
            .change = upto(60),
            .transfer = upto(60),
            .unfit = upto(40),
            .damage = upto(80),
            .prune = upto(40)};

    static constexpr std::uint64_t sizes[] = {1, 2, 3, 3, 3, 4, 5, 5, 6};
    const std::uint64_t nodes = sizes[random_.below(std::size(sizes))];
    for (std::uint64_t id = 1; id <= nodes; ++id) configuration_.voters.push_back({id});
    if (nodes >= 4 && chance(3'000)) {
        configuration_.learners.push_back(configuration_.voters.back());
        configuration_.voters.pop_back();
    } else if (nodes >= 5 && chance(4'000)) {
        // Joint: {1,2,3} and the rest with 1.
        configuration_.outgoing = {configuration_.voters.begin() + 3, configuration_.voters.end()};
        configuration_.outgoing.insert(configuration_.outgoing.begin(), NodeId{1});
        configuration_.voters.resize(3);
    }

    options_.install_bases = true;
    options_.catch_up_bytes_per_second = chance(5'000) ? 1'000'000 + random_.below(50'000'000) : 0;
    options_.heartbeat_interval = 10;
    options_.election_timeout = 100;
    options_.prevote = chance(7'000);
    options_.checkquorum = chance(7'000);
    options_.max_append_entries = 1 + random_.below(6);
    options_.max_append_bytes = 20 + random_.below(200);
    options_.window_appends = 1 + random_.below(5);
    options_.window_bytes = 50 + random_.below(500);
    options_.max_uncommitted_bytes = 300 + random_.below(3'000);
    options_.cache_bytes = chance(5'000) ? random_.below(3'000) : 1'000'000;

    EntryId base{{1}, {10}, {}};
    // Some run beside the members, to be taken in later.
    const std::uint64_t beside = chance(mix_.change * 100) ? random_.below(3) : 0;
    for (std::uint64_t id = 1; id <= nodes + beside; ++id) {
        Disk disk{.hard = {.term = {1}, .vote = {}, .configuration = {}},
                  .base = base,
                  .base_configuration = {base, configuration_, {}},
                  .commit = base.index};
        hosts_.push_back(std::make_unique<Host>(NodeId{id}, options_, disk, random_.next()));
        hosts_.back()->hold_storage = mix_.slow_storage > 0;
        hosts_.back()->hold_validation = mix_.slow_validation > 0 || mix_.not_yet > 0;
        lives_.push_back(1);
    }
    frail_ = any().id();
}

std::optional<std::string> RandomCluster::run(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) {
        act();
        if (auto breach = check()) return "step " + std::to_string(i) + ": " + *breach;
    }
    return heal();
}

Host& RandomCluster::any() {
    return *hosts_[random_.below(hosts_.size())];
}

void RandomCluster::act() {
    if (chance(mix_.crash)) return crash_or_start();
    if (chance(mix_.cut)) return toggle_links();
    Host& host = any();
    if (!host.running()) return chance(300) ? crash_or_start() : deliver();
    if (chance(mix_.propose)) {
        // Mostly where it has a chance; elsewhere the refusal is tested.
        Host* at = &host;
        for (const auto& other : hosts_) {
            if (other->running() && other->status().role == Role::leader && chance(5'000)) at = other.get();
        }
        std::vector<std::string> payloads;
        for (std::uint64_t n = 1 + random_.below(3); n > 0; --n) {
            payloads.push_back(std::to_string(++proposed_) + std::string(random_.below(40), 'x'));
        }
        at->propose(payloads);
        return collect(*at);
    }
    if (chance(mix_.read)) {
        // Mostly where somebody believes to lead, rightly or not.
        Host* at = &host;
        for (const auto& other : hosts_) {
            if (other->running() && other->status().role == Role::leader && chance(6'000)) at = other.get();
        }
        reads_.push_back({at->id(), lives_[at->id().value - 1], invariants_.committed()});
        return step(*at, Read{reads_.size() - 1});
    }
    if (chance(mix_.change)) {
        if (Host* leader = a_leader()) change_members(*leader);
        return;
    }
    if (chance(mix_.transfer)) {
        if (Host* leader = a_leader()) step(*leader, Transfer{chance(5'000) ? NodeId{} : any().id()});
        return;
    }
    if (chance(mix_.unfit)) {
        return step(host, Fitness{.may_lead = chance(5'000), .may_append = chance(7'000)});
    }
    if (chance(mix_.damage)) return lose_content();
    if (chance(mix_.prune)) {
        // Pruning what another node still has to fetch would be its operator's mistake.
        if (!hosts_[frail_.value - 1]->disk().damaged.empty()) return;
        if (host.prune(host.log_base().index + random_.below(8))) ++counts_.bases;
        return collect(host);
    }
    if (chance(mix_.campaign)) return step(host, Campaign{});
    if (chance(mix_.unreachable)) {
        const NodeId peer = any().id();
        if (peer != host.id()) step(host, Unreachable{peer});
        return;
    }
    if (host.jobs() > 0 && !chance(mix_.slow_storage)) {
        host.finish_job();
        return collect(host);
    }
    if (host.validations() > 0 && !chance(mix_.slow_validation)) {
        host.end_validation(chance(mix_.not_yet) ? Verdict::not_yet : Verdict::valid);
        return collect(host);
    }
    if (chance(3'000)) return tick();
    for (std::uint64_t n = random_.below(5); n > 0; --n) deliver();
}

Host* RandomCluster::a_leader() {
    for (const auto& host : hosts_) {
        if (host->running() && host->status().role == Role::leader && chance(7'000)) return host.get();
    }
    return nullptr;
}

// Two voters need each other: none while the frail node lacks what it acknowledged, also by a leader whose time is over.
void RandomCluster::change_members(Host& leader) {
    ChangeMembership change;
    change.joint = chance(3'000);
    for (const auto& host : hosts_) {
        const std::uint64_t lot = random_.below(10);
        if (lot < 6) change.voters.push_back(host->id());
        if (lot == 6) change.learners.push_back(host->id());
    }
    const Disk& frail = hosts_[frail_.value - 1]->disk();
    const bool lacks = frail.promised.index != Index{} || !frail.damaged.empty();
    if (lacks && change.voters.size() < 3) return;
    step(leader, std::move(change));
}

// Only the frail node, and only while every majority of every configuration can do without it.
void RandomCluster::lose_content() {
    Host& host = *hosts_[frail_.value - 1];
    const auto can_spare = [](const Configuration& c) {
        return c.voters.size() >= 3 && (c.outgoing.empty() || c.outgoing.size() >= 3);
    };
    for (const auto& other : hosts_) {
        if (other->running() && !can_spare(other->status().configuration)) return;
        if (!other->running()) return;
    }
    if (host.disk().log.empty()) return;
    Index index = host.disk().base.index + 1 + random_.below(host.disk().log.size());
    for (const auto& other : hosts_) index = std::max(index, other->disk().base.index + 1);
    bool lost = false;
    if (chance(5'000)) {
        host.crash();
        ++lives_[host.id().value - 1];
        switch (random_.below(3)) {
            case 0:
                lost = host.tear(index);
                break;
            case 1:
                lost = host.damage(index);
                break;
            default:
                lost = host.revert(1 + random_.below(4));
        }
        host.start();
    } else {
        lost = host.damage(index);
    }
    counts_.losses += lost;
    collect(host);
}

void RandomCluster::tick() {
    Host& host = any();
    if (!host.running()) return;
    host.advance(static_cast<Micros>(random_.below(40)));
    step(host, Tick{});
}

void RandomCluster::deliver() {
    if (flights_.empty()) return;
    const std::size_t at = chance(mix_.reorder) ? random_.below(flights_.size()) : 0;
    Flight flight = flights_[at];
    if (!chance(mix_.duplication)) flights_.erase(flights_.begin() + static_cast<std::ptrdiff_t>(at));
    Host& host = *hosts_[flight.to.value - 1];
    if (host.running()) step(host, Receive{flight.from, std::move(flight.message)});
}

void RandomCluster::toggle_links() {
    if (chance(4'000)) return cuts_.clear();
    const NodeId victim = any().id();
    const std::uint64_t how = random_.below(3);  // one way out, one way in, or both
    for (const auto& other : hosts_) {
        if (other->id() == victim || chance(2'000)) continue;
        if (how != 0) cuts_.emplace(victim, other->id());
        if (how != 1) cuts_.emplace(other->id(), victim);
    }
}

void RandomCluster::crash_or_start() {
    Host& host = any();
    if (!host.running()) {
        ++lives_[host.id().value - 1];
        host.start();
        return collect(host);
    }
    host.crash();
    ++counts_.crashes;
}

void RandomCluster::step(Host& host, Event event) {
    host.step(std::move(event));
    collect(host);
}

void RandomCluster::collect(Host& host) {
    for (Send& send : host.take_outbox()) {
        if (cuts_.contains({host.id(), send.to}) || chance(mix_.loss)) continue;
        flights_.push_back({host.id(), send.to, std::move(send.message)});
    }
    while (flights_.size() > max_under_way) {
        flights_.erase(flights_.begin() + static_cast<std::ptrdiff_t>(random_.below(flights_.size())));
    }
    for (const ReadAnswer& answer : std::exchange(host.read_answers, {})) {
        PendingRead& read = reads_.at(answer.context);
        if (read.answered) breach_ = "a read was answered twice";
        if (read.node != host.id()) breach_ = "a read was answered elsewhere";
        read.answered = true;
        if (!answer.index) continue;
        ++counts_.reads;
        if (*answer.index < read.committed) breach_ = "stale read";
    }
    counts_.refused += std::exchange(host.refused, {}).size();
    for (const MembershipAnswer& answer : std::exchange(host.membership_answers, {})) {
        counts_.changes += answer.outcome == MembershipAnswer::Outcome::appended;
    }
    for (const TransferEnded& ended : std::exchange(host.transfers_ended, {})) {
        counts_.transfers += ended.outcome == TransferEnded::Outcome::handed_over;
    }
    if (!host.accusations.empty()) breach_ = "an honest leader is accused";
    if (!breach_) breach_ = check();
}

std::optional<std::string> RandomCluster::check() {
    if (breach_) return breach_;
    std::vector<NodeSnapshot> snapshots;
    snapshots.reserve(hosts_.size());
    for (const auto& host : hosts_) {
        if (host->breach) return host->breach;
        snapshots.push_back(host->snapshot());
    }
    return invariants_.check(snapshots);
}

bool RandomCluster::converged() const {
    const Host* leader = nullptr;
    for (const auto& host : hosts_) {
        if (host->status().role != Role::leader) continue;
        if (leader != nullptr) return false;
        leader = host.get();
    }
    if (leader == nullptr) return false;
    const Status wanted = leader->status();
    const std::vector<NodeId> needed = members(wanted.configuration);
    return wanted.commit == wanted.last.index && std::all_of(needed.begin(), needed.end(), [&](NodeId id) {
               const Status status = hosts_[id.value - 1]->status();
               return status.term == wanted.term && status.leader == wanted.self &&
                      status.last == wanted.last && status.commit == wanted.commit &&
                      status.durable == wanted.last.index && status.damaged == 0 &&
                      status.promised.index == Index{};
           });
}

std::string RandomCluster::states() const {
    const auto list = [](const std::vector<NodeId>& nodes) {
        std::string text;
        for (const NodeId node : nodes) text += (text.empty() ? "" : ",") + std::to_string(node.value);
        return "{" + text + "}";
    };
    std::string text;
    for (const auto& host : hosts_) {
        const Status s = host->status();
        text += "\n  node " + std::to_string(s.self.value) + " role " +
                std::to_string(static_cast<int>(s.role)) + " term " + std::to_string(s.term.value) +
                " leader " + std::to_string(s.leader.value) + " last " + std::to_string(s.last.index.value) +
                "(" + std::to_string(s.last.term.value) + ") commit " + std::to_string(s.commit.value) +
                " durable " + std::to_string(s.durable.value) + " base " +
                std::to_string(s.base.index.value) + " promised " + std::to_string(s.promised.index.value) +
                "(" + std::to_string(s.promised.term.value) + ") damaged " + std::to_string(s.damaged) +
                " voters " + list(s.configuration.voters) + list(s.configuration.outgoing) + " learners " +
                list(s.configuration.learners);
        for (const PeerStatus& peer : s.peers) {
            text += "\n    peer " + std::to_string(peer.id.value) + " match " +
                    std::to_string(peer.match.value) + " next " + std::to_string(peer.next.value) +
                    (peer.probing ? " probing" : "") + (peer.departing ? " departing" : "");
        }
    }
    return text;
}

// By the life that took them; a crash may swallow a read.
bool RandomCluster::all_reads_answered() const {
    return std::all_of(reads_.begin(), reads_.end(), [&](const PendingRead& read) {
        return read.answered || read.life != lives_[read.node.value - 1];
    });
}

// Second phase: no more faults. Nodes sleep exactly until the timeouts they named, so a missing timeout
// shows.
std::optional<std::string> RandomCluster::heal() {
    cuts_.clear();
    mix_.loss = mix_.duplication = mix_.reorder = 0;
    for (const auto& host : hosts_) {
        host->hold_storage = host->hold_validation = false;
        if (!host->running()) {
            ++lives_[host->id().value - 1];
            host->start();
        }
        while (host->finish_job()) {
        }
        while (host->end_validation(Verdict::valid)) {
        }
        step(*host, Fitness{});
    }
    bool proposed = false;
    for (std::size_t i = 0; i < max_heal_steps; ++i) {
        if (auto breach = check()) return "healing: " + *breach;
        if (!flights_.empty()) {
            deliver();
            continue;
        }
        if (converged() && all_reads_answered()) {
            if (proposed) break;
            proposed = true;  // and the healed cluster must take one more
            for (const auto& host : hosts_) {
                if (host->status().role == Role::leader) host->propose({"final"});
                collect(*host);
            }
            continue;
        }
        const auto sleep = [](const auto& host) {
            return std::max<Micros>(0, host->next_timeout() - host->now());
        };
        Micros least = sleep(hosts_.front());
        for (const auto& host : hosts_) least = std::min(least, sleep(host));
        for (const auto& host : hosts_) {
            host->advance(least);
            if (host->now() >= host->next_timeout()) step(*host, Tick{});
        }
    }
    if (!converged()) return "the healed cluster does not converge" + states();
    for (const auto& host : hosts_)
        counts_.elections = std::max(counts_.elections, host->status().term.value);
    counts_.commits = invariants_.committed().value - 10;
    if (!all_reads_answered()) return "a read was never answered";
    return std::nullopt;
}

}  // namespace socai::consensus::test
