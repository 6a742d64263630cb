#include "tests/simulation/trace.hpp"

#include <iomanip>

namespace socai::simulation {

void Trace::line(consensus::Micros now, consensus::NodeId node, std::string_view text) const {
    *out_ << std::setw(4) << now / 1'000'000 << '.' << std::setfill('0') << std::setw(6) << now % 1'000'000
          << std::setfill(' ') << "  ";
    if (node.value == 0) {
        *out_ << " -  ";
    } else {
        *out_ << std::setw(2) << node.value << "  ";
    }
    *out_ << text << '\n';
}

std::string text(consensus::NodeId node) {
    return "node " + std::to_string(node.value);
}

std::string text(const consensus::EntryId& id) {
    return std::to_string(id.index.value) + "(" + std::to_string(id.term.value) + ")";
}

namespace {
std::string list(const std::vector<consensus::NodeId>& nodes) {
    std::string result;
    for (const consensus::NodeId node : nodes)
        result += (result.empty() ? "" : " ") + std::to_string(node.value);
    return result;
}
}  // namespace

std::string text(const consensus::Configuration& configuration) {
    std::string result = "voters {" + list(configuration.voters) + "}";
    if (configuration.joint()) result += " outgoing {" + list(configuration.outgoing) + "}";
    if (!configuration.learners.empty()) result += " learners {" + list(configuration.learners) + "}";
    return result;
}

namespace {

std::string number(std::uint64_t value) {
    return std::to_string(value);
}

// One for each message: its kind, its term, and what it says.
struct Describe {
    std::string operator()(const consensus::PreVoteRequest& m) const {
        return "pre-vote request for term " + number(m.term.value) + ", log ends " + text(m.last);
    }
    std::string operator()(const consensus::PreVoteReply& m) const {
        return "pre-vote " + std::string(m.granted ? "granted" : "refused") + " in term " +
               number(m.term.value);
    }
    std::string operator()(const consensus::VoteRequest& m) const {
        return "vote request for term " + number(m.term.value) + ", log ends " + text(m.last) +
               (m.transfer ? ", transfer" : "");
    }
    std::string operator()(const consensus::VoteReply& m) const {
        return "vote " + std::string(m.granted ? "granted" : "refused") + " in term " + number(m.term.value);
    }
    std::string operator()(const consensus::AppendRequest& m) const {
        std::string result = "append in term " + number(m.term.value) + " after " + text(m.previous);
        for (const auto& entry : m.entries)
            result += " " + (entry ? text(entry->id) : std::string("nothing"));
        return result + ", commit " + number(m.commit.value);
    }
    std::string operator()(const consensus::AppendReply& m) const {
        return std::string(m.lost       ? "lost beyond "
                           : m.accepted ? "accepted up to "
                                        : "refused after ") +
               number(m.index.value) + " in term " + number(m.term.value) +
               (m.accepted || m.lost
                    ? ""
                    : ", hint " + number(m.hint.value) + "(" + number(m.hint_term.value) + ")");
    }
    std::string operator()(const consensus::Heartbeat& m) const {
        return "heartbeat in term " + number(m.term.value) + ", commit " + number(m.commit.value) +
               ", read " + number(m.read.value);
    }
    std::string operator()(const consensus::HeartbeatReply& m) const {
        return "heartbeat answered in term " + number(m.term.value) + ", commit " + number(m.commit.value) +
               ", read " + number(m.read.value);
    }
    std::string operator()(const consensus::ReadIndexRequest& m) const {
        return "read index wanted in term " + number(m.term.value);
    }
    std::string operator()(const consensus::ReadIndexReply& m) const {
        return "read index " + (m.index ? number(m.index->value) : std::string("unknown")) + " in term " +
               number(m.term.value);
    }
    std::string operator()(const consensus::TimeoutNow& m) const {
        return "campaign now, term " + number(m.term.value);
    }
    std::string operator()(const consensus::InstallBase& m) const {
        return "begin after " + text(m.base) + " in term " + number(m.term.value) + ", " +
               text(m.configuration.configuration);
    }
    std::string operator()(const consensus::FetchRequest& m) const {
        std::string result = "content wanted of";
        for (const auto& id : m.ids) result += " " + text(id);
        return result;
    }
    std::string operator()(const consensus::FetchReply& m) const {
        std::string result = "content of";
        for (const auto& entry : m.entries) result += " " + text(entry->id);
        return result;
    }
};

}  // namespace

std::string text(const consensus::Message& message) {
    return std::visit(Describe{}, message);
}

}  // namespace socai::simulation
