#include "node/client/receipts.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <thread>
#include <utility>
#include <vector>

namespace socai::node::client {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

// Asked for together: a receipt is large, and a node answers in order.
constexpr std::size_t window = 8;
constexpr std::chrono::milliseconds pause{50};

Error bad_answer(const RpcClient& client, const std::string& detail) {
    return {Exit::unreachable, "bad_answer", client.endpoint().url() + " " + detail};
}

// The receipt in an answer; nothing when the leaf has none yet.
Result<std::optional<ledger::Receipt>> receipt_in(const RpcClient& client, const json::value& answer,
                                                  std::uint64_t index) {
    const json::object* object = answer.if_object();
    if (object == nullptr) return bad_answer(client, "answered ledger.prove_inclusion with something else");
    const json::value* value = object->if_contains("receipt");
    if (value == nullptr || value->is_null()) return std::optional<ledger::Receipt>();
    ledger::Result<ledger::Receipt> receipt = ledger::parse_receipt(json::serialize(*value));
    if (!receipt) return Error{Exit::unreachable, receipt.error().reason, receipt.error().detail};
    if (receipt->leaf.proof.index != index) {
        return bad_answer(client, "gave the receipt of another leaf than " + std::to_string(index));
    }
    return std::optional(*std::move(receipt));
}

// Why there will never be one for the asker; nothing: there is, or will be.
std::optional<Error> refusal_in(const json::value& answer, std::uint64_t index) {
    const json::object* object = answer.if_object();
    if (object == nullptr) return std::nullopt;
    const std::string leaf = "leaf " + std::to_string(index);
    if (object->contains("withdrawn"))
        return Error{Exit::no, "withdrawn",
                     leaf + " has no receipt any more: the members withdrew its bytes. One that was kept verifies as before"};
    const json::value* withheld = object->if_contains("receipt_withheld");
    if (withheld == nullptr || !withheld->is_bool() || !withheld->get_bool()) return std::nullopt;
    return Error{Exit::no, "receipt_withheld",
                 leaf + " is not all for this account to see, and a receipt holds all of it; sign in as who may see it (--key, --as)"};
}

}  // namespace

Result<void> fetch_receipts(RpcClient& client, std::span<const std::uint64_t> indices,
                            std::chrono::milliseconds patience,
                            const std::function<void(ledger::Receipt)>& take,
                            const std::function<void(std::uint64_t index)>& withheld) {
    Clock::time_point deadline = Clock::now() + patience;
    std::size_t next = 0;
    while (next < indices.size()) {
        std::vector<Request> requests;
        for (const std::uint64_t index : indices.subspan(next, std::min(window, indices.size() - next))) {
            requests.push_back({"ledger.prove_inclusion", {{"index", index}}});
        }
        const auto answers = client.call_all(requests);
        const std::size_t first = next;
        for (const auto& answer : answers) {
            if (answer.has_error()) return to_error(answer.error());
            if (auto refusal = refusal_in(*answer, indices[next])) {
                if (!withheld) return *std::move(refusal);
                withheld(indices[next++]);
                continue;
            }
            auto receipt = receipt_in(client, *answer, indices[next]);
            if (!receipt) return receipt.error();
            if (!*receipt) break;
            take(**std::move(receipt));
            ++next;
        }
        if (next > first) {
            deadline = Clock::now() + patience;
        } else if (Clock::now() >= deadline) {
            return Error{
                Exit::no, "not_final",
                "leaf " + std::to_string(indices[next]) +
                    " has no receipt yet: its head is not cosigned by the policy's quorum. Ask again later, "
                    "or see final_size in the node's status"};
        } else {
            std::this_thread::sleep_for(pause);
        }
    }
    return {};
}

}  // namespace socai::node::client
