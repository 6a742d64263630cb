#include "ledger/governance/explain.hpp"

#include <algorithm>

#include "ledger/governance/limits.hpp"
#include "ledger/policy.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text.empty() ? "none" : text;
}

std::string needed(std::size_t members) {
    return "a majority is then " + std::to_string(votes_needed(Passage::majority, members)) +
           ", two thirds are " + std::to_string(votes_needed(Passage::two_thirds, members)) + " of " +
           std::to_string(members) + " members";
}

// Raft commits with more than half of the nodes.
std::string nodes_told(const std::vector<std::string>& names) {
    return std::to_string(names.size()) + (names.size() == 1 ? " node votes: " : " nodes vote: ") +
           joined(names) + "; " + std::to_string(names.size() / 2 + 1) + " of them must be up to commit";
}

class Comparison {
  public:
    Comparison(const Genesis& genesis, const Registry& before, const Registry& after,
               const Facts& facts_before, const Facts& facts_after)
        : genesis_(genesis),
          before_(before),
          after_(after),
          facts_before_(facts_before),
          facts_after_(facts_after) {}

    std::vector<std::string> sentences() {
        agencies();
        keys();
        nodes();
        rules();
        return std::move(sentences_);
    }

  private:
    void say(std::string sentence) { sentences_.push_back(std::move(sentence)); }

    void agencies() {
        for (const auto& [code, agency] : after_.agencies()) {
            const Agency* known = before_.agency(code);
            if (known == nullptr) say(code + " is registered, with the roles: " + joined(agency.roles) + ".");
            if (known != nullptr && known->roles != agency.roles)
                say(code + " has the roles: " + joined(agency.roles) + "; before: " + joined(known->roles) +
                    ".");
            if (before_.held().contains(code) != after_.held().contains(code))
                say(after_.held().contains(code)
                        ? code + " and every agency below it may write no records until a vote lets them."
                        : code + " may write records again.");
        }
        const std::size_t members = after_.members().size();
        if (members != before_.members().size())
            say("The members are " + joined(after_.members()) + "; " + needed(members) + ".");
    }

    void keys() {
        for (const auto& [kid, key] : after_.keys()) {
            const RegisteredKey* known = before_.key(kid);
            const std::string what = std::string(word_of(key.purpose)) + " key " + kid;
            if (known == nullptr)
                say("The " + what + " is registered, from leaf " + std::to_string(key.valid_from) + " on.");
            else if (known->valid_to != key.valid_to)
                say("The " + what + " signs nothing from leaf " + std::to_string(*key.valid_to) +
                    " on; what it signed before stays valid.");
            if (known != nullptr && known->rights != key.rights)
                say("The " + what + " has the rights: " + joined(key.rights) +
                    "; before: " + joined(known->rights) + ".");
        }
    }

    void nodes() {
        for (const VotedNode& voted : voted_nodes(facts_after_)) {
            const auto before = voted_node(facts_before_, voted.node.name);
            if (before && before->stands == voted.stands) continue;
            if (voted.stands)
                say("Node " + voted.node.name + " of " + voted.node.agency + " joins at " + voted.host + ":" +
                    std::to_string(voted.port) + "; its number (raft_id) is " +
                    std::to_string(voted.node.raft_id) + ".");
            else
                say("Node " + voted.node.name + " of " + voted.node.agency +
                    " leaves, as soon as heads can become final without it; it runs until cluster.members says that "
                    "it may be switched off.");
        }
        const std::vector<std::string> wanted = wanted_nodes(genesis_, facts_after_);
        if (wanted != wanted_nodes(genesis_, facts_before_))
            say("New nodes join as learners and vote once they hold the ledger; then " + nodes_told(wanted) +
                ".");
    }

