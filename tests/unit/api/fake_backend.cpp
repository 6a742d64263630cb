#include "fake_backend.hpp"

#include <cassert>

#include "ledger/jwk.hpp"
#include "ledger/statement.hpp"

namespace json = boost::json;

namespace socai::api::testing {
namespace {

Error not_found(std::string detail) {
    return Error{Code::not_found, "not_found", std::move(detail)};
}

}  // namespace

std::string record_text(const std::string& id, const std::string& dossier_no, const std::string& source,
                        std::size_t padding) {
    return R"({"specversion":"1.0","id":")" + id + R"(","source":")" + source +
           R"(","type":"vn.socai.dossier.v1","subject":")" + dossier_no +
           R"(","time":"2021-09-27T10:05:11+07:00","datacontenttype":"application/json","data":{"dossier_no":")" +
           dossier_no + R"(","hs_code":"9503","note":")" + std::string(padding, 'x') + R"(","refs":[]}})";
}

std::string statement_of(const std::vector<std::string>& records) {
    const ledger::Jwk jwk{"customs/test", ledger::KeyPair::from_seed({7})};
    if (records.size() == 1) return sign_statement(jwk, "ledger.test", records.front(), false);
    std::string payload;
    for (const std::string& record : records) payload += (payload.empty() ? "[" : ",") + record;
    return sign_statement(jwk, "ledger.test", payload + "]", true);
}

