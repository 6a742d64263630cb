// The witnesses outside the consortium that this node's configuration names: gives them the ledger's newest head to cosign
// (C2SP tlog-witness, add-checkpoint), and looks at the newest head that each of them has cosigned of this ledger, which may
// be one that this node never saw. On a thread of its own, one witness after the other; a witness that is slow or gone
// holds up nothing else.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ledger/add_checkpoint.hpp"
#include "ledger/verifier_key.hpp"
#include "node/config.hpp"

namespace socai::node {

class OutsideWitnesses {
  public:
    struct Hooks {
        std::function<std::optional<ledger::Head>()>
            own;  // the newest head that this node serves, of its own tree
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

    // `tree` outlives this object, and is read on its thread. `pace`: between rounds.
    OutsideWitnesses(std::string origin, const std::vector<WitnessConfig>& witnesses,
                     const ledger::NodeReader& tree, std::chrono::milliseconds pace, Hooks hooks);
    ~OutsideWitnesses();

    void start();
    void stop();
    std::vector<Status> status() const;

  private:
    struct Witness {
        std::string name;
        std::string url;  // without a slash at the end
        ledger::VerifierKey key;
        Status status;
        ledger::WitnessedTree last;  // that it is known to have cosigned
    };
    void run();
    void visit(Witness& witness);
    std::optional<std::string> look(Witness& witness);
    std::optional<std::string> submit(Witness& witness, const ledger::Head& head);

    const std::string origin_;
    const ledger::NodeReader& tree_;
    const std::chrono::milliseconds pace_;
    const Hooks hooks_;
    std::vector<Witness> witnesses_;  // of the thread
    mutable std::mutex mutex_;        // guards the two below
    std::vector<Status> status_;
    bool stopping_ = false;
    std::condition_variable wake_;
    std::thread thread_;
};

}  // namespace socai::node
