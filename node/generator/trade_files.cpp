#include "node/generator/trade_files.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "ledger/hash.hpp"
#include "node/client/signing.hpp"
#include "node/files.hpp"

namespace socai::node::generator {
namespace {

constexpr std::size_t signed_together = 4'096;  // records; bundles end with each such lot

Error unwritable(const std::string& path) {
    return {Exit::unreachable, "file_unwritable", "cannot write " + path + ": " + std::strerror(errno)};
}

}  // namespace

std::vector<ledger::Jwk> throw_away_keys(const Cast& cast, std::uint64_t seed) {
    std::vector<ledger::Jwk> keys;
    const ledger::Registry registry = cast.registry();
    for (const auto& [code, agency] : registry.agencies()) {
        if (agency.has_role("trader")) continue;
        const std::string kid = code + "/record-1";
        keys.push_back({kid, ledger::KeyPair::from_seed(ledger::sha256(
                                 "socai generate, seed " + std::to_string(seed) + ", key " + kid))});
    }
    return keys;
}

Result<TradeFiles> TradeFiles::open(const std::string& out, std::optional<Signer> signer) {
    TradeFiles files;
    files.signer_ = std::move(signer);
    if (out == "-") {
        files.path_ = "standard output";
        files.file_.reset(stdout);
        return files;
    }
    if (const auto made = make_folder(out, 0755); !made) return made.error();
    files.path_ = out + (files.signer_ ? "/statements" : "/records.jsonl");
    // "x": what is there already is not written over.
    files.file_.reset(std::fopen(files.path_.c_str(), "wx"));
    if (!files.file_ && errno == EEXIST)
        return Error{Exit::usage, "file_exists",
                     files.path_ + " exists already; name another folder, or move it away"};
    if (!files.file_) return unwritable(files.path_);
    return files;
}

bool TradeFiles::write(std::string_view line) {
    std::FILE* const file = file_.get();
    if (std::fwrite(line.data(), 1, line.size(), file) != line.size() || std::fputc('\n', file) == EOF)
        error_ = unwritable(path_);
    return !error_;
}

bool TradeFiles::add(const Written& record) {
    if (error_) return false;
    ++lines_;
    if (!signer_) return write(record.text);
    waiting_.push_back({std::string(record.text), lines_, std::string(record.id), std::string(record.source),
                        std::string(record.kind)});
    return waiting_.size() < signed_together || sign_waiting();
}

bool TradeFiles::sign_waiting() {
    const auto signing = client::sign_records(waiting_, signer_->keys,
                                              {.audience = signer_->audience, .bundle = signer_->bundle});
    waiting_.clear();
    if (!signing.faults.empty()) {
        const client::InputFault& fault = signing.faults.front();
        error_ =
            Error{Exit::usage, fault.reason, "record " + std::to_string(fault.line) + ": " + fault.detail};
        return false;
    }
    for (const auto& statement : signing.statements)
        if (!write(statement.text)) return false;
    return true;
}

Result<void> TradeFiles::finish() {
    if (!error_ && signer_ && !waiting_.empty()) sign_waiting();
    if (!error_ && std::fflush(file_.get()) != 0) error_ = unwritable(path_);
    if (error_) return *error_;
    return {};
}

}  // namespace socai::node::generator
