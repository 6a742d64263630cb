#include "node/tls/peer_watch.hpp"

namespace socai::node::tls {

namespace {

constexpr std::int64_t late_with_of = 4;

PeerWatch::State judge(const network::PeerCertificate& shown, std::int64_t now_s) {
    using State = PeerWatch::State;
    if (now_s >= shown.not_after_s) return State::expired;
    if (now_s < shown.not_before_s) return State::not_yet;
    const std::int64_t life = shown.not_after_s - shown.not_before_s;
    return (shown.not_after_s - now_s) * late_with_of < life ? State::not_renewed : State::good;
}

}  // namespace

std::string PeerWatch::seen(consensus::NodeId peer, const std::string& name,
                            const network::PeerCertificate& shown, std::int64_t now_ms) {
    const State state = judge(shown, now_ms / 1'000);
    {
        const std::lock_guard lock(mutex_);
        const auto [place, is_new] = shown_.try_emplace(peer);
        const State before = is_new ? State::good : place->second.state;
        place->second = {peer, shown.not_after_s, state};
        if (state == before || state == State::good) return {};
    }
    const std::string of = "The TLS certificate of " + name;
    const std::string rest = "; it is let in all the same, for its key is the one in the membership. ";
    switch (state) {
        case State::expired:
            return of + " has expired" + rest + "Ask its operator to look at its clock and its log.";
        case State::not_yet:
            return of + " begins in the future" + rest + "One of the two nodes' clocks is wrong.";
        default:
            return of + " should have been renewed by now" + rest + "Ask its operator to look at its log.";
    }
}

std::vector<PeerWatch::Shown> PeerWatch::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<Shown> all;
    for (const auto& [peer, shown] : shown_) all.push_back(shown);
    return all;
}

const char* PeerWatch::word(State state) {
    switch (state) {
        case State::good:
            return "good";
        case State::not_renewed:
            return "not_renewed";
        case State::expired:
            return "expired";
        case State::not_yet:
            return "not_yet";
    }
    return "";
}

}  // namespace socai::node::tls
