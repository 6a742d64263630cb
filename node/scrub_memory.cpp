#include "node/scrub_memory.hpp"

#include <bit>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/hash.hpp"
#include "node/files.hpp"

namespace socai::node {
namespace {

constexpr std::size_t max_memory_bytes = 64 * 1024;

std::uint64_t number_in(const boost::json::object& object, std::string_view name) {
    boost::json::error_code error;
    const boost::json::value* value = object.if_contains(name);
    return value == nullptr ? 0 : value->to_number<std::uint64_t>(error);
}

std::optional<ledger::Hash> hash_in(const boost::json::value& value) {
    return value.is_string() ? ledger::hash_from_hex(std::string(value.get_string())) : std::nullopt;
}

std::optional<storage::LedgerCheck::Place> place_in(const boost::json::object& object) {
    storage::LedgerCheck::Place place;
    place.last.index.value = number_in(object, "raft_index");
    place.last.term.value = number_in(object, "raft_term");
    const boost::json::value* hash = object.if_contains("raft_hash");
    const boost::json::value* peaks = object.if_contains("peaks");
    if (hash == nullptr || peaks == nullptr || !peaks->is_array()) return std::nullopt;
    const auto read = hash_in(*hash);
    std::vector<ledger::Hash> hashes;
    for (const boost::json::value& peak : peaks->get_array()) {
        const auto one = hash_in(peak);
        if (!one) return std::nullopt;
        hashes.push_back(*one);
    }
    const std::uint64_t leaves = number_in(object, "leaves");
    if (!read || static_cast<std::size_t>(std::popcount(leaves)) != hashes.size()) return std::nullopt;
    place.last.hash = *read;
    place.tree = ledger::Frontier(leaves, std::move(hashes));
    return place;
}

std::string sum_of(const boost::json::object& object) {
    return ledger::to_hex(ledger::sha256(boost::json::serialize(object)));
}

}  // namespace

ScrubMemory recall_scrub(const std::string& path) {
    const Result<std::string> text = read_file(path, max_memory_bytes);
    boost::json::error_code error;
    const boost::json::value value = text ? boost::json::parse(*text, error) : boost::json::value();
    if (error || !value.is_object()) return {};
    boost::json::object object = value.get_object();
    const boost::json::value* stored = object.if_contains("sum");
    const std::string sum = stored != nullptr && stored->is_string() ? stored->get_string().c_str() : "";
    object.stable_erase("sum");
    if (sum != sum_of(object)) return {};
    ScrubMemory memory{number_in(object, "rounds"),
                       static_cast<std::int64_t>(number_in(object, "last_round_ms")),
                       static_cast<std::int64_t>(number_in(object, "last_ended_ms")),
                       {}};
    if (const boost::json::value* place = object.if_contains("place"); place != nullptr && place->is_object())
        memory.place = place_in(place->get_object());
    return memory;
}

Result<void> remember_scrub(const std::string& path, const ScrubMemory& memory) {
    boost::json::object object{{"rounds", memory.rounds},
                               {"last_round_ms", memory.last_round_ms},
                               {"last_ended_ms", memory.last_ended_ms}};
    if (const auto& place = memory.place) {
        boost::json::array peaks;
        for (const ledger::Hash& peak : place->tree.peaks()) peaks.emplace_back(ledger::to_hex(peak));
        object["place"] = boost::json::object{{"raft_index", place->last.index.value},
                                              {"raft_term", place->last.term.value},
                                              {"raft_hash", ledger::to_hex(place->last.hash)},
                                              {"leaves", place->tree.size()},
                                              {"peaks", std::move(peaks)}};
    }
    object["sum"] = sum_of(object);
    return write_file(path, boost::json::serialize(object) + "\n", 0600);
}

}  // namespace socai::node
