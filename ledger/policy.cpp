#include "ledger/policy.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <span>
#include <utility>

namespace socai::ledger {
namespace {

constexpr std::string_view no_quorum = "none";

std::string threshold_text(const PolicyGroup& group) {
    if (group.threshold == group.members.size()) return "all";
    return group.threshold == 1 ? "any" : std::to_string(group.threshold);
}

std::string optional_word(const std::string& word) {
    return word.empty() ? "" : " " + word;
}

// The words of a line, parted by spaces and tabs only; a comment has none.
std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    for (std::size_t begin = 0; (begin = line.find_first_not_of(" \t", begin)) != std::string_view::npos;) {
        const std::size_t end = std::min(line.find_first_of(" \t", begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        begin = end;
    }
    if (!words.empty() && words.front().starts_with('#')) words.clear();
    return words;
}

// Octets are not interpreted as UTF-8: only ASCII control characters are refused.
bool is_policy_octet(char octet) {
    const auto value = static_cast<unsigned char>(octet);
    return octet == '\t' || octet == '\n' || (value >= 0x20 && value != 0x7f);
}

using Words = std::span<const std::string_view>;

// What a line is refused for; nothing when it is well.
using Complaint = std::optional<std::string>;

// Reads a policy line by line; each line may name only what stands above it.
class PolicyReader {
  public:
    Complaint read_line(Words words) {
        if (words.empty()) return std::nullopt;
        const Words rest = words.subspan(1);
        if (words.front() == "log") return read_log(rest);
        if (words.front() == "witness") return read_witness(rest);
        if (words.front() == "group") return read_group(rest);
        if (words.front() == "quorum") return read_quorum(rest);
        return "unknown keyword; use log, witness, group or quorum";
    }

    bool has_quorum() const { return has_quorum_; }
    Policy take() { return std::move(policy_); }

  private:
    Complaint read_log(Words words) {
        if (words.empty() || words.size() > 2) return "must be: log <vkey> [<url>]";
        VerifierKey key;
        if (auto complaint = read_key(words[0], NoteKeyType::ed25519, key)) return complaint;
        for (const PolicyLog& log : policy_.logs) {
            if (log.key.key == key.key) return "this log's key is on an earlier line already";
        }
        policy_.logs.push_back({std::move(key), std::string(words.size() == 2 ? words[1] : "")});
        return check_count();
    }

    Complaint read_witness(Words words) {
        if (words.size() < 2 || words.size() > 3) return "must be: witness <name> <vkey> [<url>]";
        VerifierKey key;
        if (auto complaint = read_key(words[1], NoteKeyType::cosignature, key)) return complaint;
        for (const PolicyWitness& witness : policy_.witnesses) {
            if (witness.key.key == key.key) return "this witness's key is on an earlier line already";
        }
        if (auto complaint = define(words[0])) return complaint;
        policy_.witnesses.push_back(
            {std::string(words[0]), std::move(key), std::string(words.size() == 3 ? words[2] : "")});
        return check_count();
    }

    Complaint read_group(Words words) {
        if (words.size() < 3) return "must be: group <name> all|any|<k> <member>...";
        const Words members = words.subspan(2);
        std::uint32_t threshold = 1;
        if (words[1] == "all") {
            threshold = static_cast<std::uint32_t>(members.size());
        } else if (words[1] != "any") {
            const auto [end, error] =
                std::from_chars(words[1].data(), words[1].data() + words[1].size(), threshold);
            if (error != std::errc() || end != words[1].data() + words[1].size() || words[1].front() == '0' ||
                threshold > members.size()) {
                return "the threshold must be all, any, or a number from 1 to that of the members";
            }
        }
        PolicyGroup group{std::string(words[0]), threshold, {}};
        for (const std::string_view member : members) {
            if (!defined_.contains(member)) return "a member is not defined on an earlier line";
            if (!grouped_.emplace(member).second) return "a member is in a group already";
            group.members.emplace_back(member);
        }
        if (auto complaint = define(words[0])) return complaint;
        policy_.groups.push_back(std::move(group));
        return check_count();
    }

    Complaint read_quorum(Words words) {
        if (words.size() != 1) return "must be: quorum <name> or quorum none";
        if (has_quorum_) return "there is a quorum line already";
        if (words[0] != no_quorum && !defined_.contains(words[0])) {
            return "the quorum is not defined on an earlier line";
        }
        policy_.quorum = words[0];
        has_quorum_ = true;
        return std::nullopt;
    }

    static Complaint read_key(std::string_view text, NoteKeyType type, VerifierKey& key) {
        auto parsed = parse_vkey(text);
        if (!parsed) return parsed.error().detail;
        if (parsed->type != type) {
            return type == NoteKeyType::ed25519 ? "a log needs a key of type 1"
                                                : "a witness needs a key of type 4";
        }
        key = std::move(*parsed);
        return std::nullopt;
    }

    Complaint define(std::string_view name) {
        if (name == no_quorum) return "the name none is reserved";
        if (!defined_.emplace(name).second) return "this name is defined on an earlier line already";
        return std::nullopt;
    }

    Complaint check_count() const {
        if (policy_.logs.size() + policy_.witnesses.size() + policy_.groups.size() > max_policy_items) {
            return "more than 1,024 logs, witnesses and groups";
        }
        return std::nullopt;
    }

    Policy policy_;
    std::set<std::string, std::less<>> defined_;
    std::set<std::string, std::less<>> grouped_;
    bool has_quorum_ = false;
};

Error malformed(std::string detail) {
    return {Fault::invalid_statement, "malformed_policy", "policy: " + std::move(detail)};
}

}  // namespace

std::string Policy::to_string() const {
    std::string text;
    for (const PolicyLog& log : logs) text += "log " + log.key.to_string() + optional_word(log.url) + "\n";
    for (const PolicyWitness& witness : witnesses) {
        text += "witness " + witness.name + " " + witness.key.to_string() + optional_word(witness.url) + "\n";
    }
    for (const PolicyGroup& group : groups) {
        text += "group " + group.name + " " + threshold_text(group);
        for (const std::string& member : group.members) text += " " + member;
        text += "\n";
    }
    return text + "quorum " + quorum + "\n";
}

Result<Policy> parse_policy(std::string_view text) {
    if (text.size() > max_policy_bytes) return malformed("longer than 256 KiB");
    PolicyReader reader;
    for (std::size_t line_number = 1; !text.empty(); ++line_number) {
        const std::string place = "line " + std::to_string(line_number) + ": ";
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) return malformed(place + "must end in a newline");
        const std::string_view line = text.substr(0, end);
        if (!std::all_of(line.begin(), line.end(), is_policy_octet)) {
            return malformed(place + "holds a control character");
        }
        if (auto complaint = reader.read_line(words_of(line))) return malformed(place + *complaint);
        text.remove_prefix(end + 1);
    }
    if (!reader.has_quorum())
        return malformed("no quorum line; add \"quorum none\" if no cosignature is needed");
    return reader.take();
}

bool within_reach(const Policy& policy, const std::set<PublicKey>& keys) {
    std::set<std::string_view> satisfied;
    for (const PolicyWitness& witness : policy.witnesses)
        if (keys.contains(witness.key.key)) satisfied.insert(witness.name);
    for (const PolicyGroup& group : policy.groups) {
        const auto there = std::ranges::count_if(
            group.members, [&](const std::string& member) { return satisfied.contains(member); });
        if (static_cast<std::uint32_t>(there) >= group.threshold) satisfied.insert(group.name);
    }
    return policy.quorum == no_quorum || satisfied.contains(policy.quorum);
}

}  // namespace socai::ledger
