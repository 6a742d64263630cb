#include "assembly.hpp"

#include <boost/json/array.hpp>

#include "clients.hpp"

namespace socai::cluster_tests {

ProgramResult Assembly::governance(Names words) const {
    Names command{program(), "governance"};
    command.insert(command.end(), words.begin(), words.end());
    command.insert(command.end(), {"--dir", cluster_.dir()});
    return run_program(command);
}

ProgramResult Assembly::act(const std::string& member, Names words) const {
    const auto own = keys_.find(member);
    words.insert(words.end(), {"--key", own != keys_.end() ? own->second : cluster_.dir() + "/keys/" + member + "/registrar.jwk"});
    return governance(std::move(words));
}

std::string Assembly::pass(const std::string& id, const std::string& matter, const std::string& change, const Names& voters) const {
    const ProgramResult proposed = act("customs", {"propose", matter, "--id", id, "--title", id, "--change", change});
    if (proposed.exit_status != 0) return proposed.output;
    for (const std::string& member : voters)
        if (const ProgramResult voted = act(member, {"vote", "customs/" + id, "yes"}); voted.exit_status != 0) return voted.output;
    return {};
}

std::string Assembly::state_of(const std::string& id) const {
    const auto answer = NodeClient(cluster_.endpoint(cluster_.nodes().front()))
                            .call("governance.votes", {{"source", "customs"}, {"id", id}, {"read", "linearizable"}});
    return answer ? text(answer->as_object(), "state") : answer.error().reason;
}

std::string Assembly::role_of(const std::string& node) const {
    for (const std::string& asked : cluster_.nodes()) {
        const auto answer = NodeClient(cluster_.endpoint(asked)).call("cluster.members");
        if (!answer) continue;
        for (const auto& member : answer->as_object().at("nodes").as_array())
            if (member.as_object().at("node").as_string() == node) return text(member.as_object(), "role");
        return "none";
    }
    return {};
}

}  // namespace socai::cluster_tests
