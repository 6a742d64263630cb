// Compares heads: every node asks the others about once a second for the head that they serve and for what they know each
// cosigner key to have signed last, its outside witnesses send theirs (outside_witnesses.hpp), and whatever is signed by a
// key of the policy is held against this node's own tree. A head that this tree does not lead to, and one of this node's
// own, cannot both be true: they become evidence of a fork (reference/transparency_log.md §5 point 8).
//
// What cosigners signed counts though it never became final: so nodes that went on with a member that was put back as an
// old copy, and those that knew better and were away, find out when they meet. Whichever has the larger tree sees it.
//
// Thread-safe. Hooks may be called under its lock and must not call back.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "consensus/types.hpp"
#include "ledger/evidence.hpp"
#include "network/frame.hpp"

namespace socai::node {

class HeadWatch {
  public:
    struct Hooks {
        std::function<std::optional<ledger::Head>()>
            own;  // the newest head that this node serves, of its own tree
        std::function<ledger::Head(std::uint64_t size)>
            own_at;  // its own word on so many leaves, which it has
        std::function<std::vector<ledger::Head>()>
            signed_heads;                        // what it knows cosigners to have signed of its tree
        std::function<std::uint64_t()> applied;  // leaves of that tree
        std::function<ledger::Policy()> policy;  // whose keys count
        std::function<void(consensus::NodeId to, network::Parcel)> send;
        std::function<void(const std::string& key, ledger::Evidence, const std::string& what)> evidence;
    };
    struct Figures {
        std::uint64_t compared = 0;  // heads held against this node's tree
        std::uint64_t ignored = 0;   // malformed, or signed by nobody known
        std::uint64_t contradicting = 0;
    };

    // `tree` outlives this object.
    HeadWatch(const ledger::NodeReader& tree, Hooks hooks);

    void ask(const std::vector<consensus::NodeId>& others);
    // A question or an answer about heads; false when the parcel is another's business. `name` is the sender's.
    bool on_parcel(consensus::NodeId from, const std::string& name, const network::Parcel& parcel);
    // A head that `source` showed, as it came. Held back until this node's own head has reached its size; of one source
    // one at a time.
    void seen(const std::string& source, std::string_view note);
    void seen(const std::string& source, ledger::Head head);
    // Compares what can be compared by now. To be called now and then.
    void compare();

    Figures figures() const;

  private:
    void note(const std::string& source, ledger::Head head, bool by_cosigner);
    std::optional<ledger::Head> counterpart(const ledger::Head& theirs) const;
    bool settled(const std::string& source, const ledger::Head& head);

    const ledger::NodeReader& tree_;
    const Hooks hooks_;
    mutable std::mutex mutex_;                     // guards all below
    std::map<std::string, ledger::Head> waiting_;  // by source, and cosigner where it tells what one signed
    Figures figures_;
};

}  // namespace socai::node
