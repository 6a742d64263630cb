#include "node/witness/witness.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "ledger/add_checkpoint.hpp"
#include "ledger/hash.hpp"
#include "node/files.hpp"

namespace socai::node {
namespace {

WitnessAnswer refuse(unsigned status, const std::string& sentence) {
    return {status, "text/plain; charset=utf-8", sentence + "\n"};
}

WitnessAnswer conflict(std::uint64_t size) {
    return {409, "text/x.tlog.size", std::to_string(size) + "\n"};
}

// Does the policy name the key of this line?
bool names(const ledger::Policy& policy, const ledger::NoteSignature& line) {
    const auto is_of = [&](const auto& signer) {
        return signer.key.name == line.name && signer.key.id() == line.id;
    };
    return std::ranges::any_of(policy.logs, is_of) || std::ranges::any_of(policy.witnesses, is_of);
}

std::string hash_of(std::string_view origin) {
    return ledger::to_hex(ledger::sha256(origin));
}

}  // namespace

Result<std::unique_ptr<Witness>> Witness::open(const std::string& folder, const ledger::Jwk& key,
                                               ledger::Policy policy, bool is_new, Cosigner::Clock clock) {
    if (!ledger::is_key_name(key.kid))
        return Error{Exit::usage, "bad_witness_name",
                     "the key's kid is the witness's name and may hold neither spaces nor '+'; make another "
                     "with `socai witness init`"};
    auto cosigner = Cosigner::open(folder + "/cosigned", key.kid, key.key, is_new, std::move(clock));
    if (!cosigner) return cosigner.error();
    std::unique_ptr<Witness> witness(new Witness(folder, std::move(policy), *std::move(cosigner)));
    for (const ledger::PolicyLog& log : witness->policy_.logs) {
        const std::string hash = hash_of(log.key.name);
        std::error_code missing;
        if (!std::filesystem::exists(witness->note_path(hash), missing)) continue;
        auto note = read_file(witness->note_path(hash), ledger::max_note_bytes);
        if (!note) return note.error();
        witness->notes_[hash] = *std::move(note);
    }
    return witness;
}

std::string Witness::note_path(std::string_view origin_hash) const {
    return folder_ + "/" + std::string(origin_hash) + ".checkpoint";
}

WitnessAnswer Witness::add_checkpoint(std::string_view body) {
    const auto request = ledger::parse_add_checkpoint(body);
    if (!request) return refuse(400, request.error().detail);
    const ledger::Head& head = request->head;
    const auto signers = ledger::head_signers(policy_, head);
    if (!signers) return refuse(signers.error().reason == "wrong_origin" ? 404 : 403, signers.error().detail);
    if (signers->logs.empty())
        return refuse(403, "No log key that this witness trusts signed the checkpoint.");
    // A log of several nodes has a key for each of them, and any one could lead the witness onto a tree of its own, from
    // which no honest head would bring it back. So the others' quorum comes first, this witness counted in.
    std::vector<std::size_t> present;
    for (const auto& cosigner : signers->cosigners) present.push_back(cosigner.witness);
    for (std::size_t i = 0; i < policy_.witnesses.size(); ++i)
        if (policy_.witnesses[i].key == cosigner_->vkey()) present.push_back(i);
    if (!ledger::meets_quorum(policy_, present))
        return refuse(
            403,
            "Too few of the policy's cosigners signed the checkpoint: its quorum must sign before this "
            "witness does. A policy with `quorum none` asks for the log's signature alone.");

    const std::lock_guard adding(adding_);
    auto verdict = ledger::WitnessVerdict::cosign;
    std::uint64_t last_size = 0;
    const auto line =
        cosigner_->cosign(head.checkpoint, [&](const ledger::WitnessedTree& last) -> Result<void> {
            last_size = last.size;
            verdict = ledger::judge(*request, last);
            if (verdict == ledger::WitnessVerdict::cosign) return {};
            return Error{};  // the verdict says it all
        });
    if (verdict == ledger::WitnessVerdict::conflict) return conflict(last_size);
    if (verdict == ledger::WitnessVerdict::bad_request)
        return refuse(400, "The old size is beyond the checkpoint's.");
    if (verdict == ledger::WitnessVerdict::unprovable) {
        spdlog::error(
            "{}: a head of {} leaves is signed, but it does not extend the {} leaves cosigned last: this may "
            "be a fork",
            head.checkpoint.origin, head.checkpoint.size, last_size);
        return refuse(422,
                      "The checkpoint does not extend the one cosigned last, as far as the proof shows.");
    }
    if (!line) {
        spdlog::error("{}", line.error().detail);
        return refuse(500, "The witness cannot write down what it cosigns, so it does not.");
    }
    // What is served has this witness's line, then those of the policy's keys, which were verified.
    ledger::Note own{head.note.text, {*line}};
    ledger::Note served = own;
    for (const ledger::NoteSignature& other : head.note.signatures) {
        const bool is_own = other.name == line->name && other.id == line->id;
        if (!is_own && names(policy_, other)) served.signatures.push_back(other);
    }
    const std::string text = served.to_string();
    const std::string hash = hash_of(head.checkpoint.origin);
    if (const auto written = write_file(note_path(hash), text, 0644); !written) {
        spdlog::error("{}", written.error().detail);
        return refuse(500, "The witness cannot write down what it cosigns, so it does not.");
    }
    const std::lock_guard lock(mutex_);
    notes_[hash] = text;
    // The lines alone: after the text and the blank line.
    return {200, "text/plain; charset=utf-8", own.to_string().substr(own.text.size() + 1)};
}

WitnessAnswer Witness::checkpoint(std::string_view origin_hash) const {
    const std::lock_guard lock(mutex_);
    const auto note = notes_.find(origin_hash);
    if (note == notes_.end()) return refuse(404, "Nothing of that log was cosigned here.");
    return {200, "text/plain; charset=utf-8", note->second};
}

}  // namespace socai::node
