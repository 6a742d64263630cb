#include "node/disclosures/keeper.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "inspection/access/visibility.hpp"
#include "inspection/confidential/commitments.hpp"

namespace socai::node {
namespace {

// Of records that do not stand: told, and the statement never came, or not yet.
constexpr std::uint64_t max_unplaced_bytes = 256U << 20U;
constexpr std::int64_t unplaced_for_ms = 7LL * 24 * 60 * 60 * 1'000;
constexpr std::size_t max_missing = 10'000;
constexpr std::uint64_t rounds_a_sweep = 3'600;

ledger::Address past(const ledger::Address& at) {
    return {at.index, at.n + 1};
}

bool is_erased(const ledger::Facts& facts, const inspection::Committing& record) {
    return inspection::erasure_of(facts, record.source, record.id).has_value();
}

}  // namespace

DisclosureKeeper::DisclosureKeeper(std::unique_ptr<storage::DisclosureStore> store, std::string agency,
                                   Verifier& verifier, const inspection::KindRules& rules, Hooks hooks)
    : store_(std::move(store)),
      agency_(std::move(agency)),
      verifier_(verifier),
      rules_(rules),
      hooks_(std::move(hooks)) {}

// A disk that is full refuses; one that does not keep what it was given ends the node, like that of the log.
std::optional<api::Error> DisclosureKeeper::failed(const storage::Error& error) const {
    if (error.reason != "no_space") hooks_.fatal(error.reason, error.detail);
    return api::Error{api::Code::overloaded, "no_space",
                      "This node's disk did not take the confidential members: " + error.detail, true};
}

std::optional<api::Error> DisclosureKeeper::keep(const std::vector<ledger::Disclosure>& disclosures) {
    std::uint64_t bytes = 0;
    for (const auto& each : disclosures) bytes += each.text.size();
    {
        const std::lock_guard lock(mutex_);
        if (unplaced_bytes_ + bytes > max_unplaced_bytes)
            return api::Error{api::Code::overloaded, "disclosures_full",
                              "This node holds as many confidential members of statements that do not stand as it "
                              "may. Submit what was told first, or wait until it is forgotten.",
                              true};
        unplaced_bytes_ += bytes;
    }
    if (const auto added = add(disclosures); !added) return failed(added.error());
    return std::nullopt;
}

storage::Result<void> DisclosureKeeper::add(std::vector<ledger::Disclosure> disclosures) {
    const std::lock_guard lock(writing_);
    const auto facts = hooks_.facts();
    std::erase_if(disclosures, [&](const ledger::Disclosure& each) {
        const auto record = inspection::committing(*facts, each.digest);
        return record && is_erased(*facts, *record);
    });
    return store_->add(disclosures, hooks_.now_ms());
}

std::optional<api::Error> DisclosureKeeper::lacking(const ledger::Statement& statement) const {
    if (!commits(statement)) return std::nullopt;
    const auto facts = hooks_.facts();
    for (const ledger::Record& record : statement.records) {
        if (record.commitments.empty() || inspection::committing(*facts, record.source, record.id))
            continue;
        return api::Error{api::Code::invalid_statement, "disclosure_missing",
                          "The record " + record.id +
                              " keeps members confidential (_sd), and what they are was not given: submit it with "
                              "its \"disclosures\".",
                          false};
    }
    return std::nullopt;
}

api::Result<std::optional<std::string>> DisclosureKeeper::find(const ledger::Hash& commitment) const {
    auto found = store_->find(commitment);
    if (!found) return api::Error{api::Code::internal_error, found.error().reason, found.error().detail, true};
    return *std::move(found);
}

// The other node's word counts for nothing: statement, signature and disclosures are checked as if a submitter had told them.
void DisclosureKeeper::offered(consensus::NodeId from, DisclosuresOffered offered) {
    std::vector<std::string> texts;
    std::vector<std::string> told;
    for (auto& item : offered.items) {
        texts.push_back(std::move(item.statement));
        std::ranges::move(item.disclosures, std::back_inserter(told));
    }
    verifier_.verify(std::move(texts), [this, from, call = offered.call,
                                        told = std::move(told)](Verifier::Prepared prepared) {
        const auto parsed = parse_disclosures(told);
        if (!parsed) return;
        const auto registry = hooks_.registry();
        std::vector<ledger::Disclosure> kept;
        for (const auto& statement : prepared) {
            if (!statement || !(*statement)->signature_checked) continue;
            const bool may = std::ranges::all_of((*statement)->records, [&](const ledger::Record& record) {
                return record.commitments.empty() ||
                       inspection::may_hold(*registry, agency_, record.source, record.type);
            });
            auto disclosures =
                may ? matching(**statement, *parsed, rules_, *registry) : std::vector<ledger::Disclosure>{};
            if (disclosures) std::ranges::move(*disclosures, std::back_inserter(kept));
        }
        if (kept.empty() || keep(kept)) return;
        DisclosuresHeld held{call, {}};
        for (const auto& each : kept) held.commitments.push_back(each.digest);
        hooks_.send(from, encode_held(held));
    });
}

void DisclosureKeeper::asked(consensus::NodeId from, DisclosuresQuestion question) {
    const auto others = hooks_.others();
    const auto asker = std::ranges::find(others, from, &Member::id);
    if (asker == others.end()) return;
    verifier_.run([this, from, agency = asker->agency, question = std::move(question)] {
        const auto registry = hooks_.registry();
        const auto facts = hooks_.facts();
        DisclosuresAnswer answer;
        std::size_t bytes = 0;
        for (const ledger::Hash& commitment : question.commitments) {
            const auto record = inspection::committing(*facts, commitment);
            if (!record || is_erased(*facts, *record) ||
                !inspection::may_hold(*registry, agency, record->source, record->type))
                continue;
            auto found = store_->find(commitment);
            if (!found || !*found) continue;
            bytes += (*found)->size();
            if (bytes > max_answer_bytes) break;
            answer.disclosures.push_back(**std::move(found));
        }
        if (!answer.disclosures.empty()) hooks_.send(from, encode_disclosures_answer(answer));
    });
}

// A disclosure proves itself by its commitment: only what was missing is taken.
void DisclosureKeeper::answered(consensus::NodeId, DisclosuresAnswer answer) {
    verifier_.run([this, answer = std::move(answer)] {
        std::vector<ledger::Disclosure> wanted;
        for (const std::string& text : answer.disclosures) {
            auto parsed = ledger::parse_disclosure(text);
            const std::lock_guard lock(mutex_);
            if (parsed && missing_.contains(parsed->digest)) wanted.push_back(*std::move(parsed));
        }
        if (wanted.empty()) return;
        {
            const std::lock_guard lock(mutex_);
            for (const auto& each : wanted) missing_.erase(each.digest);
        }
        if (const auto added = add(std::move(wanted)); !added) {
            failed(added.error());
            return;
        }
        ask_somebody();  // there may be more
    });
}

void DisclosureKeeper::look() {
    if (tidying_.exchange(true)) return;
    verifier_.run([this] {
        tidy();
        tidying_ = false;
    });
}

void DisclosureKeeper::tidy() {
    const auto facts = hooks_.facts();
    erase_what_ended(*facts);
    find_what_is_missing(*facts);
    if (rounds_++ % rounds_a_sweep == 0) sweep(*facts);
    ask_somebody();
}

void DisclosureKeeper::erase_what_ended(const ledger::Facts& facts) {
    std::vector<ledger::Hash> ended;
    ledger::Address to = erased_to_;
    inspection::scan_erased(facts, erased_to_, [&](const ledger::Address& at, const auto& record) {
        ended.insert(ended.end(), record.commitments.begin(), record.commitments.end());
        to = past(at);
        return ended.size() < max_missing;
    });
    if (ended.empty()) return;
    std::uint64_t count = 0;
    {
        const std::lock_guard lock(writing_);
        const auto gone = store_->erase(ended);
        if (!gone) {
            failed(gone.error());
            return;
        }
        count = *gone;
    }
    erased_to_ = to;
    erased_ += count;
    if (count > 0) spdlog::info("disclosures: {} confidential members were erased", count);
    const std::lock_guard lock(mutex_);
    for (const ledger::Hash& each : ended) missing_.erase(each);
}

void DisclosureKeeper::find_what_is_missing(const ledger::Facts& facts) {
    const auto registry = hooks_.registry();
    std::vector<ledger::Hash> lacking;
    std::size_t room = 0;
    std::uint64_t placed = 0;
    {
        const std::lock_guard lock(mutex_);
        room = max_missing - std::min(max_missing, missing_.size());
    }
    if (room == 0) return;
    inspection::scan_commitments(facts, sought_to_, [&](const ledger::Address& at, const auto& record) {
        const bool wanted = !is_erased(facts, record) &&
                            inspection::may_hold(*registry, agency_, record.source, record.type);
        for (const ledger::Hash& commitment : record.commitments) {
            const auto found = store_->find(commitment);
            if (!found) continue;
            if (!*found && wanted) lacking.push_back(commitment);
            if (*found && at >= placed_to_) placed += (*found)->size();
        }
        sought_to_ = past(at);
        return lacking.size() < room;
    });
    placed_to_ = std::max(placed_to_, sought_to_);
    const std::lock_guard lock(mutex_);
    missing_.insert(lacking.begin(), lacking.end());
    unplaced_bytes_ -= std::min(unplaced_bytes_, placed);
}

// Forgets what was told of statements that never came, and counts what may still come.
void DisclosureKeeper::sweep(const ledger::Facts& facts) {
    std::vector<ledger::Hash> stale;
    std::uint64_t bytes = 0;
    const std::int64_t before_ms = hooks_.now_ms() - unplaced_for_ms;
    const auto scanned = store_->scan([&](const ledger::Hash& commitment, std::int64_t received_ms,
                                          std::string_view disclosure) {
        const auto record = inspection::committing(facts, commitment);
        // An erasure that was applied while a late offer came in.
        if (record ? is_erased(facts, *record) : received_ms < before_ms)
            stale.push_back(commitment);
        else if (!record)
            bytes += disclosure.size();
        return stale.size() < max_missing;
    });
    if (!scanned) {
        failed(scanned.error());
        return;
    }
    if (!stale.empty())
        if (const auto gone = store_->erase(stale); !gone) failed(gone.error());
    sought_to_ = {};  // agencies gain rights, disks lose bytes: what is lacking is looked for anew
    const std::lock_guard lock(mutex_);
    unplaced_bytes_ = bytes;
}

void DisclosureKeeper::ask_somebody() {
    const auto others = hooks_.others();
    if (others.empty()) return;
    DisclosuresQuestion question;
    consensus::NodeId to;
    {
        const std::lock_guard lock(mutex_);
        // In turn, so that what nobody has does not stand in the way of the rest.
        auto next = missing_.upper_bound(asked_to_);
        while (question.commitments.size() < std::min(max_questioned, missing_.size())) {
            if (next == missing_.end()) next = missing_.begin();
            question.commitments.push_back(*next++);
        }
        if (!question.commitments.empty()) asked_to_ = question.commitments.back();
        to = others[next_other_++ % others.size()].id;
    }
    if (!question.commitments.empty()) hooks_.send(to, encode_disclosures_question(question));
}

DisclosureKeeper::Figures DisclosureKeeper::figures() const {
    const auto size = store_->size();
    const std::lock_guard lock(mutex_);
    return {size.count, size.bytes, missing_.size(), erased_.load()};
}

}  // namespace socai::node
