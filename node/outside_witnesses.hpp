// The witnesses outside the consortium that this node's configuration names: gives them the ledger's newest head to cosign
// (C2SP tlog-witness, add-checkpoint), or the one that waits for their line to be final; and looks at the newest head that
// each of them has cosigned of this ledger, which may be one that this node never saw. A thread for each, so that one that
// is slow or gone holds up nothing else.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ledger/add_checkpoint.hpp"
#include "ledger/verifier_key.hpp"
#include "node/client/trust.hpp"
#include "node/config.hpp"

namespace socai::node {

class OutsideWitnesses {
  public:
    // Called on the witnesses' threads.
    struct Hooks {
        // The head that is final only with this witness's line; nothing when none is. Of this node's own tree, like `own`.
        std::function<std::optional<ledger::Head>(const ledger::VerifierKey& witness)> waits_for;
        std::function<std::optional<ledger::Head>()> own;  // else: the newest head that this node serves
        // `name` shows this head: HeadWatch::seen.
        std::function<void(const std::string& name, ledger::Head)> seen;
        // The witness cosigned this node's head: the same checkpoint, the witness's lines alone.
        std::function<void(const std::string& name, ledger::Head)> cosigned;
    };
    struct Status {
        std::string name;
        std::uint64_t cosigned_size = 0;  // the largest that it cosigned for this node
        std::string fault;                // why the last attempt failed; empty: it did not
    };

    // `tree` outlives this object, and is read on its threads. `pace`: between rounds.
    OutsideWitnesses(std::string origin, const std::vector<WitnessConfig>& witnesses,
                     const ledger::NodeReader& tree, std::chrono::milliseconds pace, Hooks hooks);
    ~OutsideWitnesses();

    void start();
    void stop();
    // There is a head to cosign that waits for it: the next round is at once, though not more than 20 a second. Safe from any
    // thread, does not wait.
    void hurry();
    std::vector<Status> status() const;

  private:
    using Clock = std::chrono::steady_clock;
    struct Witness {
        std::string name;
        std::string url;  // without a slash at the end
        ledger::VerifierKey key;
        std::shared_ptr<const client::Trust> trust;  // of an https URL
        Status status;
        ledger::WitnessedTree last;                  // that it is known to have cosigned
        std::optional<Clock::time_point> looked_at;  // at its head
        std::optional<std::string> look_fault;
        bool is_urgent = false;  // a head waits that could not be given to it
        std::thread thread;
    };
    void run(std::size_t position);
    void visit(Witness& witness);
    std::optional<std::string> look(Witness& witness);
    std::optional<std::string> submit(Witness& witness, const ledger::Head& head);

    const std::string origin_;
    const ledger::NodeReader& tree_;
    const std::chrono::milliseconds pace_;
    const Hooks hooks_;
    std::vector<Witness> witnesses_;  // each of its thread
    mutable std::mutex mutex_;        // guards the three below
    std::vector<Status> status_;
    bool stopping_ = false;
    std::uint64_t hurries_ = 0;
    std::condition_variable wake_;
};

}  // namespace socai::node
