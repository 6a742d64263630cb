#include "node/cluster/policy_change.hpp"

#include <chrono>

#include "ledger/policy_leaf.hpp"
#include "ledger/time.hpp"
#include "node/client/policy_draft.hpp"
#include "node/cluster/leader.hpp"
#include "node/files.hpp"
#include "node/key_file.hpp"

namespace socai::node::cluster {

Result<void> renew_policy(const Supervisor& supervisor, const Surroundings& around) {
    const auto members = ask_leader(supervisor, "cluster.members", {}, around);
    if (!members) return members.error();
    const auto change = client::draft_policy(*members, supervisor.origin(), [](const std::string&) { return true; });
    if (!change) return change.error();
    const Settings& settings = supervisor.settings();
    if (change->differs) {
        const std::string& founder = settings.agencies.front();
        const auto key = read_key_file(supervisor.folder().record_key(founder + "/record-1"));
        if (!key) return key.error();
        const std::int64_t now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count();
        const std::string record =
            ledger::policy_record(change->leaf, supervisor.origin(), founder,
                                  "policy-" + std::to_string(now_ms), ledger::format_rfc3339(now_ms));
        const std::string statement = ledger::sign_statement(*key, supervisor.origin(), record, false);
        around.tell("writing the policy that counts the nodes that vote");
        const auto written =
            ask_leader(supervisor, "ledger.submit", {{"statement", statement}, {"wait", "final"}}, around);
        if (!written && written.error().reason == "right_missing") {
            around.tell(
                "this ledger's genesis gives nobody the right to change its policy: it stays as it is");
            return {};
        }
        if (!written) return written.error();
    }
    return write_file(supervisor.folder().policy(), change->leaf.policy.to_string(), 0644);
}

}  // namespace socai::node::cluster
