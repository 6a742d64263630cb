// What the outbox asks of the node, and what the node tells of its outbox.
#include <algorithm>

#include "node/applied_view.hpp"
#include "node/key_file.hpp"
#include "node/leader_refusals.hpp"
#include "node/node.hpp"

namespace socai::node {

Result<void> Node::open_outbox() {
    auto key = read_key_file(config_.node_key);
    if (!key) return key.error();
    auto store = storage::OutboxStore::open(config_.data, identity());
    if (!store) return Error{Exit::no, store.error().reason, store.error().detail};
    outbox_ = std::make_unique<Outbox>(
        std::move(*store), *verifier_, PromiseMaker(origin_, config_.node, key->key), config_.outbox,
        Outbox::Hooks{
            [this](api::SubmitRequest request, std::function<void(api::SubmitResults)> done) {
                submissions_->submit(std::move(request), std::move(done));
            },
            [this](const StatementPtr& statement, bool signature_checked) {
                return judge(statement, signature_checked);
            },
            [this] { return state_->size(); },
            [this](std::string_view source, std::string_view id) { return state_->find(source, id); },
            [this] { return fitness_->has_space(); }, [this] { return wall_.now_ms(); },
            [this](std::string reason, std::string detail) { fail(std::move(reason), std::move(detail)); },
            [this](const ledger::Statement& statement) { return lacks_disclosures(statement); },
            [this](const ledger::Statement& statement) { return depends_on_program(context_.rules, statement); }});
    return {};
}

// Admission over what this node has applied. That may grow meanwhile: a record that is not found was not there before
// either, and one that is found is there afterwards, so a size from the right side of the reading is true of the verdict.
Outbox::Judgement Node::judge(const StatementPtr& statement, bool signature_checked) const {
    const std::uint64_t before = state_->size();
    const std::int64_t time_ms = std::max(wall_.now_ms(), state_->last_time_ms());
    const AppliedView view(*state_);
    const auto verdict = as_leader(
        context_, view.facts(), *statement,
        ledger::admit(context_, view, statement, time_ms, signature_checked && statement->signature_checked));
    const std::uint64_t after = state_->size();
    if (const auto* duplicate = std::get_if<ledger::Duplicate>(&verdict)) {
        const ledger::Address address = duplicate->addresses.front();
        const auto accepted = time_of(address.index);
        // Without the leaf there is no answer to give: it is promised, and settled when the leaf is whole again.
        if (!accepted) return Outbox::Admissible{};
        return Outbox::Stands{address, *accepted};
    }
    if (const auto* error = std::get_if<ledger::Error>(&verdict))
        return Outbox::Inadmissible{*error, error->fault == ledger::Fault::conflict ? after : before};
    return Outbox::Admissible{};
}

// A signature may be dated a moment later than it was asked for.
bool Node::may_sign(std::uint64_t size) const {
    constexpr std::int64_t signing_ms = 2'000;
    return outbox_->may_cosign(size, wall_.now_ms() + signing_ms) && withdrawals_->unproven().empty();
}

api::Result<api::PromiseFate> Node::promise(const ledger::Hash& statement) const {
    return outbox_->fate(statement);
}

api::Result<api::PromiseFate> Node::promise(std::string_view source, std::string_view id) const {
    return outbox_->fate(source, id);
}

boost::json::object Node::outbox_json() const {
    const Outbox::Figures figures = outbox_->figures();
    boost::json::object object;
    object["waiting"] = figures.waiting;
    object["bytes"] = figures.bytes;
    object["oldest_ms"] =
        figures.oldest_ms ? boost::json::value(std::max<std::int64_t>(0, wall_.now_ms() - *figures.oldest_ms))
                          : boost::json::value(nullptr);
    object["include_by"] =
        figures.include_by_ms ? boost::json::value(*figures.include_by_ms) : boost::json::value(nullptr);
    object["overdue"] = figures.overdue;
    object["promised"] = figures.promised;
    object["included"] = figures.included;
    object["refused"] = figures.refused;
    return object;
}

}  // namespace socai::node
