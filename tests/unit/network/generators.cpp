#include "generators.hpp"

#include <algorithm>
#include <tuple>

namespace socai::network::test {
namespace {

using namespace consensus;

template <class Tag>
rc::Gen<Tagged<Tag>> any_tagged() {
    return rc::gen::map(rc::gen::arbitrary<std::uint64_t>(),
                        [](std::uint64_t value) { return Tagged<Tag>{value}; });
}
Term any_term() {
    return *any_tagged<TermTag>();
}
Index any_index() {
    return *any_tagged<IndexTag>();
}
Digest any_digest() {
    return *rc::gen::arbitrary<Digest>();
}
EntryId any_entry_id() {
    return {any_term(), any_index(), any_digest()};
}
bool any_bool() {
    return *rc::gen::arbitrary<bool>();
}
std::string any_bytes() {
    return *rc::gen::arbitrary<std::string>();
}

AppendRequest any_append() {
    AppendRequest request;
    const auto count = *rc::gen::inRange<std::uint64_t>(0, 20);
    request.term = {*rc::gen::inRange<std::uint64_t>(0, 1'000'000)};
    request.previous = any_entry_id();
    request.previous.term = {*rc::gen::inRange<std::uint64_t>(0, request.term.value + 1)};
    request.previous.index.value = std::min(request.previous.index.value, ~std::uint64_t{0} - count);
    request.commit = any_index();
    Term term = request.previous.term;
    for (std::uint64_t i = 1; i <= count; ++i) {
        term = {*rc::gen::inRange<std::uint64_t>(term.value, request.term.value + 1)};
        auto entry = std::make_shared<Entry>();
        entry->id = {term, request.previous.index + i, any_digest()};
        entry->kind = *rc::gen::element(EntryKind::noop, EntryKind::configuration, EntryKind::payload);
        entry->digest = any_digest();
        if (any_bool()) entry->mark = any_digest();
        entry->payload = any_bytes();
        request.entries.push_back(std::move(entry));
    }
    return request;
}

EntryPtr any_entry() {
    auto entry = std::make_shared<Entry>();
    entry->id = any_entry_id();
    entry->kind = *rc::gen::element(EntryKind::noop, EntryKind::configuration, EntryKind::payload);
    entry->digest = any_digest();
    if (any_bool()) entry->mark = any_digest();
    entry->payload = any_bytes();
    return entry;
}
std::vector<NodeId> any_nodes() {
    std::vector<NodeId> nodes;
    for (int count = *rc::gen::inRange(0, 6); count > 0; --count)
        nodes.push_back({*rc::gen::arbitrary<std::uint64_t>()});
    return nodes;
}
InstallBase any_install() {
    InstallBase install;
    install.term = any_term();
    install.base = any_entry_id();
    install.configuration.id = any_entry_id();
    install.configuration.configuration = {
        .voters = any_nodes(), .outgoing = any_nodes(), .learners = any_nodes()};
    install.configuration.note = any_bytes();
    return install;
}
FetchRequest any_fetch() {
    FetchRequest request;
    request.term = any_term();
    for (int count = *rc::gen::inRange(0, 20); count > 0; --count) request.ids.push_back(any_entry_id());
    return request;
}
FetchReply any_fetched() {
    FetchReply reply;
    reply.term = any_term();
    for (int count = *rc::gen::inRange(0, 5); count > 0; --count) reply.entries.push_back(any_entry());
    return reply;
}

Message any_of_kind(std::size_t kind) {
    switch (kind) {
        case 0:
            return PreVoteRequest{any_term(), any_entry_id()};
        case 1:
            return PreVoteReply{any_term(), any_bool()};
        case 2:
            return VoteRequest{any_term(), any_entry_id(), any_bool()};
        case 3:
            return VoteReply{any_term(), any_bool()};
        case 4:
            return any_append();
        case 5:
            return AppendReply{any_term(), any_bool(), any_index(), any_index(), any_term(), any_bool()};
        case 6:
            return Heartbeat{any_term(), any_index(), {*rc::gen::arbitrary<std::uint64_t>()}};
        case 7:
            return HeartbeatReply{any_term(), {*rc::gen::arbitrary<std::uint64_t>()}, any_index()};
        case 8:
            return ReadIndexRequest{any_term(), *rc::gen::arbitrary<std::uint64_t>()};
        case 9:
            return ReadIndexReply{any_term(), *rc::gen::arbitrary<std::uint64_t>(),
                                  any_bool() ? std::optional(any_index()) : std::nullopt};
        case 10:
            return any_install();
        case 11:
            return any_fetch();
        case 12:
            return any_fetched();
        default:
            return TimeoutNow{any_term()};
    }
}

bool same_entry(const EntryPtr& a, const EntryPtr& b) {
    return std::tie(a->id, a->kind, a->digest, a->mark, a->payload) ==
           std::tie(b->id, b->kind, b->digest, b->mark, b->payload);
}

bool same_body(const PreVoteRequest& a, const PreVoteRequest& b) {
    return a.term == b.term && a.last == b.last;
}
bool same_body(const PreVoteReply& a, const PreVoteReply& b) {
    return a.term == b.term && a.granted == b.granted;
}
bool same_body(const VoteRequest& a, const VoteRequest& b) {
    return a.term == b.term && a.last == b.last && a.transfer == b.transfer;
}
bool same_body(const VoteReply& a, const VoteReply& b) {
    return a.term == b.term && a.granted == b.granted;
}
bool same_body(const AppendRequest& a, const AppendRequest& b) {
    return a.term == b.term && a.previous == b.previous && a.commit == b.commit &&
           std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(), same_entry);
}
bool same_body(const AppendReply& a, const AppendReply& b) {
    return a.term == b.term && a.accepted == b.accepted && a.index == b.index && a.hint == b.hint &&
           a.hint_term == b.hint_term && a.lost == b.lost;
}
bool same_body(const Heartbeat& a, const Heartbeat& b) {
    return a.term == b.term && a.commit == b.commit && a.read == b.read;
}
bool same_body(const HeartbeatReply& a, const HeartbeatReply& b) {
    return a.term == b.term && a.read == b.read && a.commit == b.commit;
}
bool same_body(const ReadIndexRequest& a, const ReadIndexRequest& b) {
    return a.term == b.term && a.context == b.context;
}
bool same_body(const ReadIndexReply& a, const ReadIndexReply& b) {
    return a.term == b.term && a.context == b.context && a.index == b.index;
}
bool same_body(const TimeoutNow& a, const TimeoutNow& b) {
    return a.term == b.term;
}
bool same_body(const InstallBase& a, const InstallBase& b) {
    return a.term == b.term && a.base == b.base && a.configuration == b.configuration;
}
bool same_body(const FetchRequest& a, const FetchRequest& b) {
    return a.term == b.term && a.ids == b.ids;
}
bool same_body(const FetchReply& a, const FetchReply& b) {
    return a.term == b.term &&
           std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(), same_entry);
}
bool same_body(const Hello& a, const Hello& b) {
    return a.origin == b.origin && a.genesis_hash == b.genesis_hash && a.from == b.from && a.to == b.to;
}
bool same_body(const Refusal& a, const Refusal& b) {
    return a.detail == b.detail;
}
bool same_body(const Parcel& a, const Parcel& b) {
    return a.kind == b.kind && a.body == b.body;
}
template <class A, class B>
bool same_body(const A&, const B&) {
    return false;
}
bool same_body(const Message& a, const Message& b) {
    return std::visit([](const auto& x, const auto& y) { return same_body(x, y); }, a, b);
}

}  // namespace

