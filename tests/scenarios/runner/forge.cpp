// Messages that no node sent: late ones of an earlier time, or lies.
#include <map>

#include "tests/scenarios/runner/interpreter.hpp"

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
    void finish() const {
        if (!values_.empty()) throw SyntaxError("inject: '" + values_.begin()->first + "' does not belong");
    }

  private:
    std::string take(const std::string& name) {
        const auto found = values_.find(name);
        if (found == values_.end()) throw SyntaxError("inject: " + name + "= is missing");
        std::string value = found->second;
        values_.erase(found);
        return value;
    }
    EntryPtr find(const IndexTerm& wanted) const {
        if (EntryPtr entry = cluster_.find(wanted)) return entry;
        throw SyntaxError("inject: no log ever held " + std::to_string(wanted.index.value) + "(" +
                          std::to_string(wanted.term.value) + ")");
    }

    const Cluster& cluster_;
    std::map<std::string, std::string> values_;
};

Message forge_message(const std::string& kind, Fields& fields) {
    const Term term{fields.number("term")};
    if (kind == "prevote") return PreVoteRequest{.term = term, .last = fields.id("last")};
    if (kind == "prevote-reply") return PreVoteReply{.term = term, .granted = fields.flag("granted")};
    if (kind == "vote") {
        return VoteRequest{.term = term, .last = fields.id("last"), .transfer = fields.flag("transfer")};
    }
    if (kind == "vote-reply") return VoteReply{.term = term, .granted = fields.flag("granted")};
    if (kind == "append") {
        return AppendRequest{.term = term,
                             .previous = fields.id("prev"),
                             .entries = fields.entries("entries"),
                             .commit = {fields.number("commit", 0)}};
    }
    if (kind == "append-reply") {
        return AppendReply{.term = term,
                           .accepted = fields.flag("accepted"),
                           .index = {fields.number("index")},
                           .hint = {fields.number("hint", 0)},
                           .hint_term = {fields.number("hint-term", 0)}};
    }
    if (kind == "heartbeat") {
        return Heartbeat{
            .term = term, .commit = {fields.number("commit", 0)}, .read = {fields.number("read", 0)}};
    }
    if (kind == "heartbeat-reply") return HeartbeatReply{.term = term, .read = {fields.number("read", 0)}};
    if (kind == "read-index") return ReadIndexRequest{.term = term, .context = fields.number("context")};
    if (kind == "timeout-now") return TimeoutNow{.term = term};
    throw SyntaxError("inject: '" + kind + "' is not a kind of message that can be forged");
}

}  // namespace

Flight forge(const Cluster& cluster, Words words) {
    if (words.empty()) throw SyntaxError("inject: which kind of message?");
    Fields fields(cluster, words.subspan(1));
    const NodeId from{fields.number("from")};
    const NodeId to{fields.number("to")};
    if (from == NodeId{} || from == to) throw SyntaxError("inject: from= must be another node");
    Flight flight{from, to, forge_message(words[0], fields)};
    fields.flag("refused");
    fields.finish();
    return flight;
}

}  // namespace socai::scenario
