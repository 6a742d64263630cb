// Messages that no node sent: late ones of an earlier time, or lies.
#include <map>

#include "consensus/chain.hpp"
#include "consensus/membership.hpp"
#include "tests/scenarios/runner/verbs.hpp"

namespace socai::scenario {

using namespace consensus;

namespace {

class Fields {
  public:
    Fields(const Cluster& cluster, Words words) : cluster_(cluster) {
        for (const std::string& word : words) {
            const std::size_t equals = word.find('=');
            if (equals == std::string::npos) {
                values_[word] = "";
            } else {
                values_[word.substr(0, equals)] = word.substr(equals + 1);
            }
        }
    }

    bool flag(const std::string& name) { return values_.erase(name) > 0; }
    std::uint64_t number(const std::string& name) { return parse_number(take(name)); }
    std::uint64_t number(const std::string& name, std::uint64_t otherwise) {
        return values_.contains(name) ? number(name) : otherwise;
    }
    EntryId id(const std::string& name) { return find(parse_index_term(take(name)))->id; }
    std::vector<EntryPtr> entries(const std::string& name) {
        std::vector<EntryPtr> found;
        if (!values_.contains(name)) return found;
        for (const std::string& part : split(take(name), ',')) found.push_back(find(parse_index_term(part)));
        return found;
    }
    std::string word(const std::string& name) { return take(name); }
    std::vector<std::string> words(const std::string& name) {
        return values_.contains(name) ? split(take(name), ',') : std::vector<std::string>{};
    }
    bool has(const std::string& name) const { return values_.contains(name); }
    std::vector<EntryId> ids(const std::string& name) {
        std::vector<EntryId> found;
        for (const EntryPtr& entry : entries(name)) found.push_back(entry->id);
        return found;
    }
    std::vector<NodeId> nodes(const std::string& name) {
        return values_.contains(name) ? sorted_nodes(take(name), cluster_.ids().size())
                                      : std::vector<NodeId>{};
    }
    NodeId node(const std::string& name) { return parse_node(cluster_, take(name)); }
    Configuration configuration() {
        return {.voters = nodes("voters"), .outgoing = nodes("outgoing"), .learners = nodes("learners")};
    }
    ConfigurationEntry configuration_at(Index index) { return cluster_.configuration_at(index); }
    void finish() const {
        if (!values_.empty()) throw SyntaxError("'" + values_.begin()->first + "' does not belong");
    }

  private:
    std::string take(const std::string& name) {
        const auto found = values_.find(name);
        if (found == values_.end()) throw SyntaxError("" + name + "= is missing");
        std::string value = found->second;
        values_.erase(found);
        return value;
    }
    EntryPtr find(const IndexTerm& wanted) const {
        if (EntryPtr entry = cluster_.find(wanted)) return entry;
        throw SyntaxError("no log ever held " + std::to_string(wanted.index.value) + "(" +
                          std::to_string(wanted.term.value) + ")");
    }

    const Cluster& cluster_;
    std::map<std::string, std::string> values_;
};

// A no-op that carries what nobody would judge.
EntryPtr forge_noop(const EntryId& before, Term term, const std::string& payload) {
    return make_entry(before, term, EntryKind::noop, sha256(payload), std::nullopt, payload);
}

Message forge_append(Term term, Fields& fields) {
    AppendRequest append{.term = term,
                         .previous = fields.id("prev"),
                         .entries = fields.entries("entries"),
                         .commit = {fields.number("commit", 0)}};
    const auto before = [&] { return append.entries.empty() ? append.previous : append.entries.back()->id; };
    if (fields.has("noop")) append.entries.push_back(forge_noop(before(), term, fields.word("noop")));
    for (const std::string& value : fields.words("values")) {
        append.entries.push_back(
            make_entry(before(), term, EntryKind::payload, digest_of(value), Digest{}, value));
    }
    if (fields.has("voters")) {
        append.entries.push_back(make_configuration(before(), term, fields.configuration(), {}));
    }
    return append;
}

AppendReply forge_append_reply(Term term, Fields& fields) {
    AppendReply reply{.term = term,
                      .accepted = fields.flag("accepted"),
                      .index = {fields.number("index")},
                      .hint = {fields.number("hint", 0)},
                      .hint_term = {fields.number("hint-term", 0)},
                      .lost = fields.flag("lost")};
    fields.flag("refused");
    return reply;
}

InstallBase forge_install(Term term, Fields& fields) {
    InstallBase install{.term = term, .base = fields.id("base"), .configuration = {}};
    install.configuration = fields.configuration_at(install.base.index);
    if (fields.has("voters")) install.configuration.configuration = fields.configuration();
    return install;
}

// The entries asked for, as they are or with something else in their place.
FetchReply forge_fetch_reply(Fields& fields) {
    FetchReply reply{.term = {}, .entries = fields.entries("entries")};
    const bool wrong_digest = fields.flag("wrong-digest");
    const bool wrong_payload = fields.flag("wrong-payload") || wrong_digest;
    for (EntryPtr& entry : reply.entries) {
        auto altered = std::make_shared<Entry>(*entry);
        if (wrong_payload) altered->payload = "forged";
        if (wrong_digest) altered->digest = digest_of(altered->payload);
        entry = std::move(altered);
    }
    return reply;
}

Message forge_message(const std::string& kind, Fields& fields) {
    if (kind == "fetch" || kind == "fetch-reply") {
        fields.number("term", 0);
        if (kind == "fetch-reply") return forge_fetch_reply(fields);
        return FetchRequest{.term = {}, .ids = fields.ids("ids")};
    }
    const Term term{fields.number("term")};
    if (kind == "prevote") return PreVoteRequest{.term = term, .last = fields.id("last")};
    if (kind == "prevote-reply") return PreVoteReply{.term = term, .granted = fields.flag("granted")};
    if (kind == "vote") {
        return VoteRequest{.term = term, .last = fields.id("last"), .transfer = fields.flag("transfer")};
    }
    if (kind == "vote-reply") return VoteReply{.term = term, .granted = fields.flag("granted")};
    if (kind == "append") return forge_append(term, fields);
    if (kind == "append-reply") return forge_append_reply(term, fields);
    if (kind == "heartbeat") {
        return Heartbeat{
            .term = term, .commit = {fields.number("commit", 0)}, .read = {fields.number("read", 0)}};
    }
    if (kind == "heartbeat-reply") {
        return HeartbeatReply{
            .term = term, .read = {fields.number("read", 0)}, .commit = {fields.number("commit", 0)}};
    }
    if (kind == "read-index") return ReadIndexRequest{.term = term, .context = fields.number("context")};
    if (kind == "read-index-reply") {
        ReadIndexReply reply{.term = term, .context = fields.number("context")};
        if (fields.has("index")) reply.index = Index{fields.number("index")};
        return reply;
    }
    if (kind == "timeout-now") return TimeoutNow{.term = term};
    if (kind == "install") return forge_install(term, fields);
    throw SyntaxError("'" + kind + "' is not a kind of message that can be forged");
}

}  // namespace

Flight forge(const Cluster& cluster, Words words) {
    Fields fields(cluster, words.subspan(1));
    const NodeId from = fields.node("from");
    const NodeId to = fields.node("to");
    if (from == to) throw SyntaxError("from= must be another node than to=");
    Flight flight{from, to, forge_message(words[0], fields)};
    fields.flag("refused");
    fields.finish();
    return flight;
}

}  // namespace socai::scenario
