// What the other nodes' certificates said when they were last shown. A certificate out of its time stops nothing between
// nodes (the pinned key is the authority), so it has to be told: once in the log, and in status and metrics until another
// is shown.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "consensus/types.hpp"
#include "network/pinned_chain.hpp"

namespace socai::node::tls {

class PeerWatch {
  public:
    // Judged at the moment of showing: connections outlive certificates, and a peer that has renewed its own since shows the
    // new one at the next connection.
    enum class State {
        good,
        not_renewed,  // less than a quarter of its time is left: its node renews with a third
        expired,
        not_yet  // it begins in the future: one of two clocks is wrong
    };
    struct Shown {
        consensus::NodeId peer;
        std::int64_t not_after_s = 0;
        State state = State::good;
    };

    // A sentence for the log when the state is another than at the last time, and not good; else empty.
    std::string seen(consensus::NodeId peer, const std::string& name, const network::PeerCertificate& shown,
                     std::int64_t now_ms);
    std::vector<Shown> all() const;  // by id
    static const char* word(State state);

  private:
    mutable std::mutex mutex_;
    std::map<consensus::NodeId, Shown> shown_;
};

}  // namespace socai::node::tls
