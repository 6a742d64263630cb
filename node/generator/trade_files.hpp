// Where generated records go: a folder, or one stream; as they are, or signed. Blocks; one thread.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "node/client/key_ring.hpp"
#include "node/client/record_file.hpp"
#include "node/error.hpp"
#include "node/generator/cast.hpp"
#include "node/generator/method_oracle.hpp"

namespace socai::node::generator {

// Keys of every agency that signs for itself, derived from the seed: anybody can make them again, so they protect nothing.
std::vector<ledger::Jwk> throw_away_keys(const Cast& cast, std::uint64_t seed);

struct Signer {
    client::KeyRing keys;  // knows for whom the Single Window signs
    std::string audience;
    std::size_t bundle = 1;  // most records under one signature
};

class TradeFiles {
  public:
    // Into the folder `out`: records.jsonl, or the file `statements` when there is a signer; "-" is standard output.
    // Errors: file_exists, file_unwritable.
    static Result<TradeFiles> open(const std::string& out, std::optional<Signer> signer);

    // False once it cannot be written, or not be signed: finish() says why.
    bool add(const Written& record);
    // Errors: file_unwritable, no_key, entry_too_large.
    Result<void> finish();

  private:
    struct Close {
        void operator()(std::FILE* file) const {
            if (file != stdout) std::fclose(file);
        }
    };
    TradeFiles() = default;
    bool write(std::string_view line);
    bool sign_waiting();

    std::string path_;
    std::unique_ptr<std::FILE, Close> file_;
    std::optional<Signer> signer_;
    std::vector<client::InputRecord> waiting_;
    std::uint64_t lines_ = 0;
    std::optional<Error> error_;
};

}  // namespace socai::node::generator
