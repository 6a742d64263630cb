#include "node/client/policy_file.hpp"

#include "node/files.hpp"

namespace socai::node::client {

Result<ledger::Policy> read_policy_file(const std::string& path) {
    const Result<std::string> text = read_file(path, ledger::max_policy_bytes);
    if (!text) return text.error();
    auto policy = ledger::parse_policy(*text);
    if (!policy) return Error{Exit::usage, policy.error().reason, path + ": " + policy.error().detail};
    return *std::move(policy);
}

std::vector<CosignerName> cosigner_names(const ledger::Policy& policy, const ledger::HeadSigners& signers,
                                         const std::string& origin) {
    const std::string suffix = "." + origin;
    std::vector<CosignerName> names;
    for (const ledger::HeadSigners::Cosigner& cosigner : signers.cosigners) {
        const ledger::PolicyWitness& witness = policy.witnesses.at(cosigner.witness);
        std::string agency = witness.key.name;
        if (agency.ends_with(suffix)) agency.resize(agency.size() - suffix.size());
        names.push_back({std::move(agency), witness.name, cosigner.time_s});
    }
    return names;
}

}  // namespace socai::node::client