EntryPtr make_entry(std::uint64_t term, std::uint64_t index, std::string payload) {
    auto entry = std::make_shared<Entry>();
    entry->id.term = {term};
    entry->id.index = {index};
    entry->kind = EntryKind::payload;
    entry->payload = std::move(payload);
    return entry;
}

rc::Gen<Message> any_message() {
    return rc::gen::exec(
        [] { return any_of_kind(*rc::gen::inRange<std::size_t>(0, std::variant_size_v<Message>)); });
}

rc::Gen<Payload> any_payload() {
    return rc::gen::exec([]() -> Payload {
        switch (*rc::gen::inRange(0, 8)) {
            case 0:
                return Hello{any_bytes().substr(0, max_name_bytes),
                             any_bytes().substr(0, max_name_bytes),
                             {*rc::gen::arbitrary<std::uint64_t>()},
                             {*rc::gen::arbitrary<std::uint64_t>()},
                             *rc::gen::arbitrary<std::uint64_t>()};
            case 1:
                return Refusal{any_bytes().substr(0, max_refusal_bytes)};
            case 2:
                return Parcel{*rc::gen::arbitrary<std::uint16_t>(), any_bytes()};
            default:
                return *any_message();
        }
    });
}

bool same(const Payload& a, const Payload& b) {
    return std::visit([](const auto& x, const auto& y) { return same_body(x, y); }, a, b);
}

}  // namespace socai::network::test
