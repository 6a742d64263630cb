#include "ledger/node_statement.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace socai::ledger {
namespace {

constexpr std::string_view promise_line = "socai promise v1";
constexpr std::string_view refusal_line = "socai refusal v1";
constexpr std::string_view vote_line = "socai vote v1";
constexpr std::string_view append_line = "socai append v1";

std::optional<std::uint64_t> parse_number(std::string_view digits) {
    if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

std::optional<std::int64_t> parse_time(std::string_view digits) {
    const auto number = parse_number(digits);
    if (!number || *number > static_cast<std::uint64_t>(max_time_ms)) return std::nullopt;
    return static_cast<std::int64_t>(*number);
}

std::string print(const LogPlace& place) {
    return std::to_string(place.index) + " " + std::to_string(place.term) + " " + to_hex(place.hash);
}

// Every fact: its first line, and the lines after origin and node.
std::string_view first_line(const Promise&) {
    return promise_line;
}
std::string_view first_line(const Refusal&) {
    return refusal_line;
}
std::string_view first_line(const Vote&) {
    return vote_line;
}
std::string_view first_line(const AppendHeader&) {
    return append_line;
}

std::string body(const Promise& promise) {
    std::string text = "received " + std::to_string(promise.received_ms) + "\ninclude-by " +
                       std::to_string(promise.include_by_ms) + "\nstatement " + to_hex(promise.statement) +
                       "\n";
    for (const PromisedRecord& record : promise.records)
        text += "record " + record.source + " " + record.id + " " + to_hex(record.digest) + "\n";
    return text;
}
std::string body(const Refusal& refusal) {
    return "statement " + to_hex(refusal.statement) + "\ntime " + std::to_string(refusal.time_ms) +
           "\nreason " + refusal.reason + "\nleaf " + std::to_string(refusal.size) + "\n";
}
std::string body(const Vote& vote) {
    return "term " + std::to_string(vote.term) + "\ncandidate " + std::to_string(vote.candidate) + "\n";
}
std::string body(const AppendHeader& header) {
    return "term " + std::to_string(header.term) + "\nprevious " + print(header.previous) + "\nlast " +
           print(header.last) + "\n";
}

// Reads a text line by line and remembers what was looked for, so that a fault can name its place.
class Lines {
  public:
    explicit Lines(std::string_view text) : rest_(text) {}

    std::optional<std::string_view> next(std::string_view wanted) {
        ++number_;
        wanted_ = wanted;
        const std::size_t end = rest_.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        const std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        return line;
    }
    // The values of the next line, "<label> <value> <value>…" with single spaces; `wanted` begins with the label.
    template <std::size_t count>
    std::optional<std::array<std::string_view, count>> values(std::string_view wanted) {
        const auto line = next(wanted);
        const std::string_view label = wanted.substr(0, wanted.find(' ') + 1);
        if (!line || !line->starts_with(label)) return std::nullopt;
        std::string_view left = line->substr(label.size());
        std::array<std::string_view, count> found;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t end = i + 1 < count ? left.find(' ') : left.size();
            if (end == std::string_view::npos) return std::nullopt;
            found[i] = left.substr(0, end);
            left.remove_prefix(std::min(end + 1, left.size()));
        }
        return found;
    }
    std::optional<std::uint64_t> number(std::string_view wanted) {
        const auto digits = values<1>(wanted);
        return digits ? parse_number((*digits)[0]) : std::nullopt;
    }
    std::optional<std::int64_t> time(std::string_view wanted) {
        const auto digits = values<1>(wanted);
        return digits ? parse_time((*digits)[0]) : std::nullopt;
    }
    std::optional<Hash> hash(std::string_view wanted) {
        const auto digits = values<1>(wanted);
        return digits ? hash_from_hex((*digits)[0]) : std::nullopt;
    }
    bool at_end() const { return rest_.empty(); }
    // Where reading stands, for a sentence.
    std::string place() const {
        return "line " + std::to_string(number_) + " must be \"" + std::string(wanted_) + "\"";
    }

  private:
    std::string_view rest_;
    std::size_t number_ = 0;
    std::string_view wanted_;
};

std::optional<LogPlace> parse_place(Lines& lines, std::string_view wanted) {
    const auto fields = lines.values<3>(wanted);
    if (!fields) return std::nullopt;
    const auto index = parse_number((*fields)[0]);
    const auto term = parse_number((*fields)[1]);
    const auto hash = hash_from_hex((*fields)[2]);
    if (!index || !term || !hash) return std::nullopt;
    return LogPlace{*index, *term, *hash};
}

// Each reads the lines after origin and node; nothing when one is not what `lines.place()` then says.
std::optional<NodeFact> parse_promise(Lines& lines) {
    Promise promise;
    const auto received = lines.time("received <ms>");
    if (!received) return std::nullopt;
    const auto include_by = lines.time("include-by <ms, not before it was received>");
    if (!include_by || *include_by < *received) return std::nullopt;
    const auto statement = lines.hash("statement <SHA-256 in hex>");
    if (!statement) return std::nullopt;
    promise.received_ms = *received;
    promise.include_by_ms = *include_by;
    promise.statement = *statement;
    // A statement is of one source and names no record twice (design/formats.md); so does a promise of it.
    std::set<std::string_view> ids;
    while (promise.records.empty() || !lines.at_end()) {
        const auto fields =
            lines.values<3>("record <source> <id> <SHA-256 in hex>, at most 4,096 of one source");
        if (!fields || promise.records.size() == max_bundle_records) return std::nullopt;
        const auto& [source, id, hex] = *fields;
        const auto digest = hash_from_hex(hex);
        if (!digest || !is_agency_code(source) || !is_record_id(id) || !ids.insert(id).second)
            return std::nullopt;
        if (!promise.records.empty() && promise.records.front().source != source) return std::nullopt;
        promise.records.push_back({std::string(source), std::string(id), *digest});
    }
    return promise;
}

std::optional<NodeFact> parse_refusal(Lines& lines) {
    const auto statement = lines.hash("statement <SHA-256 in hex>");
    if (!statement) return std::nullopt;
    const auto time = lines.time("time <ms>");
    if (!time) return std::nullopt;
    const auto reason = lines.values<1>("reason <word>");
    if (!reason || !is_word((*reason)[0])) return std::nullopt;
    const auto size = lines.number("leaf <number>");
    if (!size) return std::nullopt;
    return Refusal{*statement, *time, std::string((*reason)[0]), *size};
}

std::optional<NodeFact> parse_vote(Lines& lines) {
    const auto term = lines.number("term <number from 1>");
    if (!term || *term == 0) return std::nullopt;
    const auto candidate = lines.number("candidate <raft id from 1>");
    if (!candidate || *candidate == 0) return std::nullopt;
    return Vote{*term, *candidate};
}

std::optional<NodeFact> parse_append(Lines& lines) {
    const auto term = lines.number("term <number from 1>");
    if (!term || *term == 0) return std::nullopt;
    const auto previous = parse_place(lines, "previous <index> <term, at most this one> <chain hash in hex>");
    if (!previous || previous->term > *term) return std::nullopt;
    const auto last =
        parse_place(lines, "last <index> <term> <chain hash in hex>, the previous place or one after it");
    if (!last || last->term > *term || last->index < previous->index || last->term < previous->term)
        return std::nullopt;
    if (last->index == previous->index && *last != *previous) return std::nullopt;
    return AppendHeader{*term, *previous, *last};
}

Error malformed(std::string detail) {
    return {Fault::invalid_statement, "malformed_node_statement",
            "statement of a node: " + std::move(detail)};
}

}  // namespace

