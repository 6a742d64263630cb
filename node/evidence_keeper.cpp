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

// What is shown against whom: a second proof of the same adds nothing.
std::string breach_of(const ledger::Evidence& evidence, const ledger::Finding& finding) {
    std::set<std::string> names;
    for (const ledger::Accused& accused : finding.against)
        names.insert(accused.key.to_string());
    std::string breach(ledger::kind_name(evidence));
    for (const std::string& name : names) breach += " " + name;
    return breach;
}

}  // namespace

Result<std::string> write_evidence(const std::string& folder, const ledger::Evidence& evidence) {
    const std::string text = evidence.to_json();
    const std::string file = folder + "/" + std::string(ledger::kind_name(evidence)) + "-" +
                             ledger::to_hex(ledger::sha256(text)).substr(0, name_digits) + ".json";
    if (const auto made = make_folder(folder, 0755); !made) return made.error();
    if (const auto written = write_file(file, text, 0644); !written) return written.error();
    return file;
}

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
        const auto finding = ledger::verify_evidence(*evidence, hooks_.policy());
        if (finding) breaches_.insert(breach_of(*evidence, *finding));
        alarms_.push_back({std::string(ledger::kind_name(*evidence)), file,
                           "found at the start, from an earlier run", finding.has_value()});
        spdlog::critical("alarm: {} is evidence of a breach; check it with `socai evidence verify`", file);
    }
}

void EvidenceKeeper::keep(const std::string& key, ledger::Evidence evidence, const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (known_.contains(key) || alarms_.size() + waiting_.size() >= max_files) return;
    if (std::ranges::any_of(waiting_, [&](const Waiting& other) { return other.key == key; })) return;
    Waiting waiting{key, std::move(evidence), what};
    if (introduce(waiting.evidence) && write(waiting)) return;
    spdlog::critical("alarm: {}; the evidence is written as soon as it can be", what);
    waiting_.push_back(std::move(waiting));
}

void EvidenceKeeper::raise(const std::string& kind, const std::string& what) {
    const std::lock_guard lock(mutex_);
    const bool told = std::ranges::any_of(
        alarms_, [&](const Alarm& alarm) { return alarm.kind == kind && alarm.what == what; });
    if (told || alarms_.size() >= max_files) return;
    alarms_.push_back({kind, "", what, false});
    spdlog::critical("alarm: {}", what);
}

void EvidenceKeeper::retry() {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_,
                  [this](Waiting& waiting) { return introduce(waiting.evidence) && write(waiting); });
}

// False: there is no head yet to introduce the accused node by.
bool EvidenceKeeper::introduce(ledger::Evidence& evidence) const {
    if (!needs_introduction(evidence) || evidence.introduction) return true;
    evidence.introduction = hooks_.introduction();
    return evidence.introduction.has_value();
}

// False: it could not be written, and is to be tried again.
bool EvidenceKeeper::write(const Waiting& waiting) {
    const auto finding = ledger::verify_evidence(waiting.evidence, hooks_.policy());
    if (!finding && (unproven_.contains(waiting.key) || unproven_.size() >= max_unproven)) return true;
    if (finding && !breaches_.insert(breach_of(waiting.evidence, *finding)).second) {
        known_.insert(waiting.key);
        return true;
    }
    auto file = write_evidence(folder_, waiting.evidence);
    if (!file) {
        if (finding) breaches_.erase(breach_of(waiting.evidence, *finding));
        spdlog::error("The evidence cannot be kept: {}", file.error().detail);
        return false;
    }
    (finding ? known_ : unproven_).insert(waiting.key);
    spdlog::critical(
        "alarm: {}; {} Kept in {}", waiting.what,
        finding ? finding->sentence : "the file alone does not show it: " + finding.error().detail, *file);
    alarms_.push_back({std::string(ledger::kind_name(waiting.evidence)), *std::move(file),
                       finding ? finding->sentence : waiting.what, finding.has_value()});
    return true;
}

std::vector<Alarm> EvidenceKeeper::alarms() const {
    const std::lock_guard lock(mutex_);
    std::vector<Alarm> alarms = alarms_;
    for (const Waiting& waiting : waiting_)
        alarms.push_back({std::string(ledger::kind_name(waiting.evidence)), "", waiting.what, false});
    return alarms;
}

}  // namespace socai::node
