#include "node/outside_witnesses.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "node/http_call.hpp"

namespace socai::node {
namespace {

constexpr unsigned http_ok = 200;
constexpr unsigned http_not_found = 404;
constexpr unsigned http_conflict = 409;
constexpr std::chrono::milliseconds least_pause{50};  // between two rounds, however much waits
constexpr std::chrono::milliseconds urgent_pause{
    1'000};  // at most, while a head waits and could not be given

std::string status_words(const std::string& what, const HttpReply& reply) {
    return what + " was answered with HTTP " + std::to_string(reply.status);
}

std::optional<std::uint64_t> size_line(std::string_view body) {
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), size);
    if (error != std::errc() || body.substr(static_cast<std::size_t>(end - body.data())) != "\n")
        return std::nullopt;
    return size;
}

}  // namespace

OutsideWitnesses::OutsideWitnesses(std::string origin, const std::vector<WitnessConfig>& witnesses,
                                   const ledger::NodeReader& tree, std::chrono::milliseconds pace,
                                   Hooks hooks)
    : origin_(std::move(origin)), tree_(tree), pace_(pace), hooks_(std::move(hooks)) {
    for (const WitnessConfig& configured : witnesses) {
        Witness witness;
        witness.name = witness.status.name = configured.name;
        witness.url = configured.url;
        witness.key = ledger::parse_vkey(configured.vkey).value();
        if (witness.url.starts_with("https:")) {
            auto trust = client::Trust::make(configured.ca, {});
            if (!trust)
                spdlog::warn("witness {}: {}; only this system's authorities count", witness.name,
                             trust.error().detail);
            witness.trust = trust ? *std::move(trust) : client::Trust::system();
        }
        while (witness.url.ends_with('/')) witness.url.pop_back();
        status_.push_back(witness.status);
        witnesses_.push_back(std::move(witness));
    }
}

OutsideWitnesses::~OutsideWitnesses() {
    stop();
}

void OutsideWitnesses::start() {
    for (std::size_t i = 0; i < witnesses_.size(); ++i)
        witnesses_[i].thread = std::thread([this, i] { run(i); });
}

void OutsideWitnesses::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (Witness& witness : witnesses_)
        if (witness.thread.joinable()) witness.thread.join();
}

void OutsideWitnesses::hurry() {
    {
        const std::lock_guard lock(mutex_);
        ++hurries_;
    }
    wake_.notify_all();
}

std::vector<OutsideWitnesses::Status> OutsideWitnesses::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

void OutsideWitnesses::run(std::size_t position) {
    Witness& witness = witnesses_[position];
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const std::uint64_t hurries = hurries_;
        const auto began = Clock::now();
        lock.unlock();
        visit(witness);
        lock.lock();
        status_[position] = witness.status;
        wake_.wait_until(lock, began + least_pause, [this] { return stopping_; });
        const auto pause = witness.is_urgent ? std::min(pace_, urgent_pause) : pace_;
        wake_.wait_for(lock, pause, [&] { return stopping_ || hurries_ != hurries; });
    }
}

void OutsideWitnesses::visit(Witness& witness) {
    if (const auto now = Clock::now(); !witness.looked_at || now - *witness.looked_at >= pace_) {
        witness.looked_at = now;
        witness.look_fault = look(witness);
    }
    std::optional<std::string> fault = witness.look_fault;
    const auto waiting = hooks_.waits_for(witness.key);
    if (waiting) {
        // Also one that it has signed: its line may have been lost with a leader.
        if (waiting->checkpoint.size >= witness.status.cosigned_size) fault = submit(witness, *waiting);
    } else if (const auto head = hooks_.own();
               head && !fault && head->checkpoint.size > witness.status.cosigned_size) {
        fault = submit(witness, *head);
    }
    witness.is_urgent = waiting && fault;
    if (fault && *fault != witness.status.fault)
        spdlog::warn("witness {}: {}; trying again until it answers", witness.name, *fault);
    witness.status.fault = fault.value_or("");
}

// What is wrong; nothing when all went well, also when the witness knows nothing of this ledger yet.
std::optional<std::string> OutsideWitnesses::look(Witness& witness) {
    const std::string url = witness.url + "/" + ledger::to_hex(ledger::sha256(origin_)) + "/checkpoint";
    const auto reply = http_call(url, nullptr, {}, witness.trust);
    if (!reply) return reply.error().detail;
    if (reply->status == http_not_found) return std::nullopt;
    if (reply->status != http_ok) return status_words("asking for its head", *reply);
    auto head = ledger::parse_head(reply->body);
    if (!head) return "its head cannot be read: " + head.error().detail;
    if (head->checkpoint.origin != origin_) return "it shows the head of another ledger";
    const std::array keys{witness.key};
    if (!ledger::verify_note(head->note, keys)) return "it shows a head that it did not cosign";
    witness.last = {head->checkpoint.size, head->checkpoint.root};
    hooks_.seen("witness " + witness.name, *std::move(head));
    return std::nullopt;
}

std::optional<std::string> OutsideWitnesses::submit(Witness& witness, const ledger::Head& head) {
    std::uint64_t old = witness.last.size;
    // The second time with the size that the first answer told: another node was faster, or the witness is new to us.
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (old > head.checkpoint.size)
            return std::nullopt;  // it is ahead; its head is looked at the next time
        const auto proof = ledger::consistency_proof(old, head.checkpoint.size, tree_);
        if (!proof) return "a hash tile of this node is missing";
        const std::string body = ledger::AddCheckpoint{old, *proof, head}.to_string();
        const auto reply = http_call(witness.url + "/add-checkpoint", &body, {}, witness.trust);
        if (!reply) return reply.error().detail;
        if (reply->status == http_conflict) {
            const auto size = size_line(reply->body);
            if (!size) return status_words("the head", *reply) + " without a size";
            old = *size;
            continue;
        }
        if (reply->status != http_ok)
            return status_words("the head of " + std::to_string(head.checkpoint.size) + " leaves", *reply);
        auto note = ledger::parse_note(head.note.text + "\n" + reply->body);
        const std::array keys{witness.key};
        if (!note || !ledger::verify_note(*note, keys))
            return "it answered with a signature that is not its own";
        witness.last = {head.checkpoint.size, head.checkpoint.root};
        witness.status.cosigned_size = head.checkpoint.size;
        hooks_.cosigned(witness.name, {head.checkpoint, *std::move(note)});
        return std::nullopt;
    }
    return "it changes its mind about what it cosigned last";
}

}  // namespace socai::node
