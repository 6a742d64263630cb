#include "ledger/head.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

constexpr std::string_view no_quorum = "none";
constexpr std::size_t max_listed_names = 20;
constexpr std::size_t fingerprint_groups = 8;

// The lines of a head that verified, by the position of their key in the policy.
struct Lines {
    std::map<std::size_t, std::size_t> logs;  // the first of each
    std::map<std::size_t, std::pair<std::uint64_t, std::size_t>>
        witnesses;  // the latest of each, with its time
};

Result<Lines> known_lines(const Policy& policy, const Head& head) {
    // Keys of logs of another name say nothing about this one.
    std::vector<VerifierKey> keys;
    std::vector<std::size_t> logs;
    for (std::size_t i = 0; i < policy.logs.size(); ++i) {
        if (policy.logs[i].key.name != head.checkpoint.origin) continue;
        keys.push_back(policy.logs[i].key);
        logs.push_back(i);
    }
    if (logs.empty()) {
        return invalid("wrong_origin",
                       "the head is of " + quote(head.checkpoint.origin) +
                           ", of which the policy names no log: it is another ledger's, or the "
                           "policy is");
    }
    for (const PolicyWitness& witness : policy.witnesses) keys.push_back(witness.key);
    const Result<std::vector<VerifiedLine>> verified = verify_lines(head.note, keys);
    if (!verified) return verified.error();

    Lines lines;
    for (const auto& [key, line] : *verified) {
        if (key < logs.size()) {
            lines.logs.emplace(logs[key], line);
            continue;
        }
        const std::uint64_t time = cosignature_time(head.note.signatures[line]).value();
        const auto [known, added] = lines.witnesses.try_emplace(key - logs.size(), time, line);
        if (!added && known->second.first < time) known->second = {time, line};
    }
    return lines;
}

HeadSigners signers_of(const Policy& policy, const Lines& lines) {
    HeadSigners signers;
    std::vector<std::size_t> witnesses;
    for (const auto& [log, line] : lines.logs) signers.logs.push_back(log);
    for (const auto& [witness, time_line] : lines.witnesses) {
        signers.cosigners.push_back({witness, time_line.first});
        witnesses.push_back(witness);
    }
    signers.quorum = meets_quorum(policy, witnesses);
    return signers;
}

std::string missing_names(const Policy& policy, const HeadSigners& signers) {
    std::set<std::size_t> signed_by;
    for (const HeadSigners::Cosigner& cosigner : signers.cosigners) signed_by.insert(cosigner.witness);
    std::string names;
    std::size_t missing = 0;
    for (std::size_t i = 0; i < policy.witnesses.size(); ++i) {
        if (signed_by.contains(i) || ++missing > max_listed_names) continue;
        names += (names.empty() ? "" : ", ") + policy.witnesses[i].name;
    }
    if (missing > max_listed_names) names += " and " + std::to_string(missing - max_listed_names) + " more";
    return names;
}

// A smallest set of witnesses, out of `signed_by`, that stands for a name; nothing when they do not suffice. Each name
// is in one group at most, so the sets of a group's members do not overlap.
class SmallestQuorum {
  public:
    SmallestQuorum(const Policy& policy, const std::set<std::size_t>& signed_by) {
        for (std::size_t i = 0; i < policy.witnesses.size(); ++i) {
            if (signed_by.contains(i)) sets_[policy.witnesses[i].name] = {i};
        }
        for (const PolicyGroup& group : policy.groups) add(group);
    }

    std::optional<std::vector<std::size_t>> of(const std::string& name) const {
        if (name == no_quorum) return std::vector<std::size_t>();
        const auto found = sets_.find(name);
        if (found == sets_.end()) return std::nullopt;
        return found->second;
    }

  private:
    void add(const PolicyGroup& group) {
        std::vector<const std::vector<std::size_t>*> members;
        for (const std::string& member : group.members) {
            if (const auto found = sets_.find(member); found != sets_.end())
                members.push_back(&found->second);
        }
        if (members.size() < group.threshold) return;
        std::ranges::stable_sort(members, {}, [](const auto* set) { return set->size(); });
        std::vector<std::size_t> all;
        for (std::size_t i = 0; i < group.threshold; ++i) {
            all.insert(all.end(), members[i]->begin(), members[i]->end());
        }
        sets_[group.name] = std::move(all);
    }

    std::map<std::string, std::vector<std::size_t>, std::less<>> sets_;
};

}  // namespace

Result<Head> parse_head(std::string_view bytes) {
    Result<Note> note = parse_note(bytes);
    if (!note) return note.error();
    Result<Checkpoint> checkpoint = parse_checkpoint(note->text);
    if (!checkpoint) return checkpoint.error();
    return Head{*std::move(checkpoint), *std::move(note)};
}

Result<HeadSigners> head_signers(const Policy& policy, const Head& head) {
    const Result<Lines> lines = known_lines(policy, head);
    if (!lines) return lines.error();
    return signers_of(policy, *lines);
}

Result<HeadSigners> check_head(const Policy& policy, const Head& head) {
    Result<HeadSigners> signers = head_signers(policy, head);
    if (!signers) return signers;
    if (signers->logs.empty()) {
        return invalid("no_known_signature", "no log of the policy signed the head of size " +
                                                 std::to_string(head.checkpoint.size));
    }
    if (!signers->quorum) {
        return invalid("no_quorum", "the head of size " + std::to_string(head.checkpoint.size) +
                                        " is cosigned by too few for the policy's quorum " +
                                        quote(policy.quorum) +
                                        "; missing: " + missing_names(policy, *signers));
    }
    return signers;
}

bool meets_quorum(const Policy& policy, const std::vector<std::size_t>& witnesses) {
    const std::set<std::size_t> signed_by(witnesses.begin(), witnesses.end());
    return SmallestQuorum(policy, signed_by).of(policy.quorum).has_value();
}

Head trimmed_head(const Policy& policy, const Head& head, const std::vector<std::size_t>& assumed) {
    const Lines lines = known_lines(policy, head).value();
    std::set<std::size_t> signed_by(assumed.begin(), assumed.end());
    for (const auto& [witness, time_line] : lines.witnesses) signed_by.insert(witness);
    std::vector<std::size_t> needed = SmallestQuorum(policy, signed_by).of(policy.quorum).value();
    std::ranges::sort(needed);

    Head trimmed{head.checkpoint, {head.note.text, {}}};
    trimmed.note.signatures.push_back(head.note.signatures.at(lines.logs.begin()->second));
    for (const std::size_t witness : needed) {
        const auto found = lines.witnesses.find(witness);
        if (found != lines.witnesses.end())
            trimmed.note.signatures.push_back(head.note.signatures.at(found->second.second));
    }
    return trimmed;
}

std::string policy_fingerprint(const Policy& policy) {
    const Hash hash = sha256(policy.to_string());
    std::string text;
    for (std::size_t i = 0; i < fingerprint_groups; ++i) {
        const std::string digits = std::to_string(hash[2 * i] << 8 | hash[2 * i + 1]);
        text += (i == 0 ? "" : " ") + std::string(5 - digits.size(), '0') + digits;
    }
    return text;
}

}  // namespace socai::ledger
