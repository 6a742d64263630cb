#include "node/disclosures/keeper.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <future>

#include "inspection/access/visibility.hpp"
#include "inspection/confidential/commitments.hpp"

namespace socai::node {
namespace {

// Of records that do not stand: told, and the statement never came, or not yet.
constexpr std::uint64_t max_unplaced_bytes = 256U << 20U;
constexpr std::int64_t unplaced_for_ms = 7LL * 24 * 60 * 60 * 1'000;
constexpr std::size_t max_missing = 10'000;
constexpr std::size_t erased_at_once = 10'000;
// Parcels that wait, all together. What is dropped is offered, asked or answered again.
constexpr std::size_t max_from_others = 64U << 20U;
constexpr std::size_t bytes_a_question = max_answer_bytes / 4;
constexpr std::uint64_t rounds_a_sweep = 3'600;
constexpr std::uint64_t rounds_to_settle = 60;

ledger::Address past(const ledger::Address& at) {
    return {at.index, at.n + 1};
}

// Does the record that stands there commit to it?
bool is_placed(const ledger::Facts& facts, const storage::ToldFor& told) {
    const auto record = inspection::committing(facts, told.commitment);
    return record && record->source == told.source && record->id == told.id;
}

std::size_t bytes_of(const std::vector<std::string>& texts) {
    std::size_t bytes = 0;
    for (const std::string& text : texts) bytes += text.size();
    return bytes;
}

}  // namespace

DisclosureKeeper::DisclosureKeeper(std::unique_ptr<storage::DisclosureStore> store, std::string agency,
                                   Verifier& verifier, const inspection::KindRules& rules, Hooks hooks)
    : store_(std::move(store)),
      agency_(std::move(agency)),
      verifier_(verifier),
      rules_(rules),
      hooks_(std::move(hooks)) {}

DisclosureKeeper::~DisclosureKeeper() {
    stop();
}

void DisclosureKeeper::stop() {
    disk_.stop();
    disk_.join();
}

// By an erasure, or with the leaf that the members withdrew.
bool DisclosureKeeper::is_erased(const ledger::Facts& facts, std::string_view source, std::string_view id) const {
    if (inspection::erasure_of(facts, source, id)) return true;
    const auto record = inspection::committing(facts, source, id);
    return record && hooks_.withdrawn(record->at.index);
}

// Work for another node, where there is room for it.
bool DisclosureKeeper::run(std::size_t bytes, std::function<void()> work) {
    if (from_others_.fetch_add(bytes) + bytes > max_from_others) {
        from_others_ -= bytes;
        return false;
    }
    boost::asio::post(disk_, [this, bytes, work = std::move(work)] {
        work();
        from_others_ -= bytes;
    });
    return true;
}

// A disk that is full refuses; one that does not keep what it was given ends the node, like that of the log.
std::optional<api::Error> DisclosureKeeper::failed(const storage::Error& error) const {
    if (error.reason != "no_space") hooks_.fatal(error.reason, error.detail);
    return api::Error{api::Code::overloaded, "no_space",
                      "This node's disk did not take the confidential members: " + error.detail, true};
}

std::optional<api::Error> DisclosureKeeper::keep(std::vector<storage::ToldFor> told) {
    {
        const std::lock_guard lock(mutex_);
        if (unplaced_bytes_ > max_unplaced_bytes)
            return api::Error{api::Code::overloaded, "disclosures_full",
                              "This node holds as many confidential members of statements that do not stand as it "
                              "may. Submit what was told first, or wait until it is forgotten.",
                              true};
    }
    const auto added = add(std::move(told));
    if (!added) return failed(added.error());
    const std::lock_guard lock(mutex_);
    unplaced_bytes_ += *added;
    if (unplaced_bytes_ > max_unplaced_bytes / 2) sweep_wanted_ = true;  // most of it stands by now
    return std::nullopt;
}

// Of what was not erased; returns the bytes that are new.
storage::Result<std::uint64_t> DisclosureKeeper::add(std::vector<storage::ToldFor> told) {
    const std::lock_guard lock(writing_);
    const auto facts = hooks_.facts();
    std::erase_if(told, [&](const storage::ToldFor& each) {
        return is_placed(*facts, each) && is_erased(*facts, each.source, each.id);
    });
    return store_->add(told, hooks_.now_ms());
}

bool DisclosureKeeper::may_hold(const ledger::Statement& statement) const {
    const auto registry = hooks_.registry();
    return std::ranges::all_of(statement.records, [&](const ledger::Record& record) {
        return record.commitments.empty() ||
               inspection::may_hold(*registry, agency_, record.source, record.type);
    });
}

bool DisclosureKeeper::stands(const ledger::Statement& statement) const {
    if (!commits(statement)) return true;
    const auto facts = hooks_.facts();
    return std::ranges::all_of(statement.records, [&](const ledger::Record& record) {
        return record.commitments.empty() || inspection::committing(*facts, record.source, record.id);
    });
}

api::Result<std::optional<std::string>> DisclosureKeeper::find(std::string_view source, std::string_view id,
                                                               const ledger::Hash& commitment) const {
    auto found = store_->find(source, id, commitment);
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
    const std::size_t bytes = bytes_of(texts) + bytes_of(told);
    run(bytes, [this, from, call = offered.call, texts = std::move(texts), told = std::move(told)] {
        const auto parsed = parse_disclosures(told);
        if (!parsed) return;
        const auto registry = hooks_.registry();
        std::vector<storage::ToldFor> kept;
        for (const std::string& text : texts) {
            const auto statement = verifier_.verify_one(text);
            if (!statement || !(*statement)->signature_checked || !may_hold(**statement)) continue;
            auto disclosures = matching(**statement, *parsed, rules_, *registry);
            if (disclosures) std::ranges::move(*disclosures, std::back_inserter(kept));
        }
        DisclosuresHeld held{call, {}};
        for (const auto& each : kept) held.commitments.push_back(each.commitment);
        if (kept.empty() || keep(std::move(kept))) return;
        hooks_.send(from, encode_held(held));
    });
}

void DisclosureKeeper::asked(consensus::NodeId from, DisclosuresQuestion question) {
    const auto others = hooks_.others();
    const auto asker = std::ranges::find(others, from, &Member::id);
    if (asker == others.end()) return;
    run(bytes_a_question, [this, from, agency = asker->agency, question = std::move(question)] {
        const auto registry = hooks_.registry();
        const auto facts = hooks_.facts();
        DisclosuresAnswer answer;
        std::size_t bytes = 0;
        for (const ledger::Hash& commitment : question.commitments) {
            const auto record = inspection::committing(*facts, commitment);
            if (!record || is_erased(*facts, record->source, record->id) ||
                !inspection::may_hold(*registry, agency, record->source, record->type))
                continue;
            auto found = store_->find(record->source, record->id, commitment);
            if (!found || !*found) continue;
            bytes += (*found)->size();
            if (bytes > max_answer_bytes) break;
            answer.disclosures.push_back(**std::move(found));
        }
        if (!answer.disclosures.empty()) hooks_.send(from, encode_disclosures_answer(answer));
    });
}

// A disclosure proves itself by its commitment: only what was missing is taken, for the record that commits to it.
void DisclosureKeeper::answered(consensus::NodeId, DisclosuresAnswer answer) {
    const std::size_t size = bytes_of(answer.disclosures);
    run(size, [this, answer = std::move(answer)] {
        const auto facts = hooks_.facts();
        std::vector<storage::ToldFor> wanted;
        for (const std::string& text : answer.disclosures) {
            const auto parsed = ledger::parse_disclosure(text);
            if (!parsed) continue;
            const auto record = inspection::committing(*facts, parsed->digest);
            const std::lock_guard lock(mutex_);
            if (record && missing_.erase(parsed->digest) > 0)
                wanted.push_back({record->source, record->id, parsed->digest, text});
        }
        if (wanted.empty()) return;
        if (const auto added = add(std::move(wanted)); !added) {
            failed(added.error());
            return;
        }
        {
            const std::lock_guard lock(mutex_);
            asked_ = 0;
        }
        ask_somebody();  // there may be more
    });
}

void DisclosureKeeper::await_idle() {
    std::promise<void> idle;
    boost::asio::post(disk_, [&idle] { idle.set_value(); });
    idle.get_future().wait();
}

void DisclosureKeeper::look() {
    if (tidying_.exchange(true)) return;
    boost::asio::post(disk_, [this] {
        tidy();
        tidying_ = false;
    });
}

void DisclosureKeeper::tidy() {
    erase_what_ended();
    find_what_is_missing(*hooks_.facts());
    // What this node has not applied yet is no proof that a record does not stand.
    settled_rounds_ = hooks_.caught_up() ? settled_rounds_ + 1 : 0;
    if (settled_rounds_ >= rounds_to_settle &&
        (settled_rounds_ % rounds_a_sweep == rounds_to_settle || sweep_wanted_.exchange(false)))
        sweep();
    if (const auto done = store_->rewrite(); !done) failed(done.error());
    ask_somebody();
}

void DisclosureKeeper::erase_what_ended() {
    std::vector<storage::ToldFor> ended;
    ledger::Address to = erased_to_;
    std::uint64_t count = 0;
    {
        const std::lock_guard lock(writing_);
        const auto facts = hooks_.facts();
        inspection::scan_erased(*facts, erased_to_, [&](const ledger::Address& at, const auto& record) {
            // An erasure is taken whole: several records stand at its place.
            if (ended.size() >= erased_at_once && past(at) != to) return false;
            for (const ledger::Hash& commitment : record.commitments)
                ended.push_back({record.source, record.id, commitment, {}});
            to = past(at);
            return true;
        });
        if (ended.empty()) return;
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
    for (const auto& each : ended) missing_.erase(each.commitment);
}

// What is not done when the node stops, the next sweep does.
void DisclosureKeeper::forget(const ledger::Statement& statement) {
    std::vector<storage::ToldFor> told;
    for (const ledger::Record& record : statement.records)
        for (const ledger::Hash& commitment : record.commitments) told.push_back({record.source, record.id, commitment, {}});
    if (told.empty()) return;
    boost::asio::post(disk_, [this, told = std::move(told)] {
        {
            const std::lock_guard lock(writing_);
            const auto gone = store_->erase(told);
            if (!gone) {
                failed(gone.error());
                return;
            }
            erased_ += *gone;
        }
        if (const auto done = store_->rewrite(); !done) failed(done.error());
    });
}

void DisclosureKeeper::find_what_is_missing(const ledger::Facts& facts) {
    const auto registry = hooks_.registry();
    std::vector<ledger::Hash> lacking;
    std::size_t room = 0;
    {
        const std::lock_guard lock(mutex_);
        // Nobody has them, as it seems: they make room for others, and are sought again after the next sweep.
        if (missing_.size() >= max_missing && asked_ > missing_.size() * (hooks_.others().size() + 1))
            missing_.clear();
        room = max_missing - std::min(max_missing, missing_.size());
    }
    if (room == 0) return;
    inspection::scan_commitments(facts, sought_to_, [&](const ledger::Address& at, const auto& record) {
        sought_to_ = past(at);
        if (is_erased(facts, record.source, record.id) ||
            !inspection::may_hold(*registry, agency_, record.source, record.type))
            return true;
        for (const ledger::Hash& commitment : record.commitments) {
            const auto found = store_->find(record.source, record.id, commitment);
            if (found && !*found) lacking.push_back(commitment);
        }
        return lacking.size() < room;
    });
    const std::lock_guard lock(mutex_);
    missing_.insert(lacking.begin(), lacking.end());
}

// Forgets what was told of statements that never came, and what this node may not hold any more; counts what may still come.
void DisclosureKeeper::sweep() {
    const std::lock_guard writing(writing_);
    const auto facts = hooks_.facts();
    const auto registry = hooks_.registry();
    std::vector<storage::ToldFor> stale;
    std::uint64_t bytes = 0;
    const std::int64_t before_ms = hooks_.now_ms() - unplaced_for_ms;
    const auto scanned = store_->scan([&](const storage::ToldFor& told, std::int64_t received_ms) {
        if (is_placed(*facts, told)) {
            const auto record = inspection::committing(*facts, told.commitment);
            if (is_erased(*facts, told.source, told.id) ||
                !inspection::may_hold(*registry, agency_, record->source, record->type))
                stale.push_back({told.source, told.id, told.commitment, {}});
        } else if (received_ms < before_ms && !hooks_.promised(told.source, told.id)) {
            stale.push_back({told.source, told.id, told.commitment, {}});
        } else {
            bytes += told.disclosure.size();
        }
        return stale.size() < erased_at_once;
    });
    if (!scanned) {
        failed(scanned.error());
        return;
    }
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
        asked_ += question.commitments.size();
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