    void rules() {
        for (const Matter& each : matters()) {
            const Passage now = passage_of(genesis_, facts_before_, each.word);
            const Passage then = passage_of(genesis_, facts_after_, each.word);
            if (now != then)
                say("Proposals over " + std::string(each.word) + " pass by " + std::string(word_of(then)) +
                    "; before: " + std::string(word_of(now)) + ".");
        }
        const TimeLimits now = time_limits(genesis_, facts_before_);
        const TimeLimits then = time_limits(genesis_, facts_after_);
        if (now.max_backdate_ms != then.max_backdate_ms)
            say("Records count as late when they are older than " + std::to_string(then.max_backdate_ms) +
                " ms; before: " + std::to_string(now.max_backdate_ms) + ".");
        if (now.max_future_ms != then.max_future_ms)
            say("Records may be dated up to " + std::to_string(then.max_future_ms) +
                " ms ahead; before: " + std::to_string(now.max_future_ms) + ".");
        const std::size_t agencies = recovery_quorum(after_, facts_after_);
        if (agencies != recovery_quorum(before_, facts_before_))
            say("Recovering a lost majority takes the root keys of " + std::to_string(agencies) +
                " agencies.");
    }

    const Genesis& genesis_;
    const Registry& before_;
    const Registry& after_;
    const Facts& facts_before_;
    const Facts& facts_after_;
    std::vector<std::string> sentences_;
};

// What a comparison of the registry and the rules does not show.
void say_the_rest(const Proposal& proposal, std::vector<std::string>& sentences) {
    const json::object& change = proposal.change.as_object();
    if (proposal.matter == "quorum_policy") {
        const auto policy = parse_policy(std::string_view(change.at("policy").as_string()));
        sentences.push_back(
            "Any member may write this policy into the ledger, once. From that leaf on a head is final with "
            "the quorum " +
            quote(policy ? policy->quorum : "") + " of it; the first such head needs the old quorum too.");
    } else if (proposal.matter == "withdrawal") {
        const std::string leaf = "leaf " + std::to_string(change.at("index").as_int64());
        if (const json::value* remains = change.if_contains("remains")) {
            sentences.push_back("Every node deletes the bytes of " + leaf +
                                ". Its hash stays, and so do the names of its records, who wrote them, when, and what followed "
                                "from them: the tree, all proofs and all other leaves verify as before. The deletion cannot "
                                "be undone.");
            sentences.push_back("What remains has the SHA-256 " + to_hex(sha256(std::string_view(remains->as_string()))) +
                                ": vote yes only if an audit of your own, socai audit --remains " +
                                std::to_string(change.at("index").as_int64()) + ", shows the same.");
        } else {
            sentences.push_back("The bytes of " + leaf +
                                " may go, but stay until the members vote again under rules that say what remains of them.");
        }
    } else if (const json::value* record = change.if_contains("record")) {
        sentences.push_back("The record " + std::string(record->at("id").as_string()) + " of " +
                            std::string(record->at("source").as_string()) +
                            " takes force with the leaf of the deciding ballot.");
    }
}

}  // namespace

Result<std::vector<std::string>> consequences(const Context& context, const Registry& registry,
                                              const Facts& facts, const Proposal& proposal,
                                              std::uint64_t size) {
    FactDraft after(facts);
    RegistryDraft draft(registry, after);
    const std::function<Hash()> no_root = [] { return Hash{}; };
    const Enactment enactment{context,     proposal.matter,    proposal.change, {size, 0},
                              proposal.at, proposal.opened_ms, no_root};
    if (auto possible = enact(enactment, draft); !possible) return possible.error();
    std::vector<std::string> sentences =
        Comparison(context.genesis, registry, draft.registry(), facts, after).sentences();
    say_the_rest(proposal, sentences);
    if (const auto why = context.rules.outgrown(after))
        sentences.push_back("A leader with the program that says this refuses the leaf; under one that knows more, every node with "
                            "this program stops at that leaf, and comes back with a newer one alone: vote no unless there is one. " +
                            *why);
    return sentences;
}

}  // namespace socai::ledger
