// The reads of the API: from this node's own stores, of applied leaves only.
#include <algorithm>
#include <cassert>
#include <limits>

#include "inspection/timeline.hpp"
#include "ledger/governance/explain.hpp"
#include "ledger/governance/withdrawal.hpp"
#include "ledger/remains.hpp"
#include "node/node.hpp"

namespace socai::node {
namespace {

// A longer timeline is not answered: a bound against hostile graphs, far beyond any real dossier.
constexpr std::size_t max_timeline = 10'000;

// A page of ledger.query ends once it has read statements of this share of what an answer may have, so that no
// limit that the API allows makes one that is refused: a record is no longer in an answer than in its statement.
constexpr std::size_t page_share = 4;
constexpr std::size_t unbounded = std::numeric_limits<std::size_t>::max();

api::Error not_found(std::string reason, std::string detail) {
    return {api::Code::not_found, std::move(reason), std::move(detail), false};
}
api::Error damaged(std::string detail) {
    return {api::Code::internal_error, "storage_fault", std::move(detail), false};
}
api::Error no_such_leaf(std::uint64_t index, std::uint64_t size) {
    return not_found("no_such_leaf", "This node has applied " + std::to_string(size) +
                                         " leaves; there is no leaf " + std::to_string(index) + " here yet.");
}
api::Error no_such_size(std::uint64_t asked, std::uint64_t size) {
    return not_found("no_such_leaf", "The tree here has " + std::to_string(size) + " leaves, fewer than " +
                                         std::to_string(asked) + ".");
}

struct ParsedLeaf {
    std::int64_t time_ms = 0;
    std::shared_ptr<const ledger::Statement> statement;
    bool withdrawn = false;
};

// Entries of the log were admitted: a fault here is one of the disk or of the program.
api::Result<ParsedLeaf> parse_leaf(const std::string& entry) {
    auto leaf = ledger::read_leaf(entry);
    if (!leaf) return damaged(leaf.error().detail);
    return ParsedLeaf{leaf->time_ms, std::make_shared<const ledger::Statement>(std::move(leaf->statement)), leaf->withdrawn};
}

std::shared_ptr<const ledger::Record> record_of(const std::shared_ptr<const ledger::Statement>& statement,
                                                std::size_t n) {
    return {statement, &statement->records[n]};
}

}  // namespace

api::AsOf Node::as_of() const {
    const auto position = state_->position();
    api::AsOf as_of{position.size, position.last_time_ms, -1,
                    std::min(finality_->final_size(), position.size)};
    const auto status = consensus_->status();
    if (status.leader.value != 0) {
        const auto since = ConsensusLoop::now() - status.leader_contact;
        as_of.leader_contact_ms =
            status.role == consensus::Role::leader ? 0 : std::max<std::int64_t>(0, since / 1'000);
    } else if (status.leader_contact != 0) {
        as_of.leader_contact_ms =
            std::max<std::int64_t>(0, (ConsensusLoop::now() - status.leader_contact) / 1'000);
    }
    return as_of;
}

// Content that this disk lost comes back from the other nodes.
api::Error Node::unreadable(const storage::Error& error, consensus::Index first,
                            consensus::Index last) const {
    if (error.reason != "corrupt_log") return damaged(error.detail);
    recovery_->suspect(first, last);
    return {api::Code::unavailable, "entry_damaged",
            "This node's disk has lost the content of a leaf, and it is being fetched from the other nodes. "
            "Ask again "
            "in a moment, or ask another node.",
            true};
}

api::Result<std::string> Node::entry_text(std::uint64_t index) const {
    const auto raft_index = state_->raft_index_of(index);
    if (!raft_index) return no_such_leaf(index, state_->size());
    auto entries = log_->read(*raft_index, *raft_index, 1);
    if (!entries) return unreadable(entries.error(), *raft_index, *raft_index);
    if (entries->empty()) return damaged("The log lacks leaf " + std::to_string(index) + ".");
    return entries->front()->payload;
}

api::Derived Node::derived() const {
    std::shared_ptr<const storage::FactsSnapshot> snapshot = state_->snapshot_facts();
    const storage::AppliedPosition& position = snapshot->position();
    return {{snapshot, &snapshot->facts()}, &rules_.engine().rules(), position.size, position.last_time_ms};
}

std::shared_ptr<const ledger::Registry> Node::registry() const {
    return ledger::registry_of(genesis_, *state_);
}

api::Result<std::vector<std::string>> Node::consequences(const ledger::Proposal& proposal) const {
    const auto snapshot = state_->snapshot_facts();
    auto sentences = ledger::consequences(context_, *registry(), snapshot->facts(), proposal,
                                          snapshot->position().size);
    if (!sentences) return api::from_ledger(sentences.error());
    return *std::move(sentences);
}

inspection::Viewer Node::anonymous() const {
    return config_.anonymous == "agency" ? inspection::Viewer::all() : inspection::Viewer{};
}

std::optional<std::uint64_t> Node::facts_mark(std::uint64_t size) const {
    return state_->facts_mark(size);
}

std::string_view Node::status_of(std::uint64_t index) const {
    return index < finality_->final_size() ? "final" : "committed";
}

api::Result<api::LeafView> Node::leaf(std::uint64_t index) const {
    const auto entry = entry_text(index);
    if (!entry) return entry.error();
    const auto parsed = parse_leaf(*entry);
    if (!parsed) return parsed.error();
    api::LeafView view{index, parsed->time_ms, parsed->statement->text, {}, std::string(status_of(index))};
    for (std::size_t n = 0; n < parsed->statement->records.size(); ++n) {
        view.records.push_back(record_of(parsed->statement, n));
    }
    if (parsed->withdrawn) view.withdrawal = withdrawal_of(index);
    return view;
}

api::Result<ledger::Address> Node::find(std::string_view source, std::string_view id) const {
    const auto known = state_->find(source, id);
    if (!known) {
        return not_found("no_such_record", "No record (" + std::string(source) + ", " + std::string(id) +
                                               ") is applied at this node.");
    }
    return known->address;
}

api::Result<std::vector<api::RecordView>> Node::records_at(const std::vector<ledger::Address>& addresses,
                                                           std::size_t max_bytes) const {
    std::vector<api::RecordView> views;
    views.reserve(addresses.size());
    std::optional<std::uint64_t> loaded;  // neighbours often stand in one bundle
    ParsedLeaf leaf;
    api::WithdrawalPtr withdrawal;
    std::size_t bytes = 0;
    for (const auto& address : addresses) {
        if (loaded != address.index) {
            if (bytes >= max_bytes) break;
            const auto entry = entry_text(address.index);
            if (!entry) return entry.error();
            auto parsed = parse_leaf(*entry);
            if (!parsed) return parsed.error();
            leaf = std::move(*parsed);
            loaded = address.index;
            bytes += entry->size();
            withdrawal = leaf.withdrawn ? withdrawal_of(address.index) : nullptr;
        }
        if (address.n >= leaf.statement->records.size())
            return damaged("An index names a record that its leaf does not hold.");
        views.push_back({address, leaf.time_ms, record_of(leaf.statement, address.n),
                         std::string(status_of(address.index)), withdrawal});
    }
    return views;
}

api::Result<api::QueryResult> Node::query(const api::QueryRequest& request) const {
    std::optional<api::Error> fault;
    const auto fields = [&](const ledger::Address& address) -> std::optional<inspection::Fields> {
        const auto views = records_at({address}, unbounded);
        if (!views) {
            fault = views.error();
            return std::nullopt;
        }
        return inspection::fields_of(*views->front().record);
    };
    const auto page = state_->query(request.filter, request.from_index, request.descending, request.limit,
                                    request.cursor, fields);
    if (fault) return *fault;
    if (!page) {
        if (page.error().reason == "bad_cursor") {
            return api::Error{api::Code::invalid_params, "bad_cursor", page.error().detail, false};
        }
        return damaged(page.error().detail);
    }
    auto items = records_at(page->addresses, config_.limits.max_send_queue_bytes / page_share);
    if (!items) return items.error();
    if (items->size() == page->addresses.size())
        return api::QueryResult{std::move(*items), page->next_cursor, page->looked_at};
    auto cursor =
        storage::StateStore::query_cursor(request.filter, request.descending, page->addresses[items->size()]);
    return api::QueryResult{std::move(*items), std::move(cursor), page->looked_at};
}

std::string Node::cursor_past(const api::QueryRequest& request, const ledger::Address& last) const {
    // The places beside a record, whether or not records stand there.
    constexpr auto last_n = static_cast<std::uint32_t>(ledger::max_bundle_records) - 1;
    ledger::Address next = last;
    if (!request.descending)
        next = last.n < last_n ? ledger::Address{last.index, last.n + 1} : ledger::Address{last.index + 1, 0};
    else if (last.n > 0)
        next.n = last.n - 1;
    else if (last.index > 0)
        next = {last.index - 1, last_n};
    return storage::StateStore::query_cursor(request.filter, request.descending, next);
}

api::Result<std::vector<api::RecordView>> Node::dossier(std::string_view dossier_no) const {
    const auto addresses = inspection::timeline(*state_, dossier_no, max_timeline + 1);
    if (addresses.empty()) {
        return not_found("no_such_dossier",
                         "No record carries the dossier number " + std::string(dossier_no) + ".");
    }
    if (addresses.size() > max_timeline) {
        return api::Error{api::Code::too_large, "timeline_too_long",
                          "The timeline of dossier " + std::string(dossier_no) + " has more than " +
                              std::to_string(max_timeline) +
                              " records; read those that carry its number with ledger.query.",
                          false};
    }
    return records_at(addresses, unbounded);
}

api::Result<std::vector<std::string>> Node::entries(std::uint64_t from, std::size_t max) const {
    // A full entry bundle, whatever its entries: what is asked for below that is never cut short.
    constexpr std::size_t max_bytes = ledger::tile_width * ledger::max_entry_bytes;
    const std::uint64_t size = state_->size();
    std::vector<std::string> texts;
    if (from >= size || max == 0) return texts;
    const std::uint64_t to = std::min<std::uint64_t>(size, from + max);
    const auto first = state_->raft_index_of(from);
    const auto last = state_->raft_index_of(to - 1);
    if (!first || !last) return damaged("The leaf map lacks a leaf below the applied size.");
    std::size_t bytes = 0;
    for (consensus::Index next = *first; next <= *last && bytes < max_bytes;) {
        auto entries = log_->read(next, *last, max_bytes);
        if (!entries) return unreadable(entries.error(), next, *last);
        if (entries->empty()) return damaged("The log lacks entries below the applied size.");
        for (const auto& entry : *entries) {
            next = entry->id.index + 1;
            if (entry->kind != consensus::EntryKind::payload) continue;
            bytes += entry->payload.size();
            texts.push_back(entry->payload);
        }
    }
    return texts;
}

api::WithdrawalPtr Node::withdrawal_of(std::uint64_t index) const {
    auto withdrawal = std::make_shared<api::Withdrawal>();
    const auto snapshot = state_->snapshot_facts();
    if (auto voted = ledger::voted_withdrawal(snapshot->facts(), index)) {
        withdrawal->legal_basis = std::move(voted->legal_basis);
        withdrawal->at = voted->at;
    }
    return withdrawal;
}

std::optional<std::string> Node::tile(const ledger::TileName& name) const {
    return state_->tile(name);
}

std::optional<std::int64_t> Node::time_of(std::uint64_t index) const {
    const auto entry = entry_text(index);
    if (!entry) return std::nullopt;
    const auto time_ms = ledger::time_of_leaf(*entry);
    if (!time_ms) return std::nullopt;
    return *time_ms;
}

api::Result<api::InclusionProof> Node::prove_inclusion(std::uint64_t index,
                                                       std::optional<std::uint64_t> asked) const {
    const std::uint64_t applied = state_->size();
    // Of what is final there is a receipt, whose size it then is.
    const auto served = served_head();
    const std::uint64_t final_size = served->is_final ? served->head.checkpoint.size : 0;
    const std::uint64_t size = asked.value_or(index < final_size ? final_size : applied);
    if (size > applied) return no_such_size(size, applied);
    if (index >= size) {
        return not_found("no_such_leaf", "A tree of " + std::to_string(size) + " leaves has no leaf " +
                                             std::to_string(index) + ".");
    }
    const auto leaf = state_->node(0, index);
    auto hashes = ledger::inclusion_proof(index, size, *state_);
    const auto root = ledger::read_root(size, *state_);
    if (!leaf || !hashes || !root) return damaged("A hash tile below the applied size is missing.");
    api::InclusionProof proof{index, size, *leaf, std::move(*hashes), *root, {}};
    if (size == final_size) proof.receipt = receipt_under(*served, index);
    return proof;
}

api::Result<api::ConsistencyProof> Node::prove_consistency(std::uint64_t from,
                                                           std::optional<std::uint64_t> asked) const {
    const std::uint64_t applied = state_->size();
    const std::uint64_t to = asked.value_or(applied);
    if (to > applied) return no_such_size(to, applied);
    if (from > applied) return no_such_size(from, applied);
    assert(from <= to);  // the API has looked
    auto hashes = ledger::consistency_proof(from, to, *state_);
    if (!hashes) return damaged("A hash tile below the applied size is missing.");
    return api::ConsistencyProof{from, to, std::move(*hashes)};
}

}  // namespace socai::node
