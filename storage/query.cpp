#include "storage/query.hpp"

#include <sodium/crypto_generichash.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "ledger/base64.hpp"
#include "storage/codec.hpp"
#include "storage/postings.hpp"

namespace socai::storage {
namespace {

// Bounds of one page: steps in the indexes, and records loaded and parsed (some 30 µs each).
constexpr std::size_t max_steps = 20'000;
constexpr std::size_t max_loads = 4'000;
// What a step in the indexes costs beside a record that is loaded.
constexpr std::size_t steps_a_load = 12;
// A longer range of signed times is checked record by record instead of day by day.
constexpr std::uint64_t max_days = 32;

constexpr std::uint8_t cursor_version = 1;
constexpr std::size_t digest_bytes = 8;

// Binds a cursor to its filter and direction: every member with its presence and length.
std::string filter_digest(const Query& query) {
    std::string text;
    const auto add_text = [&](const std::optional<std::string>& member) {
        put_u8(text, member ? 1 : 0);
        if (!member) return;
        put_u64(text, member->size());
        text += *member;
    };
    const auto add_time = [&](const std::optional<std::int64_t>& member) {
        put_u8(text, member ? 1 : 0);
        put_u64(text, static_cast<std::uint64_t>(member.value_or(0)));
    };
    put_u8(text, query.direction == Direction::ascending ? 0 : 1);
    add_text(query.filter.type);
    add_text(query.filter.source);
    add_text(query.filter.subject);
    add_text(query.filter.dossier_no);
    add_text(query.filter.declaration_no);
    add_text(query.filter.hs_prefix);
    add_text(query.filter.tax_code);
    add_text(query.filter.goods_key);
    add_time(query.filter.from_time_ms);
    add_time(query.filter.to_time_ms);
    std::array<unsigned char, crypto_generichash_BYTES> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()),
                       text.size(), nullptr, 0);
    return std::string(reinterpret_cast<const char*>(hash.data()), digest_bytes);
}

// A cursor names the address that the next page starts at: version, filter digest, packed address.
std::string make_cursor(const Query& query, std::uint64_t next) {
    std::string bytes;
    put_u8(bytes, cursor_version);
    bytes += filter_digest(query);
    put_u64(bytes, next);
    return ledger::base64url(bytes);
}

Result<std::uint64_t> parse_cursor(const Query& query) {
    const std::optional<std::string> bytes = ledger::base64url_decode(*query.cursor);
    ByteReader reader(bytes ? std::string_view(*bytes) : std::string_view());
    const std::uint8_t version = reader.u8();
    const std::string_view digest = reader.take(digest_bytes);
    const std::uint64_t next = reader.u64();
    if (!reader.complete() || version != cursor_version) {
        return Error{"bad_cursor",
                     "The cursor is malformed: pass next_cursor of the page before, unchanged."};
    }
    if (digest != filter_digest(query)) {
        return Error{
            "bad_cursor",
            "The cursor belongs to a query with another filter or order: repeat those of the first page, "
            "or start again without a cursor."};
    }
    return next;
}

// The streams whose common members the answer lies in, and whether each must still be looked at.
struct Plan {
    std::vector<std::unique_ptr<AddressStream>> streams;
    bool check_fields = false;
};

void plan_hs_prefix(Plan& plan, const StateDatabase& state, const Query& query) {
    const std::string_view digits = *query.filter.hs_prefix;
    const std::size_t indexed = std::min<std::size_t>(digits.size(), 8) / 2 * 2;
    plan.check_fields |= indexed != digits.size();
    if (indexed == 0) return;
    plan.streams.push_back(
        stream_of(state, posting_prefix(Field::hs_prefix, digits.substr(0, indexed)), query.direction));
}

void plan_time(Plan& plan, const StateDatabase& state, const Query& query) {
    const inspection::Filter& filter = query.filter;
    if (!filter.from_time_ms && !filter.to_time_ms) return;
    plan.check_fields = true;
    if (!filter.from_time_ms || !filter.to_time_ms) return;
    const auto from = static_cast<std::uint64_t>(std::max<std::int64_t>(*filter.from_time_ms, 0));
    const auto to = static_cast<std::uint64_t>(std::max<std::int64_t>(*filter.to_time_ms, 0));
    const std::uint64_t first_day = from / milliseconds_a_day;
    const std::uint64_t end_day = from < to ? (to - 1) / milliseconds_a_day + 1 : first_day;
    if (end_day - first_day > max_days) return;
    std::vector<std::unique_ptr<AddressStream>> days;
    for (std::uint64_t day = first_day; day < end_day; ++day) {
        days.push_back(stream_of(state, posting_prefix(Field::day, day), query.direction));
    }
    plan.streams.push_back(union_of(std::move(days), query.direction));
}

