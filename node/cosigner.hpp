// The cosigner: the one place where this program's cosigner key signs heads, and what it remembers of them on disk, so
// that it never signs two that cannot both be true (C2SP tlog-cosignature, tlog-witness; reference/transparency_log.md
// §1.4, §1.6). For nodes, whose own ledger it cosigns, and for witnesses, which cosign any number of logs.
//
// The state file, `cosigned` in the data folder, is text:
//   socai cosigned v1
//   key <vkey of the cosigner>
//   tree <size> <root, base64> <origin>      for each origin, by origin: what was signed last
//   sum <hex SHA-256 of the lines above>
// It is written beside, synced, renamed and its folder synced before a signature that it speaks of leaves the object.
//
// Thread-safe. A call blocks while another signs: a few milliseconds of disk.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/add_checkpoint.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/jwk.hpp"
#include "ledger/note.hpp"
#include "node/error.hpp"

namespace socai::node {

class Cosigner {
  public:
    using Clock = std::function<std::int64_t()>;  // milliseconds since the Unix epoch
    // May `head` follow what was signed last of its origin? An error says why not. Called under the lock.
    using Judge = std::function<Result<void>(const ledger::WitnessedTree& last)>;

    // Reads the state at `path`. A missing file is a fault, unless `is_new` says that this key never signed: then it is
    // made. Errors: cosigner_state_lost (missing), cosigner_state_damaged (torn, empty, or another key's), and those of
    // files.
    static Result<std::unique_ptr<Cosigner>> open(std::string path, std::string name, ledger::KeyPair key,
                                                  bool is_new, Clock clock);

    // The state file of a key that has signed nothing yet, for a data folder that is made before its node ever runs.
    static std::string first_state(const std::string& name, const ledger::PublicKey& key);

    // Judges, remembers and signs as one step: the signature is given only once `head` is on disk as the last of its
    // origin. Whatever `judge` says, a smaller size than the last, or the same with another root, is refused. Errors:
    // the judge's, cosigned_more, cosigned_otherwise, and file_unwritable, after which nothing is signed until the next
    // call succeeds in writing.
    Result<ledger::NoteSignature> cosign(const ledger::Checkpoint& head, const Judge& judge);

    // For the scrub. Reads the file as the disk has it; where that is not what was written last, it is written again.
    // True: it was altered, and is right now. Error: file_unwritable.
    Result<bool> renew_if_altered();
    // Of a node that does not run: why the file at `path` is not to be believed; nothing: it is as it was written.
    static std::optional<std::string> fault_of(const std::string& path);

    // What was signed last of `origin`.
    ledger::WitnessedTree last(std::string_view origin) const;
    ledger::VerifierKey vkey() const { return {name_, ledger::NoteKeyType::cosignature, key_.public_key()}; }

  private:
    using Trees = std::map<std::string, ledger::WitnessedTree, std::less<>>;

    Cosigner(std::string path, std::string name, ledger::KeyPair key, Clock clock)
        : path_(std::move(path)), name_(std::move(name)), key_(std::move(key)), clock_(std::move(clock)) {}
    bool read(std::string_view text);

    const std::string path_;
    const std::string name_;
    const ledger::KeyPair key_;
    const Clock clock_;
    mutable std::mutex signing_;  // held through judge, write and sign
    mutable std::mutex mutex_;    // guards trees_, for those who only look
    Trees trees_;
};

}  // namespace socai::node
