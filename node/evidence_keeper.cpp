#include "node/evidence_keeper.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>

#include "node/files.hpp"

namespace socai::node {
namespace {

constexpr std::size_t name_digits = 16;  // of the file's hash: enough to tell 64 files apart

bool needs_introduction(const ledger::Evidence& evidence) {
    return !std::holds_alternative<ledger::Fork>(evidence.what);
}

}  // namespace

EvidenceKeeper::EvidenceKeeper(std::string folder, Hooks hooks)
    : folder_(std::move(folder)), hooks_(std::move(hooks)) {
    std::error_code error;
    std::vector<std::string> files;
    for (std::filesystem::directory_iterator file(folder_, error), end; !error && file != end;
         file.increment(error))
        if (file->path().extension() == ".json") files.push_back(file->path().string());
    std::ranges::sort(files);
    for (const std::string& file : files) {
        if (alarms_.size() >= max_files) break;
        const auto bytes = read_file(file, ledger::max_evidence_bytes);
        const auto evidence =
            bytes ? ledger::parse_evidence(*bytes) : ledger::Result<ledger::Evidence>(ledger::Error{});
        if (!evidence) continue;
        alarms_.push_back({std::string(ledger::kind_name(*evidence)), file,
                           "found at the start, from an earlier run", true});
        spdlog::critical("alarm: {} is evidence of a breach; check it with `socai evidence verify`", file);
    }
}

void EvidenceKeeper::keep(const std::string& key, ledger::Evidence evidence, const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (known_.contains(key) || alarms_.size() + waiting_.size() >= max_files) return;
    known_[key] = true;
    Waiting waiting{key, std::move(evidence), what};
    if (needs_introduction(waiting.evidence) && !waiting.evidence.introduction) {
        waiting.evidence.introduction = hooks_.introduction();
        if (!waiting.evidence.introduction) {
            spdlog::critical(
                "alarm: {}; the evidence is written once there is a head to introduce the node by", what);
            waiting_.push_back(std::move(waiting));
            return;
        }
    }
    write(waiting);
}

void EvidenceKeeper::retry() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return;
    const auto introduction = hooks_.introduction();
    if (!introduction) return;
    for (Waiting& waiting : waiting_) {
        waiting.evidence.introduction = introduction;
        write(waiting);
    }
    waiting_.clear();
}

void EvidenceKeeper::write(const Waiting& waiting) {
    const auto finding = ledger::verify_evidence(waiting.evidence, hooks_.policy());
    const std::string text = waiting.evidence.to_json();
    const std::string kind(ledger::kind_name(waiting.evidence));
    std::string file =
        folder_ + "/" + kind + "-" + ledger::to_hex(ledger::sha256(text)).substr(0, name_digits) + ".json";
    auto written = make_folder(folder_, 0755);
    if (written) written = write_file(file, text, 0644);
    if (!written) {
        spdlog::error("The evidence cannot be kept: {}", written.error().detail);
        file.clear();
    }
    spdlog::critical(
        "alarm: {}; {}{}", waiting.what,
        finding ? finding->sentence : "the file alone does not show it: " + finding.error().detail,
        file.empty() ? "" : " Kept in " + file);
    alarms_.push_back(
        {kind, std::move(file), finding ? finding->sentence : waiting.what, finding.has_value()});
}

std::vector<Alarm> EvidenceKeeper::alarms() const {
    const std::lock_guard lock(mutex_);
    std::vector<Alarm> alarms = alarms_;
    for (const Waiting& waiting : waiting_)
        alarms.push_back({std::string(ledger::kind_name(waiting.evidence)), "", waiting.what, false});
    return alarms;
}

}  // namespace socai::node
