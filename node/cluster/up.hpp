// `socai cluster up` and `start`: from whatever is there to a cluster that serves.
#pragma once

#include <string>
#include <vector>

#include "node/cluster/readiness.hpp"
#include "node/cluster/settings.hpp"
#include "node/cluster/supervisor.hpp"

namespace socai::node::cluster {

struct UpReport {
    std::vector<std::string> started;  // nodes; none: the cluster was running already
    std::vector<std::string> paused;   // left as they are
    bool proxy_started = false;
};

// Makes the cluster in `dir` if there is none, completes a half-made one, starts what does not run, waits
// until it is ready. On failure, ends what this call started. Takes the folder's lock. Errors: those of
// plan(), agree(), make_materials(), Supervisor and await_ready().
Result<UpReport> up(const std::string& dir, const Wishes& wishes, const std::string& program,
                    const Surroundings& around);

// Starts the nodes named (all when none is), and the proxy if it does not run. `wait`: until ready; what was
// started stays even if the wait fails. The caller holds the lock.
Result<UpReport> start(const Supervisor& supervisor, const std::vector<std::string>& names, bool wait,
                       const Surroundings& around);

}  // namespace socai::node::cluster
