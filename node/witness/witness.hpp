// A stock C2SP tlog-witness for the logs of a policy (reference/transparency_log.md §1.6): cosigns only what extends what it
// cosigned last, and keeps no copy of any ledger. This is the decision and the state; witness_server.hpp speaks HTTP.
//
// In the state folder: `cosigned` (node/cosigner.hpp), and for each origin `<hex SHA-256 of it>.checkpoint`, the note that
// was cosigned last. Both are on disk before an answer leaves.
//
// Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "ledger/policy.hpp"
#include "node/cosigner.hpp"

namespace socai::node {

// An HTTP answer.
struct WitnessAnswer {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
};

class Witness {
  public:
    // The witness's name is the key's kid. A state folder that lacks its state is an error, unless `is_new`: then it is
    // begun. Errors: Cosigner::open's, bad_witness_name, state_unreadable.
    static Result<std::unique_ptr<Witness>> open(const std::string& folder, const ledger::Jwk& key,
                                                 ledger::Policy policy, bool is_new, Cosigner::Clock clock);

    // POST /add-checkpoint: 200 with this witness's line; 400 malformed, or `old` is beyond the checkpoint; 403 no log key
    // of the policy signed it, or one badly, or too few of its cosigners did (its quorum, this witness counted in); 404 an origin that the policy does not name; 409 `old` is not what was
    // cosigned last, the body says what was; 422 the proof does not hold; 500 the state cannot be written.
    WitnessAnswer add_checkpoint(std::string_view body);
    // GET /<hex SHA-256 of the origin>/checkpoint: the note cosigned last; 404 when there is none.
    WitnessAnswer checkpoint(std::string_view origin_hash) const;

    ledger::VerifierKey vkey() const { return cosigner_->vkey(); }

  private:
    Witness(std::string folder, ledger::Policy policy, std::unique_ptr<Cosigner> cosigner)
        : folder_(std::move(folder)), policy_(std::move(policy)), cosigner_(std::move(cosigner)) {}
    std::string note_path(std::string_view origin_hash) const;

    const std::string folder_;
    const ledger::Policy policy_;
    const std::unique_ptr<Cosigner> cosigner_;
    std::mutex adding_;  // held through judging and writing: notes are kept in the order of their sizes
    mutable std::mutex mutex_;                               // guards notes_
    std::map<std::string, std::string, std::less<>> notes_;  // by hex SHA-256 of the origin
};

}  // namespace socai::node