std::string NodeStatement::to_string() const {
    return std::visit(
        [this](const auto& what) {
            return std::string(first_line(what)) + "\n" + origin + "\n" + node + "\n" + body(what);
        },
        fact);
}

VerifierKey node_vkey(std::string_view node, std::string_view origin, const PublicKey& key) {
    return {std::string(node) + "." + std::string(origin), NoteKeyType::ed25519, key};
}

Note sign_node_statement(const NodeStatement& statement, const KeyPair& key) {
    assert(is_agency_code(statement.node) && is_origin(statement.origin));
    Note note{statement.to_string(), {}};
    sign_note(note, node_vkey(statement.node, statement.origin, key.public_key()).name, key);
    return note;
}

Result<NodeStatement> parse_node_statement(std::string_view note_text) {
    Lines lines(note_text);
    const auto kind = lines.next("socai promise v1, socai refusal v1, socai vote v1 or socai append v1");
    std::optional<NodeFact> (*parse)(Lines&) = nullptr;
    if (kind == promise_line) parse = parse_promise;
    if (kind == refusal_line) parse = parse_refusal;
    if (kind == vote_line) parse = parse_vote;
    if (kind == append_line) parse = parse_append;
    if (parse == nullptr) return malformed(lines.place());
    const auto origin = lines.next("<the ledger's origin>");
    if (!origin || !is_origin(*origin)) return malformed(lines.place());
    const auto node = lines.next("<the node's name>");
    if (!node || !is_agency_code(*node)) return malformed(lines.place());
    auto fact = parse(lines);
    if (!fact) return malformed(lines.place());
    if (!lines.at_end()) return malformed("something stands after its last line");
    return NodeStatement{std::string(*origin), std::string(*node), std::move(*fact)};
}

Result<NodeStatement> verify_node_statement(const Note& note, const PublicKey& key) {
    auto statement = parse_node_statement(note.text);
    if (!statement) return statement.error();
    const std::array keys{node_vkey(statement->node, statement->origin, key)};
    if (const auto verified = verify_note(note, keys); !verified) return verified.error();
    return statement;
}

}  // namespace socai::ledger