Plan make_plan(const StateDatabase& state, std::uint64_t size, const Query& query) {
    Plan plan;
    const auto add = [&](Field field, const std::optional<std::string>& value) {
        if (value) plan.streams.push_back(stream_of(state, posting_prefix(field, *value), query.direction));
    };
    // The likely rarest first: it is asked first, and an empty one ends the search at once.
    add(Field::dossier, query.filter.dossier_no);
    add(Field::declaration, query.filter.declaration_no);
    add(Field::subject, query.filter.subject);
    add(Field::goods_key, query.filter.goods_key);
    add(Field::tax_code, query.filter.tax_code);
    if (query.filter.hs_prefix) plan_hs_prefix(plan, state, query);
    add(Field::source, query.filter.source);
    add(Field::type, query.filter.type);
    plan_time(plan, state, query);
    if (plan.streams.empty()) plan.streams.push_back(all_records(state, size, query.direction));
    return plan;
}

// One page in the making.
class Search {
  public:
    Search(Plan plan, const Query& query, std::uint64_t size, const LoadFields& fields)
        : plan_(std::move(plan)),
          query_(query),
          fields_(fields),
          lowest_(pack({query.from_index, 0})),
          end_(pack({size, 0})) {}

    Result<QueryPage> page(std::optional<std::uint64_t> start) {
        auto page = search(start);
        if (page) page->looked_at = loads_ + page->addresses.size() + steps_ / steps_a_load;
        return page;
    }

  private:
    Result<QueryPage> search(std::optional<std::uint64_t> start) {
        QueryPage page;
        const bool up = query_.direction == Direction::ascending;
        if (lowest_ >= end_) return page;
        std::uint64_t at =
            up ? std::max(lowest_, start.value_or(lowest_)) : std::min(end_ - 1, start.value_or(end_ - 1));
        while (true) {
            auto found = next_match(at);
            if (!found) return found.error();
            if (*found == Step::ended) return page;
            if (*found == Step::tired || page.addresses.size() == query_.limit) {
                page.next_cursor = make_cursor(query_, candidate_);
                return page;
            }
            page.addresses.push_back(unpack(candidate_));
            if (!up && candidate_ == 0) return page;
            at = up ? candidate_ + 1 : candidate_ - 1;
        }
    }

    enum class Step : std::uint8_t { match, ended, tired };

    bool in_range(std::uint64_t address) const { return address >= lowest_ && address < end_; }

    // Moves candidate_ to the first match at or after `at`; when tired, to where to go on.
    Result<Step> next_match(std::uint64_t at) {
        while (true) {
            auto agreed = agree(at);
            if (!agreed || *agreed != Step::match || !plan_.check_fields) return agreed;
            if (++loads_ > max_loads) return Step::tired;
            const std::optional<inspection::Fields> fields = fields_(unpack(candidate_));
            if (!fields) {
                const ledger::Address address = unpack(candidate_);
                return Error{"corrupt_log", "the record " + std::to_string(address.index) + "." +
                                                std::to_string(address.n) + " cannot be read from the log."};
            }
            if (inspection::matches(query_.filter, *fields)) return Step::match;
            if (query_.direction == Direction::descending && candidate_ == 0) return Step::ended;
            at = query_.direction == Direction::ascending ? candidate_ + 1 : candidate_ - 1;
        }
    }

    // Leapfrog: the first address at or after `at` that every stream holds.
    Result<Step> agree(std::uint64_t at) {
        candidate_ = at;
        if (!in_range(at)) return Step::ended;
        std::size_t agreeing = 0;
        for (std::size_t turn = 0; agreeing < plan_.streams.size();
             turn = (turn + 1) % plan_.streams.size()) {
            if (++steps_ > max_steps) return Step::tired;
            auto found = plan_.streams[turn]->seek(candidate_);
            if (!found) return found.error();
            if (!*found || !in_range(**found)) return Step::ended;
            agreeing = **found == candidate_ ? agreeing + 1 : 1;
            candidate_ = **found;
        }
        return Step::match;
    }

    Plan plan_;
    const Query& query_;
    const LoadFields& fields_;
    const std::uint64_t lowest_;
    const std::uint64_t end_;
    std::uint64_t candidate_ = 0;
    std::size_t steps_ = 0;
    std::size_t loads_ = 0;
};

}  // namespace

std::string cursor_at(const Query& query, const ledger::Address& next) {
    return make_cursor(query, pack(next));
}

Result<QueryPage> run_query(const StateDatabase& state, std::uint64_t size, const Query& query,
                            const LoadFields& fields) {
    std::optional<std::uint64_t> start;
    if (query.cursor) {
        auto parsed = parse_cursor(query);
        if (!parsed) return parsed.error();
        start = *parsed;
    }
    if (query.limit == 0 || query.from_index >= size) return QueryPage{};
    return Search(make_plan(state, size, query), query, size, fields).page(start);
}

}  // namespace socai::storage