std::uint64_t FakeBackend::append(const std::vector<std::string>& records) {
    const std::string text = statement_of(records);
    auto statement = ledger::parse_statement(text);
    assert(statement);
    std::vector<std::shared_ptr<Listener>> listeners;
    std::uint64_t size = 0;
    {
        const std::scoped_lock lock(mutex_);
        Leaf leaf;
        leaf.entry = ledger::make_entry(1'000 + static_cast<std::int64_t>(leaves_.size()), text);
        for (ledger::Record& record : statement->records) {
            leaf.records.push_back(std::make_shared<const ledger::Record>(std::move(record)));
        }
        leaves_.push_back(std::move(leaf));
        size = leaves_.size();
        for (const auto& weak : listeners_) {
            if (auto listener = weak.lock()) listeners.push_back(std::move(listener));
        }
    }
    for (const auto& listener : listeners) (*listener)(size);
    return size - 1;
}

void FakeBackend::release_submissions() {
    std::vector<std::function<void()>> held;
    {
        const std::scoped_lock lock(mutex_);
        holding_ = false;
        held.swap(held_);
    }
    for (const auto& answer : held) answer();
}

std::size_t FakeBackend::held() const {
    const std::scoped_lock lock(mutex_);
    return held_.size();
}

QueryRequest FakeBackend::last_query() const {
    const std::scoped_lock lock(mutex_);
    return last_query_;
}

SubmitRequest FakeBackend::last_submit() const {
    const std::scoped_lock lock(mutex_);
    return last_submit_;
}

std::size_t FakeBackend::awaits() const {
    const std::scoped_lock lock(mutex_);
    return awaits_;
}

std::size_t FakeBackend::listeners() const {
    const std::scoped_lock lock(mutex_);
    std::size_t alive = 0;
    for (const auto& weak : listeners_) alive += weak.expired() ? 0 : 1;
    return alive;
}

void FakeBackend::submit(SubmitRequest request, std::function<void(SubmitResults)> done) {
    SubmitResults results;
    if (on_submit) {
        results = on_submit(request);
    } else {
        for (std::size_t i = 0; i < request.statements.size(); ++i) {
            results.emplace_back(Submitted{{i, 0}, 2'000, "committed", false, false, {}});
        }
    }
    {
        const std::scoped_lock lock(mutex_);
        last_submit_ = std::move(request);
        if (holding_) {
            held_.emplace_back([done = std::move(done), results] { done(results); });
            return;
        }
    }
    done(std::move(results));
}

Result<PromiseFate> FakeBackend::promise(const ledger::Hash& statement) const {
    const auto found = promises.find(statement);
    if (found == promises.end()) return not_found("there is no such promise");
    return found->second;
}

Result<PromiseFate> FakeBackend::promise(std::string_view, std::string_view) const {
    if (promises.empty()) return not_found("there is no such promise");
    return promises.begin()->second;
}

void FakeBackend::await(ReadBarrier barrier, std::function<void(Result<AsOf>)> done) {
    {
        const std::scoped_lock lock(mutex_);
        ++awaits_;
    }
    done(on_await ? on_await(barrier) : Result<AsOf>(as_of()));
}

AsOf FakeBackend::as_of() const {
    const std::scoped_lock lock(mutex_);
    return {leaves_.size(), leaves_.empty() ? 0 : 999 + static_cast<std::int64_t>(leaves_.size()),
            leader_contact_ms, leaves_.size()};
}

Result<LeafView> FakeBackend::leaf(std::uint64_t index) const {
    const std::scoped_lock lock(mutex_);
    if (index >= leaves_.size()) return not_found("there is no leaf " + std::to_string(index));
    const auto split = ledger::split_entry(leaves_[index].entry);
    return LeafView{index, split->time_ms, std::string(split->statement), leaves_[index].records,
                    "committed"};
}

Result<ledger::Address> FakeBackend::find(std::string_view source, std::string_view id) const {
    const std::scoped_lock lock(mutex_);
    for (std::uint64_t i = 0; i < leaves_.size(); ++i) {
        for (std::uint32_t n = 0; n < leaves_[i].records.size(); ++n) {
            const ledger::Record& record = *leaves_[i].records[n];
            if (record.source == source && record.id == id) return ledger::Address{i, n};
        }
    }
    return not_found("there is no such record");
}

RecordView FakeBackend::view(std::uint64_t index, std::uint32_t n) const {
    return {{index, n},
            ledger::split_entry(leaves_[index].entry)->time_ms,
            leaves_[index].records[n],
            "committed"};
}

Result<ConfidentialView> FakeBackend::confidential(std::string_view source, std::string_view id) const {
    const auto address = find(source, id);
    if (!address) return address.error();
    const auto found = leaf(address->index);
    ConfidentialView confidential;
    confidential.record = {*address, found->time_ms, found->records.at(address->n), "committed"};
    for (const ledger::Hash& commitment : confidential.record.record->commitments) {
        const auto disclosure = told.find(commitment);
        confidential.members.push_back(
            {commitment, disclosure == told.end() ? std::nullopt : std::optional(disclosure->second)});
    }
    confidential.erasure = erasure;
    return confidential;
}

Result<QueryResult> FakeBackend::query(const QueryRequest& request) const {
    const std::scoped_lock lock(mutex_);
    last_query_ = request;
    QueryResult result;
    for (std::uint64_t i = request.from_index; i < leaves_.size(); ++i) {
        for (std::uint32_t n = 0; n < leaves_[i].records.size(); ++n) {
            if (result.items.size() == request.limit) {
                result.next_cursor = std::to_string(i);
                return result;
            }
            result.items.push_back(view(i, n));
        }
    }
    return result;
}

Result<std::vector<RecordView>> FakeBackend::dossier(std::string_view dossier_no) const {
    const std::scoped_lock lock(mutex_);
    std::vector<RecordView> records;
    for (std::uint64_t i = 0; i < leaves_.size(); ++i) {
        for (std::uint32_t n = 0; n < leaves_[i].records.size(); ++n) {
            if (leaves_[i].records[n]->subject == dossier_no) records.push_back(view(i, n));
        }
    }
    if (records.empty()) return not_found("no record carries that dossier number");
    return records;
}

Result<std::vector<std::string>> FakeBackend::entries(std::uint64_t from, std::size_t max) const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> entries;
    for (std::uint64_t i = from; i < leaves_.size() && entries.size() < max; ++i) {
        entries.push_back(leaves_[i].entry);
    }
    return entries;
}

std::optional<std::string> FakeBackend::tile(const ledger::TileName& name) const {
    const std::scoped_lock lock(mutex_);
    if (ledger::tile_width_at(name.level, name.index, leaves_.size()) < name.width || name.level > 0) {
        return std::nullopt;
    }
    std::string bytes;
    for (std::uint64_t i = 0; i < name.width; ++i) {
        const ledger::Hash hash = ledger::leaf_hash(leaves_[name.index * 256 + i].entry);
        bytes.append(reinterpret_cast<const char*>(hash.data()), hash.size());
    }
    return bytes;
}

Result<std::string> FakeBackend::checkpoint() const {
    const std::scoped_lock lock(mutex_);
    if (leaves_.empty()) return Error{Code::unavailable, "not_ready", "no head was signed yet", true};
    return "ledger.test\n" + std::to_string(leaves_.size()) + "\nroot\n\n— ledger.test sig\n";
}

Result<InclusionProof> FakeBackend::prove_inclusion(std::uint64_t index,
                                                    std::optional<std::uint64_t> size) const {
    const std::scoped_lock lock(mutex_);
    const std::uint64_t of = size.value_or(leaves_.size());
    if (index >= of || of > leaves_.size()) return not_found("there is no such leaf in a tree of that size");
    return InclusionProof{index,           of, ledger::leaf_hash(leaves_[index].entry), {ledger::Hash{1}},
                          ledger::Hash{2}, {}};
}

Result<ConsistencyProof> FakeBackend::prove_consistency(std::uint64_t from,
                                                        std::optional<std::uint64_t> to) const {
    const std::scoped_lock lock(mutex_);
    return ConsistencyProof{from, to.value_or(leaves_.size()), {ledger::Hash{3}}};
}

json::object FakeBackend::status() const {
    return {{"origin", "ledger.test"}, {"role", "leader"}, {"free_bytes", 7}, {"clock", json::object()}};
}

json::object FakeBackend::members() const {
    return {{"members", json::array{}}};
}

std::string FakeBackend::metrics() const {
    return "# HELP socai_node_term The term\n# TYPE socai_node_term gauge\nsocai_node_term 3\n";
}

std::shared_ptr<void> FakeBackend::on_applied(std::function<void(std::uint64_t)> listener) {
    auto token = std::make_shared<Listener>(std::move(listener));
    const std::scoped_lock lock(mutex_);
    listeners_.emplace_back(token);
    return token;
}

}  // namespace socai::api::testing
