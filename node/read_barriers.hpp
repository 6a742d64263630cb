// Waiting reads: linearizable ones ask the core for a read index (thesis §6.4, on any node) and then, like
// `min_size`, wait until this node has applied that far; all within the caller's time.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "api/backend.hpp"
#include "consensus/core.hpp"

namespace socai::node {

class ReadBarriers {
  public:
    // `post` hands an event to the consensus thread.
    ReadBarriers(boost::asio::io_context& io, std::function<void(consensus::Event)> post);
    ~ReadBarriers();

    // Any thread; `done` exactly once, any thread: true when a local read may answer, false when time ran
    // out.
    void await(const api::ReadBarrier& barrier, std::function<void(bool)> done);
    // Is this node the leader still, by a round of heartbeats? One try, no waiting for another leader.
    void confirm_leadership(std::function<void(bool)> done);

    void answered(const consensus::ReadAnswer& answer);
    void applied(consensus::Index index, std::uint64_t size);
    void stop();
    std::size_t waiting() const;

  private:
    using Clock = std::chrono::steady_clock;
    struct Barrier {
        std::optional<consensus::Index> index;  // needed; nothing while the core has not answered
        bool asks = false;                      // wants a read index
        std::uint64_t min_size = 0;
        Clock::time_point deadline;
        bool once = false;  // a refusal of the core ends it
        std::function<void(bool)> done;
    };
    bool satisfied(const Barrier& barrier) const;
    void schedule();
    void tick();

    std::function<void(consensus::Event)> post_;
    mutable std::mutex mutex_;  // guards all below; never held while a callback runs
    std::map<std::uint64_t, Barrier> barriers_;
    std::uint64_t next_context_ = 1;
    consensus::Index applied_index_;
    std::uint64_t applied_size_ = 0;
    boost::asio::steady_timer timer_;
    bool timer_armed_ = false;
    bool stopped_ = false;
};

}  // namespace socai::node
