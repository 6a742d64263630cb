#include "node/testimony.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "node/parcel.hpp"

namespace socai::node {
namespace {

constexpr std::size_t max_vote_bytes = 2'048;
constexpr std::size_t smallest_vote_bytes = 8 + 4;

ledger::LogPlace place_of(const consensus::EntryId& id) {
    return {id.index.value, id.term.value, id.hash};
}

ledger::AppendHeader header_of(const consensus::AppendRequest& append) {
    return {append.term.value, place_of(append.previous), place_of(append.entries.back()->id)};
}

ledger::Note note_of(const ledger::NodeStatement& statement, const ledger::PublicKey& key,
                     const network::WireSignature& signature) {
    const ledger::VerifierKey vkey = ledger::node_vkey(statement.node, statement.origin, key);
    return {statement.to_string(),
            {{vkey.name, vkey.id(), {reinterpret_cast<const char*>(signature.data()), signature.size()}}}};
}

bool has_key(const Member& member) {
    return member.node_key != ledger::PublicKey{};
}

std::vector<ledger::LogEntry> entries_of(const std::vector<consensus::EntryPtr>& entries, bool payloads) {
    std::vector<ledger::LogEntry> result;
    result.reserve(entries.size());
    for (const consensus::EntryPtr& entry : entries) {
        result.push_back({entry->id.term.value, static_cast<ledger::LogEntryKind>(entry->kind), entry->digest,
                          entry->mark, payloads ? std::optional(entry->payload) : std::nullopt});
    }
    return result;
}

}  // namespace

Testimony::Testimony(std::string origin, const Member& self, ledger::KeyPair node_key, Hooks hooks)
    : origin_(std::move(origin)), self_(self), node_key_(std::move(node_key)), hooks_(std::move(hooks)) {}

ledger::NodeStatement Testimony::statement(const std::string& node, ledger::NodeFact fact) const {
    return {origin_, node, std::move(fact)};
}

network::WireSignature Testimony::sign(consensus::NodeId to, const consensus::Message& message) {
    if (const auto* vote = std::get_if<consensus::VoteReply>(&message))
        return node_key_.sign(statement(self_.name, ledger::Vote{vote->term.value, to.value}).to_string());
    const ledger::AppendHeader header = header_of(std::get<consensus::AppendRequest>(message));
    {
        const std::lock_guard lock(mutex_);
        for (auto known = signed_.rbegin(); known != signed_.rend(); ++known)
            if (known->first == header) return known->second;
    }
    const network::WireSignature signature = node_key_.sign(statement(self_.name, header).to_string());
    const std::lock_guard lock(mutex_);
    signed_.emplace_back(header, signature);
    if (signed_.size() > kept_signatures) signed_.pop_front();
    return signature;
}

bool Testimony::check(consensus::NodeId from, const consensus::Message& message,
                      const network::WireSignature& signature) {
    const std::optional<Member> member = hooks_.member(from);
    if (!member || !has_key(*member)) return true;
    ledger::NodeFact fact;
    const auto* vote = std::get_if<consensus::VoteReply>(&message);
    const auto* append = std::get_if<consensus::AppendRequest>(&message);
    if (vote != nullptr)
        fact = ledger::Vote{vote->term.value, self_.id.value};
    else
        fact = header_of(*append);
    const ledger::NodeStatement said = statement(member->name, fact);
    if (!ledger::verify_ed25519(member->node_key, said.to_string(), signature)) return false;
    ledger::Note note = note_of(said, member->node_key, signature);
    if (vote != nullptr)
        take_vote(*member, std::get<ledger::Vote>(fact), std::move(note));
    else
        take_append(*member, {from, std::get<ledger::AppendHeader>(fact), std::move(note), append->entries});
    return true;
}

void Testimony::take_vote(const Member& voter, const ledger::Vote& vote, ledger::Note note) {
    std::optional<ledger::Note> other;
    {
        const std::lock_guard lock(mutex_);
        auto& of_voter = votes_[voter.id];
        const auto [known, is_new] = of_voter.try_emplace(vote.term, KnownVote{{vote.candidate}, note});
        if (!is_new && known->second.candidate.value != vote.candidate) other = known->second.note;
        while (of_voter.size() > kept_terms) of_voter.erase(of_voter.begin());
    }
    if (!other) return;
    hooks_.evidence("vote " + voter.name,
                    {ledger::DoubleVote{*std::move(other), std::move(note)}, std::nullopt, {}},
                    voter.name + " voted twice in term " + std::to_string(vote.term));
}

void Testimony::take_append(const Member& leader, KnownAppend append) {
    for (const consensus::EntryPtr& entry : append.entries) append.bytes += consensus::memory_of(*entry);
    const auto hash_at = [](const KnownAppend& of, std::uint64_t index) {
        return index == of.header.previous.index ? of.header.previous.hash
                                                 : of.entries[index - of.header.previous.index - 1]->id.hash;
    };
    std::optional<KnownAppend> other;
    {
        const std::lock_guard lock(mutex_);
        for (const KnownAppend& known : appends_) {
            if (known.leader != append.leader || known.header.term != append.header.term) continue;
            // The chain commits to all before: if the two differ anywhere, they differ at the last index of both.
            const std::uint64_t last = std::min(known.header.last.index, append.header.last.index);
            if (last < std::max(known.header.previous.index, append.header.previous.index)) continue;
            if (hash_at(known, last) == hash_at(append, last)) continue;
            other = known;
            break;
        }
        bytes_ += append.bytes;
        appends_.push_back(append);
        while (appends_.size() > kept_headers || (bytes_ > kept_bytes && appends_.size() > 1)) {
            bytes_ -= appends_.front().bytes;
            appends_.pop_front();
        }
    }
    if (!other) return;
    hooks_.evidence(
        "appends " + leader.name,
        {ledger::ContradictingAppends{{other->note, entries_of(other->entries, false)},
                                      {append.note, entries_of(append.entries, false)}},
         std::nullopt,
         {}},
        leader.name + " sent two contents for one entry in term " + std::to_string(append.header.term));
}

void Testimony::judged_wrong(const consensus::ValidateJob& job, const std::string& why) {
    if (job.entries.empty()) return;
    std::optional<KnownAppend> found;
    {
        const std::lock_guard lock(mutex_);
        const ledger::LogPlace last = place_of(job.entries.back()->id);
        // The core leaves out what the log holds already: the end is the same, the beginning need not be.
        const auto known = std::ranges::find_if(appends_, [&](const KnownAppend& append) {
            return append.leader == job.from && append.header.term == job.term.value &&
                   append.header.last == last;
        });
        if (known != appends_.end()) found = *known;
    }
    const std::optional<Member> leader = hooks_.member(job.from);
    if (!found || !leader) return;
    hooks_.evidence("forged " + leader->name,
                    {ledger::ForgedAppend{{found->note, entries_of(found->entries, true)}}, std::nullopt, {}},
                    leader->name + " leads term " + std::to_string(job.term.value) +
                        " and sent what no honest leader sends: " + why);
}

void Testimony::leads(consensus::Term term) {
    const ledger::Vote own{term.value, self_.id.value};
    take_vote(self_, own, ledger::sign_node_statement(statement(self_.name, own), node_key_));
    network::Parcel parcel = parcel_of(ParcelKind::votes);
    network::FrameWriter writer(parcel.body);
    {
        const std::lock_guard lock(mutex_);
        std::vector<std::pair<consensus::NodeId, const KnownVote*>> votes;
        for (const auto& [voter, of_voter] : votes_)
            if (const auto vote = of_voter.find(term.value); vote != of_voter.end())
                votes.emplace_back(voter, &vote->second);
        writer.put_integer(static_cast<std::uint32_t>(votes.size()));
        for (const auto& [voter, vote] : votes) {
            writer(voter);
            network::save_text(writer, vote->note.to_string());
        }
    }
    for (const consensus::NodeId other : hooks_.others()) hooks_.send(other, parcel);
}

bool Testimony::on_parcel(consensus::NodeId, const network::Parcel& parcel) {
    if (!is_of(parcel, ParcelKind::votes)) return false;
    try {
        network::FrameReader reader(parcel.body);
        const std::size_t count =
            network::load_count(reader, consensus::max_members, smallest_vote_bytes, "votes");
        for (std::size_t i = 0; i < count; ++i) {
            consensus::NodeId voter;
            reader(voter);
            auto note = ledger::parse_note(network::load_text(reader, max_vote_bytes, "a vote"));
            const std::optional<Member> member = hooks_.member(voter);
            if (!note || !member || !has_key(*member)) continue;
            const auto said = ledger::verify_node_statement(*note, member->node_key);
            if (!said || said->node != member->name || said->origin != origin_) continue;
            if (const auto* vote = std::get_if<ledger::Vote>(&said->fact))
                take_vote(*member, *vote, *std::move(note));
        }
    } catch (const cereal::Exception& malformed) {
        spdlog::debug("votes that cannot be read: {}", malformed.what());
    }
    return true;
}

}  // namespace socai::node
